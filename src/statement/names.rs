//! The names of a day's files: one stem a canteen, day and kiosk, so that a district's folder sorts by itself.

use std::collections::{BTreeMap, BTreeSet};

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

    /// Of the files of a folder the days, and the files that only end like a day's. A desk's working copy beside a day
    /// (`CT-001_2026-11-22_K-001-checked.csv`) may have the name of another kiosk's day; it is none.
    pub fn of_folder(files: impl IntoIterator<Item = String>) -> (BTreeSet<Self>, BTreeSet<String>) {
        let (mut sets, mut others) = (BTreeMap::<Self, Vec<FileKind>>::new(), BTreeSet::new());
        for file in files {
            match Self::of_file(&file) {
                Some((names, kind)) if names.are_of_a_day() => sets.entry(names).or_default().push(kind),
                Some(_) => {
                    others.insert(file);
                }
                None => {}
            }
        }
        let is_copy = |(names, kinds): &(&Self, &Vec<FileKind>)| {
            let are_sheets = kinds.iter().all(|kind| matches!(kind, FileKind::Csv | FileKind::Xlsx));
            are_sheets && names.possible_originals().any(|day| sets.contains_key(&day))
        };
        let copies: BTreeSet<Self> = sets.iter().filter(is_copy).map(|(names, _)| names.clone()).collect();
        let (copies, days): (Vec<_>, Vec<_>) = sets.into_iter().partition(|(names, _)| copies.contains(names));
        others.extend(copies.iter().flat_map(|(names, kinds)| kinds.iter().map(|kind| names.file(*kind))));
        (days.into_iter().map(|(names, _)| names).collect(), others)
    }

    /// The names to which something may have been added to make these. A digit makes another kiosk: K-1 and K-10.
    fn possible_originals(&self) -> impl Iterator<Item = Self> {
        let added = self.stem.char_indices().filter(|(_, first)| !first.is_ascii_digit());
        added.map(|(at, _)| Self { stem: self.stem.split_at(at).0.to_owned() })
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

    #[test]
    fn a_desks_copy_beside_a_day_is_no_day_and_what_is_left_of_another_kiosks_day_is_one() {
        let whole = |stem: &str| FileKind::ALL.map(|kind| format!("{stem}{}", kind.suffix()));
        let day = "CT-001_2026-11-22_K-001";
        let copies = ["-核对.csv", "副本.csv", "_v2.xlsx", "-核对.xlsx"].map(|added| format!("{day}{added}"));
        let (days, others) = Names::of_folder(whole(day).into_iter().chain(copies.clone()));
        assert_eq!(days.iter().map(Names::stem).collect::<Vec<_>>(), [day]);
        assert_eq!(others, BTreeSet::from(copies));
        // Of these more than sheets is left, or it is a kiosk of its own, or there is no day beside it.
        for (beside, left) in [
            ("K-001", "K-001-2.entries.jsonl"),
            ("K-001", "K-001-2.json.sig"),
            ("K-001", "K-001-2.json"),
            ("K-1", "K-10.csv"),
            ("K-001", "K-002.csv"),
            ("K-001-2", "K-001.csv"),
        ] {
            let left = format!("CT-001_2026-11-22_{left}");
            let (days, others) =
                Names::of_folder(whole(&format!("CT-001_2026-11-22_{beside}")).into_iter().chain([left.clone()]));
            assert_eq!((days.len(), others.len()), (2, 0), "{left} beside {beside}");
        }
    }
}
