//! The books on a real database.

mod books;
mod check;
mod purses;
mod simulator;
mod time;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::domain::{
    Dish, DishId, ElderId, EntryId, Evidence, Fen, IdentifiedBy, LineKind, MealDraft, MealMoment, MealPeriod,
    ModelDigest, Payer, PayerShare, ProgrammeId, Quote, QuoteLine, RuleVersion, StaffId,
};

/// A ledger in a folder of its own, at lunch on 22 November 2026 in Chengdu.
struct Fixture {
    folder: TempDir,
    clock: HandClock,
    ledger: Ledger,
}

fn books() -> Books {
    Books {
        kiosk: KioskId::new("K-001").expect("an id"),
        canteen: CanteenId::new("CT-001").expect("an id"),
        zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn day(text: &str) -> MealDay {
    MealDay(text.parse().expect("a day"))
}

fn elder(number: u32) -> ElderId {
    ElderId::new(format!("E-{number}")).expect("an id")
}

fn staff() -> StaffId {
    StaffId::new("S-1").expect("an id")
}

fn programme(name: &str) -> ProgrammeId {
    ProgrammeId::new(name).expect("an id")
}

fn new_id() -> EntryId {
    EntryId::from_uuid(Uuid::now_v7())
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = HandClock::at(time("2026-11-22T04:00:00Z"));
        let ledger = Ledger::create_with(&home(&folder), &books(), Box::new(clock.clone())).expect("new books");
        Self { folder, clock, ledger }
    }

    fn home(&self) -> Home {
        home(&self.folder)
    }

    fn reopen(self) -> Result<Self> {
        let Self { folder, clock, ledger } = self;
        drop(ledger);
        let ledger = Ledger::open_with(&home(&folder), &books(), Box::new(clock.clone()))?;
        Ok(Self { folder, clock, ledger })
    }

    fn lunch(&mut self, number: u32) -> Entry {
        let draft = lunch(elder(number), self.ledger.today().expect("a day"));
        self.ledger.settle(draft).expect("settled")
    }
}

use crate::domain::Entry;

fn home(folder: &TempDir) -> Home {
    Home::with_keys(folder.path(), folder.path().join("keys"))
}

/// What a rule takes off.
fn line(name: &str, kind: LineKind, amount: i64, units: i64, payer: &str) -> QuoteLine {
    QuoteLine {
        rule: RuleVersion { programme: programme(name), name: "高龄补贴".to_owned(), version: 1 },
        kind,
        amount: Fen::new(amount),
        payers: vec![PayerShare { payer: Payer::new(payer).expect("a payer"), amount: Fen::new(amount) }],
        units,
        sentence: "高龄补贴：每餐 3.00 元".to_owned(),
    }
}

/// A lunch of 15.00 yuan of which `lines` take their part.
fn lunch_with(elder: ElderId, day: MealDay, lines: Vec<QuoteLine>) -> MealDraft {
    let price = Fen::new(1500);
    let own_share = price - lines.iter().map(|line| line.amount).sum();
    MealDraft {
        id: new_id(),
        elder,
        day,
        period: MealPeriod::Lunch,
        dishes: vec![Dish { id: DishId::new("D-1").expect("an id"), name: "红烧肉套餐".to_owned(), price }],
        quote: Quote { lines, own_share, ..Quote::full_price(price) },
        identified_by: IdentifiedBy::Face,
        staff: None,
        evidence: Some(Evidence {
            similarity_e4: 6512,
            margin_e4: 3120,
            liveness_e4: Some(9911),
            quality_e4: 8700,
            frames: 3,
            models: vec![ModelDigest("ab".repeat(32))],
        }),
        credit: BTreeMap::new(),
    }
}

/// A lunch with 3.00 from the district.
fn lunch(elder: ElderId, day: MealDay) -> MealDraft {
    lunch_with(elder, day, vec![line("senior", LineKind::Subsidy, 300, 0, "district")])
}

fn moment(day: MealDay, period: MealPeriod) -> MealMoment {
    MealMoment {
        day,
        period,
        canteen: books().canteen,
        district: "武侯区".to_owned(),
        town: "玉林街道".to_owned(),
        zone: books().zone,
    }
}
