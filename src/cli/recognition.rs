//! What every command that looks at pictures needs: the settings, the models, the rules, and many pictures looked at on
//! all processors.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use image::RgbImage;

use super::Context;
use crate::camera::{StillError, read_still};
use crate::config::{NoThreshold, RecognitionConfig};
use crate::domain::ModelDigest;
use crate::domain::decision::Policy;
use crate::gallery::Gallery;
use crate::many::{processors, spread};
use crate::store::People;
use crate::store::people::StoredTemplate;
use crate::vision::{Face, Manifest, ModelPack, Models, Observation, PackName, Vision, Wanted};

/// Which models a command uses.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct ModelArguments {
    /// The models: the real ones, the drawn ones, or the real ones where they are whole and otherwise the drawn ones
    #[arg(long = "models", value_enum, default_value_t = ModelOption::Auto, global = true)]
    wanted: ModelOption,
    /// Let the drawn models look at real people all the same
    #[arg(long, global = true)]
    force_drawn_models: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ModelOption {
    Auto,
    Real,
    Drawn,
}

/// The settings and the models in use.
pub(super) struct Recognition {
    /// `recognition.toml`, as it holds with these models.
    pub config: RecognitionConfig,
    models: Models,
    installed: ModelPack,
    forced: bool,
}

impl Recognition {
    /// The settings of `context`, and the models that they or `arguments` name.
    ///
    /// # Errors
    /// What keeps the settings from being understood, or the models from being read.
    pub fn open(context: &Context, arguments: ModelArguments) -> anyhow::Result<Self> {
        Self::of(&RecognitionConfig::read(&context.config)?, arguments)
    }

    /// As [`open`](Self::open), for `what` is done with pictures of real people, of which the drawn models know nothing.
    ///
    /// # Errors
    /// As [`open`](Self::open); that the drawn models are in use, unless `arguments` force them.
    pub fn of_real_people(context: &Context, arguments: ModelArguments, what: &str) -> anyhow::Result<Self> {
        let recognition = Self::open(context, arguments)?;
        recognition.refuse_drawn(what)?;
        Ok(recognition)
    }

    /// The models that `config` or `arguments` name. What is wrong with the real ones is told on stderr.
    ///
    /// # Errors
    /// What keeps the models from being read.
    pub fn of(config: &RecognitionConfig, arguments: ModelArguments) -> anyhow::Result<Self> {
        let wanted = match arguments.wanted {
            ModelOption::Auto => Wanted::Any,
            ModelOption::Real => Wanted::Real,
            ModelOption::Drawn => Wanted::Drawn,
        };
        let installed = ModelPack::installed()?;
        let models = Models::choose(&installed, config, wanted)?;
        for error in models.set_aside() {
            eprintln!("mealpoint: {error}");
        }
        if !models.set_aside().is_empty() {
            eprintln!("mealpoint: the drawn models take over, which know drawn people alone");
        }
        Ok(Self { config: models.config().clone(), models, installed, forced: arguments.force_drawn_models })
    }

    /// The name of the pack in use, for whoever reads a result.
    pub fn pack(&self) -> PackName {
        self.models.pack()
    }

    /// Refuses `what`, which is done with real people, where the drawn models are in use and not forced.
    ///
    /// # Errors
    /// Why, and the remedy.
    pub fn refuse_drawn(&self, what: &str) -> anyhow::Result<()> {
        if self.pack() == PackName::Real || self.forced {
            return Ok(());
        }
        let (why, remedy) = self.drawn_because();
        bail!(
            "{what} needs the real models, and {why}; the drawn ones know drawn people alone; remedy: {remedy}; \
             --force-drawn-models does it all the same, and is wrong about everybody real"
        )
    }

    /// Why the drawn models are in use, and how to have the real ones.
    pub fn drawn_because(&self) -> (String, String) {
        match self.models.set_aside().first().map(ToString::to_string) {
            Some(error) => match error.split_once("; remedy: ") {
                Some((why, remedy)) => (why.to_owned(), remedy.to_owned()),
                None => (error, "run scripts/setup".to_owned()),
            },
            None => ("the drawn ones were asked for".to_owned(), "ask for the real ones".to_owned()),
        }
    }

    /// As [`enrolled_otherwise`], for the embedder in use.
    ///
    /// # Errors
    /// What keeps the database from being read.
    pub fn enrolled_otherwise(&self, people: &People) -> anyhow::Result<Option<String>> {
        enrolled_otherwise(self.installed.manifest(), &self.config.models.embedder, people)
    }

    /// Loads the models into the runtime. `liveness`: whether those for liveness are needed.
    pub fn vision(&self, liveness: bool) -> anyhow::Result<Vision> {
        self.vision_on(self.config.models.threads, liveness)
    }

    fn vision_on(&self, threads: usize, liveness: bool) -> anyhow::Result<Vision> {
        let mut config = self.config.clone();
        config.models.threads = threads;
        config.liveness.enabled = liveness;
        self.vision_of(&config)
    }

    /// As [`vision`](Self::vision), with other settings.
    pub fn vision_of(&self, config: &RecognitionConfig) -> anyhow::Result<Vision> {
        Ok(Vision::load(&self.models, config)?)
    }

    /// The rules of decision with these models.
    pub fn policy(&self, vision: &Vision) -> anyhow::Result<Policy> {
        let calibration = self.models.calibration()?;
        Ok(self.config.decision.policy(calibration, &self.config.liveness, vision.models().to_vec())?)
    }

    /// The same, and `None` where nothing says which similarity is safe with the embedder.
    pub fn policy_if_calibrated(&self, vision: &Vision) -> anyhow::Result<Option<Policy>> {
        match self.policy(vision) {
            Err(error) if error.downcast_ref() == Some(&NoThreshold::Uncalibrated) => Ok(None),
            policy => policy.map(Some),
        }
    }

    /// Looks at every file, on as many processors as there are, and hands `each` its place in `files` and what was seen, or
    /// why it is no picture; results come in the order of `files`. A file that is no picture is no error here, a model that
    /// fails is.
    pub fn look_at_all<T: Send>(
        &self,
        files: &[PathBuf],
        liveness: bool,
        each: impl Fn(usize, anyhow::Result<Seen>) -> T + Sync,
    ) -> anyhow::Result<Vec<T>> {
        let mut eyes = vec![];
        for _ in 0..processors(files.len()) {
            // One picture a processor beats one picture on all of them: most of the work around the models is serial.
            eyes.push(self.vision_on(1, liveness)?);
        }
        spread(&mut eyes, files.len(), |vision, place| {
            let Some(file) = files.get(place) else { bail!("there is no file {place}") };
            let seen = match read_still(file) {
                Ok(picture) => Ok(Seen::look(vision, &picture).with_context(|| file.display().to_string())?),
                Err(error) => Err(error.into()),
            };
            Ok(each(place, seen))
        })
    }
}

/// Who is enrolled with other embedders than the one `in_use`, a sentence; `None` where nobody is. Their templates are
/// never searched: those of different embedders do not compare.
///
/// # Errors
/// What keeps the database from being read.
pub(super) fn enrolled_otherwise(manifest: &Manifest, in_use: &str, people: &People) -> anyhow::Result<Option<String>> {
    let mut others = vec![];
    for (model, count) in people.enrolled()? {
        match manifest.models.iter().find(|card| card.sha256 == model) {
            Some(card) if card.id == in_use => {}
            Some(card) => others.push(format!("{count} with {}", card.id)),
            None => others.push(format!("{count} with an embedder of sha256 {:.12}", model.0)),
        }
    }
    let sentence = || {
        format!(
            "enrolled {}; the embedder in use is {in_use}, and templates of different ones never compare",
            others.join(", ")
        )
    };
    Ok((!others.is_empty()).then(sentence))
}

/// The gallery of what is stored, made by `model`, `dimension` values each. A template that is none is left out, as the
/// kiosk leaves it out, and whose it is is told on stderr: one of them keeps nobody else from being found or enrolled.
pub(super) fn sound_gallery(model: ModelDigest, dimension: usize, stored: Vec<StoredTemplate>) -> Gallery {
    let stored = stored.into_iter().map(|template| (template.elder, template.components));
    let (gallery, left_out) = Gallery::of_sound(model, dimension, stored);
    for (elder, error) in left_out {
        eprintln!("mealpoint: a stored template is left out: {error}; remedy: enrol the person again; number: {elder}");
    }
    gallery
}

/// A picture that was looked at.
pub(super) struct Seen {
    pub observation: Observation,
    width: f32,
    height: f32,
}

impl Seen {
    pub fn look(vision: &mut Vision, picture: &RgbImage) -> anyhow::Result<Self> {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        Ok(Self { observation: vision.look(picture)?, width, height })
    }

    /// The face that a portrait is of: the widest, where a face at the edge counts half its width. Passers-by stand at the
    /// edge, and now and then nearer than the person.
    pub fn subject(&self) -> Option<&Face> {
        let weight = |face: &Face| {
            let [x, y, width, height] = face.bbox;
            let off_x = (x + width / 2.0) / self.width - 0.5;
            let off_y = (y + height / 2.0) / self.height - 0.5;
            let from_middle = (off_x.hypot(off_y) / 0.5_f32.hypot(0.5)).min(1.0);
            width * (1.0 - from_middle / 2.0)
        };
        self.observation.faces.iter().max_by(|a, b| weight(a).total_cmp(&weight(b)))
    }
}

/// Whether `error` is that of a list, a note or another file among pictures that was never meant to be one: rates are not
/// of those.
pub(super) fn is_beside_the_pictures(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(StillError::is_no_picture_by_name_either)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::{Quality, TrackId};

    fn seen(boxes: &[[f32; 4]]) -> Seen {
        let face = |bbox: &[f32; 4]| Face {
            bbox: *bbox,
            score: 0.9,
            landmarks: [[0.0; 2]; 5],
            quality: Quality {
                score: 1.0,
                face_px: bbox[2],
                yaw_deg: 0.0,
                pitch_deg: 0.0,
                roll_deg: 0.0,
                sharpness: 1.0,
                brightness: 0.5,
                reasons: vec![],
            },
            template: None,
            live: None,
            live_doubtful: None,
            track: TrackId(1),
        };
        let observation = Observation { faces: boxes.iter().map(face).collect(), ..Observation::default() };
        Seen { observation, width: 250.0, height: 250.0 }
    }

    #[test]
    fn a_portrait_is_of_the_face_in_the_middle_unless_another_is_much_wider() {
        let middle = [80.0, 70.0, 90.0, 110.0];
        for (other, chosen) in
            [([0.0, 0.0, 110.0, 130.0], 0), ([0.0, 0.0, 240.0, 250.0], 1), ([120.0, 80.0, 80.0, 90.0], 0)]
        {
            let seen = seen(&[middle, other]);
            assert_eq!(seen.subject().map(|face| face.bbox), Some([middle, other][chosen]));
        }
        assert!(seen(&[]).subject().is_none());
    }
}
