//! Checking the books: their end at every opening, everything by a command.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::days;
use super::read;
use super::write::{Columns, Fault, date};
use super::{Ledger, LedgerError, Result};
use crate::domain::statement::{ChainPoint, Totals};
use crate::domain::{ElderId, Entry, EntryBody, EntryHash, MealDay, ProgrammeId, QuoteLine};

/// How many of the last entries an opening looks at.
const TAIL: i64 = 64;

/// Most findings that are listed.
const MOST_FINDINGS: usize = 50;

/// What a full check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Entries that were read.
    pub entries: u64,
    /// Where the chain ends.
    pub head: ChainPoint,
    /// Days that are closed.
    pub closed_days: usize,
    /// What is wrong, in the order of the entries, at most 50; nothing when the books are in order.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The entry, where it is one.
    pub number: Option<u64>,
    /// What is wrong.
    pub what: String,
}

const COLUMNS: &str = "number, kind, elder, meal_day, period, reverses, day, id, content, previous, hash";

/// An entry's row as it stands, before it is believed.
struct Stored {
    number: i64,
    kind: String,
    elder: Option<String>,
    meal_day: Option<String>,
    period: Option<String>,
    reverses: Option<i64>,
    day: String,
    id: Vec<u8>,
    content: String,
    previous: [u8; 32],
    hash: [u8; 32],
}

impl Stored {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            kind: row.get(1)?,
            elder: row.get(2)?,
            meal_day: row.get(3)?,
            period: row.get(4)?,
            reverses: row.get(5)?,
            day: row.get(6)?,
            id: row.get(7)?,
            content: row.get(8)?,
            previous: row.get(9)?,
            hash: row.get(10)?,
        })
    }

    /// The entry, once content, columns and hash are found to agree.
    fn checked(&self) -> Result<Entry, String> {
        let entry = match read::decode(&self.content) {
            Ok(entry) => entry.into_entry(),
            Err(Fault::Corrupt(what)) => return Err(format!("its content is {what}")),
            Err(_) => return Err("its content cannot be read".to_owned()),
        };
        if entry.hash.0 != self.hash {
            return Err(format!("its content has the hash {}, not {}", entry.hash, EntryHash(self.hash)));
        }
        let columns = Columns::of(&entry);
        let agree = columns.number == self.number
            && columns.kind == self.kind
            && columns.elder == self.elder
            && columns.meal_day == self.meal_day
            && columns.period == self.period.as_deref()
            && columns.reverses == self.reverses
            && date(entry.day.0) == self.day
            && entry.id.uuid().as_bytes().as_slice() == self.id
            && entry.previous.0 == self.previous;
        if agree { Ok(entry) } else { Err("its columns differ from its content".to_owned()) }
    }
}

/// Checks the last entries and the anchor; gives the head.
pub(super) fn tail(connection: &Connection, anchor: Option<ChainPoint>) -> Result<ChainPoint, Fault> {
    let head = read::tail(connection)?.point;
    let base = read::base(connection)?;
    let mut statement =
        connection.prepare(&format!("SELECT {COLUMNS} FROM entry WHERE number > ?1 ORDER BY number"))?;
    let from = i64::try_from(head.number).unwrap_or(i64::MAX).saturating_sub(TAIL);
    let mut rows = statement.query([from])?;
    let mut before: Option<ChainPoint> = None;
    while let Some(row) = rows.next()? {
        let stored = Stored::of(row)?;
        let number = stored.number;
        let entry = stored.checked().map_err(|what| Fault::Corrupt(format!("entry {number}: {what}")))?;
        let expected = before.or((entry.number == base.number.saturating_add(1)).then_some(base));
        if expected.is_some_and(|expected| !follows(&entry, expected)) {
            return Err(Fault::Corrupt(format!("entry {number} does not follow the one before it")));
        }
        before = Some(ChainPoint { number: entry.number, hash: entry.hash });
    }
    if let Some(anchor) = anchor {
        check_anchor(connection, anchor, head, base)?;
    }
    Ok(head)
}

fn follows(entry: &Entry, before: ChainPoint) -> bool {
    entry.number == before.number.saturating_add(1) && entry.previous == before.hash
}

fn check_anchor(connection: &Connection, anchor: ChainPoint, head: ChainPoint, base: ChainPoint) -> Result<(), Fault> {
    if anchor.number > head.number {
        return Err(LedgerError::RolledBack { found: head.number, known: anchor.number, statement: None }.into());
    }
    let hash: Option<[u8; 32]> = connection
        .query_row("SELECT hash FROM entry WHERE number = ?1", [super::write::signed(anchor.number)], |row| row.get(0))
        .optional()?;
    let hash = hash.or((anchor.number == base.number).then_some(base.hash.0));
    if hash.is_some_and(|hash| hash != anchor.hash.0) {
        return Err(Fault::Corrupt(format!("entry {} is not the one that was written", anchor.number)));
    }
    Ok(())
}

impl Ledger {
    /// Checks everything: the pages of the database, every entry and link of the chain, the closed days, and the sums over
    /// the entries (slots, draws, purses) against the entries themselves. It reads everything: a matter of minutes for a million entries.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the database cannot be read at all; damage that can be named is a finding.
    pub fn check_all(&self) -> Result<CheckReport> {
        let mut check = Check::default();
        let run = |check: &mut Check| -> Result<(ChainPoint, usize), Fault> {
            for pragma in ["cipher_integrity_check", "integrity_check"] {
                check.pragma(&self.connection, pragma)?;
            }
            let base = read::base(&self.connection)?;
            let head = check.entries(&self.connection, base)?;
            let closed = check.closed_days(&self.connection, base)?;
            check.sums(&self.connection)?;
            Ok((head, closed))
        };
        match run(&mut check) {
            Ok((head, closed_days)) => {
                Ok(CheckReport { entries: check.read, head, closed_days, findings: check.findings })
            }
            Err(fault) if check.findings.is_empty() => Err(self.failed(fault)),
            // The pages are damaged; what they held could not all be read, and the findings say which pages.
            Err(fault) => {
                check.find(None, format!("the check stopped here: {}", self.failed(fault)));
                let head = check.last.unwrap_or(ChainPoint::START);
                Ok(CheckReport { entries: check.read, head, closed_days: 0, findings: check.findings })
            }
        }
    }
}

/// A name of an elder or programme by its place in a list, to keep sums over a million entries small.
#[derive(Default)]
struct Names(BTreeMap<String, u32>);

impl Names {
    fn place(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        match self.0.get(name) {
            Some(place) => *place,
            None => *self.0.entry(name.to_owned()).or_insert(next),
        }
    }
}

#[derive(Default)]
struct Check {
    findings: Vec<Finding>,
    read: u64,
    last: Option<ChainPoint>,
    last_day: Option<MealDay>,
    points: BTreeMap<MealDay, (ChainPoint, ChainPoint)>,
    totals: Totals,
    closings: BTreeMap<MealDay, Totals>,
    names: Names,
    served: BTreeMap<(u32, u32), i64>,
    drawn: BTreeMap<(u32, u32, u32), [i64; 3]>,
    purses: BTreeMap<(u32, u32), i64>,
}

impl Check {
    fn find(&mut self, number: Option<u64>, what: impl Into<String>) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { number, what: what.into() });
        }
    }

    fn pragma(&mut self, connection: &Connection, pragma: &str) -> Result<(), Fault> {
        let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let said: String = row.get(0)?;
            if said != "ok" {
                self.find(None, said);
            }
        }
        Ok(())
    }

    fn entries(&mut self, connection: &Connection, base: ChainPoint) -> Result<ChainPoint, Fault> {
        let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM entry ORDER BY number"))?;
        let mut rows = statement.query([])?;
        let mut before = base;
        self.totals = days::base_totals(connection)?;
        while let Some(row) = rows.next()? {
            let stored = Stored::of(row)?;
            let number = stored.number.unsigned_abs();
            self.read += 1;
            match stored.checked() {
                Ok(entry) => {
                    if !follows(&entry, before) {
                        self.find(Some(number), format!("it does not follow number {}", before.number));
                    }
                    if self.last_day.is_some_and(|last| entry.day < last) {
                        self.find(Some(number), "its day is earlier than the one before it");
                    }
                    if let Some(last) = self.last_day.replace(entry.day).filter(|last| *last != entry.day) {
                        self.closings.insert(last, self.totals.clone());
                    }
                    if let Err(fault) = self.totals.count(&entry.body) {
                        self.find(Some(number), fault.to_string());
                    }
                    let after = ChainPoint { number: entry.number, hash: entry.hash };
                    self.points.entry(entry.day).or_insert((before, after)).1 = after;
                    self.add(&entry);
                }
                Err(what) => self.find(Some(number), what),
            }
            before = ChainPoint { number, hash: EntryHash(stored.hash) };
            self.last = Some(before);
        }
        if let Some(last) = self.last_day {
            self.closings.insert(last, self.totals.clone());
        }
        Ok(before)
    }

    /// Counts an entry as the tables of sums should have.
    fn add(&mut self, entry: &Entry) {
        let number = i64::try_from(entry.number).unwrap_or(i64::MAX);
        match &entry.body {
            EntryBody::Meal(meal) => {
                let span = super::balance::period_span(meal.day, meal.period);
                let slot = (self.names.place(meal.elder.as_str()), self.names.place(&span));
                if let Some(other) = self.served.insert(slot, number) {
                    self.find(Some(entry.number), format!("the same meal was served as number {other}"));
                }
                self.add_lines(&meal.elder, [span, super::balance::month_span(meal.day)], &meal.lines, 1);
            }
            EntryBody::Reversal(back) => {
                let span = super::balance::period_span(back.day, back.period);
                let slot = (self.names.place(back.elder.as_str()), self.names.place(&span));
                if self.served.remove(&slot) != i64::try_from(back.of_number).ok() {
                    let what = format!("it takes back number {}, which does not stand", back.of_number);
                    self.find(Some(entry.number), what);
                }
                self.add_lines(&back.elder, [span, super::balance::month_span(back.day)], &back.lines, -1);
            }
            EntryBody::Movement(movement) => {
                self.add_units(&movement.elder, &movement.programme, movement.units);
            }
            EntryBody::Clock(_) | EntryBody::Restart(_) => {}
        }
    }

    fn add_lines(&mut self, elder: &ElderId, spans: [String; 2], lines: &[QuoteLine], times: i64) {
        for line in lines {
            for span in &spans {
                let key = (
                    self.names.place(elder.as_str()),
                    self.names.place(span),
                    self.names.place(line.rule.programme.as_str()),
                );
                let sums = self.drawn.entry(key).or_default();
                for (sum, add) in sums.iter_mut().zip([times, line.amount.get(), line.units]) {
                    *sum = sum.saturating_add(add);
                }
            }
            if let Some(draw) = line.purse_draw() {
                self.add_units(elder, &line.rule.programme, -draw);
            }
        }
    }

    fn add_units(&mut self, elder: &ElderId, programme: &ProgrammeId, units: i64) {
        let key = (self.names.place(elder.as_str()), self.names.place(programme.as_str()));
        let sum = self.purses.entry(key).or_default();
        *sum = sum.saturating_add(units);
    }

    fn closed_days(&mut self, connection: &Connection, base: ChainPoint) -> Result<usize, Fault> {
        let closed = days::all_closed(connection)?;
        let mut before = (base, days::base_totals(connection)?);
        for day in &closed {
            let (first, last) = self.points.get(&day.day).copied().unwrap_or((before.0, before.0));
            if (day.before, day.after) != (first, last) {
                self.find(None, format!("the closed day {} holds other entries than when it was closed", day.day));
            }
            if day.opening != before.1 {
                self.find(None, format!("the closed day {} does not open with the totals of the day before", day.day));
            }
            if day.closing != *self.closings.get(&day.day).unwrap_or(&before.1) {
                self.find(
                    None,
                    format!("the closed day {} closes with other totals than the entries add up to", day.day),
                );
            }
            before = (day.after, day.closing.clone());
        }
        Ok(closed.len())
    }

    /// Compares the tables of sums with what the entries add up to.
    fn sums(&mut self, connection: &Connection) -> Result<(), Fault> {
        let mut statement = connection.prepare("SELECT elder, day || '/' || period, number FROM served")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = (self.names.place(text(row, 0)?), self.names.place(text(row, 1)?));
            let number: i64 = row.get(2)?;
            if self.served.remove(&key) != Some(number) {
                self.find(Some(number.unsigned_abs()), "its slot is not what the entries say");
            }
        }
        let mut statement = connection.prepare("SELECT elder, span, programme, times, amount_fen, units FROM drawn")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key =
                (self.names.place(text(row, 0)?), self.names.place(text(row, 1)?), self.names.place(text(row, 2)?));
            let stored: [i64; 3] = [row.get(3)?, row.get(4)?, row.get(5)?];
            if self.drawn.remove(&key).unwrap_or_default() != stored {
                self.find(
                    None,
                    format!(
                        "what was drawn from {} in {} is not what the entries add up to",
                        text(row, 2)?,
                        text(row, 1)?
                    ),
                );
            }
        }
        let mut statement = connection.prepare("SELECT elder, programme, balance FROM purse")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = (self.names.place(text(row, 0)?), self.names.place(text(row, 1)?));
            if self.purses.remove(&key).unwrap_or_default() != row.get::<_, i64>(2)? {
                self.find(
                    None,
                    format!("a purse of {} holds something else than the entries add up to", text(row, 1)?),
                );
            }
        }
        let missing = self.served.len()
            + self.drawn.values().filter(|sums| **sums != [0; 3]).count()
            + self.purses.values().filter(|sum| **sum != 0).count();
        if missing > 0 {
            self.find(None, format!("{missing} sums over the entries are missing"));
        }
        Ok(())
    }
}

fn text<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row str, Fault> {
    row.get_ref(column)?.as_str().map_err(|error| Fault::Corrupt(error.to_string()))
}
