//! The counter's books: opened, shut after a fault, and opened again.
//!
//! Whoever orders the books to go on anew moves the old files away, and a connection would go on writing in them. So the
//! kiosk holds [`InUse`] while they are open, and before each use the files in their place are compared with those that
//! were opened.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::Counter;
use crate::domain::ModelDigest;
use crate::kiosk::session::StoreFault;
use crate::store::ledger::Books;
use crate::store::people::{StoredTemplate, TemplateMark};
use crate::store::{Database, Home, InUse, Ledger, LedgerError, People, PeopleError, StoreError};

/// The books, while they are open. Fields are dropped in this order: the lock goes last.
pub(super) struct Open {
    pub people: People,
    pub ledger: Ledger,
    files: Files,
    _in_use: InUse,
}

/// What lies in the databases' places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Files([Option<File>; 2]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct File {
    /// Device and inode.
    place: (u64, u64),
    /// Bytes, and seconds and nanoseconds of the last change.
    content: (u64, i64, i64),
}

impl Files {
    fn of(home: &Home) -> Self {
        Self(Database::ALL.map(|database| {
            // A file that cannot be looked at is none; opening it says why.
            let file = fs::metadata(home.file(database)).ok()?;
            Some(File { place: (file.dev(), file.ino()), content: (file.len(), file.mtime(), file.mtime_nsec()) })
        }))
    }

    /// Whether these are the same files, whatever was written in them.
    fn are(&self, other: &Self) -> bool {
        let places = |files: &Self| files.0.map(|file| file.map(|file| file.place));
        places(self) == places(other)
    }
}

impl Counter {
    /// Opens the books where they are not, or where other files have taken the place of those that are open.
    ///
    /// # Errors
    /// Why they cannot be used; the log has the details.
    pub fn use_books(&mut self) -> Result<(), StoreFault> {
        if self.open.as_ref().is_some_and(|open| !open.files.are(&Files::of(&self.home))) {
            tracing::error!("books: the open files were moved away; nothing more is written in them");
            self.shut();
        }
        if self.open.is_none() {
            self.open = Some(self.open_books()?);
        }
        Ok(())
    }

    /// Who is enrolled for `model`, and the mark of it; `None` where that is `known` still, and while the books are shut.
    ///
    /// # Errors
    /// Why they cannot be read; the log has the details.
    pub fn enrolled(
        &self,
        model: &ModelDigest,
        known: Option<TemplateMark>,
    ) -> Result<Option<(TemplateMark, Vec<StoredTemplate>)>, StoreFault> {
        let Some(Open { people, .. }) = &self.open else { return Ok(None) };
        let read = people.template_mark().and_then(|mark| {
            let changed = known != Some(mark);
            changed.then(|| people.templates(model).map(|stored| (mark, stored))).transpose()
        });
        read.map_err(|error| told(&error, people_fault(&error)))
    }

    /// Shuts the books after a fault that does not pass while they stay open. After damage they are examined whole
    /// before they are used again.
    pub(super) fn note(&mut self, fault: StoreFault) {
        match fault {
            StoreFault::DiskFull | StoreFault::ReadOnly | StoreFault::Silent | StoreFault::Clock => {}
            StoreFault::Other => self.shut(),
            StoreFault::Damaged => {
                self.suspect = true;
                self.shut();
            }
        }
    }

    fn shut(&mut self) {
        // What is held for the visit is released when the books are opened again.
        self.visiting = None;
        self.open = None;
    }

    fn open_books(&mut self) -> Result<Open, StoreFault> {
        if self.suspect && self.unsound == Some(Files::of(&self.home)) {
            return Err(StoreFault::Damaged);
        }
        let in_use = InUse::share(&self.home).map_err(|error| told(&error, store_fault(&error)))?;
        let people = People::open_or_create(&self.home).map_err(|error| told(&error, people_fault(&error)))?;
        let books = Books::from(self.hours.canteen());
        let mut ledger =
            Ledger::open_or_create(&self.home, &books).map_err(|error| told(&error, ledger_fault(&error)))?;
        if self.suspect {
            if let Err(fault) = examine(&people, &ledger) {
                drop((people, ledger));
                // Found wanting once, they are not read whole again every few seconds.
                self.unsound = (fault == StoreFault::Damaged).then(|| Files::of(&self.home));
                return Err(fault);
            }
            (self.suspect, self.unsound) = (false, None);
        }
        // Nobody is deciding while the books were closed.
        ledger.release_all().map_err(|error| told(&error, ledger_fault(&error)))?;
        Ok(Open { people, ledger, files: Files::of(&self.home), _in_use: in_use })
    }
}

/// Reads the books whole.
fn examine(people: &People, ledger: &Ledger) -> Result<(), StoreFault> {
    people.check_all().map_err(|error| told(&error, people_fault(&error)))?;
    let report = ledger.check_all().map_err(|error| told(&error, ledger_fault(&error)))?;
    match report.findings.first() {
        None => Ok(()),
        Some(finding) => {
            tracing::error!("books: damaged: {}", finding.what);
            Err(StoreFault::Damaged)
        }
    }
}

/// Logs `error` where it is handled and hands on what the screen shows of it.
pub(super) fn told<F>(error: &dyn std::error::Error, fault: F) -> F {
    tracing::error!("books: {error}");
    fault
}

pub(super) fn people_fault(error: &PeopleError) -> StoreFault {
    match error {
        PeopleError::Store(error) => store_fault(error),
        _ => StoreFault::Other,
    }
}

pub(super) fn ledger_fault(error: &LedgerError) -> StoreFault {
    match error {
        LedgerError::Store(error) => store_fault(error),
        LedgerError::RolledBack { .. } => StoreFault::Damaged,
        LedgerError::ClockUnknown => StoreFault::Clock,
        _ => StoreFault::Other,
    }
}

/// What a file that could not be written says of the disk.
pub(super) fn disk_fault(error: &std::io::Error) -> StoreFault {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreFault::DiskFull,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => StoreFault::ReadOnly,
        _ => StoreFault::Other,
    }
}

const fn store_fault(error: &StoreError) -> StoreFault {
    match error {
        StoreError::Full(_) => StoreFault::DiskFull,
        StoreError::ReadOnly(_) | StoreError::Denied(_) => StoreFault::ReadOnly,
        StoreError::Corrupt { .. } | StoreError::Lost { .. } | StoreError::Description(..) => StoreFault::Damaged,
        StoreError::Busy(_) => StoreFault::Silent,
        _ => StoreFault::Other,
    }
}
