//! Subsidies: rule files in, quotes out.

mod generated;
mod properties;
mod purses;
mod reader;
mod refusals;
mod rules;
mod sentences;
mod tables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use mealpoint::config::subsidies;
use mealpoint::domain::subsidy::{QuoteRequest, RuleBook, quote};
use mealpoint::domain::{
    CanteenId, CareLevel, Elder, ElderClass, ElderId, ElderStatus, Fen, Household, MealDay, MealMoment, MealPeriod,
    Quote, Usage,
};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The rule files a canteen gets.
fn shipped() -> RuleBook {
    subsidies::read(&folder("kiosk-config")).expect("the shipped rules")
}

/// A rule book from the text of one file, called `rules.toml`.
fn book(text: &str) -> Result<RuleBook, String> {
    let programmes = subsidies::parse(Path::new("rules.toml"), text).map_err(|e| e.to_string())?;
    RuleBook::new(programmes).map_err(|e| e.to_string())
}

fn date(text: &str) -> Date {
    text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

fn household(text: &str) -> Household {
    let (district, town) = text.split_once('/').unwrap_or_else(|| panic!("{text:?} is not district/town"));
    Household { district: district.to_owned(), town: town.to_owned() }
}

fn elder(born: &str, classes: &[ElderClass], care: Option<u8>, home: &str) -> Elder {
    Elder {
        id: ElderId::new("E-1").expect("an id"),
        name: "王秀英".to_owned(),
        birth_date: date(born),
        sex: None,
        classes: classes.iter().copied().collect::<BTreeSet<_>>(),
        household: household(home),
        care_level: care.map(CareLevel),
        status: ElderStatus::Active,
        absences: vec![],
    }
}

fn moment(day: &str, period: MealPeriod, at: &str) -> MealMoment {
    let Household { district, town } = household(at);
    let canteen = CanteenId::new("CT-001").expect("an id");
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    MealMoment { day: MealDay(date(day)), period, canteen, district, town, zone }
}

fn yuan(text: &str) -> Fen {
    Fen::parse_yuan(text).unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

/// A quote that keeps what every quote must keep.
fn quoted(book: &RuleBook, elder: &Elder, moment: &MealMoment, price: Fen, usage: &Usage) -> Quote {
    let quote = quote(book, &QuoteRequest { elder, moment, price, usage }).expect("a quote");
    assert_whole(&quote);
    quote
}

fn assert_whole(quote: &Quote) {
    assert!(quote.own_share >= Fen::ZERO, "{quote:?}");
    for line in &quote.lines {
        assert!(line.amount > Fen::ZERO && line.units >= 0, "{line:?}");
        assert_eq!(line.payers.iter().map(|p| p.amount).sum::<Fen>(), line.amount, "{line:?}");
        assert!(line.payers.iter().all(|p| p.amount > Fen::ZERO), "{line:?}");
    }
    assert_eq!(quote.own_share + quote.lines.iter().map(|l| l.amount).sum(), quote.price, "{quote:?}");
    assert_eq!(quote.payers().iter().map(|p| p.amount).sum::<Fen>(), quote.price, "{quote:?}");
    let free = quote.lines.iter().any(|l| l.sentence.contains("免费"));
    assert!(!free || quote.own_share == Fen::ZERO, "{quote:?}");
}
