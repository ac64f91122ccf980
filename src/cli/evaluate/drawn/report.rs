//! What an evaluation on drawn people tells.

use serde::Serialize;

use crate::cli::evaluate::{percent, print_points};
use crate::evaluation::{Identification, Rate};
use crate::vision::PackName;

/// The whole of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The pack in use.
    pub models: PackName,
    pub seed: u64,
    /// People who are enrolled, with so many templates.
    pub people: usize,
    pub templates: usize,
    pub probes: usize,
    pub strangers: usize,
    /// Probes and strangers in whose picture no face with a template was found: misses, and no false accepts.
    pub not_acquired: usize,
    /// Probes with a face, of people who could not be enrolled: misses.
    pub probes_not_enrolled: usize,
    pub detection: Detection,
    pub landmarks: Option<LandmarkError>,
    #[serde(flatten)]
    pub identification: Identification,
    pub impostor_mean: Option<f32>,
    pub shipped: Shipped,
}

/// How surely faces are found.
#[derive(Debug, Serialize)]
pub(super) struct Detection {
    /// The lowest score, from 0.5 on, that keeps false alarms at one in 1,000 pictures with nobody in them.
    pub threshold: f32,
    /// False alarms at that score in so many pictures.
    pub false_alarms: Rate,
    /// Whether there are enough pictures for one of them to be allowed.
    pub resolved: bool,
    /// Share of all faces that are found at that score.
    pub recall: Rate,
    /// The score that the kiosk asks for.
    pub shipped_threshold: f32,
    /// Recall at that one.
    pub shipped_recall: Rate,
    /// False alarms at that one; `None` below 0.5.
    pub shipped_false_alarms: Option<Rate>,
}

/// How far landmarks are from where they belong: of each face found the mean distance of the five, in eye distances.
#[derive(Debug, Serialize)]
pub(super) struct LandmarkError {
    pub faces: usize,
    pub mean: f64,
    pub p50: f32,
    pub p95: f32,
}

/// What the kiosk's rules of decision did with faces above the kiosk's own score, one picture at a time and without
/// liveness.
#[derive(Debug, Serialize)]
pub(super) struct Shipped {
    pub threshold: f32,
    pub margin: f32,
    pub accepted_right: Rate,
    pub accepted_wrong: Rate,
    pub strangers_accepted: Rate,
}

impl LandmarkError {
    /// `None` without any face.
    pub fn of(mut errors: Vec<f32>) -> Option<Self> {
        errors.sort_unstable_by(f32::total_cmp);
        let at = |share: f64| errors.get((errors.len() as f64 * share).ceil() as usize - 1).copied();
        if errors.is_empty() {
            return None;
        }
        let mean = errors.iter().map(|error| f64::from(*error)).sum::<f64>() / errors.len() as f64;
        Some(Self { faces: errors.len(), mean, p50: at(0.5)?, p95: at(0.95)? })
    }
}

impl Report {
    /// Prints it: a JSON document on stdout, or sentences.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            say!("{}", serde_json::to_string(self)?);
            return Ok(());
        }
        let of = |rate: &Rate| percent(rate.rate, rate.ci95);
        say!(
            "the {} models on drawn people of seed {}: {} enrolled with {} templates, {} probes, {} strangers",
            self.models,
            self.seed,
            self.people,
            self.templates,
            self.probes,
            self.strangers
        );
        let Detection { threshold, false_alarms, recall, resolved, shipped_threshold, shipped_recall, .. } =
            &self.detection;
        let doubt = if *resolved { "" } else { " (too few pictures to tell)" };
        say!(
            "detector at a score of {threshold:.3}: {} false alarms in {} pictures of nobody{doubt}",
            false_alarms.events,
            false_alarms.trials
        );
        say!("faces found: {} of {}", of(recall), recall.trials);
        say!("faces found at the kiosk's score of {shipped_threshold:.3}: {}", of(shipped_recall));
        if let Some(LandmarkError { mean, p50, p95, .. }) = &self.landmarks {
            let (mean, p50, p95) = (mean * 100.0, p50 * 100.0, p95 * 100.0);
            say!("landmark error: {mean:.2} % of the eye distance (median {p50:.2}, 95 % of faces below {p95:.2})");
        }
        say!("right person first: {}", percent(self.identification.rank1, self.identification.rank1_ci95));
        print_points(&self.identification.points);
        say!("as shipped (threshold {:.3}, margin {:.2}):", self.shipped.threshold, self.shipped.margin);
        say!("  right person accepted: {}", of(&self.shipped.accepted_right));
        say!("  wrong person accepted: {}", of(&self.shipped.accepted_wrong));
        say!("  strangers accepted: {}", of(&self.shipped.strangers_accepted));
        Ok(())
    }
}
