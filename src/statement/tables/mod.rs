//! The cells of a statement, the same for the CSV and the XLSX.
//!
//! What a district pays by is here: ids, amounts, rules, how the elder was identified. Names of elders and carers are
//! not: the district has its roster, and the carer stands in the entries file, which the chain needs whole.

mod detail;
mod summary;

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{EntryHash, Fen};

pub use detail::detail;
pub use summary::summary;

/// What stands above the figures: configuration, not books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// The canteen's name.
    pub canteen_name: String,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The zone's IANA name.
    pub zone_name: String,
}

impl Letterhead {
    /// A letterhead, or `None` when there is no such zone.
    pub fn new(canteen_name: &str, zone_name: &str) -> Option<Self> {
        let zone = TimeZone::get(zone_name).ok()?;
        Some(Self { canteen_name: canteen_name.to_owned(), zone, zone_name: zone_name.to_owned() })
    }
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, whatever it looks like.
    Text(String),
    /// A count.
    Count(i64),
    /// Yuan with two decimals.
    Yuan(Fen),
    /// A fraction with four decimals.
    E4(i32),
    /// A day, `2026-11-22`.
    Date(Date),
    /// Text of a form that no spreadsheet converts: `2026-11-22T12:00:03.120+08:00`, `sha256:…`.
    Plain(String),
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    fn count(count: u64) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The true value as text.
    pub fn value(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Plain(text) => Cow::Borrowed(text),
            Self::Count(count) => Cow::Owned(count.to_string()),
            Self::Yuan(fen) => Cow::Owned(fen.to_string()),
            Self::E4(value) => Cow::Owned(e4(*value)),
            Self::Date(day) => Cow::Owned(day.to_string()),
        }
    }
}

/// `0.6123` of 6123.
fn e4(value: i32) -> String {
    let size = value.unsigned_abs();
    format!("{}{}.{:04}", if value < 0 { "-" } else { "" }, size / 10_000, size % 10_000)
}

/// Rows below headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The headings.
    pub header: Vec<String>,
    /// Rows as wide as the header.
    pub rows: Vec<Vec<Cell>>,
}

/// A hash with its kind.
pub fn named(hash: EntryHash) -> String {
    format!("sha256:{hash}")
}
