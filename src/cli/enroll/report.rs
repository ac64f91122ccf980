//! What an enrolment did, photo by photo.

use std::path::Path;

use serde::Serialize;

use crate::domain::{ElderId, Quality, QualityReason};
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
        Self { elder, error: Some(why.into()), on_roster: false, templates: 0, pictures, lookalikes: vec![] }
    }

    pub fn enrolled(elder: ElderId, on_roster: bool, templates: usize, pictures: Vec<PictureReport>) -> Self {
        Self { elder: elder.to_string(), error: None, on_roster, templates, pictures, lookalikes: vec![] }
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
