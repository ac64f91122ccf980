//! Full and read-only disks: small file systems in memory. Root mounts them as it is, everybody else in a user namespace
//! of the test's own. Where the system allows neither, the tests are skipped outside CI, with the reason, and fail under CI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mealpoint::store::ledger::LedgerError;
use mealpoint::store::{Ledger, People, PeopleError, StoreError};

use super::{assert_sound, books, home, lunch, open, settle};
use crate::skipped::missing;

/// Set for a test that runs in a namespace of its own.
const NAMESPACE: &str = "MEALPOINT_TEST_MAY_MOUNT";

/// Runs `test` on a disk of `size`; `name` is the test's own, to run it again where it may mount.
fn on_disk(name: &str, size: &str, test: impl FnOnce(&Disk)) {
    match Disk::new(size) {
        Ok(disk) => test(&disk),
        Err(why) if std::env::var_os(NAMESPACE).is_some() => panic!("{why}"),
        Err(why) => in_namespace(name, &why),
    }
}

fn in_namespace(name: &str, why: &str) {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]).stdin(Stdio::null());
        command
    };
    let allowed = unshare().arg("true").output();
    if !allowed.as_ref().is_ok_and(|output| output.status.success()) {
        missing(&format!("this user may neither mount a small disk ({why}) nor have a user namespace ({allowed:?})"));
        return;
    }
    let program = std::env::current_exe().expect("this program");
    let name = format!("ledger::disk::{name}");
    let output = unshare().arg(program).args([&name, "--exact", "--nocapture"]).env(NAMESPACE, "1").output();
    let output = output.expect("it runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// A small file system in memory, unmounted when it is dropped.
struct Disk {
    mount: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    /// Mounts it, or says why this user may not.
    fn new(size: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = folder.path().join("disk");
        fs::create_dir(&mount).expect("a folder");
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "mealpoint-test"])
            .arg(&mount)
            .output()
            .map_err(|error| format!("mount: {error}"))?;
        if output.status.success() {
            return Ok(Self { mount, _folder: folder });
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    fn remount(&self, options: &str) {
        // The options it has already would be repeated otherwise, of which a user namespace may not set all.
        let done = Command::new("mount")
            .args(["--options-source", "disable", "-t", "tmpfs", "-o", &format!("remount,{options}"), "mealpoint-test"])
            .arg(&self.mount)
            .status();
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
    on_disk("a_full_disk_refuses_the_meal_whole_and_takes_it_once_there_is_room", "6m", |disk| {
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
    });
}

#[test]
fn a_full_disk_creates_nothing_by_halves() {
    on_disk("a_full_disk_creates_nothing_by_halves", "200k", |disk| {
        fill(&disk.mount);
        let error = Ledger::open_or_create(&home(&disk.mount), &books()).err().expect("refused");
        assert!(matches!(error, LedgerError::Store(StoreError::Full(_))), "{error}");
        assert!(!disk.mount.join("ledger.db").exists());
        disk.remount("size=6m");
        settle(&mut open(&disk.mount), 1);
    });
}

#[test]
fn a_read_only_file_system_is_said_to_be_that_and_not_damage() {
    on_disk("a_read_only_file_system_is_said_to_be_that_and_not_damage", "6m", |disk| {
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
    });
}

#[test]
fn entries_that_cannot_be_printed_for_want_of_space_are_said_to_be_so_with_the_place_and_the_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    settle(&mut open(folder.path()), 3);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["ledger", "print", "--data"]).arg(folder.path());
    let output = command.env_remove("MEALPOINT_KEYS").stdout(full).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("to standard output: ") && said.contains("; remedy: free some space"), "{said}");
}

#[test]
fn a_folder_that_may_not_be_entered_is_denied() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().expect("a folder");
    settle(&mut open(folder.path()), 1);
    let set_mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("its own folder");
    set_mode(0o000);
    let mut child = super::kills::child(folder.path());
    if rustix::process::geteuid().is_root() {
        // What root enters regardless, nobody may not.
        child.uid(65534).gid(65534);
    }
    let output = child.stderr(Stdio::piped()).output().expect("a child");
    set_mode(0o700);
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("Denied"), "{text}");
}

#[test]
fn keys_on_a_stick_that_knows_no_hard_links_are_created_once_and_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("nolink.so");
    if !super::built("ledger/nolink.c", &library) {
        return;
    }
    let keys = folder.path().join("stick");
    let run = |data: &str, arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
            .args(arguments)
            .args([Path::new("--data"), &folder.path().join(data)])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("LD_PRELOAD", &library)
            .env("MEALPOINT_KEYS", &keys)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run("data", &["close"]);
    let names = || -> Vec<_> {
        let listing = fs::read_dir(&keys).expect("a folder").map(|item| item.expect("readable").file_name());
        let mut names: Vec<_> = listing.collect();
        names.sort();
        names
    };
    let before: Vec<_> = names().iter().map(|name| fs::read(keys.join(name)).expect("a key")).collect();
    assert_eq!(names(), ["database.key", "signing.pem"]);
    run("data", &["ledger", "check"]);
    run("data", &["close"]);
    let after: Vec<_> = names().iter().map(|name| fs::read(keys.join(name)).expect("a key")).collect();
    assert_eq!(before, after, "a key that was there was replaced");
}
