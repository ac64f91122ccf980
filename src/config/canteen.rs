//! `canteen.toml`: which canteen this is, when it serves and when its books close.

use std::path::Path;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{ConfigError, read_toml};
use crate::domain::{CanteenId, KioskId, MealDay, MealMoment, MealPeriod};

/// `canteen.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanteenConfig {
    /// The canteen's id in the district's books.
    pub id: CanteenId,
    /// The name on the screen and in the daily file.
    pub name: String,
    /// 区
    pub district: String,
    /// 镇街
    pub town: String,
    /// The kiosk's id, unique in the district.
    pub kiosk: KioskId,
    /// The canteen's time zone, an IANA name such as `Asia/Shanghai`.
    #[serde(deserialize_with = "zone")]
    pub zone: TimeZone,
    /// When the day is closed by itself, local time.
    pub close_at: Time,
    /// Serving hours; at least one, each period once, in the order of the day, without overlap.
    #[serde(deserialize_with = "serving_hours")]
    pub periods: Vec<PeriodHours>,
}

/// One period's serving hours, `from` inclusive to `to` exclusive, local time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodHours {
    /// Which meal.
    pub period: MealPeriod,
    /// First moment.
    pub from: Time,
    /// End.
    pub to: Time,
}

impl CanteenConfig {
    /// Reads `canteen.toml` of `dir`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file, line and key.
    pub fn read(dir: &Path) -> Result<Self, ConfigError> {
        read_toml(&dir.join("canteen.toml"))
    }

    /// The meal being served at `at`, if any.
    pub fn moment(&self, at: jiff::Timestamp) -> Option<MealMoment> {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let hours = self.periods.iter().find(|p| p.from <= local.time() && local.time() < p.to)?;
        Some(self.moment_of(MealDay(local.date()), hours.period))
    }

    /// The given meal of a given day at this canteen.
    pub fn moment_of(&self, day: MealDay, period: MealPeriod) -> MealMoment {
        MealMoment { day, period, canteen: self.id.clone(), district: self.district.clone(), town: self.town.clone() }
    }

    /// The date at `at` in the canteen's zone.
    pub fn day(&self, at: jiff::Timestamp) -> MealDay {
        MealDay(at.to_zoned(self.zone.clone()).date())
    }
}

fn zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name)
        .map_err(|_| serde::de::Error::custom(format!("zone: {name:?} is not a time zone such as Asia/Shanghai")))
}

fn serving_hours<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<PeriodHours>, D::Error> {
    let periods = Vec::<PeriodHours>::deserialize(deserializer)?;
    if periods.is_empty() {
        return Err(serde::de::Error::custom("periods: at least one meal must be served"));
    }
    for hours in &periods {
        if hours.from >= hours.to {
            return Err(serde::de::Error::custom(format!("periods: {} ends before it starts", hours.period.as_str())));
        }
    }
    for pair in periods.windows(2) {
        if let [a, b] = pair
            && (a.to > b.from || a.period >= b.period)
        {
            let (a, b) = (a.period.as_str(), b.period.as_str());
            return Err(serde::de::Error::custom(format!("periods: {b} must come after {a} and may not overlap it")));
        }
    }
    Ok(periods)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;

    const SHIPPED: &str = include_str!("../../kiosk-config/canteen.toml");

    fn parse(text: &str) -> Result<CanteenConfig, ConfigError> {
        parse_toml(Path::new("canteen.toml"), text)
    }

    #[test]
    fn the_shipped_canteen_serves_lunch_at_noon_and_nothing_at_midnight() {
        let canteen = parse(SHIPPED).expect("the shipped file");
        let at = |text: &str| canteen.moment(text.parse().expect("a timestamp"));
        assert_eq!(at("2026-11-22T04:00:00Z").map(|m| m.period), Some(MealPeriod::Lunch));
        assert_eq!(at("2026-11-22T16:30:00Z"), None);
    }

    #[test]
    fn a_typo_an_impossible_hour_and_overlapping_meals_are_refused_with_their_line() {
        for (from, to, line) in [
            ("close_at", "close_it", 1),
            ("\"11:00\"", "\"25:00\"", 1),
            ("to = \"09:00\"", "to = \"11:30\"", 1),
            ("Asia/Shanghai", "Asia/Chengdu", 1),
        ] {
            assert!(SHIPPED.contains(from), "{from} is not in the shipped file");
            let error = parse(&SHIPPED.replacen(from, to, 1)).expect_err(to).to_string();
            assert!(error.starts_with("canteen.toml:"), "{error}");
            assert!(!error.starts_with(&format!("canteen.toml:{line}:")), "the line is not the place: {error}");
        }
    }
}
