//! Meal days and meal periods. A meal day is a date in the canteen's zone, not 24 hours.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::id::CanteenId;

/// The date a meal counts for, in the canteen's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MealDay(pub Date);

impl fmt::Display for MealDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// 早餐, 午餐, 晚餐.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MealPeriod {
    /// 早餐
    Breakfast,
    /// 午餐
    Lunch,
    /// 晚餐
    Supper,
}

impl MealPeriod {
    /// All periods in the order of the day.
    pub const ALL: [Self; 3] = [Self::Breakfast, Self::Lunch, Self::Supper];

    /// The name in files and the database: `breakfast`, `lunch`, `supper`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Breakfast => "breakfast",
            Self::Lunch => "lunch",
            Self::Supper => "supper",
        }
    }
}

/// Where and when a meal is eaten, as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MealMoment {
    /// The date the meal counts for.
    pub day: MealDay,
    /// The meal of that day.
    pub period: MealPeriod,
    /// The canteen.
    pub canteen: CanteenId,
    /// The canteen's district (区).
    pub district: String,
    /// The canteen's town or street (镇街).
    pub town: String,
    /// The canteen's time zone.
    pub zone: TimeZone,
}
