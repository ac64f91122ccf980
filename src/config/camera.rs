//! `[camera]` of `recognition.toml`: which camera, and the picture asked of it.

use serde::Deserialize;
use serde::de::Error;

/// Which camera, and the picture asked of it. What the camera cannot do is replaced by the nearest it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraConfig {
    /// Which camera.
    pub index: CameraIndex,
    /// Picture width in pixels, 160..=3840.
    #[serde(deserialize_with = "width")]
    pub width: u32,
    /// Picture height in pixels, 120..=2160.
    #[serde(deserialize_with = "height")]
    pub height: u32,
    /// Pictures a second, 1..=120.
    #[serde(deserialize_with = "fps")]
    pub fps: u32,
}

/// Which camera: a number of the system, or whichever there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameraIndex {
    /// The first that delivers pictures. A camera plugged in again may come back under another number: this finds it.
    Any,
    /// The `N` of `/dev/videoN`, 0..=63.
    Number(u32),
}

impl CameraIndex {
    /// The highest number that is looked at.
    pub const LAST: u32 = 63;
}

impl std::fmt::Display for CameraIndex {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => formatter.write_str("any"),
            Self::Number(number) => number.fmt(formatter),
        }
    }
}

impl std::str::FromStr for CameraIndex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<u32>() {
            _ if text == "any" => Ok(Self::Any),
            Ok(number) if number <= Self::LAST => Ok(Self::Number(number)),
            _ => Err(format!("{text:?} is no camera; it must be \"any\" or a number from 0 to {}", Self::LAST)),
        }
    }
}

impl<'de> Deserialize<'de> for CameraIndex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer) {
            Ok(Written::Number(number)) => number.to_string(),
            Ok(Written::Text(text)) => text,
            Err(_) => return Err(D::Error::custom("index: it must be \"any\" or a number such as 0")),
        };
        text.parse().map_err(|problem| D::Error::custom(format!("index: {problem}")))
    }
}

fn width<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(deserializer, "width", 160, 3840, "pixels")
}

fn height<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(deserializer, "height", 120, 2160, "pixels")
}

fn fps<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    within(deserializer, "fps", 5, 120, "pictures a second")
}

fn within<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
    key: &str,
    least: u32,
    most: u32,
    unit: &str,
) -> Result<u32, D::Error> {
    match i64::deserialize(deserializer).map(u32::try_from) {
        Ok(Ok(value)) if (least..=most).contains(&value) => Ok(value),
        _ => Err(D::Error::custom(format!("{key}: it must be a whole number from {least} to {most} {unit}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;
    use std::path::Path;

    fn parse(text: &str) -> Result<CameraConfig, String> {
        parse_toml(Path::new("recognition.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_camera_is_named_by_number_or_left_to_the_kiosk() {
        let config = |index| CameraConfig { index, width: 1280, height: 720, fps: 30 };
        let text = |index: &str| format!("index = {index}\nwidth = 1280\nheight = 720\nfps = 30");
        assert_eq!(parse(&text("2")), Ok(config(CameraIndex::Number(2))));
        assert_eq!(parse(&text("\"any\"")), Ok(config(CameraIndex::Any)));
    }

    #[test]
    fn what_no_camera_can_be_is_refused_with_its_line_and_range() {
        for (index, width, height, fps, line, names) in [
            ("-1", "1280", "720", "30", 1, "any"),
            ("64", "1280", "720", "30", 1, "0 to 63"),
            ("\"front\"", "1280", "720", "30", 1, "front"),
            ("true", "1280", "720", "30", 1, "index"),
            ("0", "0", "720", "30", 2, "160 to 3840 pixels"),
            ("0", "1280", "72000", "30", 3, "120 to 2160 pixels"),
            ("0", "1280", "720", "0", 4, "5 to 120 pictures a second"),
            ("0", "1280", "720", "29.97", 4, "fps"),
        ] {
            let text = format!("index = {index}\nwidth = {width}\nheight = {height}\nfps = {fps}");
            let error = parse(&text).expect_err(&text);
            assert!(error.starts_with(&format!("recognition.toml:{line}: ")), "{error}");
            assert!(error.contains(names), "{error} does not say {names}");
        }
    }
}
