//! The fake camera of `tests/fakecam/fakecam.c`, built here and driven through its folder.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use mealpoint::camera::device::{Device, Program};
use mealpoint::camera::{CameraError, Frame, FrameSource};
use mealpoint::config::{CameraConfig, CameraIndex};

/// Far beyond what anything here takes; only a failing test waits so long.
pub const LONG: Duration = Duration::from_secs(60);

/// The number of the node that the fake answers for.
pub const NUMBER: u32 = 7;
pub const NODE: &str = "/dev/video7";

/// The colour of each picture in turn: far apart, so that compression cannot confuse them. Five, because nokhwa uses
/// four buffers: each buffer then holds another picture than last time.
pub const COLOURS: [[u8; 3]; 5] = [[200, 40, 40], [40, 190, 40], [40, 60, 200], [200, 190, 60], [120, 120, 120]];

pub struct FakeCamera {
    folder: tempfile::TempDir,
}

impl FakeCamera {
    /// A camera that offers MJPEG at two sizes, 30 a second, and shows [`COLOURS`].
    pub fn mjpeg() -> Option<Self> {
        let camera = Self::offering("MJPG 640 480 30\nMJPG 320 240 30\n")?;
        for (number, colour) in COLOURS.into_iter().enumerate() {
            camera.show(number, &jpeg(colour));
        }
        Some(camera)
    }

    /// A camera that offers `formats` (see fakecam.c) and has no pictures yet. `None` where nothing builds it.
    pub fn offering(formats: &str) -> Option<Self> {
        let camera = Self { folder: tempfile::tempdir().expect("a folder") };
        if !crate::ledger::built("fakecam/fakecam.c", &camera.library()) {
            return None;
        }
        camera.write("device", NODE.as_bytes());
        camera.write("formats", formats.as_bytes());
        camera.write("events", b"");
        camera.write("taken", b"");
        camera.set("run");
        Some(camera)
    }

    /// Makes `bytes` the `number`th picture.
    pub fn show(&self, number: usize, bytes: &[u8]) {
        self.write(&format!("{number}.frame"), bytes);
    }

    /// From now on the camera behaves as `mode` says (see fakecam.c).
    pub fn set(&self, mode: &str) {
        self.write("mode.new", mode.as_bytes());
        std::fs::rename(self.path("mode.new"), self.path("mode")).expect("a new mode");
    }

    /// What has happened so far.
    pub fn events(&self) -> String {
        std::fs::read_to_string(self.path("events")).expect("the events")
    }

    pub fn count(&self, event: &str) -> usize {
        self.events().lines().filter(|line| line.split(' ').next() == Some(event)).count()
    }

    /// How many pictures were taken off the camera so far.
    pub fn taken(&self) -> u64 {
        std::fs::metadata(self.path("taken")).expect("a count").len()
    }

    /// Waits until `event` has happened.
    pub fn wait_for(&self, event: &str) {
        self.wait(event, || self.count(event) > 0);
    }

    /// Waits until so many more pictures were taken off the camera.
    pub fn wait_for_pictures(&self, more: u64) {
        let enough = self.taken() + more;
        self.wait("a picture", || self.taken() >= enough);
    }

    fn wait(&self, what: &str, happened: impl Fn() -> bool) {
        let deadline = Instant::now() + LONG;
        while !happened() {
            assert!(Instant::now() < deadline, "{what} never happened: {}", self.events());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// `mealpoint` as a process that sees this camera.
    pub fn program(&self) -> Program {
        Program::at(env!("CARGO_BIN_EXE_mealpoint"))
            .env("LD_PRELOAD", self.library())
            .env("FAKECAM", self.folder.path())
            .env("RUST_BACKTRACE", "0")
    }

    /// The same, for a command that is no capture process of a [`Device`].
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.env("LD_PRELOAD", self.library()).env("FAKECAM", self.folder.path());
        command
    }

    /// The kiosk's camera, set to 640 × 480 at 30 a second.
    pub fn device(&self) -> Device {
        self.device_at(640, 480, 30)
    }

    pub fn device_at(&self, width: u32, height: u32, fps: u32) -> Device {
        let config = CameraConfig { index: CameraIndex::Number(NUMBER), width, height, fps };
        Device::with_program(config, self.program())
    }

    /// What is preloaded; it goes with the camera.
    fn library(&self) -> PathBuf {
        self.path("fakecam.so")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("a writable folder");
    }
}

/// A noisy picture around `colour`, 640 × 480. Another colour has other noise.
pub fn picture(colour: [u8; 3]) -> RgbImage {
    let seed = u32::from_be_bytes([0, colour[0], colour[1], colour[2]]);
    RgbImage::from_fn(640, 480, |x, y| {
        let place = (y * 640 + x) ^ seed.wrapping_mul(0x9E37_79B9);
        let noise = place.wrapping_mul(2_654_435_761).rotate_left(13).wrapping_mul(40_503) >> 15 & 15;
        Rgb(colour.map(|channel| channel.saturating_add(noise as u8)))
    })
}

pub fn jpeg(colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture(colour).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).expect("an encoder");
    bytes
}

/// The number of the [`COLOURS`] that the frame shows.
pub fn shown(frame: &Frame) -> Option<usize> {
    let count = u64::from(frame.pixels.width()) * u64::from(frame.pixels.height());
    let mean = |channel: usize| frame.pixels.pixels().map(|p| u64::from(p.0[channel])).sum::<u64>() / count;
    COLOURS.iter().position(|colour| (0..3).all(|c| mean(c).abs_diff(u64::from(colour[c]) + 7) < 12))
}

/// Asks for frames until an outcome is as wanted; every outcome before it must be as allowed.
pub fn until(
    device: &mut Device,
    what: &str,
    wanted: impl Fn(&Result<Frame, CameraError>) -> bool,
) -> Result<Frame, CameraError> {
    let deadline = Instant::now() + LONG;
    let mut seen: Vec<String> = Vec::new();
    loop {
        let outcome = device.next_frame();
        if wanted(&outcome) {
            return outcome;
        }
        let text = outcome.map_or_else(|error| error.to_string(), |_| "a frame".to_owned());
        if seen.last() != Some(&text) {
            seen.push(text);
        }
        assert!(Instant::now() < deadline, "never {what}; seen: {seen:#?}");
    }
}

/// Asks until there is a frame.
pub fn frame(device: &mut Device) -> Frame {
    until(device, "a frame", Result::is_ok).expect("a frame")
}

/// Asks until there is this fault.
pub fn fault(device: &mut Device, wanted: impl Fn(&CameraError) -> bool) -> CameraError {
    until(device, "the fault", |outcome| outcome.as_ref().is_err_and(&wanted)).expect_err("a fault")
}

/// Whether the process is there (a zombie is not).
pub fn is_alive(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| !rest.starts_with('Z')))
}
