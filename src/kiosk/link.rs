//! What the engine's threads and the window share: the newest view, the newest small picture, touches back.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::session::{Event, Touch, View};

/// A small mirrored picture of who stands there, for the screen alone: it is replaced by the next and never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorImage {
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// RGB, 8 bits a channel, row by row.
    pub rgb: Vec<u8>,
}

/// The place where engine and window meet. Nobody waits here.
pub struct Link {
    view: Mutex<Option<Arc<View>>>,
    mirror: Mutex<Option<MirrorImage>>,
    notes: Mutex<Notes>,
    events: Sender<Event>,
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
    settled: AtomicU64,
    finished: AtomicBool,
    failure: OnceLock<String>,
    on_failure: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// What stands around the screens and may change while the kiosk runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// The meal being served and its hours.
    pub serving: Option<String>,
    /// How far the books' time is ahead of the clock on the wall: meals are served by theirs.
    pub ahead: SignedDuration,
    /// Changed subsidy rules were not taken; those before go on.
    pub rules_refused: bool,
}

impl Notes {
    /// The books' time when the clock on the wall shows `wall`.
    pub fn time(&self, wall: Timestamp) -> Timestamp {
        wall.checked_add(self.ahead).unwrap_or(wall)
    }
}

impl Link {
    /// A link that sends touches to `events`.
    pub fn new(events: Sender<Event>) -> Self {
        Self {
            view: Mutex::default(),
            mirror: Mutex::default(),
            notes: Mutex::default(),
            events,
            wake: OnceLock::new(),
            settled: AtomicU64::new(0),
            finished: AtomicBool::new(false),
            failure: OnceLock::new(),
            on_failure: OnceLock::new(),
        }
    }

    /// What the engine calls after a change; the window sets it once, when it is there.
    pub fn on_change(&self, wake: impl Fn() + Send + Sync + 'static) {
        // A second window would be a mistake of this program; the first one stays.
        let _ = self.wake.set(Box::new(wake));
    }

    /// Shows `view` from now on.
    pub fn show(&self, view: View) {
        *lock(&self.view) = Some(Arc::new(view));
        self.wake();
    }

    /// What is to be shown; `None` before the session's first view.
    pub fn view(&self) -> Option<Arc<View>> {
        lock(&self.view).clone()
    }

    /// Puts a new mirror image, or takes it away.
    pub fn mirror(&self, image: Option<MirrorImage>) {
        let changed = {
            let mut mirror = lock(&self.mirror);
            let changed = mirror.is_some() || image.is_some();
            *mirror = image;
            changed
        };
        if changed {
            self.wake();
        }
    }

    /// The mirror image that was not yet taken.
    pub fn take_mirror(&self) -> Option<MirrorImage> {
        lock(&self.mirror).take()
    }

    /// Changes what stands around the screens.
    pub fn note(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut lock(&self.notes));
        self.wake();
    }

    /// What stands around the screens.
    pub fn notes(&self) -> Notes {
        lock(&self.notes).clone()
    }

    /// The elder touched the screen.
    pub fn touch(&self, touch: Touch) {
        // After the engine has ended nobody listens, and nothing is to be done.
        let _ = self.events.send(Event::Touch(touch));
    }

    /// So many meals are settled since the start.
    pub fn count_settled(&self, meals: u64) {
        self.settled.store(meals, Ordering::Release);
    }

    /// Meals settled since the start.
    pub fn settled(&self) -> u64 {
        self.settled.load(Ordering::Acquire)
    }

    /// The window may close.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Release);
        self.wake();
    }

    /// The thread `name` panicked: the window closes, and the program ends as failed.
    pub fn fail(&self, name: &str) {
        // Whatever panics after the first does so because of it.
        if self.failure.set(name.to_owned()).is_err() {
            return;
        }
        tracing::error!("the {name} thread panicked; the kiosk ends");
        self.finish();
        if let Some(told) = self.on_failure.get() {
            told();
        }
    }

    /// What is called when a thread has panicked; set once.
    pub fn on_failure(&self, told: impl Fn() + Send + Sync + 'static) {
        // As with the window, the first one stays.
        let _ = self.on_failure.set(Box::new(told));
    }

    /// The thread that panicked, if one did.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Whether the window may close.
    pub fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    fn wake(&self) {
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }
}

/// A panic elsewhere leaves whole values behind: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
