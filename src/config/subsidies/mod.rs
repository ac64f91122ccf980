//! `subsidies/*.toml`: the programmes of a canteen, one file or many, read into a [`RuleBook`].
//!
//! What could be read in two ways is refused, with the file and line of both sides.

mod convert;
mod shape;
mod values;

use std::path::{Path, PathBuf};

use super::{ConfigError, parse_toml_like, read_text};
use crate::domain::subsidy::{Programme, RuleBook, RuleError};

/// Reads all rule files of the configuration folder `config`: `config/subsidies/*.toml`.
///
/// # Errors
/// [`ConfigError`] as [`read_folder`].
pub fn read(config: &Path) -> Result<RuleBook, ConfigError> {
    read_folder(&config.join("subsidies"))
}

/// Reads every `*.toml` of `folder` as one rule book; hidden files are left out. A folder without any is a book
/// without programmes; a folder that is missing is an error.
///
/// # Errors
/// [`ConfigError::Unreadable`] for what cannot be read, [`ConfigError::Wrong`] naming the file, the line, the key and
/// the remedy, and both lines where two contradict each other.
pub fn read_folder(folder: &Path) -> Result<RuleBook, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { file: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let hidden = file.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    read_files(&files)
}

/// Reads these files as one rule book.
///
/// # Errors
/// [`ConfigError`] as [`read_folder`].
pub fn read_files(files: &[PathBuf]) -> Result<RuleBook, ConfigError> {
    let mut programmes = Vec::new();
    for file in files {
        programmes.extend(parse(file, &read_text(file)?)?);
    }
    Ok(RuleBook::new(programmes)?)
}

/// Parses `text` as `file`'s content into programmes that are yet to be checked by [`RuleBook::new`].
///
/// # Errors
/// [`ConfigError::Wrong`] as [`read_folder`].
pub fn parse(file: &Path, text: &str) -> Result<Vec<Programme>, ConfigError> {
    // A district's rule file has a name of its own, and the shipped one may have been taken out of the folder for it.
    let shape: shape::FileShape = parse_toml_like(file, text, "kiosk-config/subsidies/wuhou.toml as it is shipped")?;
    shape.programme.into_iter().map(|programme| convert::programme(file, text, programme)).collect()
}

impl From<RuleError> for ConfigError {
    fn from(error: RuleError) -> Self {
        let problem = match error.other {
            Some(other) => format!("{} (see {other})", error.problem),
            None => error.problem,
        };
        let file = PathBuf::from(&*error.place.file);
        Self::Wrong { file, line: error.place.line, problem, remedy: error.remedy }
    }
}
