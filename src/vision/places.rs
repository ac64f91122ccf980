//! Where the files are that `scripts/setup` fetched: the runtime's library and the models.
//!
//! They are looked for beside the executable and in every folder above it, so that a kiosk started from anywhere, and a test
//! in `target/debug/deps`, find the same ones; and only where there are none, in the working folder: a stick of photos that
//! somebody works in must not bring a library and digests of its own.

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

/// The executable's folder and those above it, then the working folder.
fn roots() -> Vec<PathBuf> {
    let executable = std::env::current_exe().unwrap_or_default();
    let above = executable.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    above.chain(std::env::current_dir()).collect()
}
