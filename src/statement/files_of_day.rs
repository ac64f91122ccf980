//! A statement as the bytes of its files.

use std::path::{Path, PathBuf};

use super::manifest::{FileDigest, Manifest};
use super::names::{FileKind, Names};
use super::signature::Signer;
use super::tables::{self, Letterhead};
use super::{csv, xlsx};
use crate::domain::statement::Statement;
use crate::files::{self, FileError};

/// Why a statement's files cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the XLSX cannot hold the day: {0}; remedy: the CSV of the day would be complete; report this")]
pub struct MakeError(#[from] rust_xlsxwriter::XlsxError);

/// The bytes of a day's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFiles {
    /// Their names.
    pub names: Names,
    /// See [`FileKind::Csv`].
    pub csv: Vec<u8>,
    /// See [`FileKind::Xlsx`].
    pub xlsx: Vec<u8>,
    /// See [`FileKind::Entries`].
    pub entries: Vec<u8>,
    /// See [`FileKind::Manifest`].
    pub manifest: Vec<u8>,
    /// See [`FileKind::Signature`].
    pub signature: Vec<u8>,
}

impl DayFiles {
    /// Makes all files of a day. The same statement, letterhead and key always give the same bytes.
    ///
    /// # Errors
    /// [`MakeError`] when the day has more rows than an XLSX holds.
    pub fn make(statement: &Statement, head: &Letterhead, signer: &Signer) -> Result<Self, MakeError> {
        let (detail, summary) = (tables::detail(statement, head), tables::summary(statement, head));
        // The XLSX is most of the work; a second core halves the wait of the person who closes the day.
        let (xlsx, (csv, entries)) = std::thread::scope(|scope| {
            let xlsx = scope.spawn(|| xlsx::write(&detail, &summary, statement.books().day.0));
            let rest = (csv::write(&detail, &summary), entries_file(statement));
            (xlsx.join(), rest)
        });
        let xlsx = xlsx.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let books = statement.books();
        let names = Names::new(&books.canteen, &books.kiosk, books.day);
        let files = vec![
            FileDigest::of(names.file(FileKind::Csv), &csv),
            FileDigest::of(names.file(FileKind::Xlsx), &xlsx),
            FileDigest::of(names.file(FileKind::Entries), &entries),
        ];
        let manifest = Manifest::new(statement, head, files, signer.public_key()).bytes();
        let signature = signer.sign(&manifest).to_vec();
        Ok(Self { names, csv, xlsx, entries, manifest, signature })
    }

    /// The first of these files that does not stand in `folder` byte for byte; none when the day is there as it was made.
    ///
    /// # Errors
    /// [`FileError`] when a file cannot be read.
    pub fn first_amiss(&self, folder: &Path) -> Result<Option<PathBuf>, FileError> {
        for kind in FileKind::ALL {
            let file = folder.join(self.names.file(kind));
            if files::read_limited(&file, u64::MAX)?.is_none_or(|found| found != self.bytes(kind)) {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    /// The bytes of one file.
    pub fn bytes(&self, kind: FileKind) -> &[u8] {
        match kind {
            FileKind::Csv => &self.csv,
            FileKind::Xlsx => &self.xlsx,
            FileKind::Entries => &self.entries,
            FileKind::Manifest => &self.manifest,
            FileKind::Signature => &self.signature,
        }
    }
}

/// The entries file: each entry's canonical encoding and a line feed.
pub fn entries_file(statement: &Statement) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in &statement.books().entries {
        bytes.extend_from_slice(entry.bytes());
        bytes.push(b'\n');
    }
    bytes
}
