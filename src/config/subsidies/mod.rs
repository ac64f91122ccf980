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

/// Reads every `*.toml` of `folder`, in capitals or not, as one rule book. Hidden files and what editors leave beside a
/// file (`a.toml~`, `#a.toml#`) are left out, and so are folders. Any other file is refused: it may be meant as rules, and
/// the elders would go without them. A folder without rules is a book without programmes; one that is missing is an error.
///
/// # Errors
/// [`ConfigError::Unreadable`] for what cannot be read, [`ConfigError::Wrong`] naming the file, the line, the key and
/// the remedy, and both lines where two contradict each other.
pub fn read_folder(folder: &Path) -> Result<RuleBook, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { file: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let of_an_editor = name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
        let rules = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        if name.starts_with('.') || of_an_editor || (!rules && file.is_dir()) {
            continue;
        }
        if !rules {
            let stem = name.split('.').next().unwrap_or_default();
            return Err(ConfigError::Wrong {
                line: 1,
                problem: "it is not a rule file by its name".to_owned(),
                remedy: format!("name it {stem}.toml, or move it out of the folder"),
                file,
            });
        }
        files.push(file);
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
