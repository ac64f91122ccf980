//! The model files of both packs: found, and taken only when their digest is the manifest's.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::{Manifest, ModelCard, ModelRole, PackName};
use super::places;
use crate::config::ConfigError;

/// The manifest of both packs and the folders that their files may lie in.
#[derive(Debug, Clone)]
pub struct ModelPack {
    manifest: Manifest,
    file: PathBuf,
    folders: Vec<PathBuf>,
}

/// One model file, byte for byte the one that the manifest names.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// What the manifest says.
    pub card: ModelCard,
    /// Where it was found.
    pub path: PathBuf,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a model is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The manifest is not there or cannot be read.
    #[error("{file}: {source}; remedy: put back the file of this release, or start mealpoint from its folder")]
    NoManifest {
        /// Where it should be.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The manifest cannot be understood.
    #[error(transparent)]
    Manifest(ConfigError),
    /// The manifest knows no such model.
    #[error("{manifest} knows no model {id:?}; remedy: name one of {known} in recognition.toml")]
    Unknown {
        /// The manifest.
        manifest: PathBuf,
        /// The id that was asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// The model does something else.
    #[error(
        "{manifest}: {id:?} is a {role} and cannot serve as {wanted}; remedy: name another one in recognition.toml"
    )]
    Role {
        /// The manifest.
        manifest: PathBuf,
        /// The id that was asked for.
        id: String,
        /// What it does.
        role: ModelRole,
        /// What was asked for.
        wanted: ModelRole,
    },
    /// The file is nowhere.
    #[error("model {file} is missing; remedy: {remedy}")]
    Missing {
        /// Its name.
        file: String,
        /// Where to take it from, where it belongs and the digest it must have.
        remedy: String,
    },
    /// The file is there and cannot be read.
    #[error("model {path}: {source}; remedy: let the kiosk's user read it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder, a pipe or a device stands in its place, of which the last two might be waited for without end.
    #[error("model {path} is not a file; remedy: {remedy}")]
    NotAFile {
        /// What stands there.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// The file is another one than the manifest names.
    #[error(
        "model {path} is refused: it has {found_bytes} bytes and sha256 {found}, the manifest says {bytes} bytes and \
         {expected}; remedy: {remedy}"
    )]
    Refused {
        /// The file.
        path: PathBuf,
        /// Its size.
        found_bytes: u64,
        /// Its digest.
        found: String,
        /// The size it must have.
        bytes: u64,
        /// The digest it must have.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The manifest has no drawn model of this role.
    #[error("{manifest} names no drawn {role}; remedy: put back the file of this release")]
    NoDrawn {
        /// The manifest.
        manifest: PathBuf,
        /// What is not there.
        role: ModelRole,
    },
    /// The models of `recognition.toml` are not to be had, and those that would take over are not either.
    #[error("{drawn} (the drawn models would take over because of this: {real})")]
    Neither {
        /// What is wrong with the real pack.
        real: Box<ModelError>,
        /// What is wrong with the drawn one.
        drawn: Box<ModelError>,
    },
}

impl ModelPack {
    /// Reads the manifest `models_toml`; its files are then looked for in `folders`, first one first.
    ///
    /// # Errors
    /// [`ModelError::NoManifest`], or [`ModelError::Manifest`] naming the file, line and key.
    pub fn open(models_toml: &Path, folders: &[PathBuf]) -> Result<Self, ModelError> {
        let manifest = Manifest::read(models_toml).map_err(|error| match error {
            ConfigError::Unreadable { file, source } => ModelError::NoManifest { file, source },
            error @ ConfigError::Wrong { .. } => ModelError::Manifest(error),
        })?;
        Ok(Self { manifest, file: models_toml.to_owned(), folders: folders.to_vec() })
    }

    /// The pack that `scripts/setup` made: see [`places`].
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn installed() -> Result<Self, ModelError> {
        Self::open(&places::models_toml(), &places::model_folders())
    }

    /// What the manifest says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The model `id`, its digest checked. The first file of its name decides: a wrong one is refused, never passed over.
    ///
    /// # Errors
    /// [`ModelError`] naming the file and the remedy.
    pub fn load(&self, id: &str) -> Result<ModelFile, ModelError> {
        let card = self.manifest.find(id).ok_or_else(|| self.unknown(id))?;
        let Some(path) = self.places(card).into_iter().find(|path| path.exists()) else {
            return Err(ModelError::Missing { file: card.file.clone(), remedy: self.where_it_belongs(card) });
        };
        let remedy = card.pack.remedy();
        let unreadable = |source| ModelError::Unreadable { path: path.clone(), source };
        if !std::fs::metadata(&path).map_err(unreadable)?.is_file() {
            return Err(ModelError::NotAFile { path, remedy });
        }
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let found = hex(&Sha256::digest(&bytes));
        if found != card.sha256.0 {
            return Err(ModelError::Refused {
                path,
                found_bytes: bytes.len() as u64,
                found,
                bytes: card.bytes,
                expected: card.sha256.0.clone(),
                remedy,
            });
        }
        Ok(ModelFile { card: card.clone(), path, bytes })
    }

    /// As [`load`](Self::load), for a model that must be of this role.
    ///
    /// # Errors
    /// [`ModelError::Role`] when it is of another.
    pub fn load_as(&self, id: &str, role: ModelRole) -> Result<ModelFile, ModelError> {
        match self.manifest.find(id) {
            Some(card) if card.role != role => {
                Err(ModelError::Role { manifest: self.file.clone(), id: id.to_owned(), role: card.role, wanted: role })
            }
            _ => self.load(id),
        }
    }

    /// The drawn pack's model of this role, its digest checked.
    ///
    /// # Errors
    /// [`ModelError`] naming the file and the remedy.
    pub fn load_drawn(&self, role: ModelRole) -> Result<ModelFile, ModelError> {
        match self.manifest.drawn(role) {
            Some(card) => self.load(&card.id),
            None => Err(ModelError::NoDrawn { manifest: self.file.clone(), role }),
        }
    }

    /// Where a model's file may lie, the first one first.
    fn places(&self, card: &ModelCard) -> Vec<PathBuf> {
        match card.pack {
            PackName::Real => self.folders.iter().map(|folder| folder.join(&card.file)).collect(),
            PackName::Drawn => vec![self.file.with_file_name(&card.file)],
        }
    }

    fn where_it_belongs(&self, card: &ModelCard) -> String {
        match card.pack {
            PackName::Real => {
                let folder = self.folders.first().map_or(Path::new(".mealpoint/models"), PathBuf::as_path);
                let (source, place) = (&card.source, folder.join(&card.file));
                format!("run scripts/setup, or save {source} (sha256 {}) as {}", card.sha256.0, place.display())
            }
            PackName::Drawn => {
                format!("put back the file of this release, {}", self.file.with_file_name(&card.file).display())
            }
        }
    }

    fn unknown(&self, id: &str) -> ModelError {
        let known: Vec<&str> = self.manifest.models.iter().map(|card| card.id.as_str()).collect();
        ModelError::Unknown { manifest: self.file.clone(), id: id.to_owned(), known: known.join(", ") }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pack of one four-byte model in a folder of its own.
    fn pack_of(content: &[u8]) -> (tempfile::TempDir, ModelPack) {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = format!(
            "[[model]]\nid = 'tiny'\nrole = 'embedder'\nfile = 'tiny.onnx'\nsha256 = '{}'\nbytes = 4\n\
             source = 'https://example.org/a1b2/tiny'\nlicence = 'l'\ntrained_on = 't'\nchannels = 'rgb'\n\
             divisor = 1.0\nmean = [0.0, 0.0, 0.0]\n\
             deviation = [1.0, 1.0, 1.0]\ninputs = [{{ name = 'i', shape = [1] }}]\noutputs = [{{ name = 'o', shape = [1] }}]\n",
            hex(&Sha256::digest(b"tiny"))
        );
        let file = folder.path().join("models.toml");
        std::fs::write(&file, manifest).expect("the manifest");
        std::fs::write(folder.path().join("tiny.onnx"), content).expect("the model");
        let pack = ModelPack::open(&file, &[folder.path().to_owned()]).expect("a pack");
        (folder, pack)
    }

    #[test]
    fn the_right_file_is_taken() {
        let (_folder, pack) = pack_of(b"tiny");
        assert_eq!(pack.load("tiny").expect("the model").bytes, b"tiny");
    }

    #[test]
    fn one_changed_byte_a_missing_byte_and_an_empty_file_are_refused_by_name_with_the_remedy() {
        for damaged in [&b"tinY"[..], b"tin", b""] {
            let (_folder, pack) = pack_of(damaged);
            let error = pack.load("tiny").expect_err("damage").to_string();
            assert!(error.contains("tiny.onnx") && error.contains("scripts/setup"), "{error}");
        }
    }

    #[test]
    fn a_pipe_or_a_folder_in_place_of_the_file_is_refused_and_not_waited_for() {
        for make in ["mkfifo", "mkdir"] {
            let (folder, pack) = pack_of(b"tiny");
            let place = folder.path().join("tiny.onnx");
            std::fs::remove_file(&place).expect("it was there");
            assert!(std::process::Command::new(make).arg(&place).status().expect(make).success());
            let (done, answer) = std::sync::mpsc::channel();
            std::thread::spawn(move || done.send(pack.load("tiny").map(|file| file.path)));
            let answer = answer.recv_timeout(std::time::Duration::from_secs(60)).expect("an answer without a writer");
            let error = answer.expect_err(make).to_string();
            assert!(error.contains("tiny.onnx is not a file") && error.contains("; remedy: delete it"), "{error}");
        }
    }

    #[test]
    fn a_missing_file_says_whence_it_comes_and_where_it_belongs_and_an_unknown_id_what_there_is() {
        let (folder, pack) = pack_of(b"tiny");
        std::fs::remove_file(folder.path().join("tiny.onnx")).expect("it was there");
        let missing = pack.load("tiny").expect_err("no file").to_string();
        assert!(missing.contains("https://example.org/a1b2/tiny "), "{missing}");
        assert!(missing.contains(&folder.path().join("tiny.onnx").display().to_string()), "{missing}");
        let unknown = pack.load("huge").expect_err("no such id").to_string();
        assert!(unknown.contains("\"huge\"") && unknown.contains("tiny"), "{unknown}");
    }
}
