//! `mealpoint evaluate gallery`.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;

use super::counts::{Counts, Picture, number};
use super::{PHOTOS, percent, print_points};
use crate::cli::picture_files::{files_below, folders_of};
use crate::cli::recognition::{ModelArguments, Recognition, is_beside_the_pictures};
use crate::cli::{Context, told};
use crate::domain::Template;
use crate::domain::decision::Policy;
use crate::evaluation::{NonMated, Rate, identification};
use crate::gallery::{Gallery, is_one_photo};

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
    // A model that nobody calibrated is measured here, so that a threshold can be chosen.
    let policy = recognition.policy_if_calibrated(&vision)?.map(|policy| Policy { live: None, ..policy.for_stills() });
    let mut looker = Looker { recognition: &recognition, unreadable: vec![], no_pictures: vec![] };

    // What cannot be listed is told before anything is looked at, which may take long.
    let people = People::of(enrolled, &mut looker.unreadable)?;
    let asked = People::of(probes, &mut looker.unreadable)?;
    let stranger_files = strangers.map_or(Ok(vec![]), files_below)?;
    let mut gallery = Gallery::new(vision.embedder().clone(), vision.dimension());
    let mut not_enrolled = vec![];
    let pictures = looker.look(&people.files)?;
    for (person, name) in people.names.iter().enumerate() {
        let templates: Vec<Template> = (pictures.iter().zip(&people.owners))
            .filter(|(_, owner)| **owner == person)
            .filter_map(|(picture, _)| picture.face().map(|picture| picture.template.clone()))
            .collect();
        if templates.is_empty() {
            not_enrolled.push(name.to_string_lossy().into_owned());
        } else {
            gallery.replace(number(person)?, &templates)?;
        }
    }
    if gallery.people() == 0 {
        let why = if people.files.is_empty() {
            "there is no person's folder with a picture in it; remedy: a folder a person"
        } else {
            "no face was found in any person's pictures, so there is nobody to look up"
        };
        bail!("{}: {why}", enrolled.display());
    }

    let enrolled_as: HashMap<&OsStr, usize> = people.names.iter().map(OsString::as_os_str).zip(0..).collect();
    let looked_up = looker.look(&asked.files)?;
    let mut counts = Counts::default();
    let mut mated = vec![];
    let mut unmated = vec![];
    for (picture, owner) in looked_up.iter().zip(&asked.owners).filter(|(picture, _)| picture.is_a_picture()) {
        let name = asked.names.get(*owner).map(OsString::as_os_str).unwrap_or_default();
        match enrolled_as.get(name) {
            Some(person) => mated.push(counts.mated(&gallery, policy.as_ref(), picture.face(), &number(*person)?)?),
            // One that cannot be read is nobody who was let pass.
            None if !picture.was_seen() => {}
            None => unmated.push(counts.stranger(&gallery, policy.as_ref(), picture.face())?),
        }
    }
    let unmated_probes = unmated.len();
    let passers_by = looker.look(&stranger_files)?;
    for picture in passers_by.iter().filter(|picture| picture.was_seen()) {
        unmated.push(counts.stranger(&gallery, policy.as_ref(), picture.face())?);
    }
    let known: Vec<&Template> = pictures.iter().filter_map(Looked::template).collect();
    let is_enrolled = |template: &&Template| known.iter().any(|known| is_one_photo(known, template));
    let enrolled_too = looked_up.iter().chain(&passers_by).filter_map(Looked::template).filter(is_enrolled).count();
    if enrolled_too > 0 {
        eprintln!(
            "mealpoint: {enrolled_too} of the pictures looked up are enrolled themselves and find themselves, which no camera's \
             picture does; remedy: look up other pictures than were enrolled"
        );
    }
    if mated.is_empty() && unmated.is_empty() {
        bail!("{}: there is no picture to look up; remedy: a folder a person, with pictures in it", probes.display());
    }
    // A few probes of people whom nobody enrolled say little by themselves of how often strangers are taken for somebody.
    let strangers_suffice = passers_by.iter().any(|picture| picture.face().is_some());
    let non_mated = if strangers_suffice { NonMated::Alone } else { NonMated::WithProbes };
    let report = identification(&mated, &unmated, non_mated);
    let missed_probes = mated.iter().filter(|search| search.is_none()).count();
    let missed_strangers = unmated.iter().filter(|search| search.is_none()).count();
    let missed_enrolled =
        pictures.iter().filter(|picture| matches!(picture, Looked::NoFace | Looked::Unreadable)).count();
    let population = gallery.population();
    let right = Rate::of(counts.right, mated.len());
    let wrong = Rate::of(counts.wrong, mated.len());
    // A picture without a face could not be accepted.
    let false_accepts = Rate::of(counts.strangers_accepted, unmated.len() - missed_strangers);
    let shipped = policy.map(|policy| (policy.similarity(&population), policy.margin));
    if context.json {
        let mut document = serde_json::to_value(&report)?;
        let more = json!({
            "models": recognition.pack(),
            "people": gallery.people(),
            "templates": gallery.templates(),
            "probes": mated.len(),
            "strangers": unmated.len(),
            "unmated_probes": unmated_probes,
            "enrolled_too": enrolled_too,
            "not_acquired": missed_probes + missed_strangers + missed_enrolled,
            "not_acquired_by": { "enrolled": missed_enrolled, "probes": missed_probes, "strangers": missed_strangers },
            "people_not_enrolled": not_enrolled,
            "probes_not_enrolled": counts.not_enrolled,
            "not_acquired_probes_count_as": "misses in rank1 and fnir; left out of rank1_acquired and fnir_acquired",
            "unreadable": looker.unreadable,
            "no_pictures": looker.no_pictures,
            "liveness": "not asked for",
            "impostor_mean": population.impostor_mean,
            "shipped": shipped.map(|(threshold, margin)| json!({
                "threshold": threshold,
                "margin": margin,
                "accepted_right": right,
                "accepted_wrong": wrong,
                "strangers_accepted": false_accepts,
            })),
        });
        if let (Some(object), serde_json::Value::Object(more)) = (document.as_object_mut(), more) {
            object.extend(more);
        }
        say!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    say!(
        "the {} models: {} people with {} templates; {} probes, {} strangers",
        recognition.pack(),
        gallery.people(),
        gallery.templates(),
        mated.len(),
        unmated.len()
    );
    if !looker.no_pictures.is_empty() {
        say!("{} files that are no pictures are left out", looker.no_pictures.len());
    }
    if !looker.unreadable.is_empty() {
        say!(
            "{} pictures or folders cannot be read: those of the enrolled count as missed, the others for nothing",
            looker.unreadable.len()
        );
    }
    say!(
        "no face to compare: {missed_enrolled} enrolment pictures, {missed_probes} probes (counted as misses), {missed_strangers} strangers"
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
    let Some((threshold, margin)) = shipped else {
        say!(
            "nothing says which similarity is safe with this embedder: choose a threshold above for [decision] fixed_similarity"
        );
        return Ok(ExitCode::SUCCESS);
    };
    say!("as shipped (threshold {threshold:.3}, margin {margin:.2}):");
    say!("  right person accepted: {}", percent(right.rate, right.ci95));
    say!("  wrong person accepted: {}", percent(wrong.rate, wrong.ci95));
    say!("  strangers accepted: {}", percent(false_accepts.rate, false_accepts.ci95));
    Ok(ExitCode::SUCCESS)
}

/// People as folders, and their pictures in one list.
struct People {
    names: Vec<OsString>,
    files: Vec<PathBuf>,
    /// The place in `names` of each file's person.
    owners: Vec<usize>,
}

impl People {
    /// A folder that cannot be listed is one without pictures; it is noted in `unreadable`.
    fn of(root: &Path, unreadable: &mut Vec<String>) -> anyhow::Result<Self> {
        let (folders, loose) = folders_of(root)?;
        if !loose.is_empty() {
            eprintln!("mealpoint: {}: {} files are in nobody's folder and are left out", root.display(), loose.len());
        }
        let mut people = Self { names: vec![], files: vec![], owners: vec![] };
        for folder in folders {
            let files = files_below(&folder).unwrap_or_else(|error| {
                eprintln!("mealpoint: {}", told(&error));
                unreadable.push(error.to_string());
                vec![]
            });
            for file in files {
                people.files.push(file);
                people.owners.push(people.names.len());
            }
            people.names.push(folder.file_name().unwrap_or(folder.as_os_str()).to_owned());
        }
        Ok(people)
    }
}

struct Looker<'a> {
    recognition: &'a Recognition,
    /// Pictures and folders that cannot be read, and why.
    unreadable: Vec<String>,
    /// Files that were never meant to be pictures: no rate is of them.
    no_pictures: Vec<String>,
}

/// What a file gave.
enum Looked {
    Face(Picture),
    NoFace,
    /// It should be a picture, and cannot be read.
    Unreadable,
    NoPicture,
}

impl Looked {
    fn face(&self) -> Option<&Picture> {
        if let Self::Face(picture) = self { Some(picture) } else { None }
    }

    fn template(&self) -> Option<&Template> {
        self.face().map(|picture| &picture.template)
    }

    /// Whether it was looked at, with a face or without.
    fn was_seen(&self) -> bool {
        matches!(self, Self::Face(_) | Self::NoFace)
    }

    fn is_a_picture(&self) -> bool {
        !matches!(self, Self::NoPicture)
    }
}

impl Looker<'_> {
    /// The subject of each picture.
    fn look(&mut self, files: &[PathBuf]) -> anyhow::Result<Vec<Looked>> {
        let looked = self.recognition.look_at_all(files, false, |_, seen| {
            seen.map(|seen| {
                let face = seen.subject()?;
                Some(Picture { template: face.template.clone()?, quality: face.quality.clone() })
            })
        })?;
        let mut pictures = Vec::with_capacity(looked.len());
        for result in looked {
            pictures.push(match result {
                Ok(face) => face.map_or(Looked::NoFace, Looked::Face),
                Err(error) if is_beside_the_pictures(&error) => {
                    self.no_pictures.push(error.to_string());
                    Looked::NoPicture
                }
                Err(error) => {
                    eprintln!("mealpoint: {}", told(&error));
                    self.unreadable.push(error.to_string());
                    Looked::Unreadable
                }
            });
        }
        Ok(pictures)
    }
}
