//! Screen, camera, runtime, models, and whether the enrolled people are the models' own.

use std::path::Path;

use crate::camera::{CameraError, device};
use crate::cli::Context;
use crate::cli::doctor::{Finding, State};
use crate::cli::recognition::enrolled_otherwise;
use crate::config::{RecognitionConfig, ScreenConfig};
use crate::kiosk::demo;
use crate::screens::fonts::FontFiles;
use crate::store::{Home, OneKiosk, People};
use crate::vision::{Manifest, ModelError, ModelPack, Models, PackName, Vision, Wanted, check_runtime};
use crate::words::DEMO_MODELS;

const SET_UP: &str = "run scripts/setup for the real ones";

/// The findings, and the pack of models that the kiosk would use.
pub(super) fn all(context: &Context) -> (Vec<Finding>, Option<PackName>) {
    let mut findings = screen(&context.config);
    let recognition = match RecognitionConfig::read(&context.config) {
        Ok(recognition) => recognition,
        Err(error) => {
            findings.push(Finding::failed("recognition", &error));
            return (findings, None);
        }
    };
    findings.push(Finding::good("recognition", "understood"));
    findings.push(camera(&recognition, &context.data));
    findings.push(runtime());
    let pack = match in_use(&recognition) {
        Ok((installed, models, digests)) => {
            findings.push(self::models(&models, &digests, &context.data));
            findings.extend(gallery(&Home::at(&context.data), installed.manifest(), &models));
            Some(models.pack())
        }
        Err(error) => {
            findings.push(Finding::failed("models", error.as_ref()));
            None
        }
    };
    (findings, pack)
}

/// The screen's settings, and a font with Chinese letters.
fn screen(config: &Path) -> Vec<Finding> {
    let screen = match ScreenConfig::read(config) {
        Ok(screen) => screen,
        Err(error) => return vec![Finding::failed("screen", &error)],
    };
    let font = match FontFiles::find(&screen).and_then(|files| files.load().map(|_| files)) {
        Ok(files) => Finding::good("font", files.regular.display().to_string()),
        Err(error) => Finding::failed("font", &error),
    };
    vec![Finding::good("screen", "understood"), font]
}

/// ONNX Runtime, which no model works without.
fn runtime() -> Finding {
    match check_runtime() {
        Ok(library) => Finding::good("runtime", format!("ONNX Runtime, {}", library.display())),
        Err(error) => Finding::failed("runtime", &error),
    }
}

/// A demo needs none.
fn camera(recognition: &RecognitionConfig, data: &Path) -> Finding {
    match device::check(&recognition.camera) {
        Ok(detail) => Finding::good("camera", detail),
        Err(CameraError::Busy(_)) if OneKiosk::runs_at(&Home::at(data)) => {
            Finding::good("camera", "in use by the kiosk that runs on this data folder")
        }
        Err(error) if demo::is_one(data) => Finding { state: State::Warning, ..Finding::failed("camera", &error) },
        Err(error) => Finding::failed("camera", &error),
    }
}

/// The models in use, loaded into the runtime as the kiosk does it: digests, inputs and outputs are checked, and that
/// there is a similarity at which they decide.
fn in_use(recognition: &RecognitionConfig) -> Result<(ModelPack, Models, String), Box<dyn std::error::Error>> {
    let installed = ModelPack::installed()?;
    let models = Models::choose(&installed, recognition, Wanted::Any)?;
    let vision = Vision::load(&models, models.config())?;
    let RecognitionConfig { decision, liveness, .. } = models.config();
    decision.policy(models.calibration()?, liveness, vision.models().to_vec())?;
    let digests: Vec<&str> = vision.models().iter().map(|digest| digest.0.get(..12).unwrap_or(&digest.0)).collect();
    let digests = digests.join(", ");
    Ok((installed, models, digests))
}

/// Where the drawn models have taken over, a missing file is a warning where a demo may be shown, which needs none; one that is
/// damaged or another one is a fault, and so are models that know nobody of a kiosk for real people.
fn models(models: &Models, digests: &str, data: &Path) -> Finding {
    if models.pack() == PackName::Real {
        return Finding::good("models", format!("loaded: {digests}"));
    }
    let damaged = models.set_aside().iter().find(|error| !matches!(error, ModelError::Missing { .. }));
    let first = damaged.or(models.set_aside().first()).map(ToString::to_string);
    let (why, remedy) = match &first {
        Some(error) => error.split_once("; remedy: ").unwrap_or((error, SET_UP)),
        None => ("recognition.toml names them", "name the real ones there"),
    };
    let detail = format!("{DEMO_MODELS} ({digests}): {why}");
    let state = if damaged.is_some() || !demo::is_possible(data) { State::Failed } else { State::Warning };
    Finding { check: "models", state, detail, remedy: Some(remedy.to_owned()) }
}

/// People whom only other models would find.
fn gallery(home: &Home, manifest: &Manifest, models: &Models) -> Option<Finding> {
    // What is wrong with the database itself another check says.
    let people = People::open(home).ok()?;
    let others = enrolled_otherwise(manifest, &models.config().models.embedder, &people).ok()??;
    Some(Finding::warning("gallery", others, "enrol them again, or use the models of their enrolment"))
}
