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

/// The files that were saved, in order.
#[derive(Debug, Clone, Default)]
pub struct Saved(Arc<Mutex<Vec<PathBuf>>>);

impl Saved {
    /// The files so far.
    pub fn list(&self) -> Vec<PathBuf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, file: PathBuf) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains(&file) {
            files.push(file);
        }
    }
}

impl Shots {
    /// Starts saving into `folder`, which is made where it is missing.
    ///
    /// # Errors
    /// What keeps the folder from being made.
    pub fn start(folder: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder).with_context(|| format!("--shots {}", folder.display()))?;
        let (writer, pictures) = mpsc::channel::<(PathBuf, Arc<egui::ColorImage>)>();
        let (saved, pending) = (Saved::default(), Arc::new(AtomicUsize::new(0)));
        std::thread::Builder::new().name("shots".to_owned()).spawn({
            let (saved, pending) = (saved.clone(), Arc::clone(&pending));
            move || {
                for (file, picture) in pictures {
                    match write(&file, &picture) {
                        Ok(()) => saved.add(file),
                        Err(error) => tracing::error!("{error:#}"),
                    }
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
