//! Closed days copied out, to a folder or a USB stick.
//!
//! A day's manifest is copied last, so a day that was cut off on the way is not mistaken for a whole one. What stands
//! there already is left alone when it is the same and refused when it is not: a closed file never changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::names::{FileKind, Names};
use super::signature::{KeyError, PublicKey};
use super::verify::{self, DayReport, Finding, VerifyError};
use crate::files::{self, Access, FileError};

/// Far more than any file of a statement holds.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Where media are mounted: a folder missing there is a stick that is not in, not a folder to be made.
const MOUNT_AREAS: [&str; 4] = ["/media", "/run/media", "/mnt", "/Volumes"];

/// What an export did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Whether every day is there and sound.
    pub ok: bool,
    /// The folder.
    pub to: PathBuf,
    /// Days that were copied, by the stem of their files.
    pub copied: Vec<String>,
    /// Days that were there already, the same.
    pub already_there: Vec<String>,
    /// Days that were not copied, with the reason; and what the check after the copy found.
    pub findings: Vec<Finding>,
    /// What a reader should know although no day is wrong.
    pub notes: Vec<String>,
}

/// Why nothing more could be copied. Days that were copied before are whole; of the day on which it happened nothing is
/// left behind.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is nothing to copy.
    #[error(
        "{0} holds no closed day; remedy: run `mealpoint close` first, or name the kiosk's data folder with --data"
    )]
    NothingClosed(PathBuf),
    /// The days cannot be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The target is missing.
    #[error("{0} does not exist; remedy: put the stick in, or make the folder")]
    NoTarget(PathBuf),
    /// The target is not a folder.
    #[error("{0} is not a folder; remedy: name a folder")]
    NotAFolder(PathBuf),
    /// The target holds something else under the name of a public key.
    #[error(
        "{0} is not the kiosk's key of that name; it was left alone and nothing was copied; remedy: move it away, then \
         export again"
    )]
    OtherKey(PathBuf),
}

/// Copies every day in the folder `from` that is not there yet to the folder `to`, with the public keys, reads the copies
/// back and verifies them. `to` is made when the folder above it is there.
///
/// # Errors
/// [`ExportError`]; damage to a day keeps only that day from being copied and is in the report.
pub fn export(from: &Path, to: &Path) -> Result<Exported, ExportError> {
    let mut exported = Exported { to: to.to_owned(), ..Exported::default() };
    let (sets, others) = days_of(from)?;
    exported.notes.extend(verify::note_on_others(from, &others, "copied"));
    prepare(to)?;
    let keys = copy_keys(from, to, &mut exported.notes)?;
    let mut manifests = Vec::new();
    for names in &sets {
        let source = verify::verify(&[from.join(names.file(FileKind::Manifest))], &[]);
        match source {
            Ok(report) if report.ok => {}
            Ok(report) => {
                exported.findings.push(Finding::new(
                    names.stem(),
                    "it is damaged here and was not copied; remedy: bring it back from a copy",
                ));
                exported.findings.extend(report.findings);
                continue;
            }
            Err(VerifyError::Missing(_)) => {
                exported.findings.push(Finding::new(
                    names.stem(),
                    "it has no manifest and was not copied; remedy: close the day again",
                ));
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        match copy_day(from, to, names)? {
            Copy::Made => exported.copied.push(names.stem().to_owned()),
            Copy::AlreadyThere => exported.already_there.push(names.stem().to_owned()),
            Copy::Differs(finding) => {
                exported.findings.push(finding);
                continue;
            }
        }
        manifests.push(to.join(names.file(FileKind::Manifest)));
    }
    if !manifests.is_empty() {
        // The kiosk's own folder says which keys are the kiosk's: a new one after a loss is no damage.
        let report = verify::verify(&manifests, &keys)?;
        if !report.ok {
            exported.notes.extend(report.days.iter().filter(|day| !keys.contains(&day.public_key)).map(note_on_key));
        }
        exported.findings.extend(report.findings);
    }
    exported.ok = exported.findings.is_empty();
    Ok(exported)
}

fn days_of(folder: &Path) -> Result<(BTreeSet<Names>, BTreeSet<String>), ExportError> {
    let (days, others) = Names::of_folder(file_names(folder)?);
    if days.is_empty() { Err(ExportError::NothingClosed(folder.to_owned())) } else { Ok((days, others)) }
}

/// Copies the public keys that the kiosk has, or once had, and gives them.
fn copy_keys(from: &Path, to: &Path, notes: &mut Vec<String>) -> Result<Vec<PublicKey>, ExportError> {
    let mut keys = Vec::new();
    for name in public_keys(from)? {
        match PublicKey::read(&from.join(&name)) {
            Ok(key) => keys.push(key),
            Err(KeyError::File(error)) => return Err(error.into()),
            Err(error) => {
                notes.push(format!("not copied: {error}"));
                continue;
            }
        }
        copy_file(from, to, &name, &mut Vec::new()).map_err(|refused| match refused {
            Refused::File(error) => ExportError::File(error),
            Refused::Differs(file) => ExportError::OtherKey(file),
        })?;
    }
    Ok(keys)
}

fn note_on_key(day: &DayReport) -> String {
    format!(
        "{}: no .pub.pem beside it holds the key that signed it, {}; remedy: bring that file back from a copy, or move the \
         day away if another kiosk signed it",
        Names::new(&day.canteen, &day.kiosk, day.day).stem(),
        day.public_key
    )
}

fn public_keys(folder: &Path) -> Result<Vec<String>, ExportError> {
    Ok(file_names(folder)?.into_iter().filter(|name| name.ends_with(".pub.pem") && !name.starts_with('.')).collect())
}

/// The names of the files in a folder, sorted; none of a folder that is not there.
fn file_names(folder: &Path) -> Result<Vec<String>, FileError> {
    let listing = match std::fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::at("reading the folder", folder)(error)),
    };
    let mut names = Vec::new();
    for item in listing {
        let item = item.map_err(FileError::at("reading the folder", folder))?;
        if let (true, Ok(name)) = (item.path().is_file(), item.file_name().into_string()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn prepare(to: &Path) -> Result<(), ExportError> {
    if to.is_dir() {
        return Ok(());
    }
    if to.exists() {
        return Err(ExportError::NotAFolder(to.to_owned()));
    }
    let above = to.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_mount_area = MOUNT_AREAS.iter().any(|area| above.starts_with(area));
    if !above.is_dir() || is_mount_area {
        return Err(ExportError::NoTarget(to.to_owned()));
    }
    Ok(files::make_folder(to, Access::Public)?)
}

enum Copy {
    Made,
    AlreadyThere,
    Differs(Finding),
}

/// Why one file was not copied.
enum Refused {
    File(FileError),
    Differs(PathBuf),
}

fn copy_day(from: &Path, to: &Path, names: &Names) -> Result<Copy, FileError> {
    let mut made = Vec::new();
    for kind in FileKind::ALL {
        let name = names.file(kind);
        if let Err(refused) = copy_file(from, to, &name, &mut made) {
            for file in &made {
                // Best effort: a stick that was pulled out cannot be tidied up.
                let _ = std::fs::remove_file(file);
            }
            return match refused {
                Refused::File(error) => Err(error),
                Refused::Differs(_) => {
                    let there = to.display();
                    let problem = format!(
                        "another file of this name is in {there}; it was left alone and this day was not copied; remedy: see \
                         with `mealpoint verify {there}` which one is sound, move this one elsewhere, then export again"
                    );
                    Ok(Copy::Differs(Finding::new(&name, problem)))
                }
            };
        }
    }
    Ok(if made.is_empty() { Copy::AlreadyThere } else { Copy::Made })
}

/// Copies a file unless it is there, and reads it back from the medium. What was made joins `made`.
fn copy_file(from: &Path, to: &Path, name: &str, made: &mut Vec<PathBuf>) -> Result<(), Refused> {
    let (source, target) = (from.join(name), to.join(name));
    let read = |path: &Path| -> Result<Option<Vec<u8>>, Refused> {
        files::read_limited(path, MAX_FILE_BYTES).map_err(Refused::File)
    };
    let missing = |path: &Path| Refused::File(FileError::at("reading", path)(std::io::ErrorKind::NotFound.into()));
    let bytes = read(&source)?.ok_or_else(|| missing(&source))?;
    match read(&target)? {
        Some(there) if there == bytes => return Ok(()),
        Some(_) => return Err(Refused::Differs(target)),
        None => {}
    }
    files::write_atomic(&target, &bytes, Access::Public).map_err(Refused::File)?;
    made.push(target.clone());
    files::forget_cached(&target).map_err(Refused::File)?;
    match read(&target)? {
        Some(there) if there == bytes => Ok(()),
        _ => {
            // Best effort; it must not pass for the file next time.
            let _ = std::fs::remove_file(&target);
            let differs =
                std::io::Error::new(std::io::ErrorKind::InvalidData, "it holds other bytes than were written");
            Err(Refused::File(FileError::at("reading back", &target)(differs)))
        }
    }
}
