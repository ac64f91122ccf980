//! Camera, runtime and models.

use std::path::Path;

use crate::camera::device;
use crate::cli::doctor::Finding;
use crate::config::RecognitionConfig;
use crate::vision::{ModelPack, Vision};

pub(super) fn all(config: &Path) -> Vec<Finding> {
    let recognition = match RecognitionConfig::read(config) {
        Ok(recognition) => recognition,
        Err(error) => return vec![Finding::failed("recognition", &error)],
    };
    vec![Finding::good("recognition", "understood"), camera(&recognition), models(&recognition)]
}

fn camera(recognition: &RecognitionConfig) -> Finding {
    match device::check(&recognition.camera) {
        Ok(detail) => Finding::good("camera", detail),
        Err(error) => Finding::failed("camera", &error),
    }
}

/// Loads every model that recognition.toml names into the runtime, digests, inputs and outputs checked.
fn models(recognition: &RecognitionConfig) -> Finding {
    let pack = match ModelPack::installed() {
        Ok(pack) => pack,
        Err(error) => return Finding::failed("models", &error),
    };
    match Vision::load(&pack, recognition) {
        Ok(vision) => {
            let digests: Vec<&str> =
                vision.models().iter().map(|digest| digest.0.get(..12).unwrap_or(&digest.0)).collect();
            Finding::good("models", format!("loaded: {}", digests.join(", ")))
        }
        Err(error) => Finding::failed("models", &error),
    }
}
