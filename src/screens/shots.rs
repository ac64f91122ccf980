//! `--shots`: a picture of each screen as it is shown, `01-idle.png`, `02-looking.png`, …

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use eframe::egui;

use crate::kiosk::session::View;

/// A screen that still stands after this is taken again, as it is by then.
const AGAIN: Duration = Duration::from_millis(900);

const ELSEWHERE: &str = "name a folder that can be written with --shots";

/// Takes and saves the pictures; one thread writes them, so that the window never waits for the disk.
pub struct Shots {
    folder: PathBuf,
    writer: Sender<(PathBuf, Arc<egui::ColorImage>)>,
    saved: Saved,
    pending: Arc<AtomicUsize>,
    current: Option<Current>,
    taken: usize,
}

/// The screen that stands.
struct Current {
    number: u64,
    file: PathBuf,
    since: Instant,
    /// It was whole when it was taken first.
    whole: bool,
    again: bool,
}

/// The files that were saved, in order, and what kept the first of the others from it.
#[derive(Debug, Clone, Default)]
pub struct Saved(Arc<Mutex<(Vec<PathBuf>, Option<String>)>>);

impl Saved {
    /// The files so far.
    ///
    /// # Errors
    /// That a file could not be saved.
    pub fn list(&self) -> anyhow::Result<Vec<PathBuf>> {
        let (files, lost) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match lost {
            Some(lost) => anyhow::bail!("a screen could not be saved: {lost}; remedy: {ELSEWHERE}"),
            None => Ok(files),
        }
    }

    fn note(&self, file: PathBuf, written: anyhow::Result<()>) {
        let mut saved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match written {
            Ok(()) if saved.0.contains(&file) => {}
            Ok(()) => saved.0.push(file),
            Err(error) => {
                saved.1.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
}

impl Shots {
    /// Starts saving into `folder`, which is made where it is missing.
    ///
    /// # Errors
    /// What keeps the folder from being made or written.
    pub fn start(folder: PathBuf) -> anyhow::Result<Self> {
        let trial = folder.join(format!(".trial-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&trial, b""))
            .and_then(|()| std::fs::remove_file(&trial))
            .map_err(|error| anyhow::anyhow!("--shots {}: {error}; remedy: {ELSEWHERE}", folder.display()))?;
        let (writer, pictures) = mpsc::channel::<(PathBuf, Arc<egui::ColorImage>)>();
        let (saved, pending) = (Saved::default(), Arc::new(AtomicUsize::new(0)));
        std::thread::Builder::new().name("shots".to_owned()).spawn({
            let (saved, pending) = (saved.clone(), Arc::clone(&pending));
            move || {
                for (file, picture) in pictures {
                    let written = write(&file, &picture);
                    saved.note(file, written);
                    pending.fetch_sub(1, Ordering::AcqRel);
                }
            }
        })?;
        Ok(Self { folder, writer, saved, pending, current: None, taken: 0 })
    }

    /// The files that were saved.
    pub fn saved(&self) -> Saved {
        self.saved.clone()
    }

    /// Takes a picture where `view` is a new screen, and again when it is `whole`: when nothing that belongs to it is
    /// still to come. Returns whether pictures are still on their way.
    pub fn follow(&mut self, context: &egui::Context, view: &View, whole: bool) -> bool {
        match &mut self.current {
            Some(current) if current.number == view.number => {
                let due = AGAIN.saturating_sub(current.since.elapsed());
                let completed = whole && !current.whole;
                if !current.again && (completed || due.is_zero()) {
                    current.again = true;
                    let file = current.file.clone();
                    self.take(context, file);
                } else if !current.again {
                    context.request_repaint_after(due);
                }
            }
            _ => {
                self.taken += 1;
                let file = self.folder.join(format!("{:02}-{}.png", self.taken, view.screen.name()));
                let (number, since) = (view.number, Instant::now());
                self.current = Some(Current { number, file: file.clone(), since, whole, again: false });
                self.take(context, file);
                context.request_repaint_after(AGAIN);
            }
        }
        self.pending.load(Ordering::Acquire) > 0
    }

    fn take(&self, context: &egui::Context, file: PathBuf) {
        self.pending.fetch_add(1, Ordering::AcqRel);
        let (writer, pending, waker) = (self.writer.clone(), Arc::clone(&self.pending), context.clone());
        let callback = egui::ScreenshotCallback::new(move |picture| {
            if writer.send((file, picture)).is_err() {
                pending.fetch_sub(1, Ordering::AcqRel);
            }
            waker.request_repaint_after(Duration::from_millis(100));
        });
        context.send_viewport_cmd(egui::ViewportCommand::Screenshot(callback));
    }
}

fn write(file: &Path, picture: &egui::ColorImage) -> anyhow::Result<()> {
    let [width, height] = picture.size;
    let rgb: Vec<u8> = picture.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let (width, height) = (u32::try_from(width)?, u32::try_from(height)?);
    let picture = image::RgbImage::from_raw(width, height, rgb).context("a screenshot of another size")?;
    picture.save(file).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_that_could_not_be_saved_is_told_of_with_its_name_and_not_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let shots = Shots::start(folder.path().join("screens")).expect("a folder to write in");
        let saved = shots.saved();
        saved.note(PathBuf::from("01-idle.png"), Ok(()));
        saved.note(PathBuf::from("01-idle.png"), Ok(()));
        assert_eq!(saved.list().expect("all are saved"), [PathBuf::from("01-idle.png")]);
        let picture = egui::ColorImage::filled([2, 2], egui::Color32::WHITE);
        let lost = folder.path().join("nowhere/02-looking.png");
        saved.note(lost.clone(), write(&lost, &picture));
        let said = saved.list().expect_err("one is lost").to_string();
        assert!(said.contains("02-looking.png") && said.contains("remedy"), "{said}");
    }
}
