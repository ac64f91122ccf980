//! The frame, the trait and the errors of all sources.

use std::sync::Arc;
use std::time::Instant;

use image::RgbImage;
use serde::{Deserialize, Serialize};

/// One picture of the scene in front of the kiosk.
#[derive(Debug, Clone)]
pub struct Frame {
    /// RGB, 8 bits a channel, upright.
    pub pixels: RgbImage,
    /// Counts up by at least one a frame within a source; a gap is what nobody looked at.
    pub sequence: u64,
    /// When it was taken.
    pub captured_at: Instant,
    /// The picture's file name, for sources that read files.
    pub name: Option<Arc<str>>,
}

/// Where frames come from.
pub trait FrameSource: Send {
    /// Waits for the next frame, at most some two seconds.
    ///
    /// # Errors
    /// [`CameraError`] when there is none. The source stays usable: calling again tries to recover, except after
    /// [`CameraError::Ended`].
    fn next_frame(&mut self) -> Result<Frame, CameraError>;

    /// What this is, for the screen and the doctor, such as `camera 0 (USB Camera, 1280×720 MJPEG)`.
    fn describe(&self) -> String;
}

/// Why there is no frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CameraError {
    /// No such device.
    #[error("no camera at {0}; remedy: plug it in, or name another index in recognition.toml")]
    Absent(String),
    /// Another program holds it.
    #[error("camera {0} is in use by another program; remedy: stop that program")]
    Busy(String),
    /// This user may not open it.
    #[error("camera {0} may not be opened; remedy: add the kiosk's user to the group `video`")]
    Denied(String),
    /// It was there and went away.
    #[error("camera {0} was unplugged; remedy: plug it in again")]
    Unplugged(String),
    /// It was opened and its first picture is on the way.
    #[error("camera {0} is starting")]
    Starting(String),
    /// It is open and delivers nothing.
    #[error("camera {0} delivers no pictures")]
    Stalled(String),
    /// What it delivered is not a picture.
    #[error("camera {0} delivered a damaged picture: {1}")]
    Garbled(String, String),
    /// The system refused something else.
    #[error("camera {0}: {1}")]
    Failed(String, String),
    /// A picture file or its folder cannot be read. The message names it.
    #[error("{0}")]
    Picture(String),
    /// There are no more frames (the pictures of a folder are all shown).
    #[error("no more pictures")]
    Ended,
}
