//! `ledger.anchor`: number and hash of the last entry, kept outside the database.
//!
//! A chain tells when something in its middle was changed, not when its end was cut off or an old copy of the whole file
//! was put back. The anchor tells that. It is written after every commit, into two fixed slots in turn, without
//! waiting for the disk: after a power cut it may lag behind the database, never lead it. It guards against accidents
//! and carelessness; against both files put back together, or written by somebody, only the closed days' signed files help
//! ([`super::statements`]).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

use crate::domain::encoding;
use crate::domain::statement::ChainPoint;
use crate::store::{Home, StoreError};

/// Bytes of one slot: a number of 20 digits, a hash, 16 digits of a check, two blanks, a line end.
const SLOT: usize = 20 + 1 + 64 + 1 + 16 + 1;

/// The open file.
pub(super) struct Anchor {
    path: PathBuf,
    file: File,
}

impl Anchor {
    fn path(home: &Home) -> PathBuf {
        home.data().join("ledger.anchor")
    }

    /// What a data folder's anchor says; `None` where there is none or no slot is whole.
    pub fn known(home: &Home) -> Result<Option<ChainPoint>, StoreError> {
        let path = Self::path(home);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(bytes.chunks(SLOT).filter_map(parse).max_by_key(|point| point.number)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::from_io(&path, error)),
        }
    }

    /// Opens the anchor for writing and makes it say `point`.
    pub fn open(home: &Home, point: ChainPoint) -> Result<Self, StoreError> {
        let path = Self::path(home);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| StoreError::from_io(&path, error))?;
        let anchor = Self { path, file };
        anchor.write(point).and_then(|()| anchor.file.sync_data()).map_err(|e| StoreError::from_io(&anchor.path, e))?;
        Ok(anchor)
    }

    /// Notes the entry that was just committed. It is committed whatever happens here, so a failure is only logged.
    pub fn note(&self, point: ChainPoint) {
        if let Err(error) = self.write(point) {
            tracing::warn!(file = %self.path.display(), %error, "the ledger's anchor could not be written");
        }
    }

    fn write(&self, point: ChainPoint) -> io::Result<()> {
        let slot = if point.number.is_multiple_of(2) { 0 } else { SLOT as u64 };
        self.file.write_all_at(line(point).as_bytes(), slot)
    }
}

fn line(point: ChainPoint) -> String {
    let said = format!("{:020} {}", point.number, point.hash);
    let check = encoding::hash(said.as_bytes()).to_string();
    format!("{said} {check:.16}\n")
}

fn parse(slot: &[u8]) -> Option<ChainPoint> {
    let text = std::str::from_utf8(slot).ok()?;
    let mut words = text.split_ascii_whitespace();
    let point = ChainPoint { number: words.next()?.parse().ok()?, hash: words.next()?.parse().ok()? };
    (line(point) == text).then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_torn_in_the_middle_leaves_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::with_keys(folder.path(), folder.path().join("keys"));
        let point = |number| ChainPoint { number, hash: encoding::hash(&[number as u8]) };
        let anchor = Anchor::open(&home, point(6)).expect("an anchor");
        anchor.note(point(7));
        assert_eq!(Anchor::known(&home).expect("readable"), Some(point(7)));
        let torn = &line(point(8))[..50];
        anchor.file.write_all_at(torn.as_bytes(), 0).expect("written");
        assert_eq!(Anchor::known(&home).expect("readable"), Some(point(7)));
    }
}
