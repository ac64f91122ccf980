//! The books survive: kills, power cuts, full and read-only disks, damage. Through the public doors.

mod by_hand;
pub mod canteen;
mod clock;
mod corrections;
mod damage;
mod disk;
mod encoding;
mod kills;
mod power;
mod purses;
mod restarts;
mod rights;
mod signed;

use std::path::Path;

use jiff::tz::TimeZone;
use mealpoint::domain::{
    CanteenId, Dish, DishId, ElderId, EntryId, Fen, IdentifiedBy, KioskId, LineKind, MealDay, MealDraft, MealPeriod,
    Payer, PayerShare, Quote, QuoteLine, RuleVersion, StaffId,
};
use mealpoint::store::ledger::Books;
use mealpoint::store::{Home, Ledger};

pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an id")
}

pub fn books() -> Books {
    Books {
        kiosk: id::<KioskId>("K-001"),
        canteen: id::<CanteenId>("CT-001"),
        zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
    }
}

pub fn home(folder: &Path) -> Home {
    Home::with_keys(folder, folder.join("keys"))
}

pub fn open(folder: &Path) -> Ledger {
    Ledger::open_or_create(&home(folder), &books()).expect("the books open")
}

/// A lunch of 12.00 yuan, 3.00 of it from the district.
pub fn lunch(elder: &str, day: MealDay) -> MealDraft {
    let (price, subsidy) = (Fen::new(1200), Fen::new(300));
    let line = QuoteLine {
        rule: RuleVersion { programme: id("senior"), name: "高龄补贴".to_owned(), version: 1 },
        kind: LineKind::Subsidy,
        amount: subsidy,
        payers: vec![PayerShare { payer: id::<Payer>("district"), amount: subsidy }],
        units: 0,
        sentence: "高龄补贴：每餐 3.00 元".to_owned(),
    };
    MealDraft {
        id: EntryId::from_uuid(uuid::Uuid::now_v7()),
        elder: id::<ElderId>(elder),
        day,
        period: MealPeriod::Lunch,
        dishes: vec![Dish { id: id::<DishId>("D-1"), name: "红烧肉 \"套餐\"\n".to_owned(), price }],
        quote: Quote { lines: vec![line], own_share: price - subsidy, ..Quote::full_price(price) },
        identified_by: IdentifiedBy::Card,
        staff: Some(id::<StaffId>("S-1")),
        evidence: None,
        credit: Default::default(),
    }
}

/// Settles `count` lunches of different elders.
pub fn settle(ledger: &mut Ledger, count: u32) {
    let today = ledger.today().expect("a day");
    for number in 0..count {
        ledger.settle(lunch(&format!("E-{number}-{}", uuid::Uuid::now_v7()), today)).expect("settled");
    }
}

/// Everything in the books is in order.
pub fn assert_sound(ledger: &Ledger) {
    let report = ledger.check_all().expect("a check");
    assert_eq!(report.findings, [], "the books are not in order");
}

/// Builds `source` of the folder `tests` into a library to be preloaded; says why not outside CI, fails under CI.
pub fn built(source: &str, library: &Path) -> bool {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(source);
    let built = std::process::Command::new("cc")
        .args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(library)
        .arg(&source)
        .arg("-ldl")
        .status();
    let done = built.as_ref().is_ok_and(std::process::ExitStatus::success);
    if !done {
        crate::skipped::missing(&format!("cc cannot build {}: {built:?}", source.display()));
    }
    done
}
