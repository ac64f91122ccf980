//! The one way into the books: a transaction that knows the time, the tail and the day, and appends.

use std::path::Path;

use jiff::civil::Date;
use rusqlite::{Transaction, TransactionBehavior};
use uuid::Uuid;

use super::read::{self, Tail};
use super::{Books, Ledger, LedgerError};
use crate::domain::clock::book_time;
use crate::domain::encoding::Sealed;
use crate::domain::statement::ChainPoint;
use crate::domain::{BookTime, ClockReading, Entry, EntryBody, EntryHash, EntryId, MealDay};
use crate::store::{Database, StoreError};

/// Why a step within the database did not come off, before it is known which file it was.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite said so.
    Sql(rusqlite::Error),
    /// The content cannot be.
    Corrupt(String),
    /// The rules of the books say no. Boxed: the other two are the small and the frequent ones.
    Refused(Box<LedgerError>),
}

impl Fault {
    /// The error of the ledger that lies in `file`.
    pub fn on(self, file: &Path) -> LedgerError {
        match self {
            Self::Sql(error) => StoreError::from_sqlite(Database::Ledger, file, error).into(),
            Self::Corrupt(what) => StoreError::corrupt(Database::Ledger, file, what).into(),
            Self::Refused(error) => *error,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// Whether books in which nothing stands yet may begin earlier than they were said to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstDay {
    /// They may: the clock was ahead when they were created.
    Movable,
    /// They may not: they go on from others, whose last day is closed.
    Fixed,
}

/// Lets books that were created under a clock that was ahead begin `today`, as long as nothing stands in them.
fn begin_by(tx: &Transaction<'_>, today: MealDay) -> Result<(), Fault> {
    if read::open_from(tx, Some(today))? != read::open_from(tx, None)? {
        tx.execute("UPDATE book SET first_day = ?1", [date(today.0)])?;
    }
    Ok(())
}

/// A write in progress.
pub(super) struct Writing<'a> {
    pub tx: Transaction<'a>,
    pub books: &'a Books,
    /// The books' time.
    pub time: BookTime,
    /// Its date.
    pub today: MealDay,
    /// The first day that is not closed.
    pub open_from: MealDay,
    reading: ClockReading,
    tail: Tail,
}

impl Ledger {
    /// Runs `work` in one transaction. It is durable when this returns; nothing of it is there when this fails.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Fault>,
    ) -> Result<T, LedgerError> {
        self.write_from(FirstDay::Movable, work)
    }

    /// As [`Ledger::write`]; of books in which nothing stands yet the beginning may be fixed.
    pub(super) fn write_from<T>(
        &mut self,
        first_day: FirstDay,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, Fault>,
    ) -> Result<T, LedgerError> {
        let Self { connection, file, books, clock, anchor } = self;
        let run = || -> Result<(T, Option<ChainPoint>), Fault> {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let reading = clock.read();
            let time = book_time(read::last_reading(&tx)?.as_ref(), &reading);
            let tail = read::tail(&tx)?;
            let before = tail.point;
            let today = books.day(time.now);
            if first_day == FirstDay::Movable && time.state.is_steady() {
                begin_by(&tx, today)?;
            }
            let open_from = read::open_from(&tx, None)?;
            let mut writing = Writing { tx, books, time, today, open_from, reading, tail };
            let done = work(&mut writing)?;
            let Writing { tx, tail, .. } = writing;
            tx.commit()?;
            Ok((done, (tail.point != before).then_some(tail.point)))
        };
        let (done, head) = run().map_err(|fault| fault.on(file))?;
        if let Some(head) = head {
            anchor.note(head);
        }
        Ok(done)
    }
}

impl Writing<'_> {
    /// The entry that has this id, if any.
    pub fn existing(&self, id: EntryId) -> Result<Option<Entry>, Fault> {
        read::by_id(&self.tx, id)
    }

    /// The day in whose books something stands that belongs to `day`.
    pub fn booking_day(&self, day: MealDay) -> MealDay {
        let last = self.tail.day.unwrap_or(day);
        day.max(last).max(self.open_from)
    }

    /// Appends an entry that concerns `day`, at the books' time; refused while that is not known. Otherwise the entry would
    /// seem to have been written when the last one was, and the books go on from there.
    pub fn append(&mut self, id: EntryId, day: MealDay, body: EntryBody) -> Result<Entry, Fault> {
        if !self.time.state.is_known() {
            return Err(LedgerError::ClockUnknown.into());
        }
        self.append_at(id, day, self.time.now, body)
    }

    /// Appends an entry that concerns `day`, and lets the books' time go on from `at`.
    pub fn append_at(
        &mut self,
        id: EntryId,
        day: MealDay,
        at: jiff::Timestamp,
        body: EntryBody,
    ) -> Result<Entry, Fault> {
        let entry = Sealed::new(Entry {
            id,
            number: self.tail.point.number.saturating_add(1),
            kiosk: self.books.kiosk.clone(),
            canteen: self.books.canteen.clone(),
            recorded_at: at,
            day: self.booking_day(day),
            body,
            previous: self.tail.point.hash,
            hash: EntryHash::ZERO,
        });
        insert(&self.tx, &entry)?;
        self.tx
            .prepare_cached(
                "INSERT INTO clock (only, wall_ms, since_boot_ms, boot) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET wall_ms = excluded.wall_ms, since_boot_ms = excluded.since_boot_ms,
                     boot = excluded.boot",
            )?
            .execute((at.as_millisecond(), self.reading.since_boot_ms, &self.reading.boot))?;
        self.tail = Tail { point: ChainPoint { number: entry.number, hash: entry.hash }, day: Some(entry.day) };
        Ok(entry.into_entry())
    }

    /// The wall clock, to the millisecond.
    pub fn wall(&self) -> jiff::Timestamp {
        crate::domain::clock::whole_ms(self.reading.wall)
    }

    /// A new entry's id, for entries that nobody retries.
    pub fn new_id() -> EntryId {
        EntryId::from_uuid(Uuid::now_v7())
    }
}

fn insert(tx: &Transaction<'_>, entry: &Sealed) -> Result<(), Fault> {
    let content =
        std::str::from_utf8(entry.bytes()).map_err(|_| Fault::Corrupt("an entry that is not UTF-8".to_owned()))?;
    let columns = Columns::of(entry);
    tx.prepare_cached(
        "INSERT INTO entry (number, id, kind, day, elder, meal_day, period, reverses, content, previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        columns.number,
        entry.id.uuid().as_bytes(),
        columns.kind,
        date(entry.day.0),
        columns.elder,
        columns.meal_day,
        columns.period,
        columns.reverses,
        content,
        entry.previous.0,
        entry.hash.0,
    ))?;
    Ok(())
}

/// What an entry's columns hold: parts of its content, for the database's own rules and indexes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub number: i64,
    pub kind: &'static str,
    pub elder: Option<String>,
    pub meal_day: Option<String>,
    pub period: Option<&'static str>,
    pub reverses: Option<i64>,
}

impl Columns {
    pub fn of(entry: &Entry) -> Self {
        let (meal_day, period, reverses) = match &entry.body {
            EntryBody::Meal(meal) => (Some(meal.day), Some(meal.period), None),
            EntryBody::Reversal(back) => (Some(back.day), Some(back.period), Some(signed(back.of_number))),
            EntryBody::Movement(_) | EntryBody::Clock(_) | EntryBody::Restart(_) => (None, None, None),
        };
        Self {
            number: signed(entry.number),
            kind: entry.body.kind(),
            elder: entry.body.elder().map(|elder| elder.as_str().to_owned()),
            meal_day: meal_day.map(|day| date(day.0)),
            period: period.map(|period| period.as_str()),
            reverses,
        }
    }
}

/// An entry's number as SQLite holds it; numbers grow by one from 1 and never get near the limit.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A date as SQLite holds it: text that sorts like the calendar (years 0000 to 9999).
pub(super) fn date(date: Date) -> String {
    date.to_string()
}
