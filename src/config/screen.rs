//! `screen.toml`: how the kiosk's screen looks and how long it waits.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::values::{text, text_or_nothing};
use super::{ConfigError, read_toml};
#[cfg(feature = "kiosk")]
use crate::kiosk::session::{SessionOptions, Timings};

/// `screen.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenConfig {
    /// A font file for Chinese; empty: the usual places.
    pub font: PathBuf,
    /// Its bold cut; empty: the usual places beside the regular one.
    pub font_bold: PathBuf,
    /// Which face of a collection (`.ttc`).
    pub font_face: u32,
    /// Text size, 0.8 to 1.6.
    #[serde(deserialize_with = "scale")]
    pub scale: f32,
    /// Fill the whole screen.
    pub fullscreen: bool,
    /// Several dishes may be taken for one meal.
    pub several_dishes: bool,
    /// Where the elder pays their own share.
    #[serde(deserialize_with = "text")]
    pub own_share_collected: String,
    /// The purpose notice; empty: the shipped sentence.
    #[serde(deserialize_with = "text_or_nothing")]
    pub notice: String,
    /// Waits.
    pub seconds: Waits,
}

/// Waits in seconds, each 1 to 600.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waits {
    /// Looking without a decision.
    #[serde(deserialize_with = "seconds")]
    pub looking: u64,
    /// The greeting.
    #[serde(deserialize_with = "seconds")]
    pub recognised: u64,
    /// Choosing without a touch.
    #[serde(deserialize_with = "seconds")]
    pub dishes: u64,
    /// An unconfirmed meal.
    #[serde(deserialize_with = "seconds")]
    pub confirm: u64,
    /// The success screen.
    #[serde(deserialize_with = "seconds")]
    pub settled: u64,
    /// A message.
    #[serde(deserialize_with = "seconds")]
    pub message: u64,
    /// An elder whose face is not seen.
    #[serde(deserialize_with = "seconds")]
    pub away: u64,
    /// Being recognised again after somebody stepped in front.
    #[serde(deserialize_with = "seconds")]
    pub reverify: u64,
}

impl ScreenConfig {
    /// Reads `screen.toml` of `dir`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file, line and key.
    pub fn read(dir: &Path) -> Result<Self, ConfigError> {
        read_toml(&dir.join("screen.toml"))
    }

    /// What the session takes from it.
    #[cfg(feature = "kiosk")]
    pub fn session_options(&self) -> SessionOptions {
        let waits = &self.seconds;
        SessionOptions {
            timings: Timings {
                looking_ms: waits.looking * 1000,
                recognised_ms: waits.recognised * 1000,
                dishes_ms: waits.dishes * 1000,
                confirm_ms: waits.confirm * 1000,
                settled_ms: waits.settled * 1000,
                message_ms: waits.message * 1000,
                away_ms: waits.away * 1000,
                reverify_ms: waits.reverify * 1000,
            },
            several_dishes: self.several_dishes,
        }
    }
}

fn scale<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let scale = f32::deserialize(deserializer)?;
    if (0.8..=1.6).contains(&scale) {
        Ok(scale)
    } else {
        Err(serde::de::Error::custom(format!("scale: {scale} is not between 0.8 and 1.6")))
    }
}

fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let seconds = u64::deserialize(deserializer)?;
    if (1..=600).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(serde::de::Error::custom(format!("{seconds} is not between 1 and 600 seconds")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;

    const SHIPPED: &str = include_str!("../../kiosk-config/screen.toml");

    fn parse(text: &str) -> Result<ScreenConfig, ConfigError> {
        parse_toml(Path::new("screen.toml"), text)
    }

    #[test]
    fn the_shipped_waits_are_the_sessions_own() {
        let shipped = parse(SHIPPED).expect("the shipped file");
        assert_eq!(shipped.session_options(), SessionOptions::default());
    }

    #[test]
    fn a_typo_and_absurd_sizes_and_waits_are_refused_with_their_line() {
        for (from, to) in [
            ("confirm = 40", "confirm = 0"),
            ("confirm = 40", "confirn = 40"),
            ("scale = 1.0", "scale = 9.0"),
            ("away = 8", "away = -8"),
        ] {
            assert!(SHIPPED.contains(from), "{from} is not in the shipped file");
            let place = 1 + SHIPPED.lines().position(|line| line == from).unwrap_or(0);
            let error =
                parse(&SHIPPED.replacen(&format!("\n{from}"), &format!("\n{to}"), 1)).expect_err(to).to_string();
            assert!(error.starts_with(&format!("screen.toml:{place}:")), "{error}");
        }
    }
}
