//! The books: what was eaten, who pays it, and nothing that can be changed afterwards.
//!
//! # What holds
//! - **Append-only.** Triggers of the database refuse every change and deletion of an entry; a meal is taken back by a
//!   reversal, an error of the rules is put right by a reversal and the meal entered again.
//! - **Gap-free and chained.** Numbers run from 1 within a kiosk; each entry names the hash of the one before
//!   ([`crate::domain::encoding`]). Opening checks the last entries and the anchor beside the database;
//!   [`Ledger::check_all`] checks everything.
//! - **Once.** An elder has one meal a day and period: a slot of the database, freed by a reversal alone. An id is one
//!   entry: the same call again gives the same entry, another content under it is an error.
//! - **Whole.** An entry, its slot, the sums over it and the purses are one transaction, durable before it is confirmed.
//! - **Forward.** An entry's day is never earlier than the one before it, never in closed books. What concerns a closed day
//!   (a late reversal, a correction, a meal that could not be booked) stands in the next open day's books and names the day
//!   it concerns. So a day's entries are consecutive numbers, whatever happens to the clock ([`crate::domain::clock`]).
//!
//! # When the database is lost
//! A ledger that is missing, damaged, older than its anchor or without a day that was signed (`statements.rs`) is never
//! silently begun anew: opening fails, the damaged file lies in the quarantine, and `mealpoint ledger restart` (staff,
//! reason) starts new books. They continue the old numbering from the last entry that is known, from the anchor or the
//! last closed day's file, and their first entry says so. The numbers after it may exist a second time, in the
//! quarantined file alone, under other ids.

mod anchor;
mod balance;
mod check;
mod clock;
mod days;
mod error;
mod expiry;
mod lately;
mod meals;
mod read;
mod restart;
mod schema;
mod statements;
mod usage;
mod write;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::database;
use super::{Database, Home, StoreError};
use crate::config::CanteenConfig;
use crate::domain::clock::book_time;
use crate::domain::statement::{ChainPoint, Totals};
use crate::domain::{BookTime, CanteenId, KioskId, MealDay};

use anchor::Anchor;
pub use check::{CheckReport, Finding};
pub use clock::{Clock, HandClock, SystemClock};
pub use days::ClosedDay;
pub use error::{LedgerError, Result};
pub use restart::{Restart, restart};
pub use statements::manifests;
use write::Fault;

/// Whose books they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// The kiosk; numbers run within it.
    pub kiosk: KioskId,
    /// The canteen it stands in.
    pub canteen: CanteenId,
    /// The zone whose dates are meal days.
    pub zone: TimeZone,
}

impl From<&CanteenConfig> for Books {
    fn from(config: &CanteenConfig) -> Self {
        Self { kiosk: config.kiosk.clone(), canteen: config.id.clone(), zone: config.zone.clone() }
    }
}

/// One kiosk's open books. One program writes at a time; others wait for up to five seconds.
pub struct Ledger {
    connection: Connection,
    file: PathBuf,
    books: Books,
    clock: Box<dyn Clock>,
    anchor: Anchor,
}

impl Ledger {
    /// Opens books that exist.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there never were any, [`StoreError::Lost`] where there were, and whatever else keeps
    /// the database from being read; a damaged one stays where it is. [`LedgerError::RolledBack`] when its end is
    /// missing or another than a signed statement says, [`LedgerError::OtherBooks`] when they are another kiosk's.
    pub fn open(home: &Home, books: &Books) -> Result<Self> {
        Self::open_with(home, books, Box::new(SystemClock::new()))
    }

    /// As [`Ledger::open`], with the time from `clock`.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(home: &Home, books: &Books, clock: Box<dyn Clock>) -> Result<Self> {
        let connection = match database::open(home, Database::Ledger, &schema::migrations()) {
            Err(absent @ StoreError::Absent { .. }) => {
                refuse_if_there_were_any(home, books)?;
                return Err(absent.into());
            }
            other => other?,
        };
        Self::checked(home, books, clock, connection)
    }

    /// Creates empty books where there never were any.
    ///
    /// # Errors
    /// As [`Ledger::open`]; books that exist are opened. [`LedgerError::ClockUnknown`] for new ones while the clock shows a
    /// time that cannot be: the day they begin on is closed with all after it.
    pub fn create(home: &Home, books: &Books) -> Result<Self> {
        Self::create_with(home, books, Box::new(SystemClock::new()))
    }

    /// As [`Ledger::create`], with the time from `clock`.
    ///
    /// # Errors
    /// As [`Ledger::create`].
    pub fn create_with(home: &Home, books: &Books, clock: Box<dyn Clock>) -> Result<Self> {
        refuse_if_there_were_any(home, books)?;
        let time = book_time(None, &clock.read());
        // Books that exist are opened below, by any clock: their first day is known.
        if !time.state.is_known() && !home.file(Database::Ledger).exists() {
            return Err(LedgerError::ClockUnknown);
        }
        let first_day = books.day(time.now);
        let beginning = Beginning { base: ChainPoint::START, totals: Totals::default(), first_day };
        let connection = begin(home, books, &beginning)?;
        Self::checked(home, books, clock, connection)
    }

    /// Opens the books to write in them, or creates them where there never were any: what a kiosk does when it starts.
    ///
    /// # Errors
    /// As [`Ledger::open`], but a damaged database is moved to the quarantine first, so that nothing writes over it; under a
    /// running kiosk only by that kiosk.
    pub fn open_or_create(home: &Home, books: &Books) -> Result<Self> {
        match Self::open(home, books) {
            Err(LedgerError::Store(StoreError::Absent { .. })) => Self::create(home, books),
            Err(LedgerError::Store(damage @ StoreError::Corrupt { .. })) => {
                Err(LedgerError::Store(super::quarantine::aside(home, Database::Ledger, damage)))
            }
            other => other,
        }
    }

    /// The books' time, and whether it is the wall clock's. Which meal is being served follows from this time.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn now(&self) -> Result<BookTime> {
        let last = read::last_reading(&self.connection).map_err(|error| self.failed(error))?;
        Ok(book_time(last.as_ref(), &self.clock.read()))
    }

    /// The date of [`Ledger::now`] in the canteen's zone.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn today(&self) -> Result<MealDay> {
        Ok(self.books.day(self.now()?.now))
    }

    /// Folds what the write-ahead log holds into the database, as far as no other program reads it: some milliseconds that
    /// a settlement need not wait for when this is called between them. Nothing is lost when it is never called.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn fold(&self) -> Result<()> {
        let fold = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        fold.map_err(|error| self.failed(error))
    }

    /// Where the chain ends.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn head(&self) -> Result<ChainPoint> {
        read::tail(&self.connection).map(|tail| tail.point).map_err(|error| self.failed(error))
    }

    /// Whose books these are.
    pub fn books(&self) -> &Books {
        &self.books
    }

    fn checked(home: &Home, books: &Books, clock: Box<dyn Clock>, connection: Connection) -> Result<Self> {
        let head = examined(home, books, &connection)?;
        let signed = statements::check(home, books, &connection);
        signed.map_err(|fault| fault.on(&home.file(Database::Ledger)))?;
        Self::anchored(home, books, clock, connection, head)
    }

    fn anchored(
        home: &Home,
        books: &Books,
        clock: Box<dyn Clock>,
        connection: Connection,
        head: ChainPoint,
    ) -> Result<Self> {
        let anchor = Anchor::open(home, head)?;
        Ok(Self { connection, file: home.file(Database::Ledger), books: books.clone(), clock, anchor })
    }

    fn failed(&self, fault: impl Into<Fault>) -> LedgerError {
        fault.into().on(&self.file)
    }
}

impl Books {
    fn day(&self, at: jiff::Timestamp) -> MealDay {
        MealDay(at.to_zoned(self.zone.clone()).date())
    }
}

/// Whose books they are, and their end; gives the head.
fn examined(home: &Home, books: &Books, connection: &Connection) -> Result<ChainPoint> {
    let file = home.file(Database::Ledger);
    let failed = |fault: Fault| fault.on(&file);
    let (kiosk, canteen): (String, String) = connection
        .query_row("SELECT kiosk, canteen FROM book", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|error| failed(error.into()))?;
    if kiosk != books.kiosk.as_str() || canteen != books.canteen.as_str() {
        return Err(LedgerError::OtherBooks {
            book_kiosk: read::id(&kiosk, KioskId::try_from).map_err(failed)?,
            book_canteen: read::id(&canteen, CanteenId::try_from).map_err(failed)?,
            kiosk: books.kiosk.clone(),
            canteen: books.canteen.clone(),
        });
    }
    check::tail(connection, Anchor::known(home)?).map_err(failed)
}

/// How books begin.
struct Beginning {
    /// What their first entry follows.
    base: ChainPoint,
    /// The totals up to there.
    totals: Totals,
    /// The first day that is closed.
    first_day: MealDay,
}

/// Creates the database with its first row.
fn begin(home: &Home, books: &Books, beginning: &Beginning) -> Result<Connection> {
    let Beginning { base, totals, first_day } = beginning;
    let number = i64::try_from(base.number).unwrap_or(i64::MAX);
    let totals = serde_json::to_string(totals).unwrap_or_default();
    let connection = database::create(home, Database::Ledger, &schema::migrations(), |connection| {
        connection
            .execute(
                "INSERT INTO book (only, kiosk, canteen, base_number, base_hash, base_totals, first_day)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                (books.kiosk.as_str(), books.canteen.as_str(), number, base.hash.0, totals, first_day.to_string()),
            )
            .map(|_| ())
    })?;
    Ok(connection)
}

/// Where there is no database, but an anchor or a signed day: there were books.
fn refuse_if_there_were_any(home: &Home, books: &Books) -> Result<()> {
    // Asked before the file is looked for: another program that creates the books and closes a day meanwhile is no loss.
    let statement = statements::newest(home, books)?.map(|signed| signed.file);
    let file = home.file(Database::Ledger);
    if file.exists() || (statement.is_none() && Anchor::known(home)?.is_none()) {
        return Ok(());
    }
    let (quarantine, command) = (home.quarantine(), Database::Ledger.restart_command());
    Err(StoreError::Lost { file, statement, quarantine, command }.into())
}

#[cfg(test)]
mod tests;
