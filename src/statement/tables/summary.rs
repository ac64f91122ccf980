//! The summary.

use super::{Cell, Letterhead, Table, named};
use crate::domain::Fen;
use crate::domain::statement::{ChainPoint, Statement, Totals};
use crate::words::statement::{self as words, summary};

/// A summary row before it is laid out.
#[derive(Default)]
struct Line {
    group: &'static str,
    name: String,
    version: Option<u32>,
    payer: String,
    entries: Option<u64>,
    meals: Option<i64>,
    reversals: Option<u64>,
    units: Option<i64>,
    amount: Option<Fen>,
    value: Cell,
}

impl Line {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::text(self.group),
            Cell::text(self.name),
            self.version.map_or(Cell::Empty, |version| Cell::Count(i64::from(version))),
            Cell::text(self.payer),
            self.entries.map_or(Cell::Empty, Cell::count),
            self.meals.map_or(Cell::Empty, Cell::Count),
            self.reversals.map_or(Cell::Empty, Cell::count),
            self.units.map_or(Cell::Empty, Cell::Count),
            self.amount.map_or(Cell::Empty, Cell::Yuan),
            self.value,
        ]
    }
}

/// The summary.
pub fn summary(statement: &Statement, head: &Letterhead) -> Table {
    let header = [
        summary::GROUP,
        summary::NAME,
        summary::VERSION,
        summary::PAYER,
        summary::ENTRIES,
        summary::MEALS,
        summary::REVERSALS,
        summary::UNITS,
        summary::AMOUNT,
        summary::VALUE,
    ];
    let mut lines = letterhead(statement, head);
    lines.extend(totals(summary::DAY, summary::ALL, statement.day_totals()));
    for (period, of_period) in statement.periods() {
        lines.extend(totals(summary::BY_PERIOD, crate::words::meal_period(period), of_period));
    }
    lines.extend(programmes(statement));
    lines.extend(statement.movements().iter().map(|movement| Line {
        group: summary::MOVEMENTS,
        name: format!("{} {}", words::movement_cause(movement.cause), movement.programme),
        entries: Some(movement.movements),
        units: Some(movement.units),
        ..Line::default()
    }));
    lines.extend(totals(summary::OPENING, summary::ALL, &statement.books().opening));
    lines.extend(totals(summary::CLOSING, summary::ALL, statement.closing()));
    lines.extend(sequence(statement));
    Table { header: header.map(str::to_owned).into(), rows: lines.into_iter().map(Line::cells).collect() }
}

fn letterhead(statement: &Statement, head: &Letterhead) -> Vec<Line> {
    let books = statement.books();
    let line = |name: &str, value| Line { group: summary::HEAD, name: name.to_owned(), value, ..Line::default() };
    let mut lines = vec![
        line(summary::CANTEEN, Cell::text(books.canteen.as_str())),
        line(summary::CANTEEN_NAME, Cell::text(&head.canteen_name)),
        line(summary::KIOSK, Cell::text(books.kiosk.as_str())),
        line(summary::DATE, Cell::Date(books.day.0)),
        line(summary::ZONE, Cell::text(&head.zone_name)),
    ];
    if books.entries.is_empty() {
        lines.push(Line { group: summary::NOTE, value: Cell::text(summary::EMPTY_DAY), ..Line::default() });
    }
    lines
}

/// A row over all payers, then one a payer.
fn totals(group: &'static str, name: &str, totals: &Totals) -> Vec<Line> {
    let all = Line {
        group,
        name: name.to_owned(),
        entries: Some(totals.entries),
        meals: i64::try_from(totals.meals).ok(),
        reversals: Some(totals.reversals),
        amount: Some(totals.price),
        ..Line::default()
    };
    let payers = totals.payers.iter().map(|(payer, amount)| Line {
        group,
        name: name.to_owned(),
        payer: words::payer(payer),
        amount: Some(*amount),
        ..Line::default()
    });
    std::iter::once(all).chain(payers).collect()
}

fn programmes(statement: &Statement) -> Vec<Line> {
    let mut lines = Vec::new();
    for programme in statement.programmes() {
        let line = || Line {
            group: summary::BY_PROGRAMME,
            name: format!("{} {}({})", words::line_kind(programme.kind), programme.rule.name, programme.rule.programme),
            version: Some(programme.rule.version),
            ..Line::default()
        };
        lines.push(Line {
            meals: Some(programme.uses),
            units: Some(programme.units),
            amount: Some(programme.amount),
            ..line()
        });
        lines.extend(programme.payers.iter().map(|(payer, amount)| Line {
            payer: words::payer(payer),
            amount: Some(*amount),
            ..line()
        }));
    }
    lines
}

fn sequence(statement: &Statement) -> Vec<Line> {
    let line = |name: &str, value| Line { group: summary::SEQUENCE, name: name.to_owned(), value, ..Line::default() };
    let ChainPoint { number: before, hash: hash_before } = statement.books().before;
    let ChainPoint { number: last, hash: hash_last } = statement.after();
    let first = statement.books().entries.first();
    vec![
        line(summary::BEFORE, Cell::count(before)),
        line(summary::FIRST, first.map_or(Cell::Empty, |entry| Cell::count(entry.number))),
        line(summary::LAST, Cell::count(last)),
        line(summary::HASH_BEFORE, Cell::Plain(named(hash_before))),
        line(summary::HASH_LAST, Cell::Plain(named(hash_last))),
    ]
}
