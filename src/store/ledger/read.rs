//! Reading entries and the little that every write needs to know.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row};

use super::write::{Fault, date, signed};
use super::{Ledger, Result};
use crate::domain::encoding::{self, Sealed};
use crate::domain::statement::ChainPoint;
use crate::domain::{ClockReading, ElderId, Entry, EntryHash, EntryId, IdError, MealDay, MealPeriod};
use crate::many;

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    /// Number and hash of the last entry, or of what the first will follow.
    pub point: ChainPoint,
    /// The last entry's day.
    pub day: Option<MealDay>,
}

pub(super) fn tail(connection: &Connection) -> Result<Tail, Fault> {
    let last = connection
        .prepare_cached("SELECT number, hash, day FROM entry ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((point(row)?, row.get::<_, String>(2)?)))
        .optional()?;
    Ok(match last {
        Some((point, day)) => Tail { point, day: Some(parse_day(&day)?) },
        None => Tail { point: base(connection)?, day: None },
    })
}

/// What the first entry follows.
pub(super) fn base(connection: &Connection) -> Result<ChainPoint, Fault> {
    Ok(connection.prepare_cached("SELECT base_number, base_hash FROM book")?.query_row([], point)?)
}

/// A number and its hash.
pub(super) fn point(row: &Row<'_>) -> rusqlite::Result<ChainPoint> {
    let number: i64 = row.get(0)?;
    Ok(ChainPoint { number: number.unsigned_abs(), hash: EntryHash(row.get(1)?) })
}

/// The first day that is not closed. With `today`, by a clock that is believed: books in which nothing stands yet, not even a
/// day that was closed, begin no later than it, whatever clock they were created under.
pub(super) fn open_from(connection: &Connection, today: Option<MealDay>) -> Result<MealDay, Fault> {
    let closed: Option<String> =
        connection.prepare_cached("SELECT max(day) FROM closed_day")?.query_row([], |row| row.get(0))?;
    match closed {
        Some(day) => Ok(MealDay(parse_day(&day)?.0.saturating_add(jiff::Span::new().days(1)))),
        None => {
            let first = first_day(connection)?;
            match today.filter(|today| *today < first) {
                Some(today) if untouched(connection)? => Ok(today),
                _ => Ok(first),
            }
        }
    }
}

/// Whether nothing stands in the books, and they go on from no others.
fn untouched(connection: &Connection) -> Result<bool, Fault> {
    let sql = "SELECT base_number = 0 AND NOT EXISTS (SELECT 1 FROM entry) AND NOT EXISTS (SELECT 1 FROM closed_day) FROM book";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The first day of the books.
pub(super) fn first_day(connection: &Connection) -> Result<MealDay, Fault> {
    let day: String = connection.prepare_cached("SELECT first_day FROM book")?.query_row([], |row| row.get(0))?;
    parse_day(&day)
}

/// Both clocks at the last entry.
pub(super) fn last_reading(connection: &Connection) -> Result<Option<ClockReading>, Fault> {
    let row = connection
        .prepare_cached("SELECT wall_ms, since_boot_ms, boot FROM clock")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(wall_ms, since_boot_ms, boot)| {
        let wall = Timestamp::from_millisecond(wall_ms)
            .map_err(|_| Fault::Corrupt(format!("the last entry's time {wall_ms} is not a time")))?;
        Ok(ClockReading { wall, since_boot_ms, boot })
    })
    .transpose()
}

/// The entry that has this id.
pub(super) fn by_id(connection: &Connection, id: EntryId) -> Result<Option<Entry>, Fault> {
    let content = connection
        .prepare_cached("SELECT content FROM entry WHERE id = ?1")?
        .query_row([id.uuid().as_bytes()], |row| row.get::<_, String>(0))
        .optional()?;
    content.map(|content| decode(&content).map(Sealed::into_entry)).transpose()
}

/// The entry that has this number.
pub(super) fn by_number(connection: &Connection, number: i64) -> Result<Option<Entry>, Fault> {
    let content = connection
        .prepare_cached("SELECT content FROM entry WHERE number = ?1")?
        .query_row([number], |row| row.get::<_, String>(0))
        .optional()?;
    content.map(|content| decode(&content).map(Sealed::into_entry)).transpose()
}

/// The number of the meal in an elder's slot.
pub(super) fn served(
    connection: &Connection,
    elder: &ElderId,
    day: MealDay,
    period: MealPeriod,
) -> Result<Option<i64>, Fault> {
    Ok(connection
        .prepare_cached("SELECT number FROM served WHERE elder = ?1 AND day = ?2 AND period = ?3")?
        .query_row((elder.as_str(), date(day.0), period.as_str()), |row| row.get(0))
        .optional()?)
}

pub(super) fn decode(content: &str) -> Result<Sealed, Fault> {
    encoding::decode(content.as_bytes()).map_err(|error| Fault::Corrupt(error.to_string()))
}

pub(super) fn parse_day(text: &str) -> Result<MealDay, Fault> {
    Date::from_str(text).map(MealDay).map_err(|_| Fault::Corrupt(format!("{text:?} is not a day")))
}

pub(super) fn id<T>(text: &str, parse: impl FnOnce(String) -> Result<T, IdError>) -> Result<T, Fault> {
    parse(text.to_owned()).map_err(|error| Fault::Corrupt(format!("{text:?} is not an id: {error}")))
}

/// All entries that `sql` selects (one column: the content), in its order.
pub(super) fn entries(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Sealed>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut contents: Vec<String> = Vec::new();
    while let Some(row) = rows.next()? {
        let content = row.get_ref(0)?.as_str().map_err(|error| Fault::Corrupt(error.to_string()))?;
        contents.push(content.to_owned());
    }
    many::map(&contents, |content| decode(content)).into_iter().collect()
}

impl Ledger {
    /// The entry that has this id.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn entry(&self, id: EntryId) -> Result<Option<Entry>> {
        by_id(&self.connection, id).map_err(|fault| self.failed(fault))
    }

    /// The entry that has this number.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn entry_numbered(&self, number: u64) -> Result<Option<Entry>> {
        by_number(&self.connection, signed(number)).map_err(|fault| self.failed(fault))
    }

    /// The meal that an elder was served, if any: the entry in that slot, not taken back.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn meal_of(&self, elder: &ElderId, day: MealDay, period: MealPeriod) -> Result<Option<Entry>> {
        let find = || match served(&self.connection, elder, day, period)? {
            Some(number) => by_number(&self.connection, number),
            None => Ok(None),
        };
        find().map_err(|fault: Fault| self.failed(fault))
    }

    /// Hands every entry from number `from` on to `take`, in order; stops at the first error that `take` returns.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`], and what `take` returns.
    pub fn for_each<E: From<super::LedgerError>>(
        &self,
        from: u64,
        mut take: impl FnMut(Sealed) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: rusqlite::Error| self.failed(error);
        let mut statement = self
            .connection
            .prepare_cached("SELECT content FROM entry WHERE number >= ?1 ORDER BY number")
            .map_err(failed)?;
        let mut rows = statement.query([signed(from)]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let content: String = row.get(0).map_err(failed)?;
            take(decode(&content).map_err(|fault| self.failed(fault))?)?;
        }
        Ok(())
    }
}

pub(super) fn of_day(connection: &Connection, day: MealDay) -> Result<Vec<Sealed>, Fault> {
    entries(connection, "SELECT content FROM entry WHERE day = ?1 ORDER BY number", [date(day.0)])
}
