//! Single values of a rule file: amounts, percents, dates. Each refuses what it is not with a hint at what it is.

use std::fmt;

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::domain::Fen;
use crate::domain::subsidy::Percent;

/// Yuan in quotes, such as `"3.00"`: a number without quotes would be a float, and floats lose fen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Yuan(pub Fen);

impl<'de> Deserialize<'de> for Yuan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Yuan;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("yuan in quotes with at most two decimals, such as \"3.00\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Yuan, E> {
                Fen::parse_yuan(text).map(Yuan).map_err(|error| E::custom(format!("{text:?} is {error}")))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// `25`, or `"12.5"` in quotes where it is not whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct PercentValue(pub Percent);

impl<'de> Deserialize<'de> for PercentValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = PercentValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("percent above 0, at most 100, such as 25, or \"12.5\" in quotes")
            }
            fn visit_i64<E: Error>(self, whole: i64) -> Result<PercentValue, E> {
                whole
                    .checked_mul(100)
                    .and_then(|hundredths| u16::try_from(hundredths).ok())
                    .and_then(Percent::from_hundredths)
                    .map(PercentValue)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Signed(whole), &self))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<PercentValue, E> {
                // A percent has two decimals like an amount in yuan.
                Fen::parse_yuan(text)
                    .ok()
                    .and_then(|hundredths| u16::try_from(hundredths.get()).ok())
                    .and_then(Percent::from_hundredths)
                    .map(PercentValue)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// A date without quotes, such as `2026-01-01`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day(pub Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = toml::value::Datetime::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("{written} is not a date such as 2026-01-01, without quotes and time"));
        let (Some(date), None, None) = (written.date, written.time, written.offset) else { return Err(wrong()) };
        let part = |n: u8| i8::try_from(n).map_err(|_| wrong());
        let year = i16::try_from(date.year).map_err(|_| wrong())?;
        let date = Date::new(year, part(date.month)?, part(date.day)?).map_err(|_| wrong())?;
        if !(2000..=2199).contains(&date.year()) {
            return Err(D::Error::custom(format!("{date} is not a date of this or the next century")));
        }
        Ok(Self(date))
    }
}
