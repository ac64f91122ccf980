//! Files written whole or not at all: a power cut leaves the old file or the new one, never half of one.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Who may read a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody may read it (0644; a folder as the umask has it).
    Public,
    /// Only the kiosk's own account (0600; a folder 0700).
    Private,
}

impl Access {
    const fn mode(self) -> u32 {
        match self {
            Self::Public => 0o644,
            Self::Private => 0o600,
        }
    }

    const fn folder_mode(self) -> u32 {
        match self {
            Self::Public => 0o777,
            Self::Private => 0o700,
        }
    }
}

/// Why a file could not be written or read: which one, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {path}: {source}; remedy: {}", remedy(source))]
pub struct FileError {
    /// `writing`, `reading`, …
    pub doing: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl FileError {
    /// Wraps a system error with what was being done to which file.
    pub fn at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { doing, path, source }
    }
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => "free space there, then again",
        ErrorKind::ReadOnlyFilesystem => {
            "it is read-only: unlock the stick's switch or mount it for writing, then again"
        }
        ErrorKind::PermissionDenied => "let the kiosk's account read and write there, then again",
        ErrorKind::NotFound => "check that the folder is there and the stick still in, then again",
        ErrorKind::NotADirectory => "name a folder",
        _ => "check the disk or the stick (`mealpoint doctor`), then again",
    }
}

/// Writes `bytes` as `path`, in place of what stood there: a new file beside it, synced, renamed, the folder synced.
///
/// # Errors
/// [`FileError`]; the old file, if any, is untouched and nothing is left behind.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    put(path, bytes, access, |temporary| std::fs::rename(temporary, path)).map_err(FileError::at("writing", path))
}

/// Writes `bytes` as `path` unless something stands there already. Returns whether it was written.
///
/// # Errors
/// [`FileError`]; nothing is left behind.
pub fn create_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<bool, FileError> {
    if path.exists() {
        return Ok(false);
    }
    match put(path, bytes, access, |temporary| place_new(temporary, path)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(FileError::at("writing", path)(error)),
    }
}

/// Makes a folder and those above it, and syncs the one it stands in. A folder that is there already keeps its rights:
/// it may be another's, or shared.
///
/// # Errors
/// [`FileError`].
pub fn make_folder(path: &Path, access: Access) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    let make = || {
        DirBuilder::new().recursive(true).mode(access.folder_mode()).create(path)?;
        match sync_folder(parent(path)) {
            // Where this account may write and not look, it cannot sync either.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
            synced => synced,
        }
    };
    make().map_err(FileError::at("making the folder", path))
}

/// Asks the system to forget what it remembers of a file, so that the next reading comes from the medium.
///
/// # Errors
/// [`FileError`] when the file is gone.
pub fn forget_cached(path: &Path) -> Result<(), FileError> {
    let file = File::open(path).map_err(FileError::at("reading back", path))?;
    // Only advice: a file system without a cache of its own may refuse it.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    Ok(())
}

/// Reads a file of at most `limit` bytes; `None` when there is none.
///
/// # Errors
/// [`FileError`], also for a file beyond the limit.
pub fn read_limited(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    use std::io::Read;
    let read = || {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len().min(limit)).unwrap_or(0));
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::new(ErrorKind::InvalidData, format!("it is larger than {limit} bytes")));
        }
        Ok(Some(bytes))
    };
    read().map_err(FileError::at("reading", path))
}

/// Reads the first `most` bytes of a file, all of it where it is no longer: for files that people name.
///
/// # Errors
/// What the system says.
pub fn read_start(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn put(path: &Path, bytes: &[u8], access: Access, place: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let written = write_synced(&temporary, bytes, access).and_then(|()| place(&temporary));
    if written.is_err() {
        // Best effort: the error that matters is the one being returned.
        let _ = std::fs::remove_file(&temporary);
    }
    written?;
    sync_folder(parent(path))
}

/// Gives `temporary` the name `path` unless something stands there; unlike a plain rename it never replaces what somebody
/// else put there meanwhile.
fn place_new(temporary: &Path, path: &Path) -> io::Result<()> {
    match std::fs::hard_link(temporary, path) {
        Ok(()) => std::fs::remove_file(temporary),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // FAT and exFAT, as on most sticks, know no hard links.
        Err(error) => rename_new(temporary, path).map_err(|renaming| match renaming.kind() {
            // Not known there either: the first reason tells more.
            ErrorKind::InvalidInput | ErrorKind::Unsupported => error,
            _ => renaming,
        }),
    }
}

/// Renames unless something stands at `to`.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

fn write_synced(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(access.mode()).open(path)?;
    file.write_all(bytes)?;
    if access == Access::Public {
        // Past the umask, which is meant for a person's files; FAT knows no modes and may refuse.
        let _ = file.set_permissions(Permissions::from_mode(access.mode()));
    }
    file.sync_all()
}

fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "it names no file"))?;
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!(".{}.{}-{count}.tmp", name.to_string_lossy(), std::process::id());
    Ok(parent(path).join(name))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the folder's own entries durable, as far as its file system can.
///
/// # Errors
/// What the system says.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some network and FUSE file systems cannot sync a folder; the file itself is synced by then.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_renamed_to_a_free_name_and_never_over_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let [new, name] = ["new", "name"].map(|name| folder.path().join(name));
        std::fs::write(&new, "first").expect("written");
        rename_new(&new, &name).expect("the name is free");
        std::fs::write(&new, "second").expect("written");
        assert_eq!(rename_new(&new, &name).expect_err("the name is taken").kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&name).expect("there"), "first");
        assert!(new.exists(), "what was not renamed stays");
    }

    #[test]
    fn what_was_created_first_stays_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let create = |text: &str| create_atomic(&path, text.as_bytes(), Access::Private).expect("a free folder");
        assert_eq!([create("first"), create("second")], [true, false]);
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "first");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_folder_is_made_for_the_kiosk_alone_and_one_that_is_there_keeps_its_rights() {
        let folder = tempfile::tempdir().expect("a folder");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o7777;
        let (made, shared) = (folder.path().join("above/made"), folder.path().join("shared"));
        make_folder(&made, Access::Private).expect("made");
        assert_eq!((mode(&made), mode(parent(&made))), (0o700, 0o700));
        std::fs::create_dir(&shared).expect("a folder");
        std::fs::set_permissions(&shared, Permissions::from_mode(0o750)).expect("its own");
        make_folder(&shared, Access::Private).expect("there");
        assert_eq!(mode(&shared), 0o750);
    }
}
