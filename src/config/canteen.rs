//! `canteen.toml`: which canteen this is, when it serves and when its books close.

use std::path::Path;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::values::{id, text, time};
use super::{ConfigError, Contradiction, parse_toml, read_text};
use crate::domain::{CanteenId, KioskId, MealDay, MealMoment, MealPeriod};

/// `canteen.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanteenConfig {
    /// The canteen's id in the district's books.
    #[serde(deserialize_with = "id")]
    pub id: CanteenId,
    /// The name on the screen and in the daily file.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// 区
    #[serde(deserialize_with = "text")]
    pub district: String,
    /// 镇街
    #[serde(deserialize_with = "text")]
    pub town: String,
    /// The kiosk's id, unique in the district.
    #[serde(deserialize_with = "id")]
    pub kiosk: KioskId,
    /// The canteen's time zone, an IANA name such as `Asia/Shanghai`.
    #[serde(deserialize_with = "zone")]
    pub zone: TimeZone,
    /// When the day is closed by itself, local time; not before the last meal ends.
    #[serde(deserialize_with = "time")]
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
    #[serde(deserialize_with = "time")]
    pub from: Time,
    /// End.
    #[serde(deserialize_with = "time")]
    pub to: Time,
}

impl CanteenConfig {
    /// Reads `canteen.toml` of `dir`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file, line and key.
    pub fn read(dir: &Path) -> Result<Self, ConfigError> {
        let file = dir.join("canteen.toml");
        Self::parse(&file, &read_text(&file)?)
    }

    fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let canteen: Self = parse_toml(file, text)?;
        // Closed books take no more meals: whoever is still served then could not be settled.
        if let Some(last) = canteen.periods.last()
            && canteen.close_at < last.to
        {
            let (at, to) = (canteen.close_at.strftime("%H:%M"), last.to.strftime("%H:%M"));
            let contradiction = Contradiction {
                key: "close_at",
                problem: format!("the day closes at {at} although {} is served to {to}", last.period.as_str()),
                remedy: format!("set close_at to \"{to}\" or later, or let the last of the periods end earlier (to)"),
            };
            return Err(contradiction.refused(file, text));
        }
        Ok(canteen)
    }

    /// The meal being served at `at`, if any.
    pub fn moment(&self, at: jiff::Timestamp) -> Option<MealMoment> {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let hours = self.periods.iter().find(|p| p.from <= local.time() && local.time() < p.to)?;
        Some(self.moment_of(MealDay(local.date()), hours.period))
    }

    /// The given meal of a given day at this canteen.
    pub fn moment_of(&self, day: MealDay, period: MealPeriod) -> MealMoment {
        MealMoment {
            day,
            period,
            canteen: self.id.clone(),
            district: self.district.clone(),
            town: self.town.clone(),
            zone: self.zone.clone(),
        }
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

    const SHIPPED: &str = include_str!("../../kiosk-config/canteen.toml");

    fn parse(text: &str) -> Result<CanteenConfig, ConfigError> {
        CanteenConfig::parse(Path::new("canteen.toml"), text)
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
            ("close_at = \"20:30\"", "close_at = \"18:00\"", 1),
        ] {
            assert!(SHIPPED.contains(from), "{from} is not in the shipped file");
            let error = parse(&SHIPPED.replacen(from, to, 1)).expect_err(to).to_string();
            assert!(error.starts_with("canteen.toml:"), "{error}");
            assert!(!error.starts_with(&format!("canteen.toml:{line}:")), "the line is not the place: {error}");
        }
    }

    #[test]
    fn a_day_that_closes_during_a_meal_is_refused_by_both_keys_and_one_that_closes_at_its_end_is_taken() {
        let closing = |at: &str| parse(&SHIPPED.replace("close_at = \"20:30\"", &format!("close_at = \"{at}\"")));
        for early in ["18:00", "19:29", "00:00"] {
            let error = closing(early).expect_err(early).to_string();
            assert!(
                ["close_at", "supper", "19:30", "periods", "(to)"].iter().all(|said| error.contains(said)),
                "{error}"
            );
            let line = SHIPPED.lines().position(|line| line.starts_with("close_at")).expect("the key") + 1;
            assert!(error.starts_with(&format!("canteen.toml:{line}: ")), "{error}");
        }
        assert!(closing("19:30").is_ok());
    }
}
