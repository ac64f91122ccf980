//! The detail rows.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Cell, Letterhead, Table, named};
use crate::domain::statement::Statement;
use crate::domain::{
    Entry, EntryBody, Evidence, Fen, MealEntry, MovementEntry, Payer, PayerShare, QuoteLine, ReversalEntry,
};
use crate::words::statement::{self as words, column};

/// The detail rows, one an entry.
pub fn detail(statement: &Statement, head: &Letterhead) -> Table {
    let payers = statement.payers();
    let mut header: Vec<String> = Vec::with_capacity(24 + payers.len());
    let before = [
        column::NUMBER,
        column::ID,
        column::KIND,
        column::MEAL_DAY,
        column::PERIOD,
        column::RECORDED_AT,
        column::DISHES,
        column::PRICE,
    ];
    let after = [
        column::RULES,
        column::IDENTIFIED_BY,
        column::SIMILARITY,
        column::MARGIN,
        column::LIVENESS,
        column::QUALITY,
        column::RELATED_NUMBER,
        column::RELATED_ID,
        column::PROGRAMME,
        column::CAUSE,
        column::UNITS,
        column::STAFF,
        column::REASON,
        column::HASH,
        column::ELDER,
    ];
    header.extend(before.map(str::to_owned));
    header.extend(payers.iter().map(words::payer_column));
    header.extend(after.map(str::to_owned));
    let rows = statement.books().entries.iter().map(|entry| detail_row(entry, &payers, head)).collect();
    Table { header, rows }
}

/// What differs between kinds of entries; absent fields are empty cells.
#[derive(Default)]
struct Particulars<'a> {
    meal: Option<(Date, &'static str)>,
    dishes: String,
    price: Option<Fen>,
    shares: &'a [PayerShare],
    lines: &'a [QuoteLine],
    identified_by: &'static str,
    evidence: Option<&'a Evidence>,
    related_number: Option<u64>,
    related_id: String,
    movement: Option<&'a MovementEntry>,
    staff: &'a str,
    reason: String,
}

fn particulars<'a>(body: &'a EntryBody, head: &Letterhead) -> Particulars<'a> {
    match body {
        EntryBody::Meal(meal) => of_meal(meal),
        EntryBody::Reversal(back) => of_reversal(back),
        EntryBody::Movement(movement) => Particulars {
            movement: Some(movement),
            staff: movement.staff.as_ref().map_or("", |staff| staff.as_str()),
            reason: movement.reason.clone(),
            ..Particulars::default()
        },
        EntryBody::Clock(clock) => Particulars {
            staff: clock.staff.as_str(),
            reason: words::clock_vouched(&local(clock.from, head), &local(clock.to, head)),
            ..Particulars::default()
        },
        EntryBody::Restart(restart) => Particulars {
            related_number: Some(restart.known_to),
            staff: restart.staff.as_str(),
            reason: restart.reason.clone(),
            ..Particulars::default()
        },
    }
}

fn of_meal(meal: &MealEntry) -> Particulars<'_> {
    let dishes: Vec<String> = meal.dishes.iter().map(|dish| format!("{} {}", dish.name, dish.price)).collect();
    Particulars {
        meal: Some((meal.day.0, crate::words::meal_period(meal.period))),
        dishes: dishes.join("; "),
        price: Some(meal.price),
        shares: &meal.payers,
        lines: &meal.lines,
        identified_by: words::identified_by(&meal.identified_by),
        evidence: meal.evidence.as_ref(),
        related_id: meal.corrects.map(|id| id.to_string()).unwrap_or_default(),
        staff: meal.staff.as_ref().map_or("", |staff| staff.as_str()),
        ..Particulars::default()
    }
}

fn of_reversal(back: &ReversalEntry) -> Particulars<'_> {
    Particulars {
        meal: Some((back.day.0, crate::words::meal_period(back.period))),
        price: Some(back.price),
        shares: &back.payers,
        lines: &back.lines,
        related_number: Some(back.of_number),
        related_id: back.of.to_string(),
        staff: back.staff.as_str(),
        reason: back.reason.clone(),
        ..Particulars::default()
    }
}

fn detail_row(entry: &Entry, payers: &[Payer], head: &Letterhead) -> Vec<Cell> {
    let it = particulars(&entry.body, head);
    let score = |of: fn(&Evidence) -> Option<i32>| it.evidence.and_then(of).map_or(Cell::Empty, Cell::E4);
    let rules: Vec<String> = it
        .lines
        .iter()
        .map(|line| words::rule_applied(&line.rule.name, line.rule.version, line.kind, &line.amount.to_string()))
        .collect();
    let mut row = vec![
        Cell::count(entry.number),
        Cell::text(entry.id.to_string()),
        Cell::text(words::entry_kind(&entry.body)),
        it.meal.map_or(Cell::Empty, |(day, _)| Cell::Date(day)),
        it.meal.map_or(Cell::Empty, |(_, period)| Cell::text(period)),
        Cell::Plain(local(entry.recorded_at, head)),
        Cell::text(it.dishes.clone()),
        it.price.map_or(Cell::Empty, Cell::Yuan),
    ];
    row.extend(payers.iter().map(|payer| share_of(payer, &it)));
    row.extend([
        Cell::text(rules.join("; ")),
        Cell::text(it.identified_by),
        score(|evidence| Some(evidence.similarity_e4)),
        score(|evidence| Some(evidence.margin_e4)),
        score(|evidence| evidence.liveness_e4),
        score(|evidence| Some(evidence.quality_e4)),
        it.related_number.map_or(Cell::Empty, Cell::count),
        Cell::text(it.related_id),
        it.movement.map_or(Cell::Empty, |movement| Cell::text(movement.programme.as_str())),
        it.movement.map_or(Cell::Empty, |movement| Cell::text(words::movement_cause(movement.cause))),
        it.movement.map_or(Cell::Empty, |movement| Cell::Count(movement.units)),
        Cell::text(it.staff),
        Cell::text(it.reason),
        Cell::Plain(named(entry.hash)),
        entry.body.elder().map_or(Cell::Empty, |elder| Cell::text(elder.as_str())),
    ]);
    row
}

/// A payer's amount in a row, zero where the entry has a price but no such payer.
fn share_of(payer: &Payer, it: &Particulars<'_>) -> Cell {
    if it.price.is_none() {
        return Cell::Empty;
    }
    Cell::Yuan(it.shares.iter().filter(|share| share.payer == *payer).map(|share| share.amount).sum())
}

/// An instant in the canteen's zone, to the millisecond.
fn local(at: Timestamp, head: &Letterhead) -> String {
    let at = at.to_zoned(head.zone.clone());
    let of_second = at.subsec_nanosecond() / 1_000_000;
    format!("{}.{of_second:03}{}", at.strftime("%Y-%m-%dT%H:%M:%S"), at.strftime("%:z"))
}
