//! Who has the databases open: a kiosk shares `kiosk.lock` while it serves, and whoever begins a database anew must have it
//! alone. The files would otherwise be moved away under the kiosk, which would go on writing in them.

use std::fs::{File, OpenOptions};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::StoreError;
use super::home::{Home, create_folder};

/// The data folder is in use; released when dropped, also by the system when the program dies.
#[derive(Debug)]
pub struct InUse {
    _file: File,
}

impl InUse {
    /// Keeps databases from being begun anew. Others may share.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while one is being begun anew, and what keeps the data folder from being made or written.
    pub fn share(home: &Home) -> Result<Self, StoreError> {
        create_folder(home.data())?;
        Self::take(home, FlockOperation::NonBlockingLockShared, StoreError::Busy)
    }

    /// Keeps every kiosk away.
    ///
    /// # Errors
    /// [`StoreError::KioskRuns`] while a kiosk shares.
    pub(super) fn alone(home: &Home) -> Result<Self, StoreError> {
        Self::take(home, FlockOperation::NonBlockingLockExclusive, StoreError::KioskRuns)
    }

    fn take(
        home: &Home,
        how: FlockOperation,
        refused: fn(std::path::PathBuf) -> StoreError,
    ) -> Result<Self, StoreError> {
        let place = home.data().join("kiosk.lock");
        let failed = |error| StoreError::from_io(&place, error);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&place).map_err(failed)?;
        match flock(&file, how) {
            Ok(()) => Ok(Self { _file: file }),
            Err(Errno::WOULDBLOCK) => Err(refused(home.data().to_owned())),
            Err(errno) => Err(failed(errno.into())),
        }
    }
}
