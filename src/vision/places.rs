//! Where the files are that `scripts/setup` fetched: the runtime's library and the models.
//!
//! They are looked for beside the working folder and beside the executable and every folder above it, so that a kiosk
//! started from anywhere, and a test in `target/debug/deps`, find the same ones.

use std::path::{Path, PathBuf};

/// Name of ONNX Runtime's library on this system, such as `libonnxruntime.so`.
pub(super) fn library_name() -> String {
    format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The library to load: `ORT_DYLIB_PATH`, else `.mealpoint/onnxruntime/`, else the bare name for the system's linker.
pub(super) fn library() -> PathBuf {
    if let Some(named) = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        return PathBuf::from(named);
    }
    let name = library_name();
    roots()
        .into_iter()
        .map(|root| root.join(".mealpoint/onnxruntime").join(&name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| PathBuf::from(name))
}

/// The model manifest: `models/models.toml`. Where there is none, the place it belongs, so that an error can name it.
pub fn models_toml() -> PathBuf {
    installation().unwrap_or_default().join(MANIFEST)
}

/// The folders that may hold the files of the real pack, first one first: `.mealpoint/models` beside the manifest's
/// folder, then `MEALPOINT_MODEL_MIRROR`.
pub fn model_folders() -> Vec<PathBuf> {
    let fetched = installation().map(|root| root.join(".mealpoint/models"));
    let mirror = std::env::var_os("MEALPOINT_MODEL_MIRROR").filter(|path| !path.is_empty()).map(PathBuf::from);
    fetched.into_iter().chain(mirror).collect()
}

const MANIFEST: &str = "models/models.toml";

/// The folder that holds the manifest.
fn installation() -> Option<PathBuf> {
    roots().into_iter().find(|root| root.join(MANIFEST).is_file())
}

/// The working folder, then the executable's folder and those above it.
fn roots() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = std::env::current_dir().into_iter().collect();
    if let Ok(executable) = std::env::current_exe() {
        roots.extend(executable.ancestors().skip(1).map(Path::to_owned));
    }
    roots
}
