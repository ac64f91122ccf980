//! `--source`: which frames the kiosk looks at.

use std::path::PathBuf;
use std::str::FromStr;

/// A source as it stands on the command line: `camera`, `pictures:DIR` or `drawn`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// The camera of `recognition.toml`.
    Camera,
    /// The pictures of a folder.
    Pictures(PathBuf),
    /// People whom the program draws itself.
    Drawn,
}

/// The text names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no source; remedy: write camera, drawn or pictures:FOLDER")]
pub struct UnknownSource(String);

impl FromStr for SourceSpec {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "camera" => Ok(Self::Camera),
            None if text == "drawn" => Ok(Self::Drawn),
            Some(("pictures", folder)) if !folder.is_empty() => Ok(Self::Pictures(PathBuf::from(folder))),
            _ => Err(UnknownSource(text.to_owned())),
        }
    }
}

impl std::fmt::Display for SourceSpec {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Camera => formatter.write_str("camera"),
            Self::Pictures(folder) => write!(formatter, "pictures:{}", folder.display()),
            Self::Drawn => formatter.write_str("drawn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_sources_read_back_as_written_and_nothing_else_is_taken() {
        for text in ["camera", "drawn", "pictures:/a/b:c", "pictures:relative dir"] {
            assert_eq!(text.parse::<SourceSpec>().map(|s| s.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "Camera", "camera:0", "pictures", "pictures:", "drawn:8", "file.jpg"] {
            let error = text.parse::<SourceSpec>().expect_err(text).to_string();
            assert!(error.contains("remedy"), "{error}");
        }
    }
}
