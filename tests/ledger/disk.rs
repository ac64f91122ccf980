//! Full and read-only disks. Needs a file system of its own, which only root may mount; without that it says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mealpoint::store::ledger::LedgerError;
use mealpoint::store::{Ledger, People, PeopleError, StoreError};

use super::{assert_sound, books, home, lunch, open, settle};
use crate::skipped::skipped;

/// A small file system in memory, unmounted when it is dropped.
struct Disk {
    mount: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    /// `None` where this user may not mount.
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = folder.path().join("disk");
        fs::create_dir(&mount).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "mealpoint-test"])
            .arg(&mount)
            .output()
            .is_ok_and(|output| output.status.success());
        if mounted {
            return Some(Self { mount, _folder: folder });
        }
        skipped("only root may mount a small disk to fill");
        None
    }

    fn remount(&self, options: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.mount).status();
        assert!(done.expect("mount runs").success(), "remount,{options}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.mount).status();
    }
}

fn fill(folder: &Path) {
    let mut block = 1 << 20;
    let filler = folder.join("filler");
    let mut file = fs::File::create(&filler).expect("a file");
    while block > 0 {
        if std::io::Write::write_all(&mut file, &vec![1; block]).is_err() {
            block /= 2;
        }
    }
}

#[test]
fn a_full_disk_refuses_the_meal_whole_and_takes_it_once_there_is_room() {
    let Some(disk) = Disk::new("6m") else { return };
    let mut ledger = open(&disk.mount);
    settle(&mut ledger, 5);
    fill(&disk.mount);
    let today = ledger.today().expect("a day");
    let mut refused = None;
    // The log may still have room that was allotted to it.
    for number in 0..2000 {
        let draft = lunch(&format!("E-full-{number}"), today);
        match ledger.settle(draft.clone()) {
            Ok(_) => {}
            Err(LedgerError::Store(StoreError::Full(_))) => {
                refused = Some(draft);
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    let refused = refused.expect("the disk was never full");
    let before = ledger.head().expect("a head").number;
    assert!(ledger.entry(refused.id).expect("readable").is_none(), "half of it is there");
    fs::remove_file(disk.mount.join("filler")).expect("removed");
    assert_eq!(ledger.settle(refused).expect("settled").number, before + 1);
    drop(ledger);
    assert_sound(&open(&disk.mount));
}

#[test]
fn a_full_disk_creates_nothing_by_halves() {
    let Some(disk) = Disk::new("200k") else { return };
    fill(&disk.mount);
    let error = Ledger::open_or_create(&home(&disk.mount), &books()).err().expect("refused");
    assert!(matches!(error, LedgerError::Store(StoreError::Full(_))), "{error}");
    assert!(!disk.mount.join("ledger.db").exists());
    disk.remount("size=6m");
    settle(&mut open(&disk.mount), 1);
}

#[test]
fn a_read_only_file_system_is_said_to_be_that_and_not_damage() {
    let Some(disk) = Disk::new("6m") else { return };
    settle(&mut open(&disk.mount), 2);
    let mut ledger = open(&disk.mount);
    let today = ledger.today().expect("a day");
    drop(People::open_or_create(&home(&disk.mount)).expect("a database"));
    // A file open for writing would keep the disk from becoming read-only.
    drop(ledger);
    disk.remount("ro");
    for error in [
        Ledger::open_or_create(&home(&disk.mount), &books()).err().expect("refused"),
        Ledger::open(&home(&disk.mount), &books()).err().expect("refused"),
    ] {
        assert!(matches!(error, LedgerError::Store(StoreError::ReadOnly(_))), "{error}");
    }
    let error = People::open_or_create(&home(&disk.mount)).err().expect("refused");
    assert!(matches!(error, PeopleError::Store(StoreError::ReadOnly(_))), "{error}");
    assert!(!disk.mount.join("quarantine").exists());
    disk.remount("rw");
    ledger = open(&disk.mount);
    assert_eq!(ledger.settle(lunch("E-after", today)).expect("settled").number, 3);
    assert_sound(&ledger);
}

#[test]
fn a_folder_that_belongs_to_somebody_else_is_denied() {
    if !rustix::process::geteuid().is_root() {
        skipped("only root can make a folder that belongs to somebody else");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    settle(&mut open(folder.path()), 1);
    // Nobody may enter; what root reads regardless, the child, as nobody, may not.
    use std::os::unix::process::CommandExt;
    let mut child = super::kills::child(folder.path());
    let output = child.uid(65534).gid(65534).stderr(std::process::Stdio::piped()).output().expect("a child");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("Denied"), "{text}");
}
