//! `mealpoint enroll`: faces from photos into the gallery.

mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use self::report::{PersonReport, PictureReport, Report};
use super::Context;
use super::picture_files::{files_below, folders_of, name_of};
use super::recognition::{ModelArguments, Recognition, Seen, sound_gallery};
use super::roster::refuse_demo;
use super::staff::ask_pin;
use crate::domain::decision::Policy;
use crate::domain::{Elder, ElderId, ModelDigest, StaffId, Template};
use crate::gallery::{Gallery, copies, odd_pictures};
use crate::store::people::Consent;
use crate::store::{Database, Home, People, PeopleError};

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
    /// What that person is to the elder: self, or a relation [default: self where the roster has the elder by that name,
    /// otherwise unstated]
    #[arg(long, value_name = "WHO")]
    relation: Option<String>,
    /// Version of the consent form that was signed
    #[arg(long, value_name = "VERSION", default_value = "paper")]
    consent_version: String,
    /// Who of the staff does it; their PIN is asked for. Where there is staff, nobody else replaces an earlier enrolment
    #[arg(long, value_name = "ID")]
    staff: Option<StaffId>,
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
    // Who may not, and what was typed wrong, before a model is loaded or a photo looked at.
    let consent = consent(arguments)?;
    let home = Home::at(&context.data);
    if let Some(staff) = &arguments.staff {
        ask_pin(&People::open(&home)?, staff)?;
    }
    let recognition = Recognition::of_real_people(context, arguments.models, "enrolment from photos")?;
    let mut report = Report { models: recognition.pack(), ..Report::default() };
    let candidates = candidates(arguments, &mut report)?;
    let vision = recognition.vision(false)?;
    let policy = recognition.policy(&vision)?;
    let model = vision.embedder().clone();
    let mut people = People::open_or_create(&home)?;
    let candidates = permitted(candidates, arguments, &people, &mut report)?;
    let mut gallery = sound_gallery(model.clone(), vision.dimension(), people.templates(&model)?);
    drop(vision);

    let files: Vec<PathBuf> = candidates.iter().flat_map(|person| person.files.iter().cloned()).collect();
    let mut looked = recognition.look_at_all(&files, false, |_, seen| taken(seen))?.into_iter();
    let mut desk = Desk { people: &mut people, gallery: &mut gallery, model, arguments, consent };
    let (mut enrolled, mut failed) = (vec![], None);
    for person in candidates {
        let pictures: Vec<Taken> = looked.by_ref().take(person.files.len()).collect();
        match desk.enrol(&policy, person, pictures) {
            Ok(Ok(done)) => enrolled.push(done),
            Ok(Err(refused)) => report.not_enrolled.push(refused),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    // Those before are enrolled all the same, and what became of them is told.
    if let Some(error) = failed.take_if(|_| enrolled.is_empty()) {
        return Err(error);
    }
    // Lookalikes are looked for when all are in, so that the order of the folders does not matter.
    for (person, templates) in enrolled {
        report.enrolled.push(with_lookalikes(person, &templates, &gallery, &policy)?);
    }
    if report.enrolled.iter().any(|person| person.replaced > 0) {
        report.copies_left = home.quarantined(Database::People);
    }
    report.people = gallery.people();
    report.print(context.json)?;
    if let Some(error) = failed {
        return Err(error);
    }
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

/// The consent that was named; `None` where nobody's was.
fn consent(arguments: &EnrollArguments) -> anyhow::Result<Option<Consent>> {
    let EnrollArguments { consent_by, relation, consent_version, .. } = arguments;
    let Some(signer) = consent_by.clone() else { return Ok(None) };
    let relation = relation.clone().unwrap_or_else(|| Consent::UNSTATED.to_owned());
    let consent = Consent { version: consent_version.clone(), signer, relation, given_at: Timestamp::now() };
    Ok(Some(consent.checked()?))
}

/// Why somebody stays enrolled as before.
const STAFF_NEEDED: &str = "somebody is enrolled by this number already, and where there is staff one of them alone replaces \
                            that; remedy: --staff ID, whose PIN is asked for";

/// Those of the candidates who may be enrolled; the photos of the others need not be looked at.
fn permitted(
    candidates: Vec<Candidate>,
    arguments: &EnrollArguments,
    people: &People,
    report: &mut Report,
) -> anyhow::Result<Vec<Candidate>> {
    let mut permitted = vec![];
    for person in candidates {
        if arguments.staff.is_none() && people.needs_staff(&person.elder)? {
            report.not_enrolled.push(PersonReport::refused(person.elder.to_string(), vec![], STAFF_NEEDED));
        } else {
            permitted.push(person);
        }
    }
    Ok(permitted)
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
    /// The one that was named.
    consent: Option<Consent>,
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
        let listed = self.people.elder(&elder)?.filter(|known| !known.is_unlisted());
        let on_roster = listed.is_some();
        let Some(consent) = self.consent(listed) else {
            let why = "the elder is on the roster, and nobody's consent was named; remedy: --consent-by NAME";
            return Ok(Err(PersonReport::refused(elder.to_string(), reports, why)));
        };
        let values: Vec<&[f32]> = templates.iter().map(Template::values).collect();
        let staff = self.arguments.staff.as_ref();
        let replaced = match self.people.enrol(&elder, &self.model, &values, &consent, staff) {
            Ok(replaced) => replaced,
            Err(error) => {
                // One elder who has died, moved, already agreed or is enrolled does not keep the others from being enrolled;
                // a failing disk does.
                let why = match error {
                    PeopleError::Departed(_) => "deceased or moved away by the roster",
                    PeopleError::Consented(_) => {
                        "somebody agreed to this enrolment, and a trial would put nobody's consent in its place; remedy: \
                         --consent-by NAME"
                    }
                    PeopleError::StaffNeeded(_) => STAFF_NEEDED,
                    other => return Err(other).context("nothing of this person was kept"),
                };
                return Ok(Err(PersonReport::refused(elder.to_string(), reports, why)));
            }
        };
        self.gallery.replace(elder.clone(), &templates)?;
        let relation = self.consent.is_some().then_some(consent.relation);
        let report = PersonReport::enrolled(elder, on_roster, templates.len(), reports);
        Ok(Ok((PersonReport { replaced, relation, ..report }, templates)))
    }

    /// The consent to be stored; `None` when an elder of the roster would be enrolled without any.
    fn consent(&self, listed: Option<Elder>) -> Option<Consent> {
        let given_at = Timestamp::now();
        let Some(named) = &self.consent else { return listed.is_none().then(|| Consent::trial(given_at)) };
        let unsaid = self.arguments.relation.is_none();
        // Whoever bears another name than the elder is not the elder.
        let in_person = unsaid && listed.is_some_and(|elder| elder.name == named.signer);
        let relation = if in_person { Consent::SELF.to_owned() } else { named.relation.clone() };
        Some(Consent { relation, given_at, ..named.clone() })
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
