//! Each practice ships as a rule file with a table of expected quotes: one row is an elder, a meal and what was drawn
//! before it, then the lines, the own share and the payers that must come out.

use std::collections::BTreeMap;
use std::path::Path;

use mealpoint::config::{CanteenConfig, subsidies};
use mealpoint::domain::subsidy::RuleBook;
use mealpoint::domain::{Drawn, ElderClass, MealDay, MealPeriod, ProgrammeId, Quote, Tally, Usage};

use super::{date, elder, folder, moment, quoted, shipped, yuan};

type Row = BTreeMap<String, String>;

fn rows(file: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    reader.deserialize().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn list<'a>(cell: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
    cell.split(separator).map(str::trim).filter(|part| !part.is_empty())
}

fn period(name: &str) -> MealPeriod {
    MealPeriod::ALL.into_iter().find(|p| p.as_str() == name).unwrap_or_else(|| panic!("no meal {name:?}"))
}

fn class(name: &str) -> ElderClass {
    serde_json::from_value(name.into()).unwrap_or_else(|e| panic!("class {name:?}: {e}"))
}

/// `id@day 2x6.00` or `id@day 1x10.00/1`: times, amount, units, drawn in the period, on the day or in the month.
fn usage(row: &Row) -> Usage {
    let mut usage = Usage::default();
    for draw in list(&row["drawn"], ";") {
        let (place, what) = draw.split_once(' ').expect(draw);
        let (id, span) = place.split_once('@').expect(draw);
        let (times, amount) = what.split_once('x').expect(draw);
        let (amount, units) = amount.split_once('/').unwrap_or((amount, "0"));
        let tally =
            Tally { times: times.parse().expect(draw), amount: yuan(amount), units: units.parse().expect(draw) };
        let drawn = match span {
            "period" => Drawn { period: tally, day: tally, month: tally },
            "day" => Drawn { day: tally, month: tally, ..Drawn::default() },
            "month" => Drawn { month: tally, ..Drawn::default() },
            _ => panic!("no span {span:?}"),
        };
        usage.drawn.insert(ProgrammeId::new(id).expect(draw), drawn);
    }
    for purse in list(&row["purses"], ";") {
        let (id, balance) = purse.split_once('=').expect(purse);
        usage.purses.insert(ProgrammeId::new(id).expect(purse), balance.parse().expect(purse));
    }
    usage
}

fn shown_lines(quote: &Quote) -> String {
    let line = |line: &mealpoint::domain::QuoteLine| match line.units {
        0 => format!("{} {}", line.rule.programme, line.amount),
        units => format!("{} {}/{units}", line.rule.programme, line.amount),
    };
    quote.lines.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn shown_payers(quote: &Quote) -> String {
    quote.payers().iter().map(|p| format!("{} {}", p.payer, p.amount)).collect::<Vec<_>>().join("; ")
}

fn said(quote: &Quote) -> Vec<&str> {
    let lines = quote.lines.iter().map(|l| l.sentence.as_str());
    let notes = quote.notes.iter().map(|n| n.sentence.as_str());
    lines.chain(notes).chain(quote.remaining.iter().map(|r| r.sentence.as_str())).collect()
}

/// What differs from the row, in words.
fn differences(book: &RuleBook, row: &Row) -> Vec<String> {
    let classes: Vec<_> = list(&row["classes"], ";").map(class).collect();
    let care = list(&row["care"], ";").next().map(|level| level.parse().expect("a level"));
    let elder = elder(&row["born"], &classes, care, &row["home"]);
    let moment = moment(&row["day"], period(&row["meal"]), &row["at"]);
    let quote = quoted(book, &elder, &moment, yuan(&row["price"]), &usage(row));
    let mut wrong = Vec::new();
    for (what, got) in
        [("own", quote.own_share.to_string()), ("lines", shown_lines(&quote)), ("payers", shown_payers(&quote))]
    {
        if got != row[what].trim() {
            wrong.push(format!("{}: {what} is {got:?}, expected {:?}", row["case"], row[what]));
        }
    }
    let said = said(&quote);
    for sentence in list(&row["says"], "|") {
        if !said.iter().any(|s| s.contains(sentence)) {
            wrong.push(format!("{}: {sentence:?} is not said but {said:?}", row["case"]));
        }
    }
    wrong
}

#[test]
fn every_practice_quotes_as_its_table_says() {
    let examples = folder("kiosk-config/examples/subsidies");
    let mut wrong = Vec::new();
    let (mut practices, mut cases) = (0, 0);
    for entry in std::fs::read_dir(&examples).expect("the examples") {
        let file = entry.expect("an entry").path();
        if file.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let book = subsidies::read_files(std::slice::from_ref(&file)).expect("an example");
        let rows = rows(&file.with_extension("csv"));
        assert!(rows.len() >= 3, "{} has too small a table", file.display());
        practices += 1;
        cases += rows.len();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        wrong.extend(rows.iter().flat_map(|row| differences(&book, row)).map(|w| format!("{name}: {w}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(practices >= 13 && cases >= 100, "{practices} practices with {cases} cases");
}

#[test]
fn the_meals_of_xuyi_begin_and_end_on_the_minute() {
    let canteen = CanteenConfig::read(&folder("kiosk-config")).expect("the shipped canteen");
    let at = |time: &str| {
        let zoned: jiff::Zoned = format!("2025-03-03T{time}:00[Asia/Shanghai]").parse().expect("a time");
        canteen.moment(zoned.timestamp()).map(|m| m.period)
    };
    for (from, last, end, meal) in [
        ("06:00", "08:59", "09:00", MealPeriod::Breakfast),
        ("11:00", "13:29", "13:30", MealPeriod::Lunch),
        ("17:30", "19:29", "19:30", MealPeriod::Supper),
    ] {
        assert_eq!((at(from), at(last), at(end)), (Some(meal), Some(meal), None), "{meal:?}");
    }
}

#[test]
fn the_shipped_rules_say_what_is_given_and_what_is_left() {
    let lunch = moment("2026-11-22", MealPeriod::Lunch, "武侯区/玉林街道");
    let usage = Usage { purses: [(ProgrammeId::new("points").expect("an id"), 295)].into(), ..Usage::default() };
    let quote = quoted(&shipped(), &elder("1944-01-01", &[], None, "武侯区/玉林街道"), &lunch, yuan("15.00"), &usage);
    assert_eq!(quote.own_share, yuan("2.00"));
    let said = said(&quote);
    for sentence in ["高龄补贴：每餐 3.00 元，今日午餐可用", "积分：用 10 分，抵 10.00 元", "本月积分还剩 285 分"]
    {
        assert!(said.contains(&sentence), "{sentence} is not said but {said:?}");
    }
    let rules: Vec<_> = quote.lines.iter().map(|l| (l.rule.programme.as_str(), l.rule.version)).collect();
    assert_eq!(rules, [("senior-meal", 1), ("points", 1)]);
}

#[test]
fn an_elder_entitled_to_the_low_income_subsidy_does_not_get_the_age_subsidy_too() {
    let lunch = moment("2026-11-22", MealPeriod::Lunch, "武侯区/玉林街道");
    let poor = elder("1950-01-01", &[ElderClass::LowIncome], None, "武侯区/玉林街道");
    let quote = quoted(&shipped(), &poor, &lunch, yuan("15.00"), &Usage::default());
    assert_eq!(shown_lines(&quote), "low-income-meal 5.00");
    assert!(said(&quote).contains(&"高龄补贴：已有低保补贴，不同时享受"), "{:?}", said(&quote));
}

#[test]
fn the_version_in_force_on_the_meal_day_applies_even_when_it_is_settled_later() {
    let version = |n: u32, dates: &str, amount: &str| {
        format!(
            "[[programme]]\nid = \"meal\"\nname = \"助餐\"\nversion = {n}\n{dates}\norder = 1\nkind = \"subsidy\"\n\
             meals = [\"lunch\"]\n[[programme.payer]]\npayer = \"city\"\npercent = 100\n[[programme.tier]]\n\
             amount_yuan = \"{amount}\"\n"
        )
    };
    let text = version(1, "from = 2025-01-01\nuntil = 2025-06-30", "1.00") + &version(2, "from = 2025-07-01", "2.00");
    let book = super::book(&text).expect("two versions");
    let elder = elder("1950-01-01", &[], None, "区/镇");
    for (day, expected) in [("2024-12-31", None), ("2025-06-30", Some((1, "1.00"))), ("2025-07-01", Some((2, "2.00")))]
    {
        let at = moment(day, MealPeriod::Lunch, "区/镇");
        let quote = quoted(&book, &elder, &at, yuan("9.00"), &Usage::default());
        let got = quote.lines.first().map(|l| (l.rule.version, l.amount));
        assert_eq!(got, expected.map(|(version, amount)| (version, yuan(amount))), "{day}");
        assert_eq!(at.day, MealDay(date(day)));
    }
}
