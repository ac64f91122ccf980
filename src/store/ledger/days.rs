//! The close of day: from then on its books are what they are.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::read;
use super::write::{Fault, date, signed};
use super::{Books, Ledger, LedgerError, Result};
use crate::domain::statement::{ChainPoint, DayBooks, Statement, Totals};
use crate::domain::{EntryHash, MealDay};

/// A closed day: a stretch of the chain with the totals before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDay {
    /// The day.
    pub day: MealDay,
    /// When it was closed, by the books' time.
    pub closed_at: Timestamp,
    /// Where the chain stood before its first entry.
    pub before: ChainPoint,
    /// Where the chain stood after its last; the same on an empty day.
    pub after: ChainPoint,
    /// Everything before it.
    pub opening: Totals,
    /// Everything up to its end.
    pub closing: Totals,
    /// The canteen's name in its files; `None` where the program that closed it did not keep it.
    pub canteen_name: Option<String>,
    /// The name of the zone in its files; known when the canteen's is.
    pub zone: Option<String>,
    /// SHA-256 of the manifest that was signed for it; `None` until then, and where a program signed it that did not note it.
    pub manifest: Option<EntryHash>,
}

impl Ledger {
    /// Closes a day's books: nothing is entered in them any more. Closed again, it is the same closed day.
    ///
    /// # Errors
    /// [`LedgerError::NotYet`], [`LedgerError::EarlierDayOpen`], [`LedgerError::BeforeTheBooks`] and
    /// [`LedgerError::Store`].
    pub fn close_day(&mut self, day: MealDay) -> Result<ClosedDay> {
        self.close_with(day, None).map(|(closed, _)| closed)
    }

    /// As [`Ledger::close_day`], with the day's books as they were read and summed for it. The names of the canteen and of
    /// its zone are kept: the day's files say them for ever.
    ///
    /// # Errors
    /// As [`Ledger::close_day`].
    pub fn close_books(&mut self, day: MealDay, canteen_name: &str, zone: &str) -> Result<(ClosedDay, Statement)> {
        self.close_with(day, Some((canteen_name, zone)))
    }

    fn close_with(&mut self, day: MealDay, names: Option<(&str, &str)>) -> Result<(ClosedDay, Statement)> {
        self.write(|writing| {
            if let Some(closed) = closed(&writing.tx, day)? {
                return Ok((closed, summed(day_books(&writing.tx, writing.books, day, None)?)?));
            }
            if day > writing.today {
                return Err(LedgerError::NotYet { day, today: writing.today }.into());
            }
            if day > writing.open_from {
                return Err(LedgerError::EarlierDayOpen(writing.open_from).into());
            }
            if day < writing.open_from {
                return Err(LedgerError::BeforeTheBooks(read::first_day(&writing.tx)?).into());
            }
            let books = day_books(&writing.tx, writing.books, day, None)?;
            let (before, opening) = (books.before, books.opening.clone());
            let statement = summed(books)?;
            let closed = ClosedDay {
                day,
                closed_at: writing.time.now,
                before,
                after: statement.after(),
                opening,
                closing: statement.closing().clone(),
                canteen_name: names.map(|(canteen_name, _)| canteen_name.to_owned()),
                zone: names.map(|(_, zone)| zone.to_owned()),
                manifest: None,
            };
            writing.tx.execute(
                "INSERT INTO closed_day (day, closed_ms, before_number, before_hash, after_number, after_hash, opening,
                     closing, canteen_name, zone)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                (
                    date(day.0),
                    closed.closed_at.as_millisecond(),
                    signed(closed.before.number),
                    closed.before.hash.0,
                    signed(closed.after.number),
                    closed.after.hash.0,
                    totals_text(&closed.opening)?,
                    totals_text(&closed.closing)?,
                    &closed.canteen_name,
                    &closed.zone,
                ),
            )?;
            Ok((closed, statement))
        })
    }

    /// Notes which manifest is signed for a closed day, by its SHA-256. Gives the one that counts: the first that was noted.
    ///
    /// # Errors
    /// [`LedgerError::Store`], also for a day that is open.
    pub fn note_signed(&mut self, day: MealDay, manifest: EntryHash) -> Result<EntryHash> {
        self.write(|writing| {
            if let Some(noted) = closed(&writing.tx, day)?.and_then(|closed| closed.manifest) {
                return Ok(noted);
            }
            let sql = "INSERT INTO signed_day (day, manifest) VALUES (?1, ?2)";
            writing.tx.execute(sql, (date(day.0), manifest.0))?;
            Ok(manifest)
        })
    }

    /// A day as it was closed; `None` while it is open.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn closed_day(&self, day: MealDay) -> Result<Option<ClosedDay>> {
        closed(&self.connection, day).map_err(|fault| self.failed(fault))
    }

    /// All closed days, earliest first.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn closed_days(&self) -> Result<Vec<ClosedDay>> {
        all_closed(&self.connection).map_err(|fault| self.failed(fault))
    }

    /// The latest closed day, if any.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn last_closed(&self) -> Result<Option<ClosedDay>> {
        last_closed(&self.connection).map_err(|fault| self.failed(fault))
    }

    /// The first day that is not closed.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn open_from(&self) -> Result<MealDay> {
        let today = self.believed_today()?;
        read::open_from(&self.connection, today).map_err(|fault| self.failed(fault))
    }

    /// The days before today (by the books' time) that are not closed, in the order in which to close them: days
    /// on which the kiosk was off among them.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn days_to_close(&self) -> Result<Vec<MealDay>> {
        let (first, today) = (self.open_from()?, self.today()?);
        Ok(first.0.series(jiff::Span::new().days(1)).take_while(|day| *day < today.0).map(MealDay).collect())
    }

    /// What a day's statement is made of. For an open day: as it stands.
    ///
    /// # Errors
    /// [`LedgerError::BeforeTheBooks`] and [`LedgerError::Store`].
    pub fn day_books(&self, day: MealDay) -> Result<DayBooks> {
        let today = self.believed_today()?;
        day_books(&self.connection, &self.books, day, today).map_err(|fault| self.failed(fault))
    }

    /// Today, where the clock is believed.
    fn believed_today(&self) -> Result<Option<MealDay>> {
        let time = self.now()?;
        Ok(time.state.is_steady().then(|| self.books.day(time.now)))
    }
}

const CLOSED: &str = "
SELECT day, closed_ms, before_number, before_hash, after_number, after_hash, opening, closing, canteen_name, zone, manifest
FROM closed_day LEFT JOIN signed_day USING (day)";

struct ClosedRow {
    day: String,
    closed_ms: i64,
    before: ChainPoint,
    after: ChainPoint,
    opening: String,
    closing: String,
    canteen_name: Option<String>,
    zone: Option<String>,
    manifest: Option<EntryHash>,
}

impl ClosedRow {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let point = |number: i64, hash| ChainPoint { number: number.unsigned_abs(), hash: EntryHash(hash) };
        Ok(Self {
            day: row.get(0)?,
            closed_ms: row.get(1)?,
            before: point(row.get(2)?, row.get(3)?),
            after: point(row.get(4)?, row.get(5)?),
            opening: row.get(6)?,
            closing: row.get(7)?,
            canteen_name: row.get(8)?,
            zone: row.get(9)?,
            manifest: row.get::<_, Option<_>>(10)?.map(EntryHash),
        })
    }

    fn parse(self) -> Result<ClosedDay, Fault> {
        Ok(ClosedDay {
            day: read::parse_day(&self.day)?,
            closed_at: Timestamp::from_millisecond(self.closed_ms)
                .map_err(|_| Fault::Corrupt(format!("{} is not when a day was closed", self.closed_ms)))?,
            before: self.before,
            after: self.after,
            opening: parse_totals(&self.opening)?,
            closing: parse_totals(&self.closing)?,
            canteen_name: self.canteen_name,
            zone: self.zone,
            manifest: self.manifest,
        })
    }
}

fn closed(connection: &Connection, day: MealDay) -> Result<Option<ClosedDay>, Fault> {
    connection
        .prepare_cached(&format!("{CLOSED} WHERE day = ?1"))?
        .query_row([date(day.0)], ClosedRow::of)
        .optional()?
        .map(ClosedRow::parse)
        .transpose()
}

fn last_closed(connection: &Connection) -> Result<Option<ClosedDay>, Fault> {
    connection
        .prepare_cached(&format!("{CLOSED} ORDER BY day DESC LIMIT 1"))?
        .query_row([], ClosedRow::of)
        .optional()?
        .map(ClosedRow::parse)
        .transpose()
}

pub(super) fn all_closed(connection: &Connection) -> Result<Vec<ClosedDay>, Fault> {
    let mut statement = connection.prepare_cached(&format!("{CLOSED} ORDER BY day"))?;
    let rows = statement.query_map([], ClosedRow::of)?;
    rows.map(|row| row?.parse()).collect()
}

fn day_books(connection: &Connection, books: &Books, day: MealDay, today: Option<MealDay>) -> Result<DayBooks, Fault> {
    let whole = |before, opening, entries| {
        let (canteen, kiosk) = (books.canteen.clone(), books.kiosk.clone());
        DayBooks { canteen, kiosk, day, before, opening, entries }
    };
    let entries = read::of_day(connection, day)?;
    if let Some(closed) = closed(connection, day)? {
        return Ok(whole(closed.before, closed.opening, entries));
    }
    let open_from = read::open_from(connection, today)?;
    if day < open_from {
        return Err(LedgerError::BeforeTheBooks(read::first_day(connection)?).into());
    }
    let (mut before, mut opening) = match last_closed(connection)? {
        Some(closed) => (closed.after, closed.closing),
        None => (read::base(connection)?, base_totals(connection)?),
    };
    // Earlier days that are still open come in between.
    for earlier in open_days_before(connection, open_from, day)? {
        let entries = read::of_day(connection, earlier)?;
        let (canteen, kiosk) = (books.canteen.clone(), books.kiosk.clone());
        let statement = summed(DayBooks { canteen, kiosk, day: earlier, before, opening, entries })?;
        (before, opening) = (statement.after(), statement.closing().clone());
    }
    Ok(whole(before, opening, entries))
}

fn open_days_before(connection: &Connection, open_from: MealDay, day: MealDay) -> Result<Vec<MealDay>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT DISTINCT day FROM entry WHERE day >= ?1 AND day < ?2 ORDER BY day")?;
    let rows = statement.query_map((date(open_from.0), date(day.0)), |row| row.get::<_, String>(0))?;
    rows.map(|row| read::parse_day(&row?)).collect()
}

/// Totals up to where the books begin.
pub(super) fn base_totals(connection: &Connection) -> Result<Totals, Fault> {
    let text: String = connection.query_row("SELECT base_totals FROM book", [], |row| row.get(0))?;
    parse_totals(&text)
}

fn summed(books: DayBooks) -> Result<Statement, Fault> {
    let day = books.day;
    Statement::new(books).map_err(|error| Fault::Corrupt(format!("the books of {day}: {error}")))
}

fn parse_totals(text: &str) -> Result<Totals, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Corrupt(format!("a closed day's totals: {error}")))
}

fn totals_text(totals: &Totals) -> Result<String, Fault> {
    serde_json::to_string(totals).map_err(|error| Fault::Corrupt(format!("totals: {error}")))
}
