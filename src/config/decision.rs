//! `[decision]` of `recognition.toml`: when a face is somebody.

use serde::{Deserialize, Deserializer};

use super::{Contradiction, LivenessConfig};
use crate::domain::decision::{MOST_LOOKS, Policy, Threshold};
use crate::domain::{Calibration, ModelDigest};

/// The most looks that a decision may wait for: of a longer stay so many are remembered for certain.
const MOST: usize = MOST_LOOKS / 2;

/// When a face is somebody.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionConfig {
    /// Chance that a stranger who stands before the kiosk is taken for somebody, above 0 to 0.1.
    #[serde(deserialize_with = "budget")]
    pub max_false_accepts: f64,
    /// Least similarity, however small the roster, 0..1.
    #[serde(deserialize_with = "cosine")]
    pub min_similarity: f32,
    /// Least lead over the runner-up, 0..1.
    #[serde(deserialize_with = "cosine")]
    pub min_margin: f32,
    /// Good looks that must agree, 1..=300, not above `max_looks`.
    #[serde(deserialize_with = "looks")]
    pub min_looks: usize,
    /// Good looks after which an unknown person is told so, 1..=300, not above `max_poor_looks`.
    #[serde(deserialize_with = "looks")]
    pub max_looks: usize,
    /// Looks of any kind after which a person whom the kiosk cannot see is told so, 1..=300.
    #[serde(deserialize_with = "looks")]
    pub max_poor_looks: usize,
    /// Replaces the threshold from `max_false_accepts` where the embedder has no calibration, not below `min_similarity`.
    #[serde(default, deserialize_with = "fixed")]
    pub fixed_similarity: Option<f32>,
}

/// Why there is no policy for these models.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoThreshold {
    /// Nothing says which similarity is safe.
    #[error(
        "recognition.toml: the embedder has no calibration in models/models.toml, so nobody knows which similarity is \
         safe; remedy: measure it with `mealpoint evaluate gallery` and set [decision] fixed_similarity, or choose \
         another embedder"
    )]
    Uncalibrated,
    /// Two say so: the fixed one would neither keep `max_false_accepts` nor grow with the roster.
    #[error(
        "recognition.toml: [decision] fixed_similarity = {0} would override the calibration that models/models.toml has \
         for the embedder, and max_false_accepts with it; remedy: take fixed_similarity out"
    )]
    Calibrated(String),
}

impl DecisionConfig {
    /// Two settings that cannot both hold, where there are such.
    pub(super) fn contradiction(&self) -> Option<Contradiction> {
        let Self { min_similarity, min_looks, max_looks, max_poor_looks, .. } = *self;
        let rising = [
            ("min_looks", min_looks, "max_looks", max_looks),
            ("max_looks", max_looks, "max_poor_looks", max_poor_looks),
        ];
        if let Some((key, few, other, many)) = rising.into_iter().find(|(_, few, _, many)| few > many) {
            return Some(Contradiction {
                key,
                problem: format!("{few} is above {other} = {many}"),
                remedy: format!("lower {key}, or raise {other}"),
            });
        }
        let low = self.fixed_similarity.filter(|fixed| *fixed < min_similarity)?;
        Some(Contradiction {
            key: "fixed_similarity",
            problem: format!("{low} is below min_similarity = {min_similarity}, under which nobody is ever accepted"),
            remedy: "raise fixed_similarity, or lower min_similarity".to_owned(),
        })
    }

    /// The rules of decision for the models in use: `calibration` is the embedder's, `models` go into the evidence.
    ///
    /// # Errors
    /// [`NoThreshold`] when the embedder has no calibration and no `fixed_similarity` replaces it, or has both.
    pub fn policy(
        &self,
        calibration: Option<Calibration>,
        liveness: &LivenessConfig,
        models: Vec<ModelDigest>,
    ) -> Result<Policy, NoThreshold> {
        let threshold = match (self.fixed_similarity, calibration) {
            (Some(similarity), None) => Threshold::Fixed(similarity),
            (Some(similarity), Some(_)) => return Err(NoThreshold::Calibrated(similarity.to_string())),
            (None, Some(calibration)) => {
                Threshold::Budget { false_accepts: self.max_false_accepts, calibration, floor: self.min_similarity }
            }
            (None, None) => return Err(NoThreshold::Uncalibrated),
        };
        Ok(Policy {
            threshold,
            margin: self.min_margin,
            frames: self.min_looks,
            patience: self.max_looks,
            poor_looks: self.max_poor_looks,
            live: liveness.enabled.then_some(liveness.min_live),
            models,
        })
    }
}

fn budget<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let chance = f64::deserialize(deserializer)?;
    if chance > 0.0 && chance <= 0.1 {
        return Ok(chance);
    }
    Err(serde::de::Error::custom(format!("{chance} is not a chance above 0 and up to 0.1, such as 0.001")))
}

fn cosine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let value = f32::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(serde::de::Error::custom(format!("{value} is not a similarity from 0 to 1")))
}

fn fixed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    cosine(deserializer).map(Some)
}

fn looks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let count = usize::deserialize(deserializer)?;
    if (1..=MOST).contains(&count) {
        return Ok(count);
    }
    Err(serde::de::Error::custom(format!("{count} is not a number of looks from 1 to {MOST}")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{ConfigError, RecognitionConfig, parse_toml};
    use crate::domain::Population;

    const SHIPPED: &str = include_str!("../../kiosk-config/recognition.toml");

    fn parse(text: &str) -> Result<RecognitionConfig, ConfigError> {
        parse_toml(Path::new("recognition.toml"), text)
    }

    fn calibration() -> Calibration {
        Calibration::new(vec![(1e-2, 0.396), (1e-3, 0.473)], Some(0.113)).expect("a falling curve")
    }

    #[test]
    fn the_shipped_rules_are_stricter_the_more_people_are_enrolled_and_ask_for_several_looks() {
        let config = parse(SHIPPED).expect("the shipped file");
        let policy = config.decision.policy(Some(calibration()), &config.liveness, vec![]).expect("a threshold");
        let at = |people, mean| policy.similarity(&Population { people, impostor_mean: Some(mean) });
        // As the file itself says.
        for (people, similarity) in [(20, 0.55), (1_000, 0.64)] {
            let as_measured = at(people, 0.113);
            assert!((as_measured - similarity).abs() < 0.005, "{people}: {as_measured}");
            assert!(at(people, -1.0) >= as_measured - 0.1001 && at(people, 0.2) > as_measured);
        }
        assert!(policy.frames > 1 && policy.patience > policy.frames && policy.margin > 0.0);
    }

    #[test]
    fn liveness_as_configured_is_what_the_rules_ask_for_and_none_where_it_is_switched_off() {
        let config = parse(SHIPPED).expect("the shipped file");
        assert!(config.liveness.enabled, "the shipped file asks for a living person");
        let live = |liveness: &LivenessConfig| {
            config.decision.policy(Some(calibration()), liveness, vec![]).expect("a threshold").live
        };
        assert_eq!(live(&config.liveness), Some(config.liveness.min_live));
        assert_eq!(live(&LivenessConfig { enabled: false, ..config.liveness.clone() }), None);
    }

    #[test]
    fn an_embedder_that_nobody_calibrated_needs_a_fixed_similarity_and_one_that_is_calibrated_takes_none() {
        let config = parse(SHIPPED).expect("the shipped file");
        assert_eq!(config.decision.policy(None, &config.liveness, vec![]), Err(NoThreshold::Uncalibrated));
        let fixed = DecisionConfig { fixed_similarity: Some(0.6), ..config.decision };
        let policy = fixed.policy(None, &config.liveness, vec![]).expect("a threshold");
        assert_eq!(policy.threshold, Threshold::Fixed(0.6));
        let error =
            fixed.policy(Some(calibration()), &config.liveness, vec![]).expect_err("two thresholds").to_string();
        assert!(
            error.contains("fixed_similarity = 0.6") && error.ends_with("; remedy: take fixed_similarity out"),
            "{error}"
        );
    }

    #[test]
    fn nonsense_is_refused_with_its_line() {
        for (key, nonsense) in [
            ("max_false_accepts", "max_false_accepts = 0"),
            ("max_false_accepts", "max_false_accepts = 0.5"),
            ("min_similarity", "min_similarity = 60"),
            ("min_margin", "min_margin = -0.05"),
            ("min_looks", "min_looks = 0"),
            ("max_looks", "max_lokks = 15"),
            ("max_poor_looks", "max_poor_looks = 301"),
            ("min_similarity", "min_similarity = nan"),
        ] {
            let line = 1 + SHIPPED.lines().position(|line| line.starts_with(key)).expect(key);
            let broken: Vec<&str> =
                SHIPPED.lines().map(|line| if line.starts_with(key) { nonsense } else { line }).collect();
            let error = parse(&broken.join("\n")).expect_err(nonsense).to_string();
            assert!(error.starts_with(&format!("recognition.toml:{line}: ")), "{error}");
        }
    }
}
