//! Where the data lies, and the small file that says what should be there.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::files::{self, Access};

/// The environment variable that names the folder of the keys, for a canteen that keeps them on another medium.
const KEYS_VARIABLE: &str = "MEALPOINT_KEYS";

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Database {
    /// Roster, menu, templates, consents.
    People,
    /// The books.
    Ledger,
}

impl Database {
    /// Both.
    pub const ALL: [Self; 2] = [Self::People, Self::Ledger];

    /// The file within the data folder.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::People => "people.db",
            Self::Ledger => "ledger.db",
        }
    }

    /// The command that goes on without it.
    pub(super) const fn restart_command(self) -> &'static str {
        match self {
            Self::People => "roster restart",
            Self::Ledger => "ledger restart",
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file_name())
    }
}

/// The folders of one kiosk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    data: PathBuf,
    keys: PathBuf,
}

impl Home {
    /// The kiosk whose data lie in `data`; its keys lie where `MEALPOINT_KEYS` says, or else in `<data>/keys`.
    pub fn at(data: &Path) -> Self {
        let keys = std::env::var_os(KEYS_VARIABLE).filter(|folder| !folder.is_empty());
        Self::with_keys(data, keys.map_or_else(|| data.join("keys"), PathBuf::from))
    }

    /// The kiosk whose data lie in `data` and whose keys in `keys`.
    pub fn with_keys(data: &Path, keys: PathBuf) -> Self {
        Self { data: data.to_owned(), keys }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder of the keys.
    pub fn keys(&self) -> &Path {
        &self.keys
    }

    /// Where a database lies.
    pub fn file(&self, database: Database) -> PathBuf {
        self.data.join(database.file_name())
    }

    /// Where damaged files are moved to.
    pub fn quarantine(&self) -> PathBuf {
        self.data.join("quarantine")
    }

    /// Whether `folder` is the data folder of a kiosk that has written something.
    pub fn is_at(folder: &Path) -> bool {
        Description::file(&Self::at(folder)).is_file()
    }

    /// Whether the database was created here and not given up since, whatever became of its file.
    ///
    /// # Errors
    /// [`StoreError`] when the description of the folder cannot be read.
    pub fn had(&self, database: Database) -> Result<bool, StoreError> {
        Ok(Description::read(self)?.databases.contains(&database))
    }
}

/// `store.json`: what should be in the data folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    /// The fingerprint of the key that the databases were written with.
    pub key: Option<String>,
    /// The databases that were created.
    pub databases: Vec<Database>,
}

impl Description {
    fn file(home: &Home) -> PathBuf {
        home.data.join("store.json")
    }

    /// Reads it; a folder without one is described as empty.
    pub fn read(home: &Home) -> Result<Self, StoreError> {
        let file = Self::file(home);
        match fs::read(&file) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| StoreError::Description(file, error.to_string()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(StoreError::from_io(&file, error)),
        }
    }

    /// Notes that `database` exists, written with the key of this fingerprint.
    pub fn add(home: &Home, database: Database, key: &str) -> Result<(), StoreError> {
        let before = Self::read(home)?;
        let mut after = before.clone();
        after.key = Some(key.to_owned());
        if !after.databases.contains(&database) {
            after.databases.push(database);
            after.databases.sort_unstable();
        }
        if after == before { Ok(()) } else { after.write(home) }
    }

    /// Notes that `database` was given up.
    pub fn remove(home: &Home, database: Database) -> Result<(), StoreError> {
        let mut description = Self::read(home)?;
        description.databases.retain(|other| *other != database);
        description.write(home)
    }

    fn write(&self, home: &Home) -> Result<(), StoreError> {
        let file = Self::file(home);
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| StoreError::Failed { file: file.clone(), source: Box::new(error) })?;
        Ok(files::write_atomic(&file, &text, Access::Private)?)
    }
}

/// What SQLite keeps beside a database: the write-ahead log and its index.
pub(super) const LOGS: [&str; 2] = ["-wal", "-shm"];

/// The file that has the database's name with `suffix` after it.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Creates the folder and those above it, for the owner only.
pub(super) fn create_folder(folder: &Path) -> Result<(), StoreError> {
    Ok(files::make_folder(folder, Access::Private)?)
}

/// Makes the folder's own entries durable, as far as its file system can.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    files::sync_folder(folder).map_err(|error| StoreError::from_io(folder, error))
}
