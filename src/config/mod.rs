//! What a canteen edits: `kiosk-config/*.toml`, one file a concern, parsed into types that cannot hold nonsense.
//!
//! An error names the file, the line, the key and the remedy. A file is taken whole or not at all.

mod camera;
mod canteen;
mod decision;
mod recognition;
mod screen;
pub mod subsidies;
mod values;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::files::read_start;

pub use camera::{CameraConfig, CameraIndex};
pub use canteen::{CanteenConfig, PeriodHours};
pub use decision::{DecisionConfig, NoThreshold};
pub use recognition::{DetectionConfig, LivenessConfig, ModelChoice, QualityConfig, RecognitionConfig};
pub use screen::{ScreenConfig, Waits};

/// Why a configuration file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {source}; remedy: {}", remedy(source))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not what the kiosk understands.
    #[error("{file}:{line}: {problem}; remedy: {remedy}")]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, naming the key.
        problem: String,
        /// What to do.
        remedy: String,
    },
}

fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "put the file there, or name the folder that holds it with --config",
        ErrorKind::NotADirectory => "name the folder that holds it with --config",
        ErrorKind::IsADirectory => "move the folder of that name away, and put the file there",
        ErrorKind::PermissionDenied => "let the kiosk's account read it and enter the folders above it, then again",
        _ => "check the disk or the stick (`mealpoint doctor`), then again",
    }
}

/// Reads one TOML file into `T`.
///
/// # Errors
/// [`ConfigError::Unreadable`] when it cannot be opened, [`ConfigError::Wrong`] with the line for everything else: not
/// UTF-8, syntax, unknown keys (where `T` denies them), wrong types, values that `T` refuses.
pub fn read_toml<T: DeserializeOwned>(file: &Path) -> Result<T, ConfigError> {
    parse_toml(file, &read_text(file)?)
}

/// Far more than a person writes into one file of settings.
const MOST_BYTES: usize = 4 << 20;

/// Reads a text file of at most 4 MiB.
///
/// # Errors
/// [`ConfigError::Unreadable`] when it cannot be opened, [`ConfigError::Wrong`] when it is larger, or with the first line
/// that is not UTF-8.
pub fn read_text(file: &Path) -> Result<String, ConfigError> {
    let bytes =
        read_start(file, MOST_BYTES + 1).map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
    if bytes.len() > MOST_BYTES {
        return Err(ConfigError::Wrong {
            file: file.to_owned(),
            line: 1,
            problem: "it is larger than 4 MiB, as no settings are".to_owned(),
            remedy: "check that it is the right file".to_owned(),
        });
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        ConfigError::Wrong {
            file: file.to_owned(),
            line: 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count(),
            problem: "the text is not UTF-8".to_owned(),
            remedy: "save the file as UTF-8 in the editor".to_owned(),
        }
    })
}

/// Parses `text` as `file`'s content. See [`read_toml`].
///
/// # Errors
/// [`ConfigError::Wrong`] as [`read_toml`].
pub fn parse_toml<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    parse_toml_like(file, text, "the shipped file of the same name")
}

/// See [`parse_toml`]; `example` is the file that shows how it is written.
fn parse_toml_like<T: DeserializeOwned>(file: &Path, text: &str, example: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = in_plain_words(&error.message().replace('\n', " "));
        let (problem, remedy) = match message.split_once("; remedy: ") {
            Some((problem, remedy)) => (problem.to_owned(), remedy.to_owned()),
            None => (message, format!("correct this line; {example} shows every key with a comment")),
        };
        let problem = match key_before(text, at) {
            Some(key) if !problem.contains(key) => format!("{key}: {problem}"),
            _ => problem,
        };
        ConfigError::Wrong { file: file.to_owned(), line: line_of(text, at), problem, remedy }
    })
}

/// The parser's message without the names of the program's own types and of the parser's.
fn in_plain_words(message: &str) -> String {
    const NAMES: [(&str, &str); 13] = [
        ("u8", "a whole number from 0 to 255"),
        ("u16", "a whole number from 0 to 65535"),
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number, 0 or more"),
        ("usize", "a whole number, 0 or more"),
        ("i64", "a whole number"),
        ("f32", "a number"),
        ("f64", "a number"),
        ("a boolean", "true or false"),
        ("a string", "a text in quotes"),
        ("path string", "a file's name in quotes"),
        ("a sequence", "a list in square brackets"),
        ("a TOML datetime", "a date without quotes, such as 2026-01-01"),
    ];
    let Some((before, kind)) = message.rsplit_once("expected ") else { return message.to_owned() };
    let plain = NAMES.into_iter().find_map(|(name, plain)| (kind == name).then_some(plain));
    // Tables are structs of the program.
    let plain = plain.or_else(|| kind.starts_with("struct ").then_some("a part of its own in square brackets"));
    plain.map_or_else(|| message.to_owned(), |plain| format!("{before}expected {plain}"))
}

/// The key of the value that starts at byte `offset`, where it stands directly before it or before the list that holds it.
fn key_before(text: &str, offset: usize) -> Option<&str> {
    let before = text.get(..offset)?;
    let list = before.rsplit_once('[').filter(|(_, listed)| !listed.contains(']')).map_or("", |(before, _)| before);
    let before = [before, list].into_iter().find_map(|before| before.trim_end().strip_suffix('='))?.trim_end();
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
    before.get(start.map_or(0, |at| at + 1)..).filter(|key| !key.is_empty())
}

/// Two settings of one file that cannot both hold.
struct Contradiction {
    /// One of them.
    key: &'static str,
    /// How it contradicts the other, naming that one.
    problem: String,
    /// What to do.
    remedy: String,
}

impl Contradiction {
    /// The error that refuses `text` as `file`'s content, with the line of the key.
    fn refused(self, file: &Path, text: &str) -> ConfigError {
        let Self { key, problem, remedy } = self;
        let sets =
            |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        let line = 1 + text.lines().position(sets).unwrap_or(0);
        ConfigError::Wrong { file: file.to_owned(), line, problem: format!("{key}: {problem}"), remedy }
    }
}

/// The line, from 1, that holds byte `offset` of `text`.
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_and_cannot_be_read_is_not_said_to_be_missing() {
        let said = |kind: ErrorKind| {
            ConfigError::Unreadable { file: PathBuf::from("canteen.toml"), source: kind.into() }.to_string()
        };
        assert!(said(ErrorKind::NotFound).contains("; remedy: put the file there, or name the folder"));
        for (kind, remedy) in [
            (ErrorKind::PermissionDenied, "; remedy: let the kiosk's account read it"),
            (ErrorKind::NotADirectory, "; remedy: name the folder that holds it with --config"),
            (ErrorKind::Other, "; remedy: check the disk"),
        ] {
            let said = said(kind);
            assert!(said.starts_with("canteen.toml: ") && said.contains(remedy), "{said}");
            assert!(!said.contains("put the file there"), "{said}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let said = read_text(folder.path()).expect_err("a folder is no file").to_string();
        assert!(said.contains("; remedy: move the folder of that name away"), "{said}");
    }
}
