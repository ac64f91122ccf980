//! `recognition.toml`: what the kiosk takes for a face, for a good look at it, for a living person, and for somebody it knows.

use std::path::Path;

use serde::Deserialize;

use super::{CameraConfig, ConfigError, DecisionConfig, read_toml};

/// `recognition.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecognitionConfig {
    /// Which camera, and the picture asked of it.
    pub camera: CameraConfig,
    /// Which models of `models/models.toml` do the work.
    pub models: ModelChoice,
    /// What counts as a face.
    pub detection: DetectionConfig,
    /// What counts as a good look at it.
    pub quality: QualityConfig,
    /// Whether a living person must stand there.
    pub liveness: LivenessConfig,
    /// When a face is somebody.
    pub decision: DecisionConfig,
}

impl RecognitionConfig {
    /// Reads `recognition.toml` of `dir`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file, line and key.
    pub fn read(dir: &Path) -> Result<Self, ConfigError> {
        read_toml(&dir.join("recognition.toml"))
    }
}

/// Which models do the work, by their ids in `models/models.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelChoice {
    /// Finds faces and their landmarks.
    pub detector: String,
    /// Makes templates. Templates of different embedders never compare.
    pub embedder: String,
    /// Tell a living face from a photo or a screen; the mean of them counts.
    pub liveness: Vec<String>,
    /// Processor threads a model run may use, 1..=64.
    #[serde(deserialize_with = "threads")]
    pub threads: usize,
}

/// What counts as a face.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectionConfig {
    /// Least confidence of the detector, 0..1.
    #[serde(deserialize_with = "fraction")]
    pub min_score: f32,
    /// Narrowest face that a camera's frame is searched for, in pixels of the frame.
    #[serde(deserialize_with = "face_pixels")]
    pub min_face_px: f32,
    /// How long to rest between looks while nobody is there, in milliseconds.
    pub idle_interval_ms: u64,
}

/// What counts as a good look. A look that misses one of these counts for no decision.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityConfig {
    /// Narrowest face in pixels of the frame.
    #[serde(deserialize_with = "face_pixels")]
    pub min_face_px: f32,
    /// Furthest turn to the side in degrees.
    #[serde(deserialize_with = "degrees")]
    pub max_yaw_deg: f32,
    /// Furthest nod up or down in degrees.
    #[serde(deserialize_with = "degrees")]
    pub max_pitch_deg: f32,
    /// Furthest tilt to the shoulder in degrees.
    #[serde(deserialize_with = "degrees")]
    pub max_roll_deg: f32,
    /// Least sharpness, 0..1.
    #[serde(deserialize_with = "fraction")]
    pub min_sharpness: f32,
    /// Least mean brightness of the face, 0..1.
    #[serde(deserialize_with = "fraction")]
    pub min_brightness: f32,
    /// Greatest mean brightness of the face, 0..1.
    #[serde(deserialize_with = "fraction")]
    pub max_brightness: f32,
}

/// Whether a living person must stand there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LivenessConfig {
    /// Whether liveness is measured at all.
    pub enabled: bool,
    /// Least mean probability of a living face, 0..1.
    #[serde(deserialize_with = "fraction")]
    pub min_live: f32,
}

fn fraction<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    within(deserializer, 0.0, 1.0, "a share from 0 to 1")
}

fn degrees<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    within(deserializer, 1.0, 90.0, "an angle from 1 to 90 degrees")
}

fn face_pixels<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    within(deserializer, 10.0, 2000.0, "a face's width from 10 to 2000 pixels")
}

fn threads<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = usize::deserialize(deserializer)?;
    if (1..=64).contains(&value) {
        return Ok(value);
    }
    Err(serde::de::Error::custom(format!("{value} is not a number of threads from 1 to 64")))
}

fn within<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
    least: f32,
    most: f32,
    what: &str,
) -> Result<f32, D::Error> {
    let value = f32::deserialize(deserializer)?;
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(serde::de::Error::custom(format!("{value} is not {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;

    const SHIPPED: &str = include_str!("../../kiosk-config/recognition.toml");

    fn parse(text: &str) -> Result<RecognitionConfig, ConfigError> {
        parse_toml(Path::new("recognition.toml"), text)
    }

    #[test]
    fn the_shipped_file_asks_for_a_confident_face() {
        let config = parse(SHIPPED).expect("the shipped file");
        assert!(config.detection.min_score >= 0.8);
        assert!(!config.models.liveness.is_empty());
    }

    #[test]
    fn a_typo_and_values_out_of_range_are_refused_with_their_line() {
        for (key, nonsense) in [
            ("min_score", "min_score = 80"),
            ("max_yaw_deg", "max_yaw_deg = 0"),
            ("min_live", "min_life = 0.5"),
            ("threads", "threads = 0"),
            ("min_brightness", "min_brightness = nan"),
        ] {
            let line = 1 + SHIPPED.lines().position(|line| line.starts_with(key)).expect(key);
            let broken: Vec<&str> =
                SHIPPED.lines().map(|line| if line.starts_with(key) { nonsense } else { line }).collect();
            let error = parse(&broken.join("\n")).expect_err(nonsense).to_string();
            assert!(error.starts_with(&format!("recognition.toml:{line}: ")), "{error}");
        }
    }
}
