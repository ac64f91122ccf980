//! What every command that looks at pictures needs: the settings, the models, the rules, and many pictures looked at on
//! all processors.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use image::RgbImage;

use super::Context;
use crate::camera::read_still;
use crate::config::RecognitionConfig;
use crate::domain::decision::Policy;
use crate::vision::{Face, ModelPack, Observation, Vision};

/// The settings and the models they name.
pub(super) struct Recognition {
    pub config: RecognitionConfig,
    pack: ModelPack,
}

impl Recognition {
    pub fn open(context: &Context) -> anyhow::Result<Self> {
        Ok(Self { config: RecognitionConfig::read(&context.config)?, pack: ModelPack::installed()? })
    }

    /// Loads the models. `liveness`: whether those for liveness are needed, whatever the settings say of the kiosk.
    pub fn vision(&self, liveness: bool) -> anyhow::Result<Vision> {
        self.vision_on(self.config.models.threads, liveness)
    }

    fn vision_on(&self, threads: usize, liveness: bool) -> anyhow::Result<Vision> {
        let mut config = self.config.clone();
        config.models.threads = threads;
        config.liveness.enabled = liveness;
        Ok(Vision::load(&self.pack, &config)?)
    }

    /// The rules of decision with these models.
    pub fn policy(&self, vision: &Vision) -> anyhow::Result<Policy> {
        let card = self.pack.manifest().find(&self.config.models.embedder);
        let calibration = card.map(|card| card.score_calibration()).transpose()?.flatten();
        Ok(self.config.decision.policy(calibration, &self.config.liveness, vision.models().to_vec())?)
    }

    /// Looks at every file, on as many processors as there are, and hands `each` its place in `files`, its picture's size
    /// and what was seen, or why it is no picture; results come in the order of `files`. A file that is no picture is
    /// no error here, a model that fails is.
    pub fn look_at_all<T: Send>(
        &self,
        files: &[PathBuf],
        liveness: bool,
        each: impl Fn(usize, anyhow::Result<Seen>) -> T + Sync,
    ) -> anyhow::Result<Vec<T>> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(files.len()).max(1);
        let mut eyes = vec![];
        for _ in 0..workers {
            // One picture a processor beats one picture on all of them: most of the work around the models is serial.
            eyes.push(self.vision_on(1, liveness)?);
        }
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(files.len()));
        let work = |vision: &mut Vision| -> anyhow::Result<()> {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(place) else { return Ok(()) };
                let seen = match read_still(file) {
                    Ok(picture) => Ok(Seen::look(vision, &picture).with_context(|| file.display().to_string())?),
                    Err(error) => Err(error.into()),
                };
                let result = each(place, seen);
                results.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
            }
        };
        std::thread::scope(|scope| {
            let running: Vec<_> = eyes.iter_mut().map(|vision| scope.spawn(|| work(vision))).collect();
            running.into_iter().try_for_each(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_unstable_by_key(|(place, _)| *place);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }
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

/// Deepest folder that is looked into: a link that leads back up ends there.
const MOST_FOLDERS_DEEP: usize = 8;

/// The files of a folder and of the folders in it, in the order of their names; hidden ones left out. A file is itself.
pub(super) fn files_below(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut found = vec![];
    collect(place, 0, &mut found)?;
    Ok(found)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for path in listed(folder)? {
        if !path.is_dir() {
            found.push(path);
        } else if depth < MOST_FOLDERS_DEEP {
            collect(&path, depth + 1, found)?;
        }
    }
    Ok(())
}

/// The folders of a folder: a person each. Files beside them belong to nobody and are returned apart.
pub(super) fn folders_of(root: &Path) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    Ok(listed(root)?.into_iter().partition(|path| path.is_dir()))
}

fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("{}: it cannot be listed; remedy: name a folder of pictures", folder.display());
    let mut paths = vec![];
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
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
    fn files_come_in_the_order_of_their_names_without_hidden_ones() {
        let root = tempfile::tempdir().expect("a folder");
        for file in ["b/2.jpg", "b/1.jpg", "a/3.jpg", ".hidden/4.jpg", "loose.jpg", "b/.5.jpg"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, b"").expect("a file");
        }
        let names: Vec<String> = files_below(root.path()).expect("a list").iter().map(|path| name_of(path)).collect();
        assert_eq!(names, ["3.jpg", "1.jpg", "2.jpg", "loose.jpg"]);
        let (folders, loose) = folders_of(root.path()).expect("a list");
        assert_eq!((folders.len(), loose.len()), (2, 1));
        assert!(files_below(&root.path().join("nowhere")).is_err_and(|e| e.to_string().contains("nowhere")));
    }
}
