//! The key of the databases: 32 random bytes, as 64 hex digits in `<keys>/database.key`, created once.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::StoreError;
use super::home::{Database, Home, create_folder};
use crate::files::{self, Access};

/// The key in the form that SQLCipher takes: 64 hex digits.
pub(super) struct Key(Zeroizing<String>);

impl Key {
    fn file(home: &Home) -> PathBuf {
        home.keys().join("database.key")
    }

    /// The key file's path, for messages.
    pub fn place(home: &Home) -> PathBuf {
        Self::file(home)
    }

    /// Reads the key of an existing database.
    pub fn read(home: &Home, database: Database) -> Result<Self, StoreError> {
        let file = Self::file(home);
        match fs::read_to_string(&file) {
            Ok(text) => Self::parse(&file, Zeroizing::new(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::KeyAbsent { key: file, database }),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(StoreError::KeyDamaged(file)),
            Err(error) => Err(StoreError::from_io(&file, error)),
        }
    }

    /// Reads the key, or makes it where there is none. Only for a data folder that has no database yet.
    pub fn read_or_create(home: &Home, database: Database) -> Result<Self, StoreError> {
        match Self::read(home, database) {
            Err(StoreError::KeyAbsent { key, .. }) => {
                create_folder(home.keys())?;
                Self::create(&key)?;
                Self::read(home, database)
            }
            other => other,
        }
    }

    /// Puts a new key at `file`, whole or not at all; one that another program put there meanwhile stays.
    fn create(file: &Path) -> Result<(), StoreError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|error| StoreError::Failed { file: file.to_owned(), source: Box::new(error) })?;
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in bytes.iter() {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        text.push('\n');
        files::create_atomic(file, text.as_bytes(), Access::Private)?;
        Ok(())
    }

    fn parse(file: &Path, text: Zeroizing<String>) -> Result<Self, StoreError> {
        let hex = text.trim_end();
        let plain = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !plain {
            return Err(StoreError::KeyDamaged(file.to_owned()));
        }
        if fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o077 != 0) {
            tracing::warn!(file = %file.display(), "others may read the database key; remedy: chmod 600");
        }
        Ok(Self(Zeroizing::new(hex.to_owned())))
    }

    /// Tells two keys apart without giving either away: 16 hex digits of a hash of the key.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"mealpoint database key\0").chain_update(self.0.as_bytes()).finalize();
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The statement that gives SQLCipher the raw key.
    pub fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", self.0.as_str()))
    }
}
