//! One day's files: bytes, signature, chain, sums, cells.

use std::path::Path;

use super::super::csv::{self, Resaved};
use super::super::files_of_day::entries_file;
use super::super::manifest::Manifest;
use super::super::names::{FileKind, Names};
use super::super::signature::PublicKey;
use super::super::{tables, xlsx};
use super::entries::{self, ReadEntries};
use super::report::{DayReport, Finding};
use super::{cells, rows, sheets};
use crate::domain::statement::{DayBooks, Statement};
use crate::files::{self, FileError};

/// Far more than a day's file holds; a larger one is not read.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// The same for manifests and signatures.
const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// A day after it was looked at.
pub struct VerifiedDay {
    /// The summary of it; without a readable manifest there is none.
    pub report: Option<DayReport>,
    /// Its manifest, as far as it could be read.
    pub manifest: Option<Manifest>,
    /// The day's books, when entries and chain hold.
    pub statement: Option<Statement>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// The bytes of the day's files, as far as they are there.
struct Bytes {
    names: Names,
    csv: Option<Vec<u8>>,
    xlsx: Option<Vec<u8>>,
    entries: Option<Vec<u8>>,
    manifest: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
}

impl Bytes {
    fn read(folder: &Path, names: &Names) -> Result<Self, FileError> {
        let read = |kind: FileKind, limit| files::read_limited(&folder.join(names.file(kind)), limit);
        Ok(Self {
            csv: read(FileKind::Csv, MAX_FILE_BYTES)?,
            xlsx: read(FileKind::Xlsx, MAX_FILE_BYTES)?,
            entries: read(FileKind::Entries, MAX_FILE_BYTES)?,
            manifest: read(FileKind::Manifest, MAX_MANIFEST_BYTES)?,
            signature: read(FileKind::Signature, MAX_MANIFEST_BYTES)?,
            names: names.clone(),
        })
    }

    fn of(&self, kind: FileKind) -> Option<&Vec<u8>> {
        match kind {
            FileKind::Csv => self.csv.as_ref(),
            FileKind::Xlsx => self.xlsx.as_ref(),
            FileKind::Entries => self.entries.as_ref(),
            FileKind::Manifest => self.manifest.as_ref(),
            FileKind::Signature => self.signature.as_ref(),
        }
    }

    /// Whether the file is there with the bytes that the manifest lists.
    fn is_listed(&self, kind: FileKind, manifest: &Manifest) -> bool {
        matches!((self.of(kind), manifest.digest(kind)), (Some(bytes), Some(digest)) if digest.fits(bytes))
    }
}

/// Looks at one day's files in `folder`. `trusted` are the keys that may have signed it; any when empty.
///
/// # Errors
/// [`FileError`] when a file is there but cannot be read.
pub fn verify(folder: &Path, names: &Names, trusted: &[PublicKey]) -> Result<VerifiedDay, FileError> {
    let bytes = Bytes::read(folder, names)?;
    let mut findings = Vec::new();
    let manifest = read_manifest(&bytes, trusted, &mut findings);
    if let Some(manifest) = &manifest {
        check_digests(&bytes, manifest, &mut findings);
    }
    let statement = manifest.as_ref().and_then(|manifest| check_entries(&bytes, manifest, &mut findings));
    check_csv(&bytes, manifest.as_ref(), statement.as_ref(), &mut findings);
    if let (Some(manifest), Some(statement)) = (&manifest, &statement) {
        check_xlsx(&bytes, manifest, statement, &mut findings);
    }
    let report = manifest.as_ref().map(|manifest| DayReport {
        canteen: manifest.canteen.clone(),
        kiosk: manifest.kiosk.clone(),
        day: manifest.day,
        entries: manifest.totals.entries,
        number_before: manifest.before.number,
        number_after: manifest.after.number,
        public_key: manifest.signature.public_key,
        ok: findings.is_empty(),
    });
    Ok(VerifiedDay { report, manifest, statement, findings })
}

fn read_manifest(bytes: &Bytes, trusted: &[PublicKey], findings: &mut Vec<Finding>) -> Option<Manifest> {
    let file = bytes.names.file(FileKind::Manifest);
    let Some(text) = &bytes.manifest else {
        findings.push(Finding::new(&file, "it is missing: without the manifest nothing shows that the day is whole"));
        return None;
    };
    let manifest = match Manifest::read(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            findings.push(Finding::new(&file, format!("it is not a manifest: {error}")));
            return None;
        }
    };
    if manifest.names() != bytes.names {
        let finding = Finding::new(&file, "it was renamed: its canteen, day and kiosk make another name");
        findings.push(finding.between(manifest.names().stem(), bytes.names.stem()));
    }
    let key = manifest.signature.public_key;
    if !trusted.is_empty() && !trusted.contains(&key) {
        let keys: Vec<String> = trusted.iter().map(PublicKey::to_string).collect();
        findings
            .push(Finding::new(&file, "it is signed with another key than the given").between(keys.join(" or "), key));
    }
    let signature_file = bytes.names.file(FileKind::Signature);
    match &bytes.signature {
        None => {
            findings.push(Finding::new(&signature_file, "it is missing: nothing shows that the manifest is genuine"))
        }
        Some(signature) if key.verifies(text, signature) => {}
        Some(_) => findings.push(Finding::new(
            &file,
            format!("its signature {signature_file} does not fit: one of the two was changed or damaged"),
        )),
    }
    Some(manifest)
}

fn check_digests(bytes: &Bytes, manifest: &Manifest, findings: &mut Vec<Finding>) {
    for kind in FileKind::LISTED {
        let file = bytes.names.file(kind);
        match (bytes.of(kind), manifest.digest(kind)) {
            (None, _) => findings.push(Finding::new(&file, "it is missing, although the manifest lists it")),
            (Some(_), None) => findings.push(Finding::new(&file, "the manifest does not list it")),
            (Some(found), Some(digest)) if !digest.fits(found) => {
                let problem = if (found.len() as u64) < digest.bytes {
                    format!(
                        "its bytes are not those of the manifest; it is {} bytes short",
                        digest.bytes - found.len() as u64
                    )
                } else {
                    "its bytes are not those of the manifest".to_owned()
                };
                let sha256 = super::super::manifest::FileDigest::of(file.clone(), found).sha256;
                findings.push(Finding::new(&file, problem).between(digest.sha256, sha256));
            }
            _ => {}
        }
    }
}

/// The chain from the entries file, and whether the manifest's figures follow from it.
fn check_entries(bytes: &Bytes, manifest: &Manifest, findings: &mut Vec<Finding>) -> Option<Statement> {
    let file = bytes.names.file(FileKind::Entries);
    let text = bytes.entries.as_ref()?;
    // Where the entries were changed but the CSV was not, its hashes tell which entry it was.
    if !bytes.is_listed(FileKind::Entries, manifest)
        && let Some(csv) = bytes.csv.as_ref().filter(|_| bytes.is_listed(FileKind::Csv, manifest))
        && let Some(finding) = entries::first_changed(&file, text, &csv::read(csv))
    {
        findings.push(finding);
        return None;
    }
    let ReadEntries { entries, fault } = entries::read(&file, text);
    if let Some(fault) = fault {
        findings.push(fault);
        return None;
    }
    let books = DayBooks {
        canteen: manifest.canteen.clone(),
        kiosk: manifest.kiosk.clone(),
        day: manifest.day,
        before: manifest.before,
        opening: manifest.opening.clone(),
        entries,
    };
    let statement = match Statement::new(books) {
        Ok(statement) => statement,
        Err(error) => {
            findings.push(Finding::new(&file, error.fault.to_string()).at(error.position as u64));
            return None;
        }
    };
    if let Some(finding) = entries::first_false_figure(&bytes.names.file(FileKind::Manifest), manifest, &statement) {
        findings.push(finding);
        return None;
    }
    (entries_file(&statement) == *text).then_some(statement).or_else(|| {
        findings.push(Finding::new(&file, "it does not end with a line feed"));
        None
    })
}

/// Names the cell of an XLSX whose bytes are not those of the manifest.
fn check_xlsx(bytes: &Bytes, manifest: &Manifest, statement: &Statement, findings: &mut Vec<Finding>) {
    let (Some(found), Some(head)) = (&bytes.xlsx, manifest.letterhead()) else { return };
    if bytes.is_listed(FileKind::Xlsx, manifest) {
        return;
    }
    let (detail, summary) = (tables::detail(statement, &head), tables::summary(statement, &head));
    // A day that no XLSX holds has none; then that its bytes differ says all there is to say.
    if let Ok(expected) = xlsx::write(&detail, &summary, manifest.date()) {
        findings.push(sheets::compare(&bytes.names.file(FileKind::Xlsx), &expected, found));
    }
}

fn check_csv(bytes: &Bytes, manifest: Option<&Manifest>, statement: Option<&Statement>, findings: &mut Vec<Finding>) {
    let file = bytes.names.file(FileKind::Csv);
    let Some(text) = &bytes.csv else { return };
    let resaved = |how: &Resaved| Finding::new(&file, format!("{how}: a spreadsheet or an editor saved it again"));
    let (Some(statement), Some(head)) = (statement, manifest.and_then(Manifest::letterhead)) else {
        let found = csv::read(text);
        findings.extend(found.resaved.iter().map(resaved));
        findings.extend(rows::check(&file, &found));
        return;
    };
    let (detail, summary) = (tables::detail(statement, &head), tables::summary(statement, &head));
    if csv::write(&detail, &summary) == *text {
        return;
    }
    let found = csv::read(text);
    findings.extend(found.resaved.iter().map(resaved));
    let mut differing = cells::compare(&file, &detail, &found.detail);
    differing.extend(cells::compare(&file, &summary, &found.summary));
    if differing.is_empty() {
        findings.push(Finding::new(&file, "every cell is as it was: only the way of writing them differs"));
    }
    findings.append(&mut differing);
}
