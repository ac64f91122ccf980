//! What every command that looks at pictures needs: the settings, the models, the rules, and many pictures looked at on
//! all processors.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use image::RgbImage;

use super::{Context, told};
use crate::camera::{StillError, read_still};
use crate::config::RecognitionConfig;
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

/// Deepest folder that is looked into, below the one that is named: a link that leads back up ends there.
const MOST_FOLDERS_DEEP: usize = 8;

/// The files of a folder and of the folders in it, in the order of their names; hidden ones left out. A file is itself.
/// What else is left out is told on stderr.
///
/// # Errors
/// That the folder cannot be listed. One in it that cannot be is left out, as a file is that cannot be read.
pub(super) fn files_below(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut walk = Walk { list: listed, above: vec![], found: vec![] };
    walk.collect(place)?;
    Ok(walk.found)
}

/// A walk through folders, each listed by `list`.
struct Walk<L> {
    list: L,
    /// Where it is: this folder and those it lies in. A link back to one of them would bring their files again.
    above: Vec<PathBuf>,
    found: Vec<PathBuf>,
}

impl<L: Fn(&Path) -> anyhow::Result<Vec<PathBuf>>> Walk<L> {
    fn collect(&mut self, folder: &Path) -> anyhow::Result<()> {
        let leave_out = |path: &Path, why: &str| eprintln!("mealpoint: {}: {why}, left out", path.display());
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if self.above.contains(&real) {
            leave_out(folder, "a link to a folder that it lies in");
            return Ok(());
        }
        let paths = (self.list)(folder)?;
        self.above.push(real);
        for path in paths {
            if !path.is_dir() {
                if is_file_or_missing(&path) {
                    self.found.push(path);
                } else {
                    leave_out(&path, "neither a file nor a folder");
                }
            } else if self.above.len() > MOST_FOLDERS_DEEP {
                leave_out(&path, &format!("more than {MOST_FOLDERS_DEEP} folders deep"));
            } else if let Err(error) = self.collect(&path) {
                eprintln!("mealpoint: {}", told(&error));
            }
        }
        self.above.pop();
        Ok(())
    }
}

/// Whether reading it would end: a pipe or a device may never give anything. A link to nothing is told of when it is read.
fn is_file_or_missing(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file()) || !path.exists()
}

/// The folders of a folder: a person each. Files beside them belong to nobody and are returned apart.
pub(super) fn folders_of(root: &Path) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    Ok(listed(root)?.into_iter().partition(|path| path.is_dir()))
}

fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = |error: std::io::Error| {
        anyhow::anyhow!("{}: it cannot be listed: {error}; remedy: name a folder of pictures", folder.display())
    };
    let mut paths = vec![];
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The last part of a path as text.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
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

    #[test]
    fn files_come_once_in_the_order_of_their_names_without_hidden_ones_and_pipes() {
        let root = tempfile::tempdir().expect("a folder");
        for file in ["b/2.jpg", "b/1.jpg", "a/3.jpg", ".hidden/4.jpg", "loose.jpg", "b/.5.jpg"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, b"").expect("a file");
        }
        // A pipe would be waited for without end.
        let pipe = std::process::Command::new("mkfifo").arg(root.path().join("b/3.jpg")).status();
        assert!(pipe.expect("mkfifo").success());
        std::os::unix::fs::symlink(root.path(), root.path().join("b/again")).expect("a link");
        let names: Vec<String> = files_below(root.path()).expect("a list").iter().map(|path| name_of(path)).collect();
        assert_eq!(names, ["3.jpg", "1.jpg", "2.jpg", "loose.jpg"]);
        let (folders, loose) = folders_of(root.path()).expect("a list");
        assert_eq!((folders.len(), loose.len()), (2, 1));
        assert!(files_below(&root.path().join("nowhere")).is_err_and(|e| e.to_string().contains("nowhere")));
    }

    #[test]
    fn a_folder_in_another_that_cannot_be_listed_keeps_nobody_from_the_files_beside_it() {
        let root = tempfile::tempdir().expect("a folder");
        for file in ["a/1.jpg", "locked/2.jpg", "z/3.jpg"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, b"").expect("a file");
        }
        let list = |folder: &Path| if folder.ends_with("locked") { bail!("it is locked") } else { listed(folder) };
        let mut walk = Walk { list, above: vec![], found: vec![] };
        walk.collect(root.path()).expect("a list");
        assert_eq!(walk.found.iter().map(|path| name_of(path)).collect::<Vec<_>>(), ["1.jpg", "3.jpg"]);
        assert!(walk.collect(&root.path().join("locked")).is_err(), "the one that was named");
    }
}
