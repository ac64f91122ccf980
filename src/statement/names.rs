//! The names of a day's files: one stem a canteen, day and kiosk, so that a district's folder sorts by itself.

use std::collections::BTreeSet;

use jiff::civil::Date;

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

    /// Of the files of a folder the days, and the files that only end like a day's.
    pub fn of_folder(files: impl IntoIterator<Item = String>) -> (BTreeSet<Self>, BTreeSet<String>) {
        let (mut days, mut others) = (BTreeSet::new(), BTreeSet::new());
        for file in files {
            match Self::of_file(&file) {
                Some((names, _)) if names.are_of_a_day() => {
                    days.insert(names);
                }
                Some(_) => {
                    others.insert(file);
                }
                None => {}
            }
        }
        (days, others)
    }

    /// Whether these are such names as [`Names::new`] makes; a canteen's id may hold `_` too.
    fn are_of_a_day(&self) -> bool {
        let is_day = |text: &str| text.parse::<Date>().is_ok_and(|day| day.to_string() == text);
        self.stem.match_indices('_').any(|(at, _)| {
            let (canteen, rest) = self.stem.split_at(at);
            let day_and_kiosk = rest.strip_prefix('_').and_then(|rest| rest.split_once('_'));
            // As books and manifests have ids: there are some that nobody may take any more.
            CanteenId::try_from(canteen.to_owned()).is_ok()
                && day_and_kiosk.is_some_and(|(day, kiosk)| is_day(day) && KioskId::try_from(kiosk.to_owned()).is_ok())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_days_names_are_told_from_those_of_other_files_whatever_the_ids_hold() {
        let ids = ["CT-001", "a_b", "2026-11-22", "食堂.一", "K_2026-11-23_x"];
        for (canteen, kiosk) in ids.iter().flat_map(|canteen| ids.map(|kiosk| (canteen, kiosk))) {
            let (canteen, kiosk) = (CanteenId::new(*canteen).expect("an id"), KioskId::new(kiosk).expect("an id"));
            let names = Names::new(&canteen, &kiosk, MealDay(Date::constant(2026, 11, 22)));
            assert!(names.are_of_a_day(), "{}", names.stem());
        }
        for other in [
            "roster",
            "CT-001_2026-11-22",
            "2026-11-22_K-001",
            "CT-001_2026-11-22_",
            "_2026-11-22_K-001",
            "CT-001_2026-02-30_K-001",
            "CT-001_20261122_K-001",
            "CT-001_2026-11-22_K-001 (1)",
            "CT 001_2026-11-22_K-001",
        ] {
            let (names, _) = Names::of_file(&format!("{other}.csv")).expect("the ending of a day's file");
            assert!(!names.are_of_a_day(), "{other}");
        }
    }
}
