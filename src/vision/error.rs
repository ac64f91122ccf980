//! Why vision does not see, always with what to do about it.

use std::path::PathBuf;

/// Why vision does not see.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// ONNX Runtime cannot be loaded.
    #[error("ONNX Runtime at {path}: {problem}; remedy: run scripts/setup, or name the library in ORT_DYLIB_PATH")]
    Runtime {
        /// The library.
        path: PathBuf,
        /// What went wrong.
        problem: String,
    },
    /// A model's file is no model that the runtime understands.
    #[error(
        "model {path} cannot be loaded: {problem}; remedy: {remedy}, or name a newer ONNX Runtime in ORT_DYLIB_PATH"
    )]
    Unloadable {
        /// The file.
        path: PathBuf,
        /// What the runtime said.
        problem: String,
        /// What to do about the file.
        remedy: &'static str,
    },
    /// A model takes or gives something else than the manifest says.
    #[error("model {path}: {problem}; remedy: correct its entry in models/models.toml, or choose another model")]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// What differs.
        problem: String,
    },
    /// A model run failed.
    #[error("model {id} failed: {problem}; remedy: start again, and run `mealpoint doctor` if it fails again")]
    Run {
        /// The model's id.
        id: String,
        /// What the runtime said.
        problem: String,
    },
    /// A picture that cannot be looked at.
    #[error(
        "a picture of {width} by {height} pixels cannot be searched for faces; remedy: name another picture, or ask the \
         camera for another size in recognition.toml"
    )]
    Picture {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
}
