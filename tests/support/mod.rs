//! Where the tests find what is not part of the repository: the real models, ONNX Runtime, photos of people.
//!
//! Outside CI a test that misses one of them says so on its line and passes; under `CI=true` it fails. The drawn models are
//! part of the repository and are never missing.

pub mod place;

use std::path::{Path, PathBuf};

use mealpoint::config::RecognitionConfig;
use mealpoint::domain::decision::Policy;
use mealpoint::vision::{ModelError, ModelPack, Models, PackName, Vision, Wanted};

use crate::skipped;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

/// What is missing and where it was looked for. Fails the test under CI.
fn missing<T>(what: &str, place: &Path) -> Option<T> {
    skipped::missing(&format!("no {what} at {}", place.display()));
    None
}

/// The path that this variable names.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The photos: `MEALPOINT_FACES`, otherwise `../shared/faces`.
pub fn faces() -> Option<PathBuf> {
    let folder = named("MEALPOINT_FACES").unwrap_or_else(|| root().join("../shared/faces"));
    if folder.is_dir() { Some(folder) } else { missing("photos of people", &folder) }
}

/// Where `scripts/setup` puts the real models.
fn fetched() -> PathBuf {
    root().join(".mealpoint/models")
}

/// The folder of the real models: `MEALPOINT_MODEL_MIRROR`, `../shared/models` or where `scripts/setup` puts them,
/// the first that lacks nothing of what the shipped configuration names, but for optional models.
pub fn models() -> Option<PathBuf> {
    let (shipped, config) = (pack(&[]), recognition().models);
    let ids = [&config.detector, &config.embedder].into_iter().chain(&config.liveness);
    let cards: Vec<_> = ids.filter_map(|id| shipped.manifest().find(id)).filter(|card| !card.optional).collect();
    let lacking = |folder: &Path| cards.iter().find(|card| !folder.join(&card.file).is_file());
    let mut places = Vec::new();
    for folder in named("MEALPOINT_MODEL_MIRROR").into_iter().chain([root().join("../shared/models"), fetched()]) {
        match lacking(&folder) {
            Some(card) => places.push(format!("no model {} at {}", card.file, folder.display())),
            None => return Some(folder),
        }
    }
    skipped::missing(&places.join(", "));
    None
}

/// The shipped configuration.
pub fn recognition() -> RecognitionConfig {
    RecognitionConfig::read(&root().join("kiosk-config")).expect("the shipped recognition.toml")
}

/// The shipped manifest, its real models in these folders.
pub fn pack(folders: &[PathBuf]) -> ModelPack {
    ModelPack::open(&root().join("models/models.toml"), folders).expect("the shipped manifest")
}

/// The models of this pack as `config` names them; the drawn ones need nothing but ONNX Runtime.
pub fn models_of(pack: PackName, config: &RecognitionConfig) -> Option<Models> {
    runtime()?;
    let (folder, wanted) = match pack {
        PackName::Real => (Some(models()?), Wanted::Real),
        PackName::Drawn => (None, Wanted::Drawn),
    };
    match (Models::choose(&self::pack(folder.as_slice()), config, wanted), folder) {
        // Setup fetches no optional model that nobody named to it: under CI too there is none.
        (Err(ModelError::Missing { file, .. }), Some(folder)) if folder == fetched() => {
            skipped::skipped(&format!("no optional model {file} at {}", folder.display()));
            None
        }
        (Err(ModelError::Missing { file, .. }), Some(folder)) => missing(&format!("model {file}"), &folder),
        (chosen, _) => Some(chosen.expect("the models are whole")),
    }
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
    let library = named("ORT_DYLIB_PATH").unwrap_or_else(|| root().join(".mealpoint/onnxruntime/libonnxruntime.so"));
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
