//! Frame → observation: faces with landmarks, quality, template and liveness, through ONNX Runtime.
//!
//! A frame ends here: an [`Observation`] holds numbers, nothing of the picture.

mod align;
mod area;
mod contrast;
mod decode;
mod detector;
mod distinct;
mod embedder;
mod error;
mod eye;
mod finder;
mod liveness;
mod manifest;
mod models;
mod observation;
mod pack;
mod places;
mod quality;
mod runtime;
mod shrink;
mod tensor;
#[cfg(test)]
mod tests;
mod tracker;
mod view;
mod warp;

pub use crate::domain::{ModelDigest, Quality, QualityReason, Template};
pub(crate) use decode::overlap;
pub use error::VisionError;
pub use eye::Vision;
pub use manifest::{Calibration, Channels, Manifest, ModelCard, ModelRole, OperatingPoint, PackName, Port};
pub use models::{Models, Wanted};
pub use observation::{Face, Observation, Timings, TrackId};
pub use pack::{ModelError, ModelFile, ModelPack};
pub use places::{model_folders, models_toml};
pub use runtime::check_runtime;
