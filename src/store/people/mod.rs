//! Who may eat and what there is to eat: roster, menu, templates and the consents they rest on; and who of the staff may
//! do what.

mod imported;
mod menu;
mod roster;
mod schema;
mod staff;
mod templates;

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::{CsvError, Database, Home, InUse, StoreError, database};
use crate::domain::ElderId;

pub use imported::ImportOrder;
pub use menu::{MenuImport, MenuItem};
pub use roster::RosterImport;
pub use staff::{Staff, StaffAct};
pub use templates::{Consent, Erasure, StoredTemplate, TemplateMark};

/// Why the people's database refused, or could not.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file was not taken.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// Nobody on the roster has this id. The id is private and comes last.
    #[error("nobody on the roster has this number; remedy: import the roster first; number: {0}")]
    NoElder(ElderId),
    /// The elder has died or moved away.
    #[error("this elder is on the roster as deceased or moved away and cannot be enrolled; number: {0}")]
    Departed(ElderId),
    /// No templates, or some that are not numbers of one dimension.
    #[error(
        "templates must be at least one, of one dimension and of finite numbers; remedy: see with `mealpoint doctor` whether \
         the models are whole, then enrol the person again"
    )]
    Templates,
    /// A consent without a version or a signer, or with one that cannot be read.
    #[error(
        "a consent needs its version, the signer's name and the relation, each of 1 to 50 characters that can all be seen; \
         remedy: type them anew (--consent-version, --consent-by, --relation)"
    )]
    Consent,
    /// A trial may not take the place of a consent: nobody would have agreed any more, and the next roster would erase it.
    #[error(
        "somebody agreed to this elder's enrolment, and a trial would put nobody's consent in its place; remedy: name who \
         agrees (--consent-by NAME); number: {0}"
    )]
    Consented(ElderId),
    /// Templates would be replaced on nobody's word, at a kiosk that has staff.
    #[error(
        "this elder is enrolled already, and where there is staff a face is replaced by one of them alone; remedy: name who \
         does it (--staff ID), whose PIN is asked for; number: {0}"
    )]
    StaffNeeded(ElderId),
    /// A name that is none, or a long one.
    #[error(
        "a member of the staff needs a name of 1 to 40 characters; remedy: name them with --name, or shorten the name"
    )]
    StaffName,
    /// A name with something in it that nobody sees.
    #[error(
        "the name of a member of the staff holds U+{:04X}, a character that does not show; remedy: type the name anew \
         instead of copying it",
        u32::from(*character)
    )]
    StaffNameHidden {
        /// What does not show.
        character: char,
    },
    /// The PIN tells who it is, so nobody else may have it.
    #[error("another member of the staff has this PIN; remedy: choose another one")]
    PinTaken,
    /// Every PIN that is entered is compared with all.
    #[error("a kiosk knows at most {0} members of the staff; remedy: remove one that is no longer there")]
    StaffMost(usize),
}

/// What every call returns.
pub type Result<T, E = PeopleError> = std::result::Result<T, E>;

/// The open database.
pub struct People {
    connection: Connection,
    file: PathBuf,
}

impl People {
    /// Opens a database that exists.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there never was one, [`StoreError::Lost`] where there was, and whatever else keeps it
    /// from being read; a damaged one stays where it is.
    pub fn open(home: &Home) -> Result<Self> {
        let connection = database::open(home, Database::People, &schema::migrations())?;
        Ok(Self { connection, file: home.file(Database::People) })
    }

    /// Creates an empty database where there never was one.
    ///
    /// # Errors
    /// As [`People::open`]; one that exists is opened.
    pub fn create(home: &Home) -> Result<Self> {
        let connection = database::create(home, Database::People, &schema::migrations(), |_| Ok(()))?;
        Ok(Self { connection, file: home.file(Database::People) })
    }

    /// Opens the database to write in it, or creates it where there never was one: what a kiosk does when it starts.
    ///
    /// # Errors
    /// As [`People::open`], but a damaged one is moved to the quarantine first, so that nothing writes over it; under a running
    /// kiosk only by that kiosk.
    pub fn open_or_create(home: &Home) -> Result<Self> {
        match Self::open(home) {
            Err(PeopleError::Store(damage @ StoreError::Corrupt { .. })) => {
                Err(super::quarantine::aside(home, Database::People, damage).into())
            }
            Err(PeopleError::Store(StoreError::Absent { .. })) => Self::create(home),
            other => other,
        }
    }

    /// Moves what is left of a damaged database to the quarantine and begins an empty one. Roster and menu are imported
    /// and the elders enrolled again.
    ///
    /// # Errors
    /// [`StoreError::KioskRuns`] while a kiosk has the databases open, others when files cannot be moved or created.
    pub fn restart(home: &Home) -> Result<Self> {
        let _no_kiosk = InUse::alone(home)?;
        {
            let _alone = database::lock(home)?;
            super::quarantine::move_aside(home, Database::People)?;
            super::home::Description::remove(home, Database::People)?;
        }
        Self::create(home)
    }

    /// Reads every page.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] naming the first thing that is wrong, and what else keeps it from being read.
    pub fn check_all(&self) -> Result<()> {
        for pragma in ["cipher_integrity_check", "integrity_check"] {
            let mut wrong = None;
            let read = self.connection.pragma_query(None, pragma, |row| {
                let said: String = row.get(0)?;
                if said != "ok" {
                    wrong.get_or_insert(said);
                }
                Ok(())
            });
            read.map_err(|error| self.failed(error))?;
            if let Some(what) = wrong {
                return Err(self.corrupt(what));
            }
        }
        Ok(())
    }

    /// The rows of `sql` since then, or all of them, one by one, until `each` says `false`. Their first column is the time in
    /// milliseconds; `read` reads the others.
    fn each_since<T>(
        &self,
        sql: &str,
        since: Option<Timestamp>,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        mut each: impl FnMut(Timestamp, T) -> Result<bool>,
    ) -> Result<()> {
        let failed = |error| self.failed(error);
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query([since.map_or(i64::MIN, Timestamp::as_millisecond)]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (at_ms, others) = row.get(0).and_then(|at_ms: i64| Ok((at_ms, read(row)?))).map_err(failed)?;
            let at = Timestamp::from_millisecond(at_ms).map_err(|_| self.corrupt(format!("{at_ms} is not a time")))?;
            if !each(at, others)? {
                break;
            }
        }
        Ok(())
    }

    fn failed(&self, error: rusqlite::Error) -> PeopleError {
        StoreError::from_sqlite(Database::People, &self.file, error).into()
    }

    fn corrupt(&self, what: impl Into<String>) -> PeopleError {
        StoreError::corrupt(Database::People, &self.file, what).into()
    }
}

#[cfg(test)]
mod tests;
