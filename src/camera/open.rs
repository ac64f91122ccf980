//! From `--source` to frames.

use super::device::Device;
use super::drawn::{DrawnSource, Stage};
use super::pictures::{Pictures, Showing};
use super::{CameraError, FrameSource, SourceSpec};
use crate::config::CameraConfig;

/// The source that `spec` names: the camera of `camera`, a folder's pictures again and again, or the people on `stage`.
///
/// # Errors
/// [`CameraError::Picture`] for a folder without pictures. A camera that is absent is no error here: it may be plugged
/// in later, and until then [`FrameSource::next_frame`] says so.
pub fn open(spec: &SourceSpec, camera: &CameraConfig, stage: &Stage) -> Result<Box<dyn FrameSource>, CameraError> {
    Ok(match spec {
        SourceSpec::Camera => Box::new(Device::new(*camera)),
        SourceSpec::Pictures(folder) => Box::new(Pictures::open(folder, Showing::default())?),
        SourceSpec::Drawn => Box::new(DrawnSource::new(stage.clone())),
    })
}

/// The camera of `device`, open, if there is one to serve with ([`Device::is_there`]). It is handed over as it is: opened a
/// second time a camera needs seconds to wake again.
pub fn open_if_there(mut device: Device) -> Option<Box<dyn FrameSource>> {
    device.is_there().then(|| Box::new(device) as Box<dyn FrameSource>)
}
