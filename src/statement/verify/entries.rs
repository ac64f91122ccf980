//! The entries file: each line is what was hashed.

use super::super::csv::Found;
use super::super::manifest::Manifest;
use super::report::Finding;
use crate::domain::EntryHash;
use crate::domain::encoding::{self, Sealed};
use crate::domain::statement::Statement;
use crate::many;
use crate::words::statement::column;

/// Entries up to the first line that is none.
pub struct ReadEntries {
    /// The entries, each with the hash of its line.
    pub entries: Vec<Sealed>,
    /// The first line that is no entry.
    pub fault: Option<Finding>,
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    (1..).zip(body.split(|byte| *byte == b'\n')).filter(move |_| !bytes.is_empty())
}

/// Reads the file; the chain is not looked at.
pub fn read(file: &str, bytes: &[u8]) -> ReadEntries {
    let lines: Vec<(u64, &[u8])> = lines(bytes).collect();
    let mut entries = Vec::with_capacity(lines.len());
    for ((line, _), decoded) in lines.iter().zip(many::map(&lines, |(_, text)| encoding::decode(text))) {
        match decoded {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                let fault = Some(Finding::new(file, error.to_string()).at(*line));
                return ReadEntries { entries, fault };
            }
        }
    }
    ReadEntries { entries, fault: None }
}

/// The first line whose hash is not the one that an unchanged CSV has in its place.
pub fn first_changed(file: &str, bytes: &[u8], csv: &Found) -> Option<Finding> {
    let hash = csv.detail.column(column::HASH)?;
    let mut there = lines(bytes);
    for row in &csv.detail.rows {
        let expected = row.cell(Some(hash));
        let Some((line, text)) = there.next() else {
            return Some(Finding::new(file, "it ends too early: an entry is missing").between(expected, ""));
        };
        let found = hash_name(encoding::hash(text));
        if found != expected {
            return Some(Finding::new(file, "this entry was changed").at(line).between(expected, found));
        }
    }
    let (line, _) = there.next()?;
    Some(Finding::new(file, "this entry is not in the books").at(line))
}

fn hash_name(hash: EntryHash) -> String {
    super::super::tables::named(hash)
}

/// The first figure of a manifest that does not follow from the entries.
pub fn first_false_figure(file: &str, manifest: &Manifest, statement: &Statement) -> Option<Finding> {
    let head = manifest.letterhead();
    let Some(head) = head else {
        return Some(Finding::new(file, "its zone is not known here").in_column("zone"));
    };
    let due = Manifest::new(statement, &head, manifest.files.clone(), manifest.signature.public_key);
    let (Ok(serde_json::Value::Object(due)), Ok(serde_json::Value::Object(found))) =
        (serde_json::to_value(&due), serde_json::to_value(manifest))
    else {
        return None;
    };
    let (key, expected) = due.iter().find(|(key, value)| found.get(*key) != Some(value))?;
    let there = found.get(key).map(ToString::to_string).unwrap_or_default();
    Some(Finding::new(file, "it does not follow from the entries").in_column(key).between(expected, there))
}
