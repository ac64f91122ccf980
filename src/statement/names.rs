//! The names of a day's files: one stem a canteen, day and kiosk, so that a district's folder sorts by itself.

use crate::domain::{CanteenId, KioskId, MealDay};

/// One of a day's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// The cells, for programs and spreadsheets.
    Csv,
    /// The cells, for desks.
    Xlsx,
    /// The ledger's entries in their canonical encoding, one a line, from which the chain is checked.
    Entries,
    /// What the files are, signed.
    Manifest,
    /// The signature over the manifest's bytes.
    Signature,
}

impl FileKind {
    /// All, in the order of writing: the manifest last, for without it nothing counts as closed.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Xlsx, Self::Entries, Self::Signature, Self::Manifest];
    /// The ones that the manifest lists.
    pub const LISTED: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Entries];

    /// What follows the stem.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
            Self::Entries => ".entries.jsonl",
            Self::Manifest => ".json",
            Self::Signature => ".json.sig",
        }
    }
}

/// The names of one day's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Names {
    stem: String,
}

impl Names {
    /// Of a canteen's kiosk and day: `CT-001_2026-11-22_K-001`.
    pub fn new(canteen: &CanteenId, kiosk: &KioskId, day: MealDay) -> Self {
        Self { stem: format!("{canteen}_{day}_{kiosk}") }
    }

    /// Of any file of the set, and which one it is.
    pub fn of_file(name: &str) -> Option<(Self, FileKind)> {
        // Hidden files, and those that Office keeps beside what it has open, are of nobody's day.
        if name.starts_with(['.', '~']) {
            return None;
        }
        // The longest suffix first: `.json.sig` and `.entries.jsonl` are not `.json`.
        let kinds = [FileKind::Entries, FileKind::Signature, FileKind::Manifest, FileKind::Csv, FileKind::Xlsx];
        kinds.into_iter().find_map(|kind| {
            let stem = name.strip_suffix(kind.suffix()).filter(|stem| !stem.is_empty())?;
            Some((Self { stem: stem.to_owned() }, kind))
        })
    }

    /// The day, where these are names of this canteen's kiosk.
    pub fn day_of(&self, canteen: &CanteenId, kiosk: &KioskId) -> Option<MealDay> {
        let after = self.stem.strip_prefix(canteen.as_str())?.strip_prefix('_')?;
        let day = after.strip_suffix(kiosk.as_str())?.strip_suffix('_')?;
        day.parse().ok().map(MealDay)
    }

    /// The name of one file.
    pub fn file(&self, kind: FileKind) -> String {
        format!("{}{}", self.stem, kind.suffix())
    }

    /// What the names have in common.
    pub fn stem(&self) -> &str {
        &self.stem
    }
}
