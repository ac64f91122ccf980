//! Where the tests find what is not part of the repository: the real models, ONNX Runtime, photos of people.
//!
//! Outside CI a test that misses one of them says so on its line and passes; under `CI=true` it fails. The drawn models are
//! part of the repository and are never missing.

use std::path::{Path, PathBuf};

use mealpoint::config::RecognitionConfig;
use mealpoint::domain::decision::Policy;
use mealpoint::vision::{ModelPack, Models, PackName, Vision, Wanted};

use crate::skipped;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is missing and where it was looked for. Fails the test under CI.
fn missing<T>(what: &str, place: &Path) -> Option<T> {
    skipped::missing(&format!("no {what} at {}", place.display()));
    None
}

fn folder(variable: &str, otherwise: &str, what: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join(otherwise));
    if folder.is_dir() { Some(folder) } else { missing(what, &folder) }
}

/// The photos: `MEALPOINT_FACES`, otherwise `../shared/faces`.
pub fn faces() -> Option<PathBuf> {
    folder("MEALPOINT_FACES", "../shared/faces", "photos of people")
}

/// The folder of the real models: `MEALPOINT_MODEL_MIRROR`, otherwise `../shared/models`.
pub fn models() -> Option<PathBuf> {
    folder("MEALPOINT_MODEL_MIRROR", "../shared/models", "models")
}

/// The shipped configuration.
pub fn recognition() -> RecognitionConfig {
    RecognitionConfig::read(&root().join("kiosk-config")).expect("the shipped recognition.toml")
}

/// The shipped manifest over the real models.
pub fn pack() -> Option<ModelPack> {
    let folder = models()?;
    Some(ModelPack::open(&root().join("models/models.toml"), &[folder]).expect("the shipped manifest"))
}

/// The models of this pack as `config` names them; the drawn ones need nothing but ONNX Runtime.
pub fn models_of(pack: PackName, config: &RecognitionConfig) -> Option<Models> {
    runtime()?;
    let (installed, wanted) = match pack {
        PackName::Real => (self::pack()?, Wanted::Real),
        PackName::Drawn => {
            let manifest = root().join("models/models.toml");
            (ModelPack::open(&manifest, &[]).expect("the shipped manifest"), Wanted::Drawn)
        }
    };
    Some(Models::choose(&installed, config, wanted).expect("the models are whole"))
}

/// Vision with these models, as they ask for.
pub fn load(models: &Models) -> Vision {
    Vision::load(models, models.config()).expect("the models load")
}

/// The shipped rules of decision with these models.
pub fn policy(models: &Models, vision: &Vision) -> Policy {
    let (config, calibration) = (models.config(), models.calibration().expect("a falling curve"));
    config.decision.policy(calibration, &config.liveness, vision.models().to_vec()).expect("a threshold")
}

/// Vision with the real models and the shipped configuration.
pub fn vision() -> Option<Vision> {
    models_of(PackName::Real, &recognition()).map(|models| load(&models))
}

/// ONNX Runtime's library: `ORT_DYLIB_PATH`, otherwise where `scripts/setup` puts it.
pub fn runtime() -> Option<PathBuf> {
    let named = std::env::var_os("ORT_DYLIB_PATH").filter(|value| !value.is_empty()).map(PathBuf::from);
    let library = named.unwrap_or_else(|| root().join(".mealpoint/onnxruntime/libonnxruntime.so"));
    if library.is_file() { Some(library) } else { missing("ONNX Runtime", &library) }
}

/// The files below `folder`, one level of folders deep, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let items = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        items.map(|item| item.expect("a readable folder").path()).collect()
    };
    let mut found: Vec<PathBuf> =
        list(folder).into_iter().flat_map(|path| if path.is_dir() { list(&path) } else { vec![path] }).collect();
    found.sort();
    found
}
