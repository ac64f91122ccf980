//! What an enrolment did, photo by photo.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::withdraw::say_copies_left;
use crate::domain::{ElderId, Quality, QualityReason};
use crate::store::people::Consent;
use crate::vision::PackName;

/// What an enrolment did.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// The pack in use.
    pub models: PackName,
    /// People enrolled in all, earlier ones included.
    pub people: usize,
    pub enrolled: Vec<PersonReport>,
    pub not_enrolled: Vec<PersonReport>,
    /// Files beside the folders, which belong to nobody.
    pub loose: Vec<String>,
    /// Where earlier templates were erased: copies that may still hold those faces, to be deleted by hand.
    pub copies_left: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
pub(super) struct PersonReport {
    pub elder: String,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether a roster names the person. Otherwise the person is recognised and not served.
    pub on_roster: bool,
    pub templates: usize,
    /// Templates of an earlier enrolment, which were erased.
    pub replaced: usize,
    /// What the signer of the consent is to the elder, as it is stored; a trial has no signer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    pub pictures: Vec<PictureReport>,
    /// Others who are enrolled and look alike, most alike first.
    pub lookalikes: Vec<Lookalike>,
}

#[derive(Debug, Serialize)]
pub(super) struct Lookalike {
    pub elder: String,
    pub similarity: f32,
}

#[derive(Debug, Serialize)]
pub(super) struct PictureReport {
    pub file: String,
    pub taken: bool,
    /// Faces on it.
    pub faces: usize,
    /// Quality of the one that was chosen, 0..1.
    pub quality: Option<f32>,
    /// What is wrong with it.
    pub reasons: Vec<QualityReason>,
    /// What staff should know.
    pub notes: Vec<String>,
}

impl PictureReport {
    pub fn refused(faces: usize, why: impl Into<String>) -> Self {
        Self { file: String::new(), taken: false, faces, quality: None, reasons: vec![], notes: vec![why.into()] }
    }

    pub fn taken(faces: usize, quality: &Quality) -> Self {
        let mut notes = vec![];
        if faces > 1 {
            notes.push(format!(
                "{faces} faces: one that is large and near the middle was chosen; a photo of the person alone is better"
            ));
        }
        if !quality.is_sufficient() {
            notes.push("a poor look: a better photo will be recognised more surely".to_owned());
        }
        let reasons = quality.reasons.clone();
        Self { file: String::new(), taken: true, faces, quality: Some(quality.score), reasons, notes }
    }

    /// Not taken after all, and why.
    pub fn set_aside(&mut self, why: &str) {
        self.taken = false;
        self.notes.insert(0, format!("not taken: it {why}"));
    }

    /// The same for this file.
    pub fn of(self, file: &Path) -> Self {
        Self { file: file.display().to_string(), ..self }
    }
}

impl PersonReport {
    pub fn refused(elder: String, pictures: Vec<PictureReport>, why: impl Into<String>) -> Self {
        let error = Some(why.into());
        let (replaced, relation, lookalikes) = (0, None, vec![]);
        Self { elder, error, on_roster: false, templates: 0, replaced, relation, pictures, lookalikes }
    }

    pub fn enrolled(elder: ElderId, on_roster: bool, templates: usize, pictures: Vec<PictureReport>) -> Self {
        Self { error: None, on_roster, templates, ..Self::refused(elder.to_string(), pictures, "") }
    }
}

impl Report {
    /// Prints it: a JSON document on stdout, or sentences for staff.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            say!("{}", serde_json::to_string(self)?);
            return Ok(());
        }
        for person in &self.enrolled {
            say!("{}: enrolled with {} of {} photos", person.elder, person.templates, person.pictures.len());
            if person.replaced > 0 {
                say!("  the {} templates of an earlier enrolment were erased", person.replaced);
            }
            if person.relation.as_deref() == Some(Consent::UNSTATED) {
                say!("  what the signer is to this person was not said; --relation says it");
            }
            tell_pictures(person);
            for other in &person.lookalikes {
                say!(
                    "  looks like {} ({:.3}): one person under two numbers, or two who will be asked for their cards",
                    other.elder,
                    other.similarity
                );
            }
        }
        for person in &self.not_enrolled {
            say!("{}: not enrolled: {}", person.elder, person.error.as_deref().unwrap_or_default());
            tell_pictures(person);
        }
        for file in &self.loose {
            say!("{file}: in nobody's folder, left out");
        }
        let unknown = self.enrolled.iter().filter(|person| !person.on_roster).count();
        if unknown > 0 {
            say!(
                "{unknown} are on no roster: they are noted as suspended, recognised, and not served until \
                 `mealpoint roster import` brings their rows"
            );
        }
        if self.models == PackName::Drawn {
            say!("the drawn models made these templates: the real ones will never find them");
        }
        say_copies_left(&self.copies_left);
        say!("{} people are enrolled in all", self.people);
        Ok(())
    }
}

fn tell_pictures(person: &PersonReport) {
    for picture in &person.pictures {
        for note in &picture.notes {
            say!("  {}: {note}", picture.file);
        }
    }
}
