//! Elders as the district's roster describes them.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::id::ElderId;

/// A person on the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elder {
    /// The roster's number.
    pub id: ElderId,
    /// The name shown on the screen.
    pub name: String,
    /// Date of birth.
    pub birth_date: Date,
    /// Sex, where the roster says it.
    pub sex: Option<Sex>,
    /// Classes; empty means 普通. Great age (高龄) follows from the birth date and is not a class here.
    pub classes: BTreeSet<ElderClass>,
    /// Where the elder is registered.
    pub household: Household,
    /// The assessed level of care, where there is one.
    pub care_level: Option<CareLevel>,
    /// Whether the elder may still be served.
    pub status: ElderStatus,
    /// When that was not so, as far as the rosters that were imported here tell, oldest first.
    pub absences: Vec<Absence>,
}

impl Elder {
    /// Somebody whom no roster names yet: suspended, so that nobody is served before a roster says who it is.
    pub fn unlisted(id: ElderId) -> Self {
        Self {
            name: id.to_string(),
            id,
            birth_date: date(1900, 1, 1),
            sex: None,
            classes: BTreeSet::new(),
            household: Household { district: String::new(), town: String::new() },
            care_level: None,
            status: ElderStatus::Suspended,
            absences: vec![],
        }
    }

    /// Whether nothing but the number is known: no roster has named this person yet.
    pub fn is_unlisted(&self) -> bool {
        *self == Self::unlisted(self.id.clone())
    }

    /// Age in completed years on `day`; 0 before birth. Whoever was born on 29 February has a birthday on 28 February in common
    /// years (民法典 第二百零二条: where the month has no such day, a term of years ends on the month's last).
    pub fn age_on(&self, day: Date) -> u8 {
        let years = i32::from(day.year()) - i32::from(self.birth_date.year());
        // A sum of whole years stops at the month's last day.
        let birthday = self.birth_date.saturating_add(Span::new().years(years));
        let age = if birthday <= day { years } else { years - 1 };
        u8::try_from(age.max(0)).unwrap_or(u8::MAX)
    }
}

/// 性别
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

/// Classes that programmes refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElderClass {
    /// 特困
    ExtremePoverty,
    /// 低保
    LowIncome,
    /// 低保边缘
    LowIncomeMargin,
    /// 计划生育特殊家庭
    FamilyPlanningSpecial,
    /// 失能/重残
    Disabled,
    /// 空巢独居
    LivingAlone,
}

impl ElderClass {
    /// All classes.
    pub const ALL: [Self; 6] = [
        Self::ExtremePoverty,
        Self::LowIncome,
        Self::LowIncomeMargin,
        Self::FamilyPlanningSpecial,
        Self::Disabled,
        Self::LivingAlone,
    ];
}

/// Where an elder is registered (户籍).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// 区
    pub district: String,
    /// 镇街
    pub town: String,
}

/// The assessed level of care, 1 (mild) to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CareLevel(pub u8);

/// Whether an elder may be served with a subsidy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElderStatus {
    /// 正常
    Active,
    /// 暂停
    Suspended,
    /// 迁出
    Moved,
    /// 死亡
    Deceased,
}

/// A time in which an elder of the roster was not active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// The import that said so.
    pub since: Timestamp,
    /// The import that took it back; none while it goes on.
    pub until: Option<Timestamp>,
}

impl Absence {
    /// Whether all of `day` lies in it, in the canteen's zone.
    pub fn holds(&self, day: Date, zone: &TimeZone) -> bool {
        let begins = |day: Date| day.to_zoned(zone.clone()).map(|midnight| midnight.timestamp());
        let (Ok(start), Ok(end)) = (begins(day), day.tomorrow().and_then(begins)) else { return false };
        self.since <= start && self.until.is_none_or(|until| end <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_born_on_29_february_is_a_year_older_on_the_last_day_of_february() {
        let born = |text: &str| Elder {
            id: ElderId::new("E-1").expect("an id"),
            name: String::new(),
            birth_date: text.parse().expect("a date"),
            sex: None,
            classes: BTreeSet::new(),
            household: Household { district: String::new(), town: String::new() },
            care_level: None,
            status: ElderStatus::Active,
            absences: vec![],
        };
        let age = |elder: &Elder, day: &str| elder.age_on(day.parse().expect("a date"));
        for (birth, day, expected) in [
            ("1936-02-29", "2026-02-27", 89),
            ("1936-02-29", "2026-02-28", 90),
            ("1936-02-29", "2028-02-28", 91),
            ("1936-02-29", "2028-02-29", 92),
            ("1936-05-02", "2026-05-01", 89),
            ("1936-05-02", "2026-05-02", 90),
            ("1936-05-02", "1930-01-01", 0),
        ] {
            assert_eq!(age(&born(birth), day), expected, "born {birth}, on {day}");
        }
    }
}
