//! Daily files: written, read, verified, copied out.
//!
//! A day of one kiosk is five files with one stem, such as `CT-001_2026-11-22_K-001`:
//!
//! | file | holds |
//! | --- | --- |
//! | `….csv` | detail rows, then the summary, for programs and spreadsheets ([`csv`], [`guard`]) |
//! | `….xlsx` | the same cells for desks ([`xlsx`]) |
//! | `….entries.jsonl` | the ledger's entries as they were hashed, one a line: `previous` of a line is the SHA-256 of the line before without its line feed ([`crate::domain::encoding`]) |
//! | `….json` | the manifest: counts, sums, digests of the files above, the chain's head, the public key ([`manifest`]) |
//! | `….json.sig` | the Ed25519 signature over the manifest's bytes ([`signature`]) |
//!
//! All of them follow from the entries, so whoever holds the entries and the manifest can make the others again and
//! compare: that is what [`verify`] does.

pub mod close;
pub mod csv;
pub mod export;
mod files_of_day;
pub mod guard;
pub mod manifest;
mod names;
pub mod signature;
pub mod tables;
pub mod verify;
pub mod xlsx;

pub use files_of_day::{DayFiles, MakeError};
pub use names::{FileKind, Names};

/// Where a kiosk's statements lie.
pub fn folder(data: &std::path::Path) -> std::path::PathBuf {
    data.join("statements")
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
