//! The capture process: holds the camera through nokhwa and hands its newest picture to whoever asks.
//!
//! It is a process of its own because a driver may hang inside a call for ever, with the device still held: a thread
//! that hangs there cannot be ended, a process can, and then the system frees the device. For the same reason every
//! fault of a running stream ends the process; only the waiting for a camera that is absent, busy or denied goes on
//! inside it.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::{self, BufWriter, Read};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nokhwa::Camera;
use nokhwa::utils::{CameraFormat, CameraIndex as NokhwaIndex, RequestedFormat, RequestedFormatType};

use super::fault::{self, Phase};
use super::format;
use super::jpeg::{Damage, Jpeg};
use super::pixels;
use super::scan;
use super::wire::{Encoding, Message, NEXT, Raw};
use crate::camera::{CameraError, Newest, Taken};
use crate::config::{CameraConfig, CameraIndex};

/// How long to wait before looking again for a camera that could not be opened.
const RETRY: Duration = Duration::from_millis(500);
/// A picture that nobody asked for in this time is not shown later: the stream may hang since.
const STALE: Duration = Duration::from_millis(300);
/// How long the last fault is kept for somebody to ask before the process ends without having told it.
const FAREWELL: Duration = Duration::from_secs(5);

/// What the camera thread last saw.
enum Sight {
    Picture {
        captured_at: Instant,
        raw: Raw,
    },
    Damaged(Damage),
    /// `last` when the process ends with it.
    Fault {
        error: CameraError,
        last: bool,
    },
}

/// Serves pictures of the camera to the other end of `socket` until that end closes or the stream breaks. Then it ends
/// the process, even while the driver hangs.
///
/// # Errors
/// What the system says when it gives no thread or no second handle of the socket.
pub fn serve(config: &CameraConfig, socket: UnixStream) -> io::Result<Infallible> {
    let newest = Arc::new(Newest::default());
    let asked = Arc::new(Newest::default());
    let description = Arc::new(OnceLock::new());
    let questions = socket.try_clone()?;
    std::thread::Builder::new().name("questions".to_owned()).spawn({
        let asked = Arc::clone(&asked);
        move || listen(questions, &asked)
    })?;
    std::thread::Builder::new().name("answers".to_owned()).spawn({
        let (newest, description) = (Arc::clone(&newest), Arc::clone(&description));
        move || answer(&newest, &asked, &description, &socket)
    })?;
    loop {
        let opened = match config.index {
            CameraIndex::Number(number) => open(number, config),
            CameraIndex::Any => open_any(config),
        };
        match opened {
            Ok(stream) => {
                // The only setting: a process ends with its first stream.
                let _ = description.set((stream.device.clone(), stream.description.clone()));
                let error = stream.run(&newest);
                newest.put(Sight::Fault { error, last: true });
                // The thread that answers ends the process once the fault is told.
                std::thread::sleep(FAREWELL);
                std::process::exit(1);
            }
            Err(error) => {
                newest.put(Sight::Fault { error, last: false });
                std::thread::sleep(RETRY);
            }
        }
    }
}

/// Notes each question. The kiosk's end closing, however it came to it, ends this process: nobody is left to ask.
fn listen(mut questions: UnixStream, asked: &Newest<()>) {
    let mut byte = [0];
    while let Ok(1) = questions.read(&mut byte) {
        if byte == [NEXT] {
            asked.put(());
        }
    }
    std::process::exit(0);
}

fn answer(newest: &Newest<Sight>, asked: &Newest<()>, description: &OnceLock<(String, String)>, socket: &UnixStream) {
    const LONG: Duration = Duration::from_secs(3600);
    let mut out = BufWriter::with_capacity(64 * 1024, socket);
    let mut scrutiny = Scrutiny::default();
    let mut introduced = false;
    loop {
        if !matches!(asked.take(LONG), Taken::Value(())) {
            continue;
        }
        let sight = loop {
            match newest.take(LONG) {
                Taken::Value(Sight::Picture { captured_at, .. }) if captured_at.elapsed() > STALE => {}
                Taken::Value(sight) => break sight,
                Taken::Nothing | Taken::Closed => {}
            }
        };
        let last = matches!(sight, Sight::Fault { last: true, .. });
        let mut messages = Vec::new();
        if let (false, Some((device, description))) = (introduced, description.get()) {
            messages.push(Message::Opened { device: device.clone(), description: description.clone() });
            introduced = true;
        }
        messages.push(match sight {
            Sight::Damaged(damage) => Message::Damaged(damage.to_string()),
            Sight::Fault { error, last } => Message::Fault { error, last },
            Sight::Picture { captured_at, raw } => match scrutiny.complete(raw) {
                Ok(mut raw) => {
                    raw.age_us = u64::try_from(captured_at.elapsed().as_micros()).unwrap_or(u64::MAX);
                    Message::Picture(raw)
                }
                Err(damage) => Message::Damaged(damage.to_string()),
            },
        });
        if messages.iter().any(|message| message.write(&mut out).is_err()) {
            std::process::exit(0);
        }
        if last {
            std::process::exit(1);
        }
    }
}

/// The look inside a picture before it is sent.
#[derive(Default)]
struct Scrutiny {
    sound: bool,
    unsound: u32,
}

impl Scrutiny {
    /// A camera may write JPEG in its own way, every single picture; after so many it is believed until one is sound.
    const BELIEVED_AFTER: u32 = 20;

    /// The picture with what cameras leave out.
    fn complete(&mut self, mut raw: Raw) -> Result<Raw, Damage> {
        if raw.encoding != Encoding::Mjpeg {
            return Ok(raw);
        }
        if let Cow::Owned(complete) = Jpeg::cut(&raw.bytes)?.complete() {
            raw.bytes = complete;
        }
        match scan::check(&raw.bytes) {
            Ok(()) => self.sound = true,
            Err(damage) => {
                self.unsound = self.unsound.saturating_add(1);
                if self.sound || self.unsound <= Self::BELIEVED_AFTER {
                    return Err(damage);
                }
            }
        }
        Ok(raw)
    }
}

/// An open camera.
struct Stream {
    camera: Camera,
    device: String,
    description: String,
    format: CameraFormat,
    encoding: Encoding,
}

fn path(number: u32) -> String {
    format!("/dev/video{number}")
}

/// Opens the first camera that there is; nodes that are none (a webcam's second node, a codec) are passed over.
fn open_any(config: &CameraConfig) -> Result<Stream, CameraError> {
    let mut worst = CameraError::Absent(format!("/dev/video0 to /dev/video{}", CameraIndex::LAST));
    for number in 0..=CameraIndex::LAST {
        match open(number, config) {
            Ok(stream) => return Ok(stream),
            Err(error) => worst = fault::weightier(worst, error),
        }
    }
    Err(worst)
}

fn open(number: u32, config: &CameraConfig) -> Result<Stream, CameraError> {
    let device = path(number);
    let failed = |error: nokhwa::NokhwaError| fault::of(&error, &device, Phase::Opening);
    // nokhwa's own choice of the nearest format gives none where the size asked for is missing, so any format opens the
    // camera, and the choice is made here.
    let first = RequestedFormat::with_formats(RequestedFormatType::None, &format::READABLE);
    let mut camera = Camera::new(NokhwaIndex::Index(number), first).map_err(failed)?;
    let offered = camera.compatible_camera_formats().map_err(failed)?;
    let unreadable = || fault::unreadable(&device);
    let chosen = format::nearest(&offered, config).ok_or_else(unreadable)?;
    if camera.camera_format() != chosen {
        let exact = RequestedFormat::with_formats(RequestedFormatType::Exact(chosen), &format::READABLE);
        if let Err(error) = camera.set_camera_requset(exact) {
            // Some drivers offer what they then do not set. Whatever they have set instead serves too.
            match failed(error) {
                CameraError::Failed(..) => camera.refresh_camera_format().map_err(failed)?,
                fault => return Err(fault),
            };
        }
    }
    let format = camera.camera_format();
    let encoding = format::encoding(format.format()).ok_or_else(unreadable)?;
    camera.open_stream().map_err(failed)?;
    let description = describe(&camera, &device, format, encoding, config);
    Ok(Stream { camera, device, description, format, encoding })
}

/// Such as `camera /dev/video0 (USB Camera, 1280×720 MJPEG, 30 fps)`, with what was asked for where that differs.
fn describe(camera: &Camera, device: &str, format: CameraFormat, encoding: Encoding, asked: &CameraConfig) -> String {
    let (width, height, fps) = (format.width(), format.height(), format.frame_rate());
    let name = camera.info().human_name();
    let name = name.trim_matches(|c: char| c.is_control() || c.is_whitespace());
    let instead = if (width, height, fps) == (asked.width, asked.height, asked.fps) {
        String::new()
    } else {
        format!(", the nearest to {}×{} at {} fps", asked.width, asked.height, asked.fps)
    };
    format!("camera {device} ({name}, {width}×{height} {encoding}, {fps} fps{instead})")
}

impl Stream {
    /// Takes every picture off the driver and keeps the newest, until the stream breaks; returns why.
    fn run(mut self, newest: &Newest<Sight>) -> CameraError {
        let needed = pixels::size(self.encoding, self.format.width(), self.format.height());
        let mut spare = Vec::new();
        let mut sequence = 0;
        loop {
            let frame = match self.camera.frame_raw() {
                Ok(frame) => frame,
                Err(error) => {
                    let fault = fault::of(&error, &self.device, Phase::Streaming);
                    // Closing a broken stream may hang or panic in the driver's library; the process ends anyway.
                    std::mem::forget(self);
                    return fault;
                }
            };
            let captured_at = Instant::now();
            sequence += 1;
            let bytes = match needed {
                Some(needed) => frame.get(..needed).ok_or(Damage::CutOff),
                None => Jpeg::cut(&frame).map(|jpeg| jpeg.bytes()),
            };
            let replaced = match bytes {
                Err(damage) => newest.put(Sight::Damaged(damage)),
                Ok(bytes) => {
                    let mut kept: Vec<u8> = std::mem::take(&mut spare);
                    kept.clear();
                    kept.extend_from_slice(bytes);
                    let raw = Raw {
                        sequence,
                        age_us: 0,
                        width: self.format.width(),
                        height: self.format.height(),
                        encoding: self.encoding,
                        bytes: kept,
                    };
                    newest.put(Sight::Picture { captured_at, raw })
                }
            };
            if let Some(Sight::Picture { raw, .. }) = replaced {
                spare = raw.bytes;
            }
        }
    }
}
