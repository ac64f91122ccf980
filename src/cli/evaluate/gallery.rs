//! `mealpoint evaluate gallery`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;

use super::counts::{Counts, Picture, number};
use super::{PHOTOS, percent, print_points};
use crate::cli::recognition::{ModelArguments, Recognition, files_below, folders_of, name_of};
use crate::cli::{Context, told};
use crate::domain::Template;
use crate::domain::decision::Policy;
use crate::evaluation::{Rate, identification};
use crate::gallery::Gallery;

/// Enrols one folder tree, looks another up in it, and prints what that tells.
pub(super) fn run(
    context: &Context,
    models: ModelArguments,
    enrolled: &Path,
    probes: &Path,
    strangers: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let recognition = Recognition::of_real_people(context, models, PHOTOS)?;
    let vision = recognition.vision(false)?;
    let policy = Policy { live: None, ..recognition.policy(&vision)?.for_stills() };
    let mut looker = Looker { recognition: &recognition, unreadable: vec![] };

    let people = People::of(enrolled)?;
    let mut gallery = Gallery::new(vision.embedder().clone(), vision.dimension());
    let mut not_enrolled = vec![];
    let pictures = looker.look(&people.files)?;
    for (person, name) in people.names.iter().enumerate() {
        let templates: Vec<Template> = (pictures.iter().zip(&people.owners))
            .filter(|(_, owner)| **owner == person)
            .filter_map(|(picture, _)| picture.as_ref().map(|picture| picture.template.clone()))
            .collect();
        if templates.is_empty() {
            not_enrolled.push(name.clone());
        } else {
            gallery.replace(number(person)?, &templates)?;
        }
    }
    if gallery.people() == 0 {
        bail!("{}: no face was found in any person's pictures, so there is nobody to look up", enrolled.display());
    }

    let asked = People::of(probes)?;
    let looked_up = looker.look(&asked.files)?;
    let mut counts = Counts::default();
    let mut mated = vec![];
    let mut unmated = vec![];
    for (picture, owner) in looked_up.iter().zip(&asked.owners) {
        let name = asked.names.get(*owner).map(String::as_str).unwrap_or_default();
        match people.names.iter().position(|enrolled| enrolled == name) {
            Some(person) => mated.push(counts.mated(&gallery, &policy, picture.as_ref(), &number(person)?)?),
            None => unmated.push(counts.stranger(&gallery, &policy, picture.as_ref())?),
        }
    }
    let unmated_probes = unmated.len();
    for picture in looker.look(&strangers.map_or(Ok(vec![]), files_below)?)? {
        unmated.push(counts.stranger(&gallery, &policy, picture.as_ref())?);
    }
    if mated.is_empty() && unmated.is_empty() {
        bail!("{}: there is no picture to look up; remedy: a folder a person, with pictures in it", probes.display());
    }
    let report = identification(&mated, &unmated);
    let missed_probes = mated.iter().filter(|search| search.is_none()).count();
    let missed_strangers = unmated.iter().filter(|search| search.is_none()).count();
    let missed_enrolled = pictures.iter().filter(|picture| picture.is_none()).count();
    let population = gallery.population();
    let threshold = policy.similarity(&population);
    let right = Rate::of(counts.right, mated.len());
    let wrong = Rate::of(counts.wrong, mated.len());
    let false_accepts = Rate::of(counts.strangers_accepted, unmated.len());
    if context.json {
        let mut document = serde_json::to_value(&report)?;
        let more = json!({
            "models": recognition.pack(),
            "people": gallery.people(),
            "templates": gallery.templates(),
            "probes": mated.len(),
            "strangers": unmated.len(),
            "unmated_probes": unmated_probes,
            "not_acquired": missed_probes + missed_strangers + missed_enrolled,
            "not_acquired_by": { "enrolled": missed_enrolled, "probes": missed_probes, "strangers": missed_strangers },
            "people_not_enrolled": not_enrolled,
            "probes_not_enrolled": counts.not_enrolled,
            "not_acquired_probes_count_as": "misses in rank1 and fnir; left out of rank1_acquired and fnir_acquired",
            "unreadable": looker.unreadable,
            "impostor_mean": population.impostor_mean,
            "shipped": {
                "threshold": threshold,
                "margin": policy.margin,
                "accepted_right": right,
                "accepted_wrong": wrong,
                "strangers_accepted": false_accepts,
            },
        });
        if let (Some(object), serde_json::Value::Object(more)) = (document.as_object_mut(), more) {
            object.extend(more);
        }
        say!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    say!(
        "{} people with {} templates; {} probes, {} strangers",
        gallery.people(),
        gallery.templates(),
        mated.len(),
        unmated.len()
    );
    say!(
        "without a face: {missed_enrolled} enrolment pictures, {missed_probes} probes (counted as misses), {missed_strangers} strangers"
    );
    if counts.not_enrolled > 0 {
        say!(
            "of people whose enrolment failed: {} more probes (counted as misses), {}",
            counts.not_enrolled,
            not_enrolled.join(", ")
        );
    }
    say!("right person first: {}", percent(report.rank1, report.rank1_ci95));
    print_points(&report.points);
    say!("as shipped (threshold {threshold:.3}, margin {:.2}):", policy.margin);
    say!("  right person accepted: {}", percent(right.rate, right.ci95));
    say!("  wrong person accepted: {}", percent(wrong.rate, wrong.ci95));
    say!("  strangers accepted: {}", percent(false_accepts.rate, false_accepts.ci95));
    Ok(ExitCode::SUCCESS)
}

/// People as folders, and their pictures in one list.
struct People {
    names: Vec<String>,
    files: Vec<PathBuf>,
    /// The place in `names` of each file's person.
    owners: Vec<usize>,
}

impl People {
    fn of(root: &Path) -> anyhow::Result<Self> {
        let (folders, loose) = folders_of(root)?;
        if !loose.is_empty() {
            eprintln!("mealpoint: {}: {} files are in nobody's folder and are left out", root.display(), loose.len());
        }
        let mut people = Self { names: vec![], files: vec![], owners: vec![] };
        for folder in folders {
            for file in files_below(&folder)? {
                people.files.push(file);
                people.owners.push(people.names.len());
            }
            people.names.push(name_of(&folder));
        }
        Ok(people)
    }
}

struct Looker<'a> {
    recognition: &'a Recognition,
    /// Files that are no pictures, and why.
    unreadable: Vec<String>,
}

impl Looker<'_> {
    /// The subject of each picture; `None` where there is no face or no picture.
    fn look(&mut self, files: &[PathBuf]) -> anyhow::Result<Vec<Option<Picture>>> {
        let looked = self.recognition.look_at_all(files, false, |_, seen| {
            seen.map(|seen| {
                let face = seen.subject()?;
                Some(Picture { template: face.template.clone()?, quality: face.quality.clone() })
            })
        })?;
        let mut pictures = Vec::with_capacity(looked.len());
        for result in looked {
            pictures.push(result.unwrap_or_else(|error| {
                eprintln!("mealpoint: {}", told(&error));
                self.unreadable.push(error.to_string());
                None
            }));
        }
        Ok(pictures)
    }
}
