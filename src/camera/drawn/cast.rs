//! The people of the demo: ten elders with roster rows that show different subsidies.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};

use super::portrait::Portrait;
use crate::domain::{CareLevel, Elder, ElderClass, ElderId, ElderStatus, Household, Sex};
use crate::words;

/// One of the cast: how they look and what the roster says of them.
#[derive(Debug, Clone, PartialEq)]
pub struct CastMember {
    /// How they look.
    pub portrait: Portrait,
    /// The roster's row.
    pub elder: Elder,
}

struct Row {
    /// Seed of the portrait, chosen so that the embedder tells the cast apart (`tests/drawn.rs` measures it).
    seed: u64,
    sex: Sex,
    birth_date: Date,
    classes: &'static [ElderClass],
    home: (&'static str, &'static str),
    care_level: Option<u8>,
}

const ROWS: [Row; 10] = {
    use ElderClass::{Disabled, ExtremePoverty, FamilyPlanningSpecial, LivingAlone, LowIncome, LowIncomeMargin};
    use Sex::{Female, Male};
    use words::{CAST_HOME as HOME, CAST_OTHER_DISTRICT as OTHER_DISTRICT, CAST_OTHER_TOWN as OTHER_TOWN};
    [
        Row {
            seed: 2005,
            sex: Female,
            birth_date: date(1941, 3, 8),
            classes: &[LowIncome],
            home: HOME,
            care_level: None,
        },
        Row { seed: 2109, sex: Male, birth_date: date(1938, 11, 2), classes: &[], home: HOME, care_level: None },
        Row { seed: 2211, sex: Female, birth_date: date(1958, 6, 21), classes: &[], home: HOME, care_level: None },
        Row {
            seed: 2306,
            sex: Male,
            birth_date: date(1950, 1, 15),
            classes: &[],
            home: OTHER_DISTRICT,
            care_level: None,
        },
        Row {
            seed: 2402,
            sex: Female,
            birth_date: date(1933, 9, 9),
            classes: &[LivingAlone],
            home: HOME,
            care_level: Some(1),
        },
        Row { seed: 2510, sex: Male, birth_date: date(1925, 5, 1), classes: &[], home: HOME, care_level: Some(2) },
        Row {
            seed: 2614,
            sex: Female,
            birth_date: date(1947, 12, 12),
            classes: &[FamilyPlanningSpecial],
            home: OTHER_TOWN,
            care_level: None,
        },
        Row {
            seed: 2706,
            sex: Male,
            birth_date: date(1944, 8, 18),
            classes: &[Disabled, LowIncomeMargin],
            home: HOME,
            care_level: Some(3),
        },
        Row {
            seed: 2800,
            sex: Female,
            birth_date: date(1964, 2, 29),
            classes: &[],
            home: OTHER_TOWN,
            care_level: None,
        },
        Row {
            seed: 2910,
            sex: Male,
            birth_date: date(1936, 7, 30),
            classes: &[ExtremePoverty, LivingAlone],
            home: HOME,
            care_level: None,
        },
    ]
};

/// The cast, always the same, in the same order.
pub fn cast() -> Vec<CastMember> {
    ROWS.iter().zip(words::CAST_NAMES).enumerate().filter_map(|(index, (row, name))| member(index, row, name)).collect()
}

fn member(index: usize, row: &Row, name: &str) -> Option<CastMember> {
    // A plain id of digits and letters is always taken.
    let id = ElderId::new(format!("D-{:04}", index + 1)).ok()?;
    let years = f32::from(2026 - row.birth_date.year());
    Some(CastMember {
        portrait: Portrait::aged(row.seed, row.sex, (years - 60.0) / 40.0),
        elder: Elder {
            id,
            name: name.to_owned(),
            birth_date: row.birth_date,
            sex: Some(row.sex),
            classes: row.classes.iter().copied().collect::<BTreeSet<_>>(),
            household: Household { district: row.home.0.to_owned(), town: row.home.1.to_owned() },
            care_level: row.care_level.map(CareLevel),
            status: ElderStatus::Active,
            absences: vec![],
        },
    })
}
