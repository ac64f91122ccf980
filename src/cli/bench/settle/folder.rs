//! The benchmark's folder within the data folder.
//!
//! A run that is ended by a signal leaves its folder behind, which the next one removes. Whoever runs holds the lock of the
//! own folder, which the system releases whatever the run ends by; and the lock of the data folder while folders are made
//! and removed, so that none is taken for left behind in the moment before it is locked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use uuid::Uuid;

use crate::files::{self, Access, FileError};

/// What its name begins with; a UUID follows.
const PREFIX: &str = "bench-";

/// A folder that is removed when it is dropped.
pub(super) struct Folder {
    path: PathBuf,
    /// Locked while the run goes on.
    _held: File,
}

impl Folder {
    /// Makes one, and the data folder where there is none, and removes those of ended runs.
    pub fn within(data: &Path) -> Result<Self, FileError> {
        files::make_folder(data, Access::Private)?;
        let turn = File::open(data).map_err(FileError::at("opening the folder", data))?;
        // Where the file system has no such locks, none can be had below either, and nothing is removed.
        let _ = flock(&turn, FlockOperation::LockExclusive);
        remove_left(data);
        let path = data.join(format!("{PREFIX}{}", Uuid::now_v7()));
        files::make_folder(&path, Access::Private)?;
        let held = File::open(&path).map_err(FileError::at("opening the folder", &path))?;
        let _ = flock(&held, FlockOperation::NonBlockingLockExclusive);
        Ok(Self { path, _held: held })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes the folders of runs that have ended. Best effort: the benchmark needs none of them gone.
fn remove_left(data: &Path) {
    let Ok(listing) = fs::read_dir(data) else { return };
    for item in listing.flatten() {
        let name = item.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_ours =
            id.is_some_and(|id| Uuid::try_parse(id).is_ok()) && item.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_ours {
            continue;
        }
        let ended = |folder: &File| flock(folder, FlockOperation::NonBlockingLockExclusive).is_ok();
        if File::open(item.path()).is_ok_and(|folder| ended(&folder)) {
            remove(&item.path());
        }
    }
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(folder = %folder.display(), %error, "the benchmark's folder is left behind; remedy: remove it");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_next_benchmark_removes_the_folder_of_an_ended_one_and_leaves_all_others_alone() {
        let parent = tempfile::tempdir().expect("a folder");
        let data = parent.path().join("data");
        let running = Folder::within(&data).expect("a folder");
        let mode = fs::metadata(&data).expect("the data folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "elders' data will lie in it");
        let [left, notes] = [format!("bench-{}", Uuid::now_v7()), "bench-notes".to_owned()].map(|name| data.join(name));
        for folder in [&left, &notes] {
            fs::create_dir_all(folder.join("keys")).expect("a folder");
        }
        let next = Folder::within(&data).expect("a folder");
        assert!(!left.exists(), "it is of no run any more");
        assert!(running.path().is_dir() && notes.is_dir(), "one goes on, one is somebody's");
        let paths = [running.path().to_owned(), next.path().to_owned()];
        drop((running, next));
        assert!(paths.iter().all(|path| !path.exists()), "each removes its own");
    }
}
