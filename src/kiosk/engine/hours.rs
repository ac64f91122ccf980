//! Which meal is served now: by the canteen's hours, or, for drawn people, at any hour of the day.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Time;

use crate::config::{CanteenConfig, PeriodHours};
use crate::domain::{MealMoment, MealPeriod};
use crate::kiosk::session::{NextMeal, Service};

/// When meals are served. Clones share what a demo sets.
#[derive(Debug, Clone)]
pub struct ServingHours {
    canteen: CanteenConfig,
    /// The meal that a demo serves, whatever the time is.
    demo: Option<Arc<Mutex<MealPeriod>>>,
}

impl ServingHours {
    /// The canteen's own.
    pub const fn of(canteen: CanteenConfig) -> Self {
        Self { canteen, demo: None }
    }

    /// A demo serves all day: the present meal, else the nearest one of today.
    pub fn all_day(canteen: CanteenConfig, now: Timestamp) -> Self {
        let time = now.to_zoned(canteen.zone.clone()).time();
        let period = nearest(&canteen.periods, time);
        Self { canteen, demo: Some(Arc::new(Mutex::new(period))) }
    }

    /// The demo goes on to another meal of today.
    pub fn serve(&self, period: MealPeriod) {
        if let Some(demo) = &self.demo {
            *demo.lock().unwrap_or_else(PoisonError::into_inner) = period;
        }
    }

    /// The meal being served at `now`.
    pub fn moment(&self, now: Timestamp) -> Option<MealMoment> {
        match &self.demo {
            None => self.canteen.moment(now),
            Some(demo) => {
                let period = *demo.lock().unwrap_or_else(PoisonError::into_inner);
                Some(self.canteen.moment_of(self.canteen.day(now), period))
            }
        }
    }

    /// The same for the session, with the next meal where none is served.
    pub fn service(&self, now: Timestamp) -> Service {
        match self.moment(now) {
            Some(moment) => Service::Open(moment.period),
            None => Service::Closed(self.next(now)),
        }
    }

    /// The next meal that begins after `now`, today or tomorrow.
    fn next(&self, now: Timestamp) -> Option<NextMeal> {
        let time = now.to_zoned(self.canteen.zone.clone()).time();
        let next = self.canteen.periods.iter().find(|hours| time < hours.from);
        next.map(|hours| NextMeal { period: hours.period, from: hours.from, tomorrow: false })
            .or_else(|| self.first_tomorrow())
    }

    /// The first meal of tomorrow: the next one when today's books are closed.
    pub fn first_tomorrow(&self) -> Option<NextMeal> {
        let first = self.canteen.periods.first();
        first.map(|hours| NextMeal { period: hours.period, from: hours.from, tomorrow: true })
    }

    /// Whether drawn people are served whatever the time is.
    pub const fn is_demo(&self) -> bool {
        self.demo.is_some()
    }

    /// The hours of a meal.
    pub fn hours(&self, period: MealPeriod) -> Option<&PeriodHours> {
        self.canteen.periods.iter().find(|hours| hours.period == period)
    }

    /// The meals of a day, in order.
    pub fn periods(&self) -> impl Iterator<Item = MealPeriod> {
        self.canteen.periods.iter().map(|hours| hours.period)
    }

    /// The canteen.
    pub const fn canteen(&self) -> &CanteenConfig {
        &self.canteen
    }
}

/// The meal that is served at `time` or nearest to it.
fn nearest(periods: &[PeriodHours], time: Time) -> MealPeriod {
    let seconds = |time: Time| i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let now = seconds(time);
    let distance = |hours: &PeriodHours| (seconds(hours.from) - now).max(now - seconds(hours.to)).max(0);
    periods.iter().min_by_key(|hours| distance(hours)).map_or(MealPeriod::Lunch, |hours| hours.period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;

    fn canteen() -> CanteenConfig {
        let text = include_str!("../../../kiosk-config/canteen.toml");
        parse_toml(std::path::Path::new("canteen.toml"), text).expect("the shipped file")
    }

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00+08:00").parse().expect("a time")
    }

    #[test]
    fn outside_serving_hours_the_next_meal_is_named_after_supper_that_of_the_morning() {
        let hours = ServingHours::of(canteen());
        assert_eq!(hours.service(at("12:00")), Service::Open(MealPeriod::Lunch));
        let next = |text| match hours.service(at(text)) {
            Service::Closed(next) => next.map(|next| (next.period, next.tomorrow)),
            Service::Open(period) => panic!("{period:?} is served at {text}"),
        };
        assert_eq!(next("10:00"), Some((MealPeriod::Lunch, false)));
        assert_eq!(next("22:00"), Some((MealPeriod::Breakfast, true)));
    }

    #[test]
    fn a_demo_serves_at_any_hour_the_meal_that_is_nearest() {
        for (time, period) in [
            ("03:00", MealPeriod::Breakfast),
            ("09:30", MealPeriod::Breakfast),
            ("10:30", MealPeriod::Lunch),
            ("12:00", MealPeriod::Lunch),
            ("15:00", MealPeriod::Lunch),
            ("23:59", MealPeriod::Supper),
        ] {
            let hours = ServingHours::all_day(canteen(), at(time));
            assert_eq!(hours.service(at(time)), Service::Open(period), "{time}");
        }
        let hours = ServingHours::all_day(canteen(), at("12:00"));
        hours.serve(MealPeriod::Supper);
        assert_eq!(hours.moment(at("12:00")).map(|moment| moment.period), Some(MealPeriod::Supper));
    }
}
