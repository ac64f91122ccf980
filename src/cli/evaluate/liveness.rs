//! `mealpoint evaluate liveness`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;

use super::percent;
use crate::cli::picture_files::{files_below, folders_of, name_of};
use crate::cli::recognition::{ModelArguments, Recognition, Seen, is_beside_the_pictures};
use crate::cli::{Context, told};
use crate::config::RecognitionConfig;
use crate::evaluation::{AttackKind, Presentation, liveness};
use crate::vision::{Face, PackName};

/// Measures liveness on every picture and prints what it tells.
///
/// # Errors
/// What keeps the pictures from being read; that no liveness model is named, or that the drawn models are in use, which
/// measure no liveness: before anything is looked at.
pub(super) fn run(context: &Context, models: ModelArguments, live: &Path, attack: &Path) -> anyhow::Result<ExitCode> {
    let mut config = RecognitionConfig::read(&context.config)?;
    if config.models.liveness.is_empty() {
        bail!(
            "{}: liveness under [models] names no model, so nothing can be measured; remedy: name a liveness model of \
             models/models.toml there",
            context.config.join("recognition.toml").display()
        );
    }
    config.liveness.enabled = true;
    let recognition = Recognition::of(&config, models)?;
    if recognition.pack() == PackName::Drawn {
        let (why, remedy) = recognition.drawn_because();
        bail!(
            "the drawn models measure no liveness, for nobody drawn is alive, and --force-drawn-models changes nothing: \
             {why}; remedy: {remedy}"
        );
    }
    let (folders, loose) = folders_of(attack)?;
    let mut asked = vec![(String::new(), files_below(live)?)];
    for folder in &folders {
        asked.push((name_of(folder), files_below(folder)?));
    }
    if !loose.is_empty() {
        asked.push((name_of(attack), loose));
    }
    let files: Vec<PathBuf> = asked.iter().flat_map(|(_, files)| files.iter().cloned()).collect();
    let told_of = |_, seen: anyhow::Result<Seen>| seen.map(|seen| presentation(seen.observation.nearest()));
    let mut looked = recognition.look_at_all(&files, true, told_of)?.into_iter();
    let (mut unreadable, mut no_pictures, mut tight) = (vec![], vec![], 0);
    let mut measured = |result: anyhow::Result<(Presentation, bool)>| match result {
        Ok((presentation, is_tight)) => {
            tight += usize::from(is_tight);
            Some(presentation)
        }
        Err(error) if is_beside_the_pictures(&error) => {
            no_pictures.push(error.to_string());
            None
        }
        // What was never seen neither failed nor passed.
        Err(error) => {
            eprintln!("mealpoint: {}", told(&error));
            unreadable.push(error.to_string());
            None
        }
    };
    let mut kinds: Vec<AttackKind> = vec![];
    for (kind, files) in asked {
        let presentations = looked.by_ref().take(files.len()).filter_map(&mut measured).collect();
        kinds.push(AttackKind { kind, presentations });
    }
    let living = kinds.remove(0).presentations;
    let attacks: Vec<Presentation> = kinds.iter().flat_map(|kind| &kind.presentations).copied().collect();
    for (folder, measured) in [(live, &living), (attack, &attacks)] {
        if !measured.iter().any(|presentation| matches!(presentation, Presentation::Judged(_))) {
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
            object.insert("no_pictures".to_owned(), no_pictures.into());
        }
        say!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} pictures of living people, {} of attacks, threshold {}", report.live, report.attacks, report.threshold);
    say!(
        "{tight} cut out tight, counted all the same; {} in grey, not judged and left out; {} without a face",
        report.not_judged,
        report.not_acquired
    );
    if !unreadable.is_empty() {
        say!("{} cannot be read and stand in no rate", unreadable.len());
    }
    say!("living people rejected (BPCER): {}", percent(report.bpcer, report.bpcer_ci95));
    for kind in &report.kinds {
        say!("attacks of kind {} that pass (APCER): {}", kind.kind, percent(kind.apcer, kind.ci95));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the models said about the nearest face, and whether it is cut out tight: a poor witness, and better than none where
/// rates are measured.
fn presentation(face: Option<&Face>) -> (Presentation, bool) {
    match face.map(|face| (face.live, face.live_doubtful)) {
        Some((Some(live), _)) => (Presentation::Judged(live), false),
        Some((None, Some(live))) => (Presentation::Judged(live), true),
        Some((None, None)) => (Presentation::NotJudged, false),
        None => (Presentation::NoFace, false),
    }
}
