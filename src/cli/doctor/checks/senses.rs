//! Screen, camera, runtime and models.

use std::path::Path;

use crate::camera::device;
use crate::cli::doctor::Finding;
use crate::config::{RecognitionConfig, ScreenConfig};
use crate::screens::fonts::FontFiles;
use crate::vision::{ModelPack, Vision};

pub(super) fn all(config: &Path) -> Vec<Finding> {
    let mut findings = vec![screen(config)];
    findings.extend(recognition(config));
    findings
}

/// The screen's settings, and a font with Chinese letters.
fn screen(config: &Path) -> Finding {
    let screen = match ScreenConfig::read(config) {
        Ok(screen) => screen,
        Err(error) => return Finding::failed("screen", &error),
    };
    match FontFiles::find(&screen).and_then(|files| files.load().map(|_| files)) {
        Ok(files) => Finding::good("screen", files.regular.display().to_string()),
        Err(error) => Finding::failed("screen", &error),
    }
}

fn recognition(config: &Path) -> Vec<Finding> {
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
