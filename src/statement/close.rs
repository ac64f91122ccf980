//! The close of day: the ledger stops entering in a day's books, and the day's files are written.
//!
//! The ledger closes first. A power cut between the two leaves a closed day without files, which the next close makes;
//! the other way round a file could miss an entry that came in between. Files of a closed day never change: made again
//! they must come out the same, and what differs is refused, not replaced.
//!
//! So the ledger keeps with a closed day what its files say of the settings, and notes which manifest is signed for it
//! before that manifest can be seen. Until then the close is not finished, nobody can have been given the day, and what
//! stands there of its files is written anew.

mod error;

use std::path::{Path, PathBuf};

use jiff::ToSpan;
use serde::Serialize;

use super::files_of_day::DayFiles;
use super::manifest::{self, Manifest, PeriodTotals};
use super::names::FileKind;
use super::signature::Signer;
use super::tables::Letterhead;
use super::verify;
use crate::config::CanteenConfig;
use crate::domain::statement::{Statement, Totals};
use crate::domain::{EntryBody, MealDay};
use crate::files::{self, Access};
use crate::store::ledger::ClosedDay;
use crate::store::{Home, Ledger, LedgerError};

pub use error::CloseError;

/// More days than this are not caught up by themselves: more likely the clock is wrong than the canteen was shut so
/// long, and a day that is closed stays closed. Three weeks: no holiday is longer.
pub const MOST_DAYS_AT_ONCE: i64 = 21;

/// Far more than any file of a statement holds.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// What became of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its files were written for the first time.
    Written,
    /// Its files were there, the same.
    Unchanged,
    /// It was closed before, and files that were missing were made again.
    Completed,
}

/// A closed day with its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// The day.
    pub day: MealDay,
    /// What became of its files.
    pub outcome: Outcome,
    /// Whether it has no entry.
    pub empty: bool,
    /// Its totals.
    pub totals: Totals,
    /// Its totals a meal period.
    pub periods: Vec<PeriodTotals>,
    /// The first number, none on an empty day.
    pub first: Option<u64>,
    /// The last number up to the day's end.
    pub last: u64,
    /// Its files.
    pub files: Vec<PathBuf>,
}

/// Closes one kiosk's days.
pub struct Closer<'a> {
    ledger: &'a mut Ledger,
    folder: PathBuf,
    head: Letterhead,
    signer: Signer,
}

impl<'a> Closer<'a> {
    /// Opens the kiosk's key, or makes it, and puts its public half beside the statements.
    ///
    /// # Errors
    /// [`CloseError`].
    pub fn new(ledger: &'a mut Ledger, home: &Home, canteen: &CanteenConfig) -> Result<Self, CloseError> {
        let zone = canteen.zone.iana_name().ok_or(CloseError::Zone)?;
        let head = Letterhead::new(&canteen.name, zone).ok_or(CloseError::Zone)?;
        let signer = Signer::open_or_create(home.keys())?;
        if signer.is_new && ledger.last_closed()?.is_some() {
            tracing::warn!(
                "the key that earlier days were signed with is gone, and a new one was made: the district has to know the new \
                 one, {}; where a copy of signing.pem is kept, bring it back first",
                signer.public_key()
            );
        }
        let folder = super::folder(home.data());
        files::make_folder(&folder, Access::Public)?;
        let key = signer.public_key();
        files::create_atomic(&folder.join(key.file_name(&canteen.kiosk)), key.pem()?.as_bytes(), Access::Public)?;
        Ok(Self { ledger, folder, head, signer })
    }

    /// Closes every open day up to and with `through`, empty ones too, and makes the files that an interrupted close left
    /// out. Gives the days that it wrote to, and `through` in any case.
    ///
    /// # Errors
    /// [`CloseError`]; `through` in the future is [`LedgerError::NotYet`]. A day that was closed before and is refused holds
    /// up no other: it is the error when all others are done.
    pub fn close_through(&mut self, through: MealDay) -> Result<Vec<Closed>, CloseError> {
        // Before anything is closed: a mistyped month must not end the present day.
        let today = self.ledger.today()?;
        if through > today && self.ledger.closed_day(through)?.is_none() {
            return Err(LedgerError::NotYet { day: through, today }.into());
        }
        let (mut done, mut refused) = (Vec::new(), None);
        let unwritten = unwritten(self.ledger, &self.folder)?;
        let asked_for = self.ledger.closed_day(through)?.filter(|closed| !unwritten.contains(closed));
        for closed in unwritten.iter().chain(&asked_for) {
            let books = self.ledger.day_books(closed.day)?;
            let statement = Statement::new(books).map_err(|error| CloseError::Books { day: closed.day, error })?;
            match self.write(closed, &statement) {
                Ok(closed) => done.push(closed),
                Err(error @ (CloseError::Differs { .. } | CloseError::NotAsSigned { .. })) => {
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        let from = self.ledger.open_from()?;
        for day in from.0.series(1.day()).take_while(|day| *day <= through.0) {
            let Letterhead { canteen_name, zone_name, .. } = &self.head;
            let (closed, statement) = self.ledger.close_books(MealDay(day), canteen_name, zone_name)?;
            done.push(self.write(&closed, &statement)?);
        }
        if let Some(error) = refused {
            return Err(error);
        }
        if done.is_empty() {
            // Neither closed nor open: before the books begin. The ledger says so.
            self.ledger.close_day(through)?;
        }
        Ok(done)
    }

    /// As [`Closer::close_through`], but not many days at once: for closing without a date.
    ///
    /// # Errors
    /// [`CloseError::ManyDays`] and those of [`Closer::close_through`].
    pub fn catch_up(&mut self, through: MealDay) -> Result<Vec<Closed>, CloseError> {
        let from = self.ledger.open_from()?;
        let days = i64::from(through.0.since(from.0).map_or(0, |span| span.get_days())) + 1;
        if days > MOST_DAYS_AT_ONCE {
            return Err(CloseError::ManyDays { days, from, to: through });
        }
        self.close_through(through)
    }

    /// Writes the files of a closed day and reads them back, or finds them as they should be.
    fn write(&mut self, closed: &ClosedDay, statement: &Statement) -> Result<Closed, CloseError> {
        let day = closed.day;
        let manifest_file = self.folder.join(names_of(self.ledger, day).file(FileKind::Manifest));
        let (outcome, names) = match files::read_limited(&manifest_file, MAX_FILE_BYTES)? {
            None => self.make(closed, statement, &manifest_file)?,
            Some(bytes) => {
                let compared = self.compare(closed, statement, &manifest_file, &bytes)?;
                let report = verify::verify(std::slice::from_ref(&manifest_file), &[])?;
                if let Some(finding) = report.findings.first() {
                    return Err(CloseError::Unsound { day, problem: finding.to_string() });
                }
                compared
            }
        };
        Ok(Closed {
            day,
            outcome,
            empty: statement.books().entries.is_empty(),
            totals: statement.day_totals().clone(),
            periods: manifest::periods_of(statement),
            first: statement.books().entries.first().map(|entry| entry.number),
            last: statement.after().number,
            files: FileKind::ALL.map(|kind| self.folder.join(names.file(kind))).into(),
        })
    }

    /// Makes the files of a day that has no manifest, which goes to `manifest_file`.
    fn make(
        &mut self,
        closed: &ClosedDay,
        statement: &Statement,
        manifest_file: &Path,
    ) -> Result<(Outcome, super::Names), CloseError> {
        let day = closed.day;
        // An earlier program kept no names and noted nothing: today's have to do, and what stands there may be signed.
        let kept = closed.canteen_name.as_deref().zip(closed.zone.as_deref());
        let head = match kept {
            Some((canteen_name, zone)) => Letterhead::new(canteen_name, zone)
                .ok_or_else(|| CloseError::NotAsSigned { day, why: format!("its zone {zone} is not known here") })?,
            None => self.head.clone(),
        };
        let made = DayFiles::make(statement, &head, &self.signer)?;
        let manifest = manifest::digest(&made.manifest);
        let another = || {
            let why = "the key, or this program's way of writing them, is another since".to_owned();
            CloseError::NotAsSigned { day, why }
        };
        if closed.manifest.is_some_and(|signed| signed != manifest) {
            return Err(another());
        }
        let is_unfinished = kept.is_some() && closed.manifest.is_none();
        let mut missing = Vec::new();
        for kind in FileKind::ALL {
            let file = self.folder.join(made.names.file(kind));
            match files::read_limited(&file, MAX_FILE_BYTES)? {
                Some(there) if there == made.bytes(kind) => {}
                Some(_) if !is_unfinished => {
                    let why = match closed.manifest {
                        Some(_) => "its bytes were changed after the day was closed",
                        None => "it is not what the books give with the name, the zone and the key of today",
                    };
                    return Err(differs(&file, why));
                }
                _ => missing.push((kind, file)),
            }
        }
        for (kind, file) in missing {
            if kind == FileKind::Manifest {
                // The last: made of checked books a moment ago, the others are sound when they are the same bytes.
                if let Some(file) = made.first_amiss(&self.folder)?.filter(|file| file != manifest_file) {
                    return Err(CloseError::Unwritten(file));
                }
                if self.ledger.note_signed(day, manifest)? != manifest {
                    return Err(another());
                }
            }
            files::write_atomic(&file, made.bytes(kind), Access::Public)?;
        }
        if let Some(file) = made.first_amiss(&self.folder)? {
            return Err(CloseError::Unwritten(file));
        }
        Ok((if is_unfinished { Outcome::Written } else { Outcome::Completed }, made.names))
    }

    /// Makes a day again beside the files that are there. Letterhead and key are those of the existing manifest: a
    /// canteen that was renamed since does not change its closed days.
    fn compare(
        &mut self,
        closed: &ClosedDay,
        statement: &Statement,
        file: &Path,
        bytes: &[u8],
    ) -> Result<(Outcome, super::Names), CloseError> {
        if closed.manifest.is_some_and(|signed| signed != manifest::digest(bytes)) {
            return Err(differs(file, "it is not the manifest that was signed when the day was closed"));
        }
        let manifest = Manifest::read(bytes).map_err(|error| differs(file, &error.to_string()))?;
        let head = manifest.letterhead().ok_or_else(|| differs(file, "its zone is not known here"))?;
        let key = manifest.signature.public_key;
        if Manifest::new(statement, &head, manifest.files.clone(), key).bytes() != bytes {
            return Err(differs(file, "its figures are not those of the books"));
        }
        let made = DayFiles::make(statement, &head, &self.signer)?;
        let mut outcome = Outcome::Unchanged;
        for kind in FileKind::LISTED {
            let path = self.folder.join(made.names.file(kind));
            let digest = manifest.digest(kind).ok_or_else(|| differs(file, "it does not list all files of the day"))?;
            match files::read_limited(&path, MAX_FILE_BYTES)? {
                Some(there) if digest.fits(&there) => {}
                Some(_) => return Err(differs(&path, "its bytes were changed after the day was closed")),
                None if digest.fits(made.bytes(kind)) => {
                    files::write_atomic(&path, made.bytes(kind), Access::Public)?;
                    outcome = Outcome::Completed;
                }
                None => {
                    return Err(differs(&path, "it is missing, and this version of the program writes other bytes"));
                }
            }
        }
        let signature_file = self.folder.join(made.names.file(FileKind::Signature));
        match files::read_limited(&signature_file, MAX_FILE_BYTES)? {
            Some(signature) if key.verifies(bytes, &signature) => {}
            None if key == self.signer.public_key() => {
                files::write_atomic(&signature_file, &self.signer.sign(bytes), Access::Public)?;
                outcome = Outcome::Completed;
            }
            Some(_) => return Err(differs(&signature_file, "it does not fit the manifest")),
            None => return Err(differs(&signature_file, "it is missing, and the key it was made with is not here")),
        }
        // An earlier program did not note it. What another key signed is not vouched for.
        if closed.manifest.is_none() && key == self.signer.public_key() {
            self.ledger.note_signed(closed.day, manifest::digest(bytes))?;
        }
        Ok((outcome, made.names))
    }
}

fn differs(file: &Path, why: &str) -> CloseError {
    CloseError::Differs { file: file.to_owned(), why: why.to_owned() }
}

/// Closed days whose files were not all written: the latest ones without any, as a full disk or a power cut leaves them,
/// and every day with some. An older day without any was moved away, and is made again only when it is asked for.
fn unwritten(ledger: &Ledger, folder: &Path) -> Result<Vec<ClosedDay>, LedgerError> {
    let mut found = Vec::new();
    let mut is_latest = true;
    for closed in ledger.closed_days()?.into_iter().rev() {
        let names = names_of(ledger, closed.day);
        let there = FileKind::ALL.iter().filter(|kind| folder.join(names.file(**kind)).exists()).count();
        is_latest &= there == 0;
        if is_latest || (1..FileKind::ALL.len()).contains(&there) {
            found.push(closed);
        }
    }
    found.reverse();
    Ok(found)
}

/// Whether a file of a closed `day` is not there.
pub fn lacks_files(ledger: &Ledger, home: &Home, day: MealDay) -> bool {
    let (folder, names) = (super::folder(home.data()), names_of(ledger, day));
    FileKind::ALL.iter().any(|kind| !folder.join(names.file(*kind)).exists())
}

fn names_of(ledger: &Ledger, day: MealDay) -> super::Names {
    let books = ledger.books();
    super::Names::new(&books.canteen, &books.kiosk, day)
}

/// Closes what is due by the books' time: every day before today that is open, and today once it is `close_at`. The
/// kiosk calls it when it starts and every minute; mostly nothing is due and nothing happens. Gives the days that it wrote.
///
/// # Errors
/// [`CloseError`]; the next call tries again.
pub fn close_due(ledger: &mut Ledger, home: &Home, canteen: &CanteenConfig) -> Result<Vec<Closed>, CloseError> {
    let local = ledger.now()?.now.to_zoned(canteen.zone.clone());
    let today = local.date();
    let through = if local.time() >= canteen.close_at { today } else { today.yesterday().unwrap_or(today) };
    let nothing_open = ledger.open_from()?.0 > through;
    if nothing_open && unwritten(ledger, &super::folder(home.data()))?.is_empty() {
        return Ok(Vec::new());
    }
    let mut closed = Closer::new(ledger, home, canteen)?.catch_up(MealDay(through))?;
    closed.retain(|closed| closed.outcome != Outcome::Unchanged);
    Ok(closed)
}

/// Whether serving hours of `day` are still to come by the books' time: once closed, it takes no more meals.
///
/// # Errors
/// [`LedgerError::Store`] when the books' time cannot be read.
pub fn still_serving(ledger: &Ledger, canteen: &CanteenConfig, day: MealDay) -> Result<bool, LedgerError> {
    let local = ledger.now()?.now.to_zoned(canteen.zone.clone());
    Ok(local.date() == day.0 && canteen.periods.iter().any(|hours| local.time() < hours.to))
}

/// Whether closing without a date leaves today open. A closed day is never opened again, and whoever closes before today's
/// first meal, or while an earlier day is open, most likely means last night. Books that begin today have none, unless they
/// go on after others that were lost.
///
/// # Errors
/// [`LedgerError::Store`] when the books cannot be read.
pub fn leaves_open(ledger: &Ledger, canteen: &CanteenConfig, today: MealDay) -> Result<bool, LedgerError> {
    if !still_serving(ledger, canteen, today)? || ledger.closed_day(today)?.is_some() {
        return Ok(false);
    }
    if ledger.open_from()? < today {
        return Ok(true);
    }
    // What is taken back or entered late stands in today's books and is no meal of today's.
    let books = ledger.day_books(today)?;
    let served = books.entries.iter().any(|entry| matches!(&entry.body, EntryBody::Meal(meal) if meal.day == today));
    let begun_anew = || books.entries.iter().any(|entry| matches!(entry.body, EntryBody::Restart(_)));
    Ok(!served && (ledger.last_closed()?.is_some() || begun_anew()))
}
