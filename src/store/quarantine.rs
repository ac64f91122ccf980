//! Damaged databases are evidence: they are moved aside whole and never written again. Whoever opens one to write does so,
//! unless a kiosk runs; whoever only looks leaves it where it is.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::error::{Kept, StoreError};
use super::home::{Database, Home, LOGS, beside, create_folder, sync_folder};
use super::in_use::InUse;

/// Moves the database that `error` found damaged aside and says so in the error. Under a running kiosk only that kiosk moves
/// it: it may have it open, and be right about it.
pub(super) fn aside(home: &Home, database: Database, error: StoreError) -> StoreError {
    let StoreError::Corrupt { file, what, kept, command } = error else { return error };
    let moved = InUse::for_a_move(home).and_then(|_no_other| move_aside(home, database));
    let kept = match moved {
        Ok(Some(folder)) => Kept::Quarantined(folder),
        Ok(None) => kept,
        Err(error) => {
            tracing::error!(%error, "a damaged database could not be moved to the quarantine");
            kept
        }
    };
    StoreError::Corrupt { file, what, kept, command }
}

/// Moves a database with its log files into a new folder of the quarantine; `None` where there is no file.
///
/// # Errors
/// [`StoreError`] when a file cannot be moved.
pub(super) fn move_aside(home: &Home, database: Database) -> Result<Option<PathBuf>, StoreError> {
    let file = home.file(database);
    if !file.exists() {
        return Ok(None);
    }
    create_folder(&home.quarantine())?;
    let folder = new_folder(home, database)?;
    for suffix in [""].into_iter().chain(LOGS) {
        let from = beside(&file, suffix);
        let to = folder.join(format!("{database}{suffix}"));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::from_io(&from, error)),
            Ok(()) => {}
        }
    }
    for changed in [&folder, home.data()] {
        sync_folder(changed)?;
    }
    Ok(Some(folder))
}

impl Home {
    /// The folders into which databases of this kind were moved because they were damaged, in the order of their names. What
    /// is erased of the one in use stands in them still.
    pub fn quarantined(&self, database: Database) -> Vec<PathBuf> {
        let name = format!("{}-", name_of(database));
        let is_one =
            |folder: &PathBuf| folder.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&name));
        let entries = fs::read_dir(self.quarantine()).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
        folders.sort();
        folders
    }
}

const fn name_of(database: Database) -> &'static str {
    match database {
        Database::People => "people",
        Database::Ledger => "ledger",
    }
}

/// `<quarantine>/ledger-1`, `-2`, …: counted, because the clock of a machine in trouble is not to be trusted.
fn new_folder(home: &Home, database: Database) -> Result<PathBuf, StoreError> {
    let name = name_of(database);
    let mut count = 1_u32;
    loop {
        let folder = home.quarantine().join(format!("{name}-{count}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count = count.saturating_add(1),
            Err(error) => return Err(StoreError::from_io(&folder, error)),
        }
    }
}
