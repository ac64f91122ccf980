//! `mealpoint evaluate liveness`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;

use super::percent;
use crate::cli::recognition::{ModelArguments, Recognition, Seen, files_below, folders_of, name_of};
use crate::cli::{Context, told};
use crate::config::RecognitionConfig;
use crate::evaluation::{AttackKind, liveness};
use crate::vision::PackName;

/// Measures liveness on every picture and prints what it tells.
///
/// # Errors
/// What keeps the pictures from being read; that the drawn models are in use, which measure no liveness.
pub(super) fn run(context: &Context, models: ModelArguments, live: &Path, attack: &Path) -> anyhow::Result<ExitCode> {
    let mut config = RecognitionConfig::read(&context.config)?;
    config.liveness.enabled = true;
    let recognition = Recognition::of(&config, models)?;
    if recognition.pack() == PackName::Drawn {
        bail!(
            "the drawn models measure no liveness: nobody drawn is alive; remedy: run scripts/setup for the real ones"
        );
    }
    let mut unreadable = vec![];
    let mut tight = 0;
    let mut measured = |files: &[PathBuf]| -> anyhow::Result<Vec<Option<f32>>> {
        // A photo cut out tight is a poor witness, and better than none where rates are measured.
        let live_of = |_, seen: anyhow::Result<Seen>| {
            seen.map(|seen| {
                seen.observation.nearest().map(|face| (face.live.or(face.live_doubtful), face.live.is_none()))
            })
        };
        let looked = recognition.look_at_all(files, true, live_of)?;
        // What cannot be read is not acquired, like a picture without a face.
        let acquired = |result: anyhow::Result<Option<(Option<f32>, bool)>>| {
            let (live, is_tight) = result.map(|face| face.unwrap_or_default()).unwrap_or_else(|error| {
                eprintln!("mealpoint: {}", told(&error));
                unreadable.push(error.to_string());
                (None, false)
            });
            tight += usize::from(is_tight && live.is_some());
            live
        };
        Ok(looked.into_iter().map(acquired).collect())
    };
    let (folders, loose) = folders_of(attack)?;
    let mut kinds = vec![];
    for folder in &folders {
        kinds.push(AttackKind { kind: name_of(folder), live: measured(&files_below(folder)?)? });
    }
    if !loose.is_empty() {
        kinds.push(AttackKind { kind: name_of(attack), live: measured(&loose)? });
    }
    let living = measured(&files_below(live)?)?;
    for (folder, measured) in
        [(live, living.as_slice()), (attack, &kinds.iter().flat_map(|kind| &kind.live).copied().collect::<Vec<_>>())]
    {
        if measured.iter().all(Option::is_none) {
            bail!(
                "{}: liveness could be measured on no picture; remedy: name a folder of pictures in colour",
                folder.display()
            );
        }
    }
    let report = liveness(&living, &kinds, recognition.config.liveness.min_live);
    if context.json {
        let mut document = serde_json::to_value(&report)?;
        if let Some(object) = document.as_object_mut() {
            object.insert("models".to_owned(), serde_json::to_value(recognition.pack())?);
            object.insert("cut_out_tight".to_owned(), tight.into());
            object.insert("unreadable".to_owned(), unreadable.into());
        }
        say!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} pictures of living people, {} of attacks, threshold {}", report.live, report.attacks, report.threshold);
    say!("living people rejected (BPCER): {}", percent(report.bpcer, report.bpcer_ci95));
    for kind in &report.kinds {
        say!("attacks of kind {} that pass (APCER): {}", kind.kind, percent(kind.apcer, kind.ci95));
    }
    Ok(ExitCode::SUCCESS)
}
