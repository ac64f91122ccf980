//! `mealpoint evaluate`: how well recognition does on pictures of people one knows.

mod counts;
mod drawn;
mod gallery;
mod liveness;
mod pairs;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Context;
use super::recognition::ModelArguments;
use crate::evaluation::IdentificationPoint;

/// `mealpoint evaluate …`
#[derive(Debug, Args)]
pub struct EvaluateArguments {
    #[command(flatten)]
    models: ModelArguments,
    #[command(subcommand)]
    what: EvaluateCommand,
}

#[derive(Debug, Subcommand)]
enum EvaluateCommand {
    /// One picture against one picture: accuracy, and true match rates at false match rates
    Pairs {
        /// CSV with the columns path_a, path_b, same (1 or 0, true or false) and, if the pairs are in folds, fold
        #[arg(long, value_name = "FILE")]
        pairs: PathBuf,
        /// Folder that the paths start from
        #[arg(long, value_name = "DIR")]
        pictures: PathBuf,
    },
    /// One picture against everybody enrolled: rank-1, and misses at false alarm rates
    Gallery {
        /// Folder with a folder a person: the pictures that are enrolled, also those that `enroll` would set aside for not
        /// looking like most of the person's others
        #[arg(long, value_name = "DIR")]
        enrolled: PathBuf,
        /// Folder with a folder a person, of the same names: the pictures that are looked up. People without a
        /// folder among the enrolled count as strangers
        #[arg(long, value_name = "DIR")]
        probes: PathBuf,
        /// Folder of pictures of people who are not enrolled
        #[arg(long, value_name = "DIR")]
        strangers: Option<PathBuf>,
    },
    /// Living people against photos, screens and masks
    Liveness {
        /// Folder of pictures of living people
        #[arg(long, value_name = "DIR")]
        live: PathBuf,
        /// Folder of pictures of attacks; folders in it are kinds of attack
        #[arg(long, value_name = "DIR")]
        attack: PathBuf,
    },
    /// Drawn people, drawn on the fly: detection, landmarks and identification where the truth is known
    Drawn(drawn::Arguments),
}

/// Runs it.
///
/// # Errors
/// What keeps the pictures or the models from being read.
pub fn run(context: &Context, arguments: EvaluateArguments) -> anyhow::Result<ExitCode> {
    let models = arguments.models;
    match arguments.what {
        EvaluateCommand::Pairs { pairs, pictures } => pairs::run(context, models, &pairs, &pictures),
        EvaluateCommand::Gallery { enrolled, probes, strangers } => {
            gallery::run(context, models, &enrolled, &probes, strangers.as_deref())
        }
        EvaluateCommand::Liveness { live, attack } => liveness::run(context, models, &live, &attack),
        EvaluateCommand::Drawn(arguments) => drawn::run(context, models, &arguments),
    }
}

/// What the pictures of an evaluation are of, where the drawn models are refused.
const PHOTOS: &str = "an evaluation on photos";

/// Says what is missed at each false positive rate.
fn print_points(points: &[IdentificationPoint]) {
    for IdentificationPoint { fpir, threshold, fnir, ci95, resolved, .. } in points {
        let Some(threshold) = threshold else {
            say!(
                "at a false positive rate of {fpir}: nobody was compared with another person, so no threshold follows"
            );
            continue;
        };
        let doubt = if *resolved { "" } else { " (too few strangers to tell)" };
        say!("at a false positive rate of {fpir}: threshold {threshold:.3}, missed {}{doubt}", percent(*fnir, *ci95));
    }
}

/// A share and its interval, for people.
fn percent(rate: Option<f64>, ci95: [f64; 2]) -> String {
    let [low, high] = ci95;
    rate.map_or_else(
        || "nothing was measured".to_owned(),
        |rate| format!("{:.2} % (95 % interval {:.2} to {:.2})", rate * 100.0, low * 100.0, high * 100.0),
    )
}
