//! The camera, supervised.
//!
//! nokhwa and the drivers beneath it may block for ever, spin, poison a stream or panic. So they live in a process of
//! their own ([`capture`], run by the hidden subcommand `capture-camera`), which [`Device`] watches: it asks for a
//! picture when somebody wants one, waits a bounded time, and ends and restarts the process when nothing comes. The
//! picture crosses as the camera made it (some 100 KB) and is decoded here, by memory-safe code, only when it was asked
//! for.

pub mod capture;
mod fault;
mod format;
mod huffman;
pub(super) mod jpeg;
mod pixels;
mod program;
pub(super) mod scan;
mod wire;

use std::io;
use std::time::{Duration, Instant};

use image::RgbImage;
pub use program::{Program, SUBCOMMAND};
use program::{Running, Stuck};
use wire::{Message, Raw};

use super::{CameraError, Frame, FrameSource};
use crate::config::{CameraConfig, CameraIndex};

/// How long one call may wait.
const CALL: Duration = Duration::from_secs(2);
/// No picture for so long means that the stream hangs. The slowest exposure of a webcam in the dark is some 0.2 s.
const STALL: Duration = Duration::from_millis(1500);
/// From the process's start to the first picture: cheap cameras need seconds to wake.
const FIRST_PICTURE: Duration = Duration::from_secs(6);
/// So many damaged pictures in a row are passed over before it is said.
const DAMAGED_UNSAID: u32 = 5;
/// After so many the camera is opened again, which cures what a new stream can cure.
const DAMAGED_BEFORE_RESTART: u32 = 60;
/// Processes that do not die, after which no more are started.
const STUCK_LIMIT: usize = 3;
/// Wait before a process is started, by the number of failures in a row.
const BACKOFF_MS: [u64; 5] = [0, 200, 500, 1000, 2000];

/// The camera of `recognition.toml`.
#[derive(Debug)]
pub struct Device {
    config: CameraConfig,
    program: Program,
    running: Option<Watched>,
    stuck: Vec<Stuck>,
    /// Its path, or what was asked for while that is not known.
    device: String,
    /// What the camera says it is, once it was open.
    description: Option<String>,
    /// The reason of the present outage.
    outage: Option<CameraError>,
    failures: usize,
    not_before: Instant,
    damaged: u32,
    sequence: u64,
}

#[derive(Debug)]
struct Watched {
    process: Running,
    started: Instant,
    /// When it last delivered anything, picture or fault; `None` before the first.
    heard: Option<Instant>,
}

/// How a call for a frame ends without one.
enum Outcome {
    /// The process goes on by itself.
    Report(CameraError),
    /// The process is of no more use.
    GiveUp(CameraError),
    /// The process ended by itself.
    Gone(io::Error),
}

impl Device {
    /// The camera that `config` names. Nothing is opened before the first frame is wanted.
    pub fn new(config: CameraConfig) -> Self {
        Self::with_program(config, Program::this())
    }

    /// The same, with another program as the capture process.
    pub fn with_program(config: CameraConfig, program: Program) -> Self {
        Self {
            config,
            program,
            running: None,
            stuck: Vec::new(),
            device: match config.index {
                CameraIndex::Any => "any".to_owned(),
                CameraIndex::Number(number) => format!("/dev/video{number}"),
            },
            description: None,
            outage: None,
            failures: 0,
            not_before: Instant::now(),
            damaged: 0,
            sequence: 0,
        }
    }

    /// Whether there is a camera to serve with: one that delivers, is still waking, or is there and held back by another
    /// program or a permission. Waits up to two seconds and leaves the camera open.
    pub fn is_there(&mut self) -> bool {
        !matches!(self.next_frame(), Err(CameraError::Absent(_) | CameraError::Failed(..)))
    }

    /// The number of the capture process, while there is one.
    pub fn capture_process(&self) -> Option<u32> {
        self.running.as_ref().map(|watched| watched.process.id())
    }

    /// Starts the process unless it runs or may not start by `deadline`.
    fn start(&mut self, deadline: Instant) -> Result<Watched, CameraError> {
        self.stuck.retain_mut(|process| !process.is_gone());
        if self.stuck.len() >= STUCK_LIMIT {
            std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
            let advice = "its driver hangs; remedy: unplug it and plug it in again, or restart the computer";
            return Err(CameraError::Failed(self.device.clone(), advice.to_owned()));
        }
        let wait = self.not_before.saturating_duration_since(Instant::now());
        std::thread::sleep(wait.min(deadline.saturating_duration_since(Instant::now())));
        if Instant::now() < self.not_before {
            return Err(self.outage.clone().unwrap_or_else(|| CameraError::Starting(self.device.clone())));
        }
        match self.program.start(&self.config) {
            Ok(process) => Ok(Watched { process, started: Instant::now(), heard: None }),
            Err(error) => {
                let why = format!("the capture process cannot start: {error}");
                Err(self.fail(CameraError::Failed(self.device.clone(), why)))
            }
        }
    }

    /// Ends `watched` and notes the outage; the next call starts anew.
    fn give_up(&mut self, watched: Watched, error: impl FnOnce(Option<i32>) -> CameraError) -> CameraError {
        let code = match watched.process.end() {
            Ok(code) => code,
            Err(stuck) => {
                self.stuck.push(stuck);
                None
            }
        };
        self.fail(error(code))
    }

    fn fail(&mut self, error: CameraError) -> CameraError {
        let wait = BACKOFF_MS.get(self.failures).or(BACKOFF_MS.last()).copied().unwrap_or_default();
        self.failures += 1;
        self.not_before = Instant::now() + Duration::from_millis(wait);
        self.outage = Some(error.clone());
        error
    }

    /// What one message means: a frame, a fault to report, or (`None`) that the next message must be waited for.
    fn hear(&mut self, message: Message, watched: &mut Watched) -> Option<Result<Frame, Outcome>> {
        let now = Instant::now();
        let damage = match message {
            Message::Opened { device, description } => {
                self.device = device;
                self.description = Some(description);
                return None;
            }
            Message::Fault { error, last } => {
                watched.heard = Some(now);
                return Some(Err(if last { Outcome::GiveUp(error) } else { Outcome::Report(error) }));
            }
            Message::Damaged(why) => why,
            Message::Picture(raw) => match pixels::decode(&raw) {
                Ok(pixels) => {
                    watched.heard = Some(now);
                    let captured_at = now.checked_sub(Duration::from_micros(raw.age_us)).unwrap_or(now);
                    return Some(Ok(self.frame(&raw, pixels, captured_at)));
                }
                Err(damage) => damage.to_string(),
            },
        };
        watched.heard = Some(now);
        self.damaged += 1;
        let error = CameraError::Garbled(self.device.clone(), damage);
        if self.damaged.is_multiple_of(DAMAGED_BEFORE_RESTART) {
            return Some(Err(Outcome::GiveUp(error)));
        }
        (self.damaged > DAMAGED_UNSAID).then_some(Err(Outcome::Report(error)))
    }

    fn frame(&mut self, raw: &Raw, pixels: RgbImage, captured_at: Instant) -> Frame {
        self.outage = None;
        self.failures = 0;
        self.damaged = 0;
        self.sequence = raw.sequence.max(self.sequence + 1);
        Frame { pixels, sequence: self.sequence, captured_at, name: None }
    }

    /// What no message by the deadline means.
    fn silence(&self, watched: &Watched, called: Instant) -> Outcome {
        if watched.limit(called) <= Instant::now() {
            return Outcome::GiveUp(CameraError::Stalled(self.device.clone()));
        }
        let starting = || CameraError::Starting(self.device.clone());
        Outcome::Report(self.outage.clone().unwrap_or_else(starting))
    }
}

impl Watched {
    /// When silence that lasts since `called` or the last message becomes a stall.
    fn limit(&self, called: Instant) -> Instant {
        match self.heard {
            Some(heard) => heard.max(called) + STALL,
            None => (self.started + FIRST_PICTURE).max(called + STALL),
        }
    }
}

impl FrameSource for Device {
    fn next_frame(&mut self) -> Result<Frame, CameraError> {
        let called = Instant::now();
        let deadline = called + CALL;
        let mut watched = match self.running.take() {
            Some(watched) => watched,
            None => self.start(deadline)?,
        };
        let outcome = loop {
            let message = watched.process.next(deadline.min(watched.limit(called)));
            let outcome = match message {
                Ok(message) => self.hear(message, &mut watched),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => Some(Err(self.silence(&watched, called))),
                Err(error) => Some(Err(Outcome::Gone(error))),
            };
            if let Some(outcome) = outcome {
                break outcome;
            }
        };
        match outcome {
            Ok(frame) => {
                self.running = Some(watched);
                Ok(frame)
            }
            Err(Outcome::Report(error)) => {
                self.running = Some(watched);
                if !matches!(error, CameraError::Starting(_)) {
                    self.outage = Some(error.clone());
                }
                Err(error)
            }
            Err(Outcome::GiveUp(error)) => Err(self.give_up(watched, |_| error)),
            Err(Outcome::Gone(error)) => {
                let device = self.device.clone();
                Err(self.give_up(watched, |code| {
                    let how = code.map_or_else(|| error.to_string(), |code| format!("exit code {code}"));
                    CameraError::Failed(device, format!("the capture process ended ({how}); it is being started again"))
                }))
            }
        }
    }

    fn describe(&self) -> String {
        self.description.clone().unwrap_or_else(|| format!("camera {}", self.device))
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        if let Some(watched) = self.running.take() {
            // One that does not die now is ended by its socket when the driver lets it go.
            let _ = watched.process.end();
        }
    }
}

/// Opens the camera, watches some pictures and says what it is and how fast they come, such as
/// `camera /dev/video0 (USB Camera, 1280×720 MJPEG, 30 fps); 29.8 pictures a second arrive`.
///
/// # Errors
/// [`CameraError`] with its remedy.
pub fn check(config: &CameraConfig) -> Result<String, CameraError> {
    check_device(&mut Device::new(*config))
}

/// [`check`] of a device that is at hand.
///
/// # Errors
/// As [`check`].
pub fn check_device(device: &mut Device) -> Result<String, CameraError> {
    const PICTURES: u32 = 10;
    let deadline = Instant::now() + FIRST_PICTURE + CALL;
    let first = loop {
        match device.next_frame() {
            Err(CameraError::Starting(_)) if Instant::now() < deadline => {}
            outcome => break outcome?,
        }
    };
    let mut last = first.captured_at;
    for _ in 0..PICTURES {
        last = device.next_frame()?.captured_at;
    }
    let seconds = last.saturating_duration_since(first.captured_at).as_secs_f64();
    let rate = f64::from(PICTURES) / seconds.max(0.001);
    Ok(format!("{}; {rate:.1} pictures a second arrive", device.describe()))
}
