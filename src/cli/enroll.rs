//! `mealpoint enroll`: faces from photos into the gallery.

mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use self::report::{PersonReport, PictureReport, Report};
use super::Context;
use super::recognition::{ModelArguments, Recognition, Seen, files_below, folders_of, name_of, sound_gallery};
use super::roster::refuse_demo;
use crate::domain::decision::Policy;
use crate::domain::{ElderId, ModelDigest, Template};
use crate::gallery::{Gallery, copies, odd_pictures};
use crate::store::people::Consent;
use crate::store::{Home, People, PeopleError};

/// Of whom, and who agreed.
#[derive(Debug, Args)]
pub struct EnrollArguments {
    /// The elder's number on the roster
    #[arg(long, value_name = "ID", requires_all = ["pictures", "consent_by"], conflicts_with = "pictures_root",
        required_unless_present = "pictures_root")]
    elder: Option<ElderId>,
    /// A folder of photos of this elder, or photos
    #[arg(long, value_name = "DIR|FILE", num_args = 1.., requires = "elder")]
    pictures: Vec<PathBuf>,
    /// A folder with a folder of photos a person, named by the person's number
    #[arg(long, value_name = "DIR")]
    pictures_root: Option<PathBuf>,
    /// Who agreed to the enrolment. Without it a folder of people is a trial: nobody of the roster is enrolled
    #[arg(long, value_name = "NAME")]
    consent_by: Option<String>,
    /// What that person is to the elder: self, or a relation
    #[arg(long, value_name = "WHO", default_value = "self")]
    relation: String,
    /// Version of the consent form that was signed
    #[arg(long, value_name = "VERSION", default_value = "paper")]
    consent_version: String,
    #[command(flatten)]
    models: ModelArguments,
}

/// One person to enrol.
struct Candidate {
    elder: ElderId,
    files: Vec<PathBuf>,
}

/// Runs it. Exit code 1 when nobody was enrolled.
///
/// # Errors
/// What keeps the settings, the models, the folder or the database from being read.
pub fn run(context: &Context, arguments: &EnrollArguments) -> anyhow::Result<ExitCode> {
    refuse_demo(context)?;
    let recognition = Recognition::of_real_people(context, arguments.models, "enrolment from photos")?;
    let mut report = Report { models: recognition.pack(), ..Report::default() };
    let candidates = candidates(arguments, &mut report)?;
    let vision = recognition.vision(false)?;
    let policy = recognition.policy(&vision)?;
    let model = vision.embedder().clone();
    let mut people = People::open_or_create(&Home::at(&context.data))?;
    let mut gallery = sound_gallery(model.clone(), vision.dimension(), people.templates(&model)?);
    drop(vision);

    let files: Vec<PathBuf> = candidates.iter().flat_map(|person| person.files.iter().cloned()).collect();
    let mut looked = recognition.look_at_all(&files, false, |_, seen| taken(seen))?.into_iter();
    let mut desk = Desk { people: &mut people, gallery: &mut gallery, model, arguments };
    let mut enrolled = vec![];
    for person in candidates {
        let pictures: Vec<Taken> = looked.by_ref().take(person.files.len()).collect();
        match desk.enrol(&policy, person, pictures)? {
            Ok(done) => enrolled.push(done),
            Err(refused) => report.not_enrolled.push(refused),
        }
    }
    // Lookalikes are looked for when all are in, so that the order of the folders does not matter.
    for (person, templates) in enrolled {
        report.enrolled.push(with_lookalikes(person, &templates, &gallery, &policy)?);
    }
    report.people = gallery.people();
    report.print(context.json)?;
    Ok(if report.enrolled.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Who is to be enrolled from which files.
fn candidates(arguments: &EnrollArguments, report: &mut Report) -> anyhow::Result<Vec<Candidate>> {
    if let Some(elder) = &arguments.elder {
        let mut files = vec![];
        for place in &arguments.pictures {
            files.extend(files_below(place)?);
        }
        return Ok(vec![Candidate { elder: elder.clone(), files }]);
    }
    let Some(root) = &arguments.pictures_root else { bail!("name --elder or --pictures-root") };
    let (folders, loose) = folders_of(root)?;
    report.loose = loose.iter().map(|file| file.display().to_string()).collect();
    let mut candidates = vec![];
    for folder in folders {
        let candidate = match ElderId::new(name_of(&folder)) {
            Ok(elder) => {
                files_below(&folder).map(|files| Candidate { elder, files }).map_err(|error| error.to_string())
            }
            Err(error) => Err(format!(
                "the folder's name is no number of an elder: {error}; remedy: give the folder the elder's number"
            )),
        };
        match candidate {
            Ok(candidate) => candidates.push(candidate),
            Err(why) => report.not_enrolled.push(PersonReport::refused(name_of(&folder), vec![], why)),
        }
    }
    if candidates.is_empty() && report.not_enrolled.is_empty() {
        bail!("{}: no folder of a person is in it; remedy: a folder of photos a person", root.display());
    }
    Ok(candidates)
}

/// What one photo gave.
type Taken = Result<(Template, PictureReport), PictureReport>;

fn taken(seen: anyhow::Result<Seen>) -> Taken {
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return Err(PictureReport::refused(0, error.to_string())),
    };
    let faces = seen.observation.faces.len();
    let Some(face) = seen.subject() else { return Err(PictureReport::refused(faces, "no face")) };
    let Some(template) = face.template.clone() else { return Err(PictureReport::refused(faces, "no usable face")) };
    Ok((template, PictureReport::taken(faces, &face.quality)))
}

/// Where templates go: the database first, then the gallery in memory.
struct Desk<'a> {
    people: &'a mut People,
    gallery: &'a mut Gallery,
    model: ModelDigest,
    arguments: &'a EnrollArguments,
}

impl Desk<'_> {
    /// Enrols one person with everything the photos gave, or says why not. The outer error ends the command.
    fn enrol(
        &mut self,
        policy: &Policy,
        person: Candidate,
        pictures: Vec<Taken>,
    ) -> anyhow::Result<Result<(PersonReport, Vec<Template>), PersonReport>> {
        let Candidate { elder, files } = person;
        let mut templates = vec![];
        let mut places = vec![];
        let mut reports = vec![];
        for (place, (file, picture)) in files.iter().zip(pictures).enumerate() {
            let report = picture.map_or_else(
                |refused| refused,
                |(template, report)| {
                    templates.push(template);
                    places.push(place);
                    report
                },
            );
            reports.push(report.of(file));
        }
        if templates.is_empty() {
            let why = if files.is_empty() { "there is no photo" } else { "no photo shows a usable face" };
            return Ok(Err(PersonReport::refused(elder.to_string(), reports, why)));
        }
        // A copy of a photo is no second witness of whose face it is.
        for copy in copies(&templates).into_iter().rev() {
            templates.remove(copy);
            if let Some(report) = (copy < places.len()).then(|| places.remove(copy)).and_then(|at| reports.get_mut(at))
            {
                report.set_aside("is the same photo as an earlier one");
            }
        }
        // Another person's face among the templates would be served as this elder. From the last, so that places stay.
        for odd in odd_pictures(&templates, policy.least_alike()).into_iter().rev() {
            templates.remove(odd);
            if let Some(report) = places.get(odd).and_then(|place| reports.get_mut(*place)) {
                report.set_aside("does not look like most of the other photos: check whose it is");
            }
        }
        if templates.is_empty() {
            const WHY: &str = "the photos do not look like one person, so nobody knows whose face this is; remedy: name \
                               photos of this person alone, each with the face clear and from the front";
            return Ok(Err(PersonReport::refused(elder.to_string(), reports, WHY)));
        }
        let known = self.people.elder(&elder)?;
        let on_roster = known.as_ref().is_some_and(|known| !known.is_unlisted());
        let Some(consent) = self.consent(on_roster) else {
            let why = "the elder is on the roster, and nobody's consent was named; remedy: --consent-by NAME";
            return Ok(Err(PersonReport::refused(elder.to_string(), reports, why)));
        };
        if known.is_none() {
            self.people.note_unlisted(&elder)?;
        }
        let values: Vec<&[f32]> = templates.iter().map(Template::values).collect();
        if let Err(error) = self.people.save_templates(&elder, &self.model, &values, &consent) {
            // One elder who has died, moved or already agreed does not keep the others from being enrolled; a failing disk
            // does.
            let why = match error {
                PeopleError::Departed(_) => "deceased or moved away by the roster",
                PeopleError::Consented(_) => {
                    "somebody agreed to this enrolment, and a trial would put nobody's consent in its place; remedy: \
                     --consent-by NAME"
                }
                other => return Err(other).context("nothing of this person was kept"),
            };
            return Ok(Err(PersonReport::refused(elder.to_string(), reports, why)));
        }
        self.gallery.replace(elder.clone(), &templates)?;
        Ok(Ok((PersonReport::enrolled(elder, on_roster, templates.len(), reports), templates)))
    }

    /// The consent to be stored; `None` when an elder of the roster would be enrolled without any.
    fn consent(&self, on_roster: bool) -> Option<Consent> {
        let EnrollArguments { consent_by, relation, consent_version, .. } = self.arguments;
        let given_at = Timestamp::now();
        match consent_by {
            Some(signer) => {
                let (version, signer, relation) = (consent_version.clone(), signer.clone(), relation.clone());
                Some(Consent { version, signer, relation, given_at })
            }
            None if on_roster => None,
            None => Some(Consent::trial(given_at)),
        }
    }
}

fn with_lookalikes(
    mut person: PersonReport,
    templates: &[Template],
    gallery: &Gallery,
    policy: &Policy,
) -> anyhow::Result<PersonReport> {
    let near = policy.similarity(&gallery.population()) - policy.margin;
    let elder = ElderId::new(person.elder.clone())?;
    person.lookalikes = gallery
        .lookalikes(&elder, templates, near)?
        .into_iter()
        .map(|other| report::Lookalike { elder: other.elder.to_string(), similarity: other.similarity })
        .collect();
    Ok(person)
}
