//! What nokhwa's errors mean: absent, busy, denied, unplugged and broken are different things to a person.

use nokhwa::NokhwaError;

use crate::camera::CameraError;

/// When an error came: the same number of the system means other things while opening than while streaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Opening, choosing a format, starting the stream.
    Opening,
    /// Waiting for pictures.
    Streaming,
}

// Numbers of errors that Linux uses on every processor that a kiosk has (asm-generic/errno-base.h, errno.h).
const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const ENOTTY: i32 = 25;
const EPROTO: i32 = 71;

/// The fault of `device` that `error` reports.
pub fn of(error: &NokhwaError, device: &str, phase: Phase) -> CameraError {
    let text = error.to_string();
    let device = device.to_owned();
    match (os_error(&text), phase) {
        (Some(ENOENT | ENODEV | ENXIO), Phase::Opening) => CameraError::Absent(device),
        (Some(ENOENT | ENODEV | ENXIO), Phase::Streaming) => CameraError::Unplugged(device),
        (Some(EACCES | EPERM), _) => CameraError::Denied(device),
        (Some(EBUSY), _) => CameraError::Busy(device),
        (Some(EIO | EPROTO), _) => {
            CameraError::Failed(device, format!("the connection faltered ({text}); it is being opened again"))
        }
        // How a node that is no camera answers: a webcam's second node, which carries metadata, or a codec.
        (Some(EINVAL | ENOTTY), Phase::Opening) if matches!(error, NokhwaError::GetPropertyError { .. }) => {
            unreadable(&device)
        }
        // nokhwa's words for a node none of whose formats it can set, or that has none.
        _ if text.contains("Failed to Fufill") || text.contains("not whole number") => unreadable(&device),
        _ => CameraError::Failed(device, text),
    }
}

/// The fault of a node whose formats are all of kinds or rates that cannot be used, or that has none.
pub fn unreadable(device: &str) -> CameraError {
    let why = "it offers neither MJPEG nor YUYV nor NV12 at a whole number of pictures a second, so it is no camera or \
               one that cannot be used; remedy: name another index in recognition.toml or use another camera";
    CameraError::Failed(device.to_owned(), why.to_owned())
}

/// The system's number in a text of nokhwa, which hands errors on as text only: `… (os error 16)`.
fn os_error(text: &str) -> Option<i32> {
    let (_, rest) = text.rsplit_once("(os error ")?;
    rest.split_once(')')?.0.parse().ok()
}

/// Which of two faults says more about why no camera of several could be used.
pub fn weightier(a: CameraError, b: CameraError) -> CameraError {
    const fn weight(error: &CameraError) -> u8 {
        match error {
            CameraError::Busy(_) => 3,
            CameraError::Denied(_) => 2,
            CameraError::Absent(_) => 0,
            _ => 1,
        }
    }
    if weight(&b) > weight(&a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_numbers_become_faults_that_a_person_can_act_on() {
        let open = |number: i32| {
            let text = format!("V4L2 Error: {}", std::io::Error::from_raw_os_error(number));
            of(&NokhwaError::OpenDeviceError("0".to_owned(), text), "/dev/video0", Phase::Opening)
        };
        let device = || "/dev/video0".to_owned();
        assert_eq!(open(ENOENT), CameraError::Absent(device()));
        assert_eq!(open(EACCES), CameraError::Denied(device()));
        assert_eq!(open(EBUSY), CameraError::Busy(device()));
        let text = std::io::Error::from_raw_os_error(ENODEV).to_string();
        assert_eq!(
            of(&NokhwaError::ReadFrameError(text), "/dev/video0", Phase::Streaming),
            CameraError::Unplugged(device())
        );
        let odd = NokhwaError::ReadFrameError("odd".to_owned());
        assert_eq!(
            of(&odd, "/dev/video0", Phase::Streaming),
            CameraError::Failed(device(), "Could not capture frame: odd".to_owned())
        );
    }
}
