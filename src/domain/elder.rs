//! Elders as the district's roster describes them.

use std::collections::BTreeSet;

use jiff::civil::Date;
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
}

impl Elder {
    /// Age in completed years on `day`; 0 before birth. A birthday on 29 February counts from 1 March
    /// in common years (民法典 第二百零一条, 第二百零二条: the last day of the term is the day of the same number).
    pub fn age_on(&self, day: Date) -> u8 {
        let years = i32::from(day.year()) - i32::from(self.birth_date.year());
        let had_birthday = (day.month(), day.day()) >= (self.birth_date.month(), self.birth_date.day());
        let age = if had_birthday { years } else { years - 1 };
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
