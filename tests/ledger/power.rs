//! The power fails at any instant: a run is recorded call by call, then cut at many places.
//!
//! A disk keeps what was synced. Of what was written after the last sync of a file it may keep everything, nothing, or any
//! part, in any order and torn at sectors of 512 bytes. For every cut, one such outcome is made from the recording by
//! dice, the books are opened on it, and everything that the process had confirmed by then must be there. Names of files
//! (created, renamed, removed) are taken to survive in order, as a journalling file system keeps them.
//!
//! `MEALPOINT_CUTS` says how many cuts (default 150).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mealpoint::store::{Database, Ledger};

use super::kills::{self, Dice};
use super::{assert_sound, books, home};

const SECTOR: usize = 512;

/// One call of the recorded process.
enum Call {
    Write { file: PathBuf, at: usize, data: Vec<u8> },
    Truncate { file: PathBuf, len: usize },
    Sync(PathBuf),
    Rename { from: PathBuf, to: PathBuf },
    Link { from: PathBuf, to: PathBuf },
    Unlink(PathBuf),
    Create(PathBuf),
    Said(Vec<u8>),
}

/// Builds the recorder and lets a child settle under it; gives its calls.
fn recorded(below: &Path) -> Option<Vec<Call>> {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("record.so");
    if !super::built("ledger/record.c", &library) {
        return None;
    }
    let log = folder.path().join("log");
    let status = kills::child(below)
        .env("LD_PRELOAD", &library)
        .env("MEALPOINT_RECORD_BELOW", below)
        .env("MEALPOINT_RECORD_TO", &log)
        .env("MEALPOINT_TEST_ROUNDS", "60")
        .stdout(std::process::Stdio::null())
        .status()
        .expect("a child");
    assert!(status.success(), "the recorded child failed");
    let calls = parse(&fs::read(&log).expect("a recording"));
    assert!(calls.iter().filter(|call| matches!(call, Call::Sync(_))).count() > 60, "no syncs were seen");
    Some(calls)
}

fn parse(mut log: &[u8]) -> Vec<Call> {
    use std::os::unix::ffi::OsStringExt;
    let mut take = |len: usize| {
        let (taken, rest) = log.split_at_checked(len)?;
        log = rest;
        Some(taken.to_vec())
    };
    let mut calls = Vec::new();
    while let Some(op) = take(1) {
        let mut number =
            |len| take(len).expect("a whole record").iter().rev().fold(0, |n: usize, b| n << 8 | usize::from(*b));
        let (path_len, other_len, offset) = (number(4), number(4), number(8));
        let file = PathBuf::from(std::ffi::OsString::from_vec(take(path_len).expect("a path")));
        let other = take(other_len).expect("data");
        let path = |bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes));
        calls.push(match op[0] {
            b'W' => Call::Write { file, at: offset, data: other },
            b'T' => Call::Truncate { file, len: offset },
            b'S' => Call::Sync(file),
            b'R' => Call::Rename { from: file, to: path(other) },
            b'L' => Call::Link { from: file, to: path(other) },
            b'U' => Call::Unlink(file),
            b'C' => Call::Create(file),
            b'A' => Call::Said(other),
            other => panic!("a record {other}"),
        });
    }
    calls
}

/// A file as the disk has it, and what it has not got round to.
#[derive(Clone, Default)]
struct DiskFile {
    synced: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Clone)]
enum Pending {
    Write { at: usize, data: Vec<u8> },
    Truncate(usize),
}

impl Pending {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, data } => {
                content.resize(content.len().max(at + data.len()), 0);
                content[*at..at + data.len()].copy_from_slice(data);
            }
            Self::Truncate(len) => content.resize(*len, 0),
        }
    }
}

impl DiskFile {
    fn sync(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            pending.apply(&mut self.synced);
        }
    }

    /// What is found when the power comes back.
    fn after_the_cut(&self, dice: &mut Dice) -> Vec<u8> {
        let mut content = self.synced.clone();
        // Sometimes everything arrived, sometimes nothing, mostly a part.
        let mood = dice.below(4);
        for pending in &self.pending {
            match (mood, pending) {
                (0, _) => pending.apply(&mut content),
                (1, _) => {}
                (_, Pending::Truncate(_)) if dice.below(2) == 0 => pending.apply(&mut content),
                (_, Pending::Truncate(_)) => {}
                (_, Pending::Write { at, data }) => {
                    for (index, sector) in data.chunks(SECTOR).enumerate() {
                        if dice.below(2) == 0 {
                            let at = at + index * SECTOR;
                            Pending::Write { at, data: sector.to_vec() }.apply(&mut content);
                        }
                    }
                }
            }
        }
        content
    }
}

/// The disk, and what the process has said.
#[derive(Default)]
struct Disk {
    files: BTreeMap<PathBuf, DiskFile>,
    said: Vec<u8>,
}

impl Disk {
    fn take(&mut self, call: &Call) {
        match call {
            Call::Write { file, at, data } => {
                let pending = Pending::Write { at: *at, data: data.clone() };
                self.files.entry(file.clone()).or_default().pending.push(pending);
            }
            Call::Truncate { file, len } => {
                self.files.entry(file.clone()).or_default().pending.push(Pending::Truncate(*len));
            }
            Call::Sync(file) => {
                if let Some(file) = self.files.get_mut(file) {
                    file.sync();
                }
            }
            Call::Rename { from, to } => {
                if let Some(file) = self.files.remove(from) {
                    self.files.insert(to.clone(), file);
                }
            }
            Call::Link { from, to } => {
                if let Some(file) = self.files.get(from).cloned() {
                    self.files.insert(to.clone(), file);
                }
            }
            Call::Unlink(file) => drop(self.files.remove(file)),
            Call::Create(file) => drop(self.files.entry(file.clone()).or_default()),
            Call::Said(data) => self.said.extend(data),
        }
    }

    /// Writes what is found after a cut into `to`, where `from` was.
    fn restore(&self, from: &Path, to: &Path, dice: &mut Dice) {
        for (path, file) in &self.files {
            let Ok(relative) = path.strip_prefix(from) else { continue };
            if relative.as_os_str().is_empty() || relative.to_string_lossy().ends_with("-shm") {
                continue;
            }
            let path = to.join(relative);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, file.after_the_cut(dice)).expect("written");
        }
    }
}

#[test]
fn after_a_power_cut_at_any_instant_every_confirmed_meal_is_there_and_the_chain_holds() {
    let below = tempfile::tempdir().expect("a folder");
    let folder = fs::canonicalize(below.path()).expect("a path");
    let Some(calls) = recorded(&folder) else { return };
    let cuts: u64 = std::env::var("MEALPOINT_CUTS").map_or(150, |text| text.parse().expect("a number of cuts"));
    let mut dice = Dice(0x70_6f77_6572);
    let mut places: Vec<u64> = (0..cuts).map(|_| dice.below(calls.len() as u64 + 1)).collect();
    places.sort_unstable();
    let mut disk = Disk::default();
    let mut taken = 0;
    let mut most = 0;
    for cut in places {
        while taken < cut {
            disk.take(&calls[usize::try_from(taken).expect("a place")]);
            taken += 1;
        }
        let found = tempfile::tempdir().expect("a folder");
        disk.restore(&folder, found.path(), &mut dice);
        let said = String::from_utf8_lossy(&disk.said).into_owned();
        let settled = kills::acknowledged(said.lines().map(str::to_owned));
        most = most.max(settled.len());
        check(found.path(), cut, &settled);
    }
    assert!(most > 50, "the cuts saw at most {most} meals");
}

fn check(folder: &Path, cut: u64, settled: &[(mealpoint::domain::EntryId, String)]) {
    let exists = home(folder).file(Database::Ledger).exists();
    if !exists {
        assert!(settled.is_empty(), "cut {cut}: the books are gone");
    }
    // What a kiosk does when the power is back.
    let ledger = Ledger::open_or_create(&home(folder), &books()).unwrap_or_else(|error| panic!("cut {cut}: {error}"));
    for (id, hash) in settled {
        let entry = ledger.entry(*id).expect("readable").unwrap_or_else(|| panic!("cut {cut}: a meal is lost"));
        assert_eq!(entry.hash.to_string(), *hash, "cut {cut}");
    }
    let number = ledger.head().expect("a head").number;
    assert!(number <= settled.len() as u64 + 1, "cut {cut}: {number} entries, {} confirmed", settled.len());
    assert_sound(&ledger);
}
