//! `recognition.toml`: what the kiosk takes for a face, for a good look at it, for a living person, and for somebody it knows.

use std::path::Path;

use serde::Deserialize;

use super::{CameraConfig, ConfigError, Contradiction, DecisionConfig, parse_toml, read_text};

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
    /// [`ConfigError`] naming the file, line and key, and both keys where two contradict each other.
    pub fn read(dir: &Path) -> Result<Self, ConfigError> {
        let file = dir.join("recognition.toml");
        Self::parse(&file, &read_text(&file)?)
    }

    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let config: Self = parse_toml(file, text)?;
        config.contradiction().map_or(Ok(config), |contradiction| Err(contradiction.refused(file, text)))
    }

    /// Two settings that cannot both hold, where there are such.
    fn contradiction(&self) -> Option<Contradiction> {
        let QualityConfig { min_brightness, max_brightness, .. } = self.quality;
        if self.liveness.enabled && self.models.liveness.is_empty() {
            return Some(Contradiction {
                key: "liveness",
                problem: "[models] names no model for it, and enabled = true under [liveness] asks for one".to_owned(),
                remedy: "name a liveness model of models/models.toml here, or set enabled = false under [liveness]"
                    .to_owned(),
            });
        }
        if min_brightness >= max_brightness {
            return Some(Contradiction {
                key: "min_brightness",
                problem: format!("{min_brightness} is not below max_brightness = {max_brightness}"),
                remedy: "lower min_brightness, or raise max_brightness".to_owned(),
            });
        }
        self.decision.contradiction()
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
    /// Tell a living face from a photo or a screen, each named once; the mean of them counts. At least one where
    /// [`LivenessConfig::enabled`] asks for it.
    #[serde(deserialize_with = "distinct")]
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
    /// How long to rest between looks while nobody is there, in milliseconds, 50..=500: after longer ones the tracker takes
    /// everybody for somebody new.
    #[serde(deserialize_with = "rest_ms")]
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
    /// Least mean brightness of the face, 0..1, below `max_brightness`.
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

fn distinct<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ids = Vec::<String>::deserialize(deserializer)?;
    match ids.iter().enumerate().find(|(at, id)| ids.iter().take(*at).any(|other| other == *id)) {
        Some((_, id)) => Err(serde::de::Error::custom(format!("model {id:?} stands here twice"))),
        None => Ok(ids),
    }
}

fn rest_ms<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let rest = u64::deserialize(deserializer)?;
    if (50..=500).contains(&rest) {
        return Ok(rest);
    }
    Err(serde::de::Error::custom(format!("{rest} is not a rest from 50 to 500 milliseconds")))
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

    const SHIPPED: &str = include_str!("../../kiosk-config/recognition.toml");

    fn parse(text: &str) -> Result<RecognitionConfig, ConfigError> {
        RecognitionConfig::parse(Path::new("recognition.toml"), text)
    }

    /// The shipped file with the line that sets `key` put as `wrong`, and that line's number.
    fn with(key: &str, wrong: &str) -> (String, usize) {
        let line = SHIPPED.lines().position(|line| line.starts_with(key)).expect(key);
        let lines: Vec<&str> =
            SHIPPED.lines().enumerate().map(|(at, text)| if at == line { wrong } else { text }).collect();
        (lines.join("\n"), line + 1)
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
            ("idle_interval_ms", "idle_interval_ms = 0"),
            ("idle_interval_ms", "idle_interval_ms = 60000"),
            ("liveness", "liveness = ['minifasnet-v2', 'minifasnet-v2']"),
        ] {
            let (broken, line) = with(key, nonsense);
            let error = parse(&broken).expect_err(nonsense).to_string();
            assert!(error.starts_with(&format!("recognition.toml:{line}: ")), "{error}");
        }
    }

    #[test]
    fn two_settings_that_cannot_both_hold_are_refused_by_both_names_with_the_line_of_one() {
        for (key, wrong, other) in [
            ("liveness", "liveness = []", "enabled"),
            ("min_brightness", "min_brightness = 0.92", "max_brightness"),
            ("min_looks", "min_looks = 16", "max_looks"),
            ("max_looks", "max_looks = 61", "max_poor_looks"),
            ("# fixed_similarity", "fixed_similarity = 0.39", "min_similarity"),
        ] {
            let (broken, line) = with(key, wrong);
            let error = parse(&broken).expect_err(wrong).to_string();
            assert!(
                error.starts_with(&format!("recognition.toml:{line}: {}: ", key.trim_start_matches("# "))),
                "{error}"
            );
            let (problem, remedy) = error.split_once("; remedy: ").expect("a remedy");
            assert!(problem.contains(other) && remedy.contains(other), "{error}");
        }
    }

    #[test]
    fn settings_that_meet_at_their_limits_and_no_liveness_where_nobody_asks_for_it_are_taken() {
        for (key, right) in [
            ("min_looks", "min_looks = 15"),
            ("max_looks", "max_looks = 60"),
            ("# fixed_similarity", "fixed_similarity = 0.40"),
            ("enabled", "enabled = false"),
        ] {
            let (mut text, _) = with(key, right);
            if key == "enabled" {
                let named = SHIPPED.lines().find(|line| line.starts_with("liveness")).expect("the models");
                text = text.replace(named, "liveness = []");
            }
            assert!(parse(&text).is_ok(), "{right}: {:?}", parse(&text));
        }
    }
}
