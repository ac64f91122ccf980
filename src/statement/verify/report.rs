//! What a verification found.

use std::fmt;

use serde::Serialize;

use super::super::signature::PublicKey;
use crate::domain::{CanteenId, KioskId, MealDay};

/// What was looked at and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Whether every manifest was signed by a key that the caller named. Without such a key a verification shows that
    /// the files belong together unchanged, not who made them.
    pub origin_shown: bool,
    /// The days, by canteen, kiosk and day.
    pub days: Vec<DayReport>,
    /// The first finding that names a row.
    pub first_difference: Option<Finding>,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
    /// What a reader should know although nothing was changed.
    pub notes: Vec<String>,
}

/// One day that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayReport {
    /// The canteen.
    pub canteen: CanteenId,
    /// The kiosk.
    pub kiosk: KioskId,
    /// The day.
    pub day: MealDay,
    /// Its entries.
    pub entries: u64,
    /// The last number before the day.
    pub number_before: u64,
    /// The last number up to the day's end.
    pub number_after: u64,
    /// The key that its manifest names.
    pub public_key: PublicKey,
    /// Whether nothing is wrong with its files.
    pub ok: bool,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, without its folder.
    pub file: String,
    /// The line, from 1, where it is in one.
    pub line: Option<u64>,
    /// The column's heading.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What should stand there.
    pub expected: Option<String>,
    /// What stands there.
    pub found: Option<String>,
}

impl Finding {
    /// Something wrong with a file.
    pub fn new(file: &str, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), problem: problem.into(), ..Self::default() }
    }

    /// In this line.
    pub fn at(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// In this column.
    pub fn in_column(self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self }
    }

    /// With what should stand there and what does.
    pub fn between(self, expected: impl ToString, found: impl ToString) -> Self {
        Self { expected: Some(expected.to_string()), found: Some(found.to_string()), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.problem)?;
        if let (Some(expected), Some(found)) = (&self.expected, &self.found) {
            write!(f, "; expected {}, found {}", shown(expected), shown(found))?;
        }
        Ok(())
    }
}

/// A cell on one line of a terminal.
fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let mut shown: String = text.chars().take(LONGEST).flat_map(escaped).collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

/// Control characters of a damaged file may not steer the terminal that shows them.
fn escaped(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}
