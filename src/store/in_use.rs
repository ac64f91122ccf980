//! Who has the databases open: a kiosk shares `kiosk.lock` while it serves, and whoever begins a database anew or moves a
//! damaged one aside must have it alone. The files would otherwise be moved away under the kiosk, which would go on writing
//! in them.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::StoreError;
use super::home::{Home, create_folder};

/// The data folder is in use; released when dropped, also by the system when the program dies.
#[derive(Debug)]
pub struct InUse {
    _file: File,
    /// The data folder, where it is shared.
    shared: Option<PathBuf>,
}

/// The data folders that this process shares, once for each time: its own share tells nothing of other kiosks.
static OURS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

impl InUse {
    /// Keeps databases from being begun anew. Others may share.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while one is being begun anew, and what keeps the data folder from being made or written.
    pub fn share(home: &Home) -> Result<Self, StoreError> {
        create_folder(home.data())?;
        let file = lock(home, KIOSK, FlockOperation::NonBlockingLockShared, StoreError::Busy)?;
        OURS.lock().unwrap_or_else(PoisonError::into_inner).push(home.data().to_owned());
        Ok(Self { _file: file, shared: Some(home.data().to_owned()) })
    }

    /// Keeps every kiosk away.
    ///
    /// # Errors
    /// [`StoreError::KioskRuns`] while a kiosk shares.
    pub(super) fn alone(home: &Home) -> Result<Self, StoreError> {
        let file = lock(home, KIOSK, FlockOperation::NonBlockingLockExclusive, StoreError::KioskRuns)?;
        Ok(Self { _file: file, shared: None })
    }

    /// Keeps every kiosk away but that of this process, which moves aside what it finds damaged itself: no second one runs
    /// beside it ([`OneKiosk`]).
    ///
    /// # Errors
    /// [`StoreError::KioskRuns`] while a kiosk of another process shares.
    pub(super) fn for_a_move(home: &Home) -> Result<Option<Self>, StoreError> {
        let ours = OURS.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|data| data == home.data());
        if ours { Ok(None) } else { Self::alone(home).map(Some) }
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let Some(data) = &self.shared else { return };
        let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = ours.iter().position(|shared| shared == data) {
            ours.swap_remove(at);
        }
    }
}

/// No second kiosk runs on the data folder, however the databases fare; released when dropped, also by the system when the
/// program dies.
#[derive(Debug)]
pub struct OneKiosk {
    _file: Option<File>,
}

impl OneKiosk {
    /// Keeps other kiosks away. Where the folder cannot be written, nobody is kept away and nobody can write: the kiosk
    /// says so on its screen until that is mended.
    ///
    /// # Errors
    /// [`StoreError::AnotherKiosk`] while another one runs, and that there can be no such folder.
    pub fn at(home: &Home) -> Result<Self, StoreError> {
        let locked = create_folder(home.data())
            .and_then(|()| lock(home, ONE_KIOSK, FlockOperation::NonBlockingLockExclusive, StoreError::AnotherKiosk));
        match locked {
            Ok(file) => Ok(Self { _file: Some(file) }),
            Err(StoreError::Denied(_) | StoreError::ReadOnly(_) | StoreError::Full(_)) => Ok(Self { _file: None }),
            Err(error) => Err(error),
        }
    }

    /// Whether one runs on the data folder now.
    pub fn runs_at(home: &Home) -> bool {
        let held = |file| flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK);
        File::open(home.data().join(ONE_KIOSK)).is_ok_and(held)
    }
}

const KIOSK: &str = "kiosk.lock";
const ONE_KIOSK: &str = "one-kiosk.lock";

fn lock(home: &Home, name: &str, how: FlockOperation, refused: fn(PathBuf) -> StoreError) -> Result<File, StoreError> {
    let place = home.data().join(name);
    let failed = |error| StoreError::from_io(&place, error);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&place).map_err(failed)?;
    match flock(&file, how) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(refused(home.data().to_owned())),
        Err(errno) => Err(failed(errno.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    #[test]
    fn a_second_kiosk_on_the_same_folder_is_refused_until_the_first_has_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::with_keys(&folder.path().join("data"), folder.path().join("keys"));
        let first = OneKiosk::at(&home).expect("the first");
        let refused = OneKiosk::at(&home).expect_err("a second one");
        assert!(matches!(refused, StoreError::AnotherKiosk(_)) && refused.to_string().contains("remedy"), "{refused}");
        assert!(InUse::share(&home).is_ok(), "its databases are opened as before");
        assert!(OneKiosk::runs_at(&home));
        drop(first);
        assert!(!OneKiosk::runs_at(&home));
        assert!(OneKiosk::at(&home).is_ok());
    }

    #[test]
    fn a_file_where_the_data_folder_should_be_is_refused_with_a_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("data");
        std::fs::write(&file, b"").expect("a file");
        let home = Home::with_keys(&file, folder.path().join("keys"));
        for refused in [OneKiosk::at(&home).expect_err("a file"), home.had(Database::People).expect_err("a file")] {
            let said = refused.to_string();
            assert!(said.contains("data") && said.contains("; remedy: name a folder"), "{said}");
        }
    }
}
