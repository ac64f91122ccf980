//! What a canteen edits: `kiosk-config/*.toml`, one file a concern, parsed into types that cannot hold nonsense.
//!
//! An error names the file, the line, the key and the remedy. A file is taken whole or not at all.

mod camera;
mod canteen;
mod decision;
mod recognition;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

pub use camera::{CameraConfig, CameraIndex};
pub use canteen::{CanteenConfig, PeriodHours};
pub use decision::DecisionConfig;
pub use recognition::{DetectionConfig, LivenessConfig, ModelChoice, QualityConfig, RecognitionConfig};

/// Why a configuration file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {source}; remedy: put the file there, or name the folder that holds it with --config")]
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

/// Reads one TOML file into `T`.
///
/// # Errors
/// [`ConfigError::Unreadable`] when there is no such file or it is not UTF-8, [`ConfigError::Wrong`] with the line for
/// everything else: syntax, unknown keys (where `T` denies them), wrong types, values that `T` refuses.
pub fn read_toml<T: DeserializeOwned>(file: &Path) -> Result<T, ConfigError> {
    let text =
        std::fs::read_to_string(file).map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
    parse_toml(file, &text)
}

/// Parses `text` as `file`'s content. See [`read_toml`].
///
/// # Errors
/// [`ConfigError::Wrong`] as [`read_toml`].
pub fn parse_toml<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        ConfigError::Wrong {
            file: file.to_owned(),
            line,
            problem: error.message().replace('\n', " "),
            remedy: "correct this line; the shipped file of the same name shows every key with a comment".to_owned(),
        }
    })
}

/// The line, from 1, that holds byte `offset` of `text`.
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}
