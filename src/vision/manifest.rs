//! `models/models.toml`, parsed: each model's file, origin, shapes and the meaning of its scores.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::{ConfigError, read_toml};
use crate::domain::{CalibrationError, ModelDigest};

/// Every model the product knows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The models; ids are unique.
    #[serde(rename = "model", deserialize_with = "unique")]
    pub models: Vec<ModelCard>,
}

impl Manifest {
    /// Reads `file`.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file, line and key.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        read_toml(file)
    }

    /// The model with this id.
    pub fn find(&self, id: &str) -> Option<&ModelCard> {
        self.models.iter().find(|card| card.id == id)
    }

    /// The drawn pack's model of this role.
    pub fn drawn(&self, role: ModelRole) -> Option<&ModelCard> {
        self.models.iter().find(|card| card.pack == PackName::Drawn && card.role == role)
    }
}

/// The two packs: whom their models know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PackName {
    /// Models of people, fetched by `scripts/setup`. Which of them work together stands in `recognition.toml`.
    #[default]
    Real,
    /// Models of drawn people alone, part of the repository: a demo's and a test's, never a canteen's.
    Drawn,
}

impl fmt::Display for PackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Real => "real",
            Self::Drawn => "drawn",
        })
    }
}

impl PackName {
    /// What to do about a file of this pack that is not what it should be.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Real => "delete it and run scripts/setup",
            Self::Drawn => "put back the file of this release",
        }
    }
}

/// One model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// The name that `recognition.toml` uses.
    pub id: String,
    /// What it is for.
    pub role: ModelRole,
    /// Whom it knows. Files of the drawn pack lie beside the manifest.
    #[serde(default)]
    pub pack: PackName,
    /// Whether `scripts/setup` fetches it only where `kiosk-config/recognition.toml` names it.
    #[serde(default)]
    pub optional: bool,
    /// File name.
    #[serde(deserialize_with = "file_name")]
    pub file: String,
    /// SHA-256 of the file.
    #[serde(deserialize_with = "digest")]
    pub sha256: ModelDigest,
    /// Size of the file.
    pub bytes: u64,
    /// Pinned public address; of a drawn model the page that tells how it came to be.
    pub source: String,
    /// Licence of the repository it comes from.
    pub licence: String,
    /// What it learned from: a limit of what it knows.
    pub trained_on: String,
    /// Order of the input's colour planes.
    pub channels: Channels,
    /// A value v of 0..255 goes in as `(v / divisor − mean) / deviation`.
    pub divisor: f32,
    /// See [`divisor`](Self::divisor); in the order of `channels`.
    pub mean: [f32; 3],
    /// See [`divisor`](Self::divisor); in the order of `channels`.
    pub deviation: [f32; 3],
    /// Inputs in the model's order.
    pub inputs: Vec<Port>,
    /// Outputs; the model may have them in another order.
    pub outputs: Vec<Port>,
    /// Detectors: the least score of a face, 0..1, in place of the one in `recognition.toml`, which is YuNet's.
    pub min_score: Option<f32>,
    /// Detectors: whether it knows upright faces alone, so that a still without any is not searched turned.
    #[serde(default)]
    pub upright: bool,
    /// Embedders: whether it was trained on dark and pale faces too, so that a still's are taken as they are.
    #[serde(default)]
    pub any_light: bool,
    /// Embedders: what a similarity means.
    #[serde(default)]
    pub calibration: Vec<Calibration>,
    /// Liveness: the crop's size in face boxes.
    pub crop: Option<f32>,
    /// Liveness: whether the crop is a square with a mirrored border, averaged where it is shrunk.
    #[serde(default)]
    pub square: bool,
    /// Liveness: which logit stands for a living face.
    pub live: Option<usize>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelRole {
    /// Picture → faces with landmarks.
    Detector,
    /// Aligned face → template.
    Embedder,
    /// Face with surroundings → living or not.
    Liveness,
}

impl fmt::Display for ModelRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Detector => "detector",
            Self::Embedder => "embedder",
            Self::Liveness => "liveness model",
        })
    }
}

/// Order of the colour planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// An input or output.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Its name in the graph.
    pub name: String,
    /// Its shape; 0 stands for any size.
    pub shape: Vec<u32>,
}

/// What a similarity means in one population.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Who was measured.
    pub population: String,
    /// Whether decisions go by this one.
    pub conservative: bool,
    /// Mean similarity of two different people, where it was measured.
    pub impostor_mean: Option<f32>,
    /// Measured points, false match rates falling.
    pub points: Vec<OperatingPoint>,
}

/// One point of a model's error curve: comparisons of one picture with one picture.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// False match rate.
    pub fmr: f64,
    /// The threshold that keeps it, a cosine.
    pub similarity: f32,
    /// True match rate there.
    pub tmr: f64,
}

impl ModelCard {
    /// The calibration that decisions go by; `None` when nobody measured this model.
    pub fn conservative(&self) -> Option<&Calibration> {
        self.calibration.iter().find(|calibration| calibration.conservative)
    }
}

fn unique<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<ModelCard>, D::Error> {
    let models = Vec::<ModelCard>::deserialize(deserializer)?;
    for (index, card) in models.iter().enumerate() {
        if models.iter().take(index).any(|other| other.id == card.id) {
            return Err(serde::de::Error::custom(format!("model {:?} stands here twice", card.id)));
        }
        card.check().map_err(|problem| serde::de::Error::custom(format!("model {:?}: {problem}", card.id)))?;
    }
    Ok(models)
}

impl ModelCard {
    /// What the decision needs of the [`conservative`](Self::conservative) calibration.
    ///
    /// # Errors
    /// [`CalibrationError`] when its points are no falling error curve; a manifest that was read holds none such.
    pub fn score_calibration(&self) -> Result<Option<crate::domain::Calibration>, CalibrationError> {
        let Some(measured) = self.conservative() else { return Ok(None) };
        let points = measured.points.iter().map(|point| (point.fmr, point.similarity)).collect();
        crate::domain::Calibration::new(points, measured.impostor_mean).map(Some)
    }

    /// What serde cannot see: parts that belong together.
    fn check(&self) -> Result<(), &'static str> {
        // Beyond these, and with what is no number, every picture becomes the same to the model.
        if !self.deviation.iter().chain([&self.divisor]).all(|scale| (1e-3..=1e3).contains(scale)) {
            return Err("divisor and deviation must be from 0.001 to 1000");
        }
        if !self.mean.iter().all(|mean| (-1e3..=1e3).contains(mean)) {
            return Err("mean must be from -1000 to 1000");
        }
        if self.calibration.iter().filter(|calibration| calibration.conservative).count() > 1 {
            return Err("more than one calibration is marked conservative, and decisions go by one alone");
        }
        if self.inputs.len() != 1 {
            return Err("it must have exactly one input");
        }
        if self.outputs.is_empty() {
            return Err("it must have an output");
        }
        if self.inputs.iter().chain(&self.outputs).any(|port| port.name.is_empty()) {
            return Err("an input or output has no name");
        }
        if self.score_calibration().is_err() {
            return Err(
                "the conservative calibration needs at least two points, rates falling and similarities rising",
            );
        }
        if self.min_score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
            return Err("min_score is a share from 0 to 1");
        }
        if self.pack == PackName::Drawn {
            match self.role {
                ModelRole::Detector if self.min_score.is_none() => return Err("a drawn detector needs a min_score"),
                ModelRole::Embedder if self.conservative().is_none() => {
                    return Err("a drawn embedder needs a conservative calibration");
                }
                ModelRole::Liveness => return Err("there is no drawn liveness model: nobody drawn is alive"),
                ModelRole::Detector | ModelRole::Embedder => {}
            }
        }
        match self.role {
            ModelRole::Liveness if self.crop.is_none_or(|crop| !(0.5..=10.0).contains(&crop)) => {
                Err("liveness needs a crop from 0.5 to 10")
            }
            ModelRole::Liveness if self.live.is_none() => Err("liveness needs the index of the live class"),
            _ => Ok(()),
        }
    }
}

fn file_name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if Path::new(&name).file_name().is_some_and(|file| file == name.as_str()) {
        return Ok(name);
    }
    Err(serde::de::Error::custom(format!("{name:?} is not a plain file name")))
}

fn digest<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<ModelDigest, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(ModelDigest(text));
    }
    Err(serde::de::Error::custom("a SHA-256 has 64 lower-case hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;

    const SHIPPED: &str = include_str!("../../models/models.toml");

    fn parse(text: &str) -> Result<Manifest, ConfigError> {
        parse_toml(Path::new("models.toml"), text)
    }

    #[test]
    fn the_shipped_manifest_describes_every_role_pins_every_source_and_knows_sface() {
        let manifest = parse(SHIPPED).expect("the shipped manifest");
        for role in [ModelRole::Detector, ModelRole::Embedder, ModelRole::Liveness] {
            let fetched = |card: &ModelCard| card.role == role && card.pack == PackName::Real && !card.optional;
            assert!(manifest.models.iter().any(fetched), "{role:?}");
        }
        for card in manifest.models.iter().filter(|card| card.pack == PackName::Real) {
            let commit = card.source.split('/').find(|part| part.len() == 40);
            assert!(commit.is_some_and(|c| c.bytes().all(|b| b.is_ascii_hexdigit())), "{} is not pinned", card.source);
        }
        assert!(manifest.find("sface").is_some_and(|card| card.optional && card.conservative().is_none()));
    }

    #[test]
    fn the_conservative_table_asks_for_more_similarity_than_any_other() {
        let manifest = parse(SHIPPED).expect("the shipped manifest");
        let card = manifest.find("mobilefacenet").expect("the embedder");
        let conservative = card.conservative().expect("a conservative table");
        for point in &conservative.points {
            for other in card.calibration.iter().filter(|c| !c.conservative).flat_map(|c| &c.points) {
                assert!(other.fmr < point.fmr || other.similarity <= point.similarity, "{point:?} {other:?}");
            }
        }
    }

    #[test]
    fn scales_that_are_no_plausible_numbers_are_refused() {
        for (key, values, says) in [
            ("divisor = ", ["inf", "nan", "0.0", "-1.0", "1e-4", "1e4"], "divisor and deviation"),
            ("deviation = ", ["inf", "nan", "0.0", "-1.0", "1e-4", "1e4"], "divisor and deviation"),
            ("mean = ", ["inf", "-inf", "nan", "-nan", "1e4", "-1e4"], "mean must be"),
        ] {
            let shipped = SHIPPED.lines().find(|line| line.starts_with(key)).expect(key);
            for value in values {
                let value = if key == "divisor = " { value.to_owned() } else { format!("[0.5, 0.5, {value}]") };
                let error =
                    parse(&SHIPPED.replacen(shipped, &format!("{key}{value}"), 1)).expect_err(&value).to_string();
                assert!(error.contains(says) && error.contains("yunet"), "{key}{value}: {error}");
            }
        }
    }

    #[test]
    fn two_calibrations_that_are_both_marked_conservative_are_refused() {
        let both = SHIPPED.replace("conservative = false", "conservative = true");
        assert!(parse(&both).is_err_and(|error| error.to_string().contains("more than one calibration")));
    }

    #[test]
    fn a_model_that_stands_there_twice_or_leads_out_of_its_folder_is_refused() {
        let twice = SHIPPED.replace("id = \"yunet-640\"", "id = \"yunet\"");
        assert!(parse(&twice).is_err_and(|error| error.to_string().contains("twice")));
        let outside = SHIPPED.replace("file = \"yunet_n", "file = \"../yunet_n");
        assert!(parse(&outside).is_err_and(|error| error.to_string().contains("plain file name")));
    }
}
