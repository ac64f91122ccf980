//! `subsidies/*.toml`: the programmes of a canteen, one file or many, read into a [`RuleBook`].
//!
//! What could be read in two ways is refused, with the file and line of both sides.

mod convert;
mod shape;
mod values;

use std::borrow::Cow;
use std::fs::DirEntry;
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

/// Reads every `*.toml` of `folder`, in capitals or not, as one rule book. Hidden files, what editors leave beside a file
/// (`a.toml~`, `#a.toml#`) and empty folders are left out. Any other file, and a folder with anything in it, is refused: it
/// may be meant as rules, and the elders would go without them. A folder without rules is a book without programmes; one
/// that is missing is an error.
///
/// # Errors
/// [`ConfigError::Unreadable`] for what cannot be read, [`ConfigError::Wrong`] naming the file, the line, the key and
/// the remedy, and both lines where two contradict each other.
pub fn read_folder(folder: &Path) -> Result<RuleBook, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { file: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(unreadable)?;
    paths.retain(|path| !is_left_out(path));
    paths.sort();
    let is_rules = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let (files, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_rules);
    match others.iter().find(|other| !is_empty_folder(other)) {
        Some(other) => Err(not_rules(other, &files)),
        None => read_files(&files),
    }
}

fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn is_left_out(path: &Path) -> bool {
    let name = name_of(path);
    let of_an_editor = name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    name.starts_with('.') || of_an_editor
}

fn is_empty_folder(path: &Path) -> bool {
    let hidden = |entry: std::io::Result<DirEntry>| entry.is_ok_and(|entry| name_of(&entry.path()).starts_with('.'));
    std::fs::read_dir(path).is_ok_and(|mut inside| inside.all(hidden))
}

/// Why a path beside these rule files is refused.
fn not_rules(path: &Path, rules: &[PathBuf]) -> ConfigError {
    let name = name_of(path);
    let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
    let mut stems = ends.filter_map(|end| name.get(..end));
    let is_taken = |stem: &str| rules.iter().any(|file| name_of(file).eq_ignore_ascii_case(&format!("{stem}.toml")));
    let (problem, remedy) = if path.is_dir() {
        let remedy = "move its rule files up to the others, or move it out of the folder";
        ("it is a folder, and what lies in it is not read", remedy.to_owned())
    } else {
        let first = name.split('.').next().unwrap_or_default();
        let remedy = if stems.any(is_taken) {
            // Under that name it would take the place of the rules in force.
            "move it out of the folder".to_owned()
        } else {
            format!("name it {first}.toml, or move it out of the folder")
        };
        ("it is not a rule file by its name", remedy)
    };
    ConfigError::Wrong { line: 1, problem: problem.to_owned(), remedy, file: path.to_owned() }
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
