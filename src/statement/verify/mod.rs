//! Whether daily files are what the kiosk wrote: bytes, signature, sequence, chain, sums, and day after day.
//!
//! Nothing but the files is needed. What a verification shows about their origin depends on the key: a manifest names
//! the key it was signed with, which shows that nothing was changed since; that it was the kiosk who signed is shown
//! only by a key that the caller has from elsewhere.

mod cells;
mod continuity;
mod day;
mod entries;
mod report;
mod rows;
mod sheets;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::names::Names;
use super::signature::PublicKey;
use crate::files::FileError;

pub use report::{DayReport, Finding, Report};

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is nothing to verify.
    #[error("{0} holds no statement; remedy: name a statement's file or the folder that holds them")]
    NoStatement(PathBuf),
    /// The file is none of a statement's.
    #[error(
        "{0} is not a statement's file; remedy: name a .csv, .xlsx, .entries.jsonl, .json or .json.sig, or their folder"
    )]
    NotAStatement(PathBuf),
    /// There is no such file or folder.
    #[error("{0} does not exist; remedy: check the name")]
    Missing(PathBuf),
}

/// Verifies the days to which `paths` (any of a day's files, or folders of them) belong. What else of these kinds a folder holds
/// is mentioned.
///
/// `trusted`: the public keys that may have signed; when empty, each manifest's own key is used and only the
/// integrity of the files is shown.
///
/// # Errors
/// [`VerifyError`] when there is nothing to verify or a file cannot be read; damage is in the report.
pub fn verify(paths: &[PathBuf], trusted: &[PublicKey]) -> Result<Report, VerifyError> {
    let mut found = Found::default();
    for path in paths {
        found.add(path)?;
    }
    let mut days = Vec::new();
    for (folder, names) in &found.days {
        days.push(day::verify(folder, names, trusted)?);
    }
    let mut findings: Vec<Finding> = days.iter().flat_map(|day| day.findings.iter().cloned()).collect();
    let continuity = continuity::check(&days, !trusted.is_empty());
    findings.extend(continuity.findings);
    found.notes.extend(continuity.notes);
    let first_difference = findings.iter().find(|finding| finding.line.is_some()).cloned();
    let mut reports: Vec<DayReport> = days.into_iter().filter_map(|day| day.report).collect();
    reports.sort_by(|a, b| (&a.canteen, &a.kiosk, a.day).cmp(&(&b.canteen, &b.kiosk, b.day)));
    Ok(Report {
        ok: findings.is_empty(),
        origin_shown: findings.is_empty() && !trusted.is_empty(),
        days: reports,
        first_difference,
        findings,
        notes: found.notes,
    })
}

/// The days that were named, and what lies beside them.
#[derive(Default)]
struct Found {
    days: BTreeSet<(PathBuf, Names)>,
    notes: Vec<String>,
}

impl Found {
    /// Finds the days that `path` stands for. In a folder these are the ones whose files have the names of a day's: a stick
    /// carries other files too. A file that is named itself is looked at whatever it is called.
    fn add(&mut self, path: &Path) -> Result<(), VerifyError> {
        if path.is_dir() {
            return self.add_folder(path);
        }
        let named = path.file_name().and_then(|name| name.to_str()).and_then(Names::of_file);
        let Some((names, _)) = named else {
            return Err(if path.exists() {
                VerifyError::NotAStatement(path.to_owned())
            } else {
                VerifyError::Missing(path.to_owned())
            });
        };
        if !path.exists() {
            return Err(VerifyError::Missing(path.to_owned()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.days.insert((folder.to_owned(), names));
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), VerifyError> {
        let listing = std::fs::read_dir(folder).map_err(FileError::at("reading the folder", folder))?;
        let mut files = Vec::new();
        for item in listing {
            let item = item.map_err(FileError::at("reading the folder", folder))?;
            files.extend(item.file_name().into_string().ok().filter(|_| item.path().is_file()));
        }
        let (days, others) = Names::of_folder(files);
        if days.is_empty() {
            return Err(VerifyError::NoStatement(folder.to_owned()));
        }
        self.days.extend(days.into_iter().map(|names| (folder.to_owned(), names)));
        self.notes.extend(note_on_others(folder, &others, "looked at"));
        Ok(())
    }
}

/// Says that these files of a folder were not `treated`: by their names they are of no day.
pub(super) fn note_on_others(folder: &Path, others: &BTreeSet<String>, treated: &str) -> Option<String> {
    const MOST_NAMED: usize = 5;
    if others.is_empty() {
        return None;
    }
    // Quoted, so that no name steers the terminal.
    let named: Vec<String> = others.iter().take(MOST_NAMED).map(|name| format!("{name:?}")).collect();
    let more = others.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{}: not {treated}, by name of no day: {}{more}", folder.display(), named.join(", ")))
}
