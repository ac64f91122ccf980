//! Why the store could not do it. Absent, denied, corrupt, busy, full and read-only are different errors, each with its
//! remedy.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::home::{Database, LOGS, beside};
use crate::files::FileError;

/// Why a database or a file beside it could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none, and there never was.
    #[error(
        "there is no {database} at {file}; remedy: name the kiosk's data folder with --data; {} creates it",
        creator(*database)
    )]
    Absent {
        /// Which database.
        database: Database,
        /// Where it was looked for.
        file: PathBuf,
    },
    /// There was one and it is gone.
    #[error(
        "{file} is missing, though this kiosk had one{}; it is not begun anew by itself; remedy: put the file back \
         (look in {quarantine}), or run `mealpoint {command}` to go on {}",
        shown_by(statement.as_deref()),
        without_it(statement.is_some())
    )]
    Lost {
        /// Where it should be.
        file: PathBuf,
        /// The manifest of a day that was closed and signed in it, where that is what shows it.
        statement: Option<PathBuf>,
        /// Where damaged files are moved to.
        quarantine: PathBuf,
        /// The command that goes on without it.
        command: &'static str,
    },
    /// The database is there and the key is not.
    #[error(
        "the key {key} is missing and without it {database} cannot be read; remedy: put the key file back, or name the \
         folder that holds it in MEALPOINT_KEYS"
    )]
    KeyAbsent {
        /// Where the key was looked for.
        key: PathBuf,
        /// The database it belongs to.
        database: Database,
    },
    /// The key file does not hold a key.
    #[error("the key file {0} is damaged; remedy: put a good copy of it back")]
    KeyDamaged(PathBuf),
    /// The key is a key, but not the one.
    #[error(
        "the key {key} is not the one the databases of {data} were written with; remedy: put that key back, or name the \
         folder that holds it in MEALPOINT_KEYS"
    )]
    KeyWrong {
        /// The key that was tried.
        key: PathBuf,
        /// The data folder.
        data: PathBuf,
    },
    /// This user may not.
    #[error("{0}: access denied; remedy: give the kiosk's user the right to read and write it")]
    Denied(PathBuf),
    /// Nothing can be written there.
    #[error(
        "{0}: the file system or the file is read-only; remedy: mount it writable, or name another folder with --data"
    )]
    ReadOnly(PathBuf),
    /// No room is left.
    #[error("{0}: the disk is full; nothing was written; remedy: free some space")]
    Full(PathBuf),
    /// Another program holds the database.
    #[error("{0} is in use by another program that does not let go; remedy: stop that program, then try again")]
    Busy(PathBuf),
    /// A kiosk has the databases open.
    #[error(
        "{0} is in use by a running kiosk, which would go on writing in the old books; nothing was moved; remedy: end the \
         kiosk, then run this command again"
    )]
    KioskRuns(PathBuf),
    /// Another kiosk runs on the data folder.
    #[error("another kiosk runs with the data of {0}; remedy: end that one, or name another folder with --data")]
    AnotherKiosk(PathBuf),
    /// Such a folder cannot be: a file stands in its place, or what should hold it is not there.
    #[error("{0}: {1}; remedy: name a folder that can be made and written with --data (keys: MEALPOINT_KEYS)")]
    NoFolder(PathBuf, io::Error),
    /// The content is damaged.
    #[error(
        "{file} is damaged: {what}; {kept}; remedy: restore it from a backup, or run `mealpoint {command}` to go on without it"
    )]
    Corrupt {
        /// The damaged file's usual place.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What became of the file.
        kept: Kept,
        /// The command that goes on without it.
        command: &'static str,
    },
    /// A newer program wrote it.
    #[error("{0} was written by a newer mealpoint; remedy: install that version again")]
    Newer(PathBuf),
    /// The file beside the databases that describes them cannot be read.
    #[error("{0} is damaged: {1}; remedy: restore it from a backup")]
    Description(PathBuf, String),
    /// SQLite or the system said something else.
    #[error("{file}: {source}")]
    Failed {
        /// The file.
        file: PathBuf,
        /// What was said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What became of a damaged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is where it was, as it was.
    InPlace,
    /// It was moved to this folder, as it was.
    Quarantined(PathBuf),
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InPlace => f.write_str("it was left as it is"),
            Self::Quarantined(folder) => write!(f, "it was moved, as it is, to {}", folder.display()),
        }
    }
}

/// What the restart of the books goes on after; without a key it believes no statement.
pub(super) const AFTER_THE_SIGNED_DAY: &str =
    "after that day (where signing.pem is lost too, name the kiosk's public key with --key)";

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        Self::from_io(&error.path, error.source)
    }
}

fn shown_by(statement: Option<&Path>) -> String {
    statement.map_or_else(String::new, |file| format!(", as the signed {} shows", file.display()))
}

const fn without_it(is_signed: bool) -> &'static str {
    if is_signed { AFTER_THE_SIGNED_DAY } else { "without it" }
}

/// What makes a database.
const fn creator(database: Database) -> &'static str {
    match database {
        Database::People => "`mealpoint roster import`",
        Database::Ledger => "the first start of the kiosk or the first `mealpoint ledger enter`",
    }
}

impl StoreError {
    /// Whether the database is missing or damaged, so that a backup or a new beginning is all that helps.
    pub const fn is_loss(&self) -> bool {
        matches!(self, Self::Absent { .. } | Self::Lost { .. } | Self::Corrupt { .. })
    }

    /// What an I/O error on `file` means.
    pub(super) fn from_io(file: &Path, error: io::Error) -> Self {
        let file = file.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied(file),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(file),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full(file),
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => {
                Self::NoFolder(file, error)
            }
            _ => Self::Failed { file, source: Box::new(error) },
        }
    }

    /// What an error of SQLite on the database at `file` means.
    pub(super) fn from_sqlite(database: Database, file: &Path, error: rusqlite::Error) -> Self {
        let path = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(path),
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(
                ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure,
            ) => {
                // SQLite folds several causes into these; the system tells them apart.
                match probe(file) {
                    Err((place, io)) => Self::from_io(&place, io),
                    Ok(()) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
                    Ok(()) => Self::Failed { file: path, source: Box::new(error) },
                }
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::corrupt(database, file, format!("SQLite cannot read it ({error})"))
            }
            _ => Self::Failed { file: path, source: Box::new(error) },
        }
    }

    /// Why the database at `file` can be read and not written.
    pub(super) fn unwritable(file: &Path) -> Self {
        match probe(file) {
            Err((place, io)) => Self::from_io(&place, io),
            Ok(()) => Self::ReadOnly(file.to_owned()),
        }
    }

    /// `file` holds something that cannot be.
    pub(super) fn corrupt(database: Database, file: &Path, what: impl Into<String>) -> Self {
        Self::Corrupt {
            file: file.to_owned(),
            what: what.into(),
            kept: Kept::InPlace,
            command: database.restart_command(),
        }
    }
}

/// Writes as SQLite would have to: where they exist the file itself and its logs, and into their folder. Gives the one at
/// fault.
fn probe(file: &Path) -> Result<(), (PathBuf, io::Error)> {
    for place in [""].into_iter().chain(LOGS).map(|suffix| beside(file, suffix)) {
        if place.exists() {
            let opened = std::fs::OpenOptions::new().read(true).append(true).open(&place);
            opened.map_err(|error| (place, error))?;
        }
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let trial = folder.join(format!(".probe-{}", std::process::id()));
    let written = std::fs::write(&trial, [0; 8192]);
    match std::fs::remove_file(&trial) {
        Err(error) if written.is_ok() => Err((folder.to_owned(), error)),
        _ => written.map_err(|error| (folder.to_owned(), error)),
    }
}
