//! Files that may not be written for a while. Root may write everything, so as root the command runs as nobody.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::skipped::missing;

/// The user and the group that nobody has.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A data folder with both databases, of a user whom the rights bind.
struct Kiosk {
    folder: tempfile::TempDir,
}

impl Kiosk {
    /// Says why outside CI, and fails under CI, where no command can be run as such a user.
    fn new() -> Option<Self> {
        let kiosk = Self { folder: tempfile::tempdir().expect("a folder") };
        let enter = fs::Permissions::from_mode(0o755);
        fs::set_permissions(kiosk.folder.path(), enter).expect("its own folder");
        fs::create_dir(kiosk.data()).expect("a folder");
        if is_root() {
            let known = Command::new("true").uid(NOBODY).gid(NOBODY).status();
            if !known.as_ref().is_ok_and(std::process::ExitStatus::success) {
                missing(&format!("root may not run a command as nobody: {known:?}"));
                return None;
            }
            chown(kiosk.data(), Some(NOBODY), Some(NOBODY)).expect("given to nobody");
        }
        let rows = "id,name,birth_date,district,town\nE-1,王秀英,1945-05-02,武侯区,玉林街道\n";
        fs::write(kiosk.roster(), rows).expect("written");
        for arguments in kiosk.uses() {
            kiosk.done(&arguments);
        }
        Some(kiosk)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn roster(&self) -> PathBuf {
        self.folder.path().join("roster.csv")
    }

    /// What writes in the people's database, and in the books.
    fn uses(&self) -> [Vec<String>; 2] {
        let roster = self.roster().display().to_string();
        [vec!["roster".to_owned(), "import".to_owned(), roster], vec!["close".to_owned()]]
    }

    fn run<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Output {
        self.command(arguments, &self.data()).output().expect("it runs")
    }

    /// The command as the kiosk's user, the keys in the data folder.
    fn command<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A], data: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).args([Path::new("--data"), data]);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.env_remove("MEALPOINT_KEYS");
        command
    }

    fn done<A: AsRef<std::ffi::OsStr> + std::fmt::Debug>(&self, arguments: &[A]) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What the command says when it refuses.
    fn refused<A: AsRef<std::ffi::OsStr> + std::fmt::Debug>(&self, arguments: &[A]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        said
    }

    fn set_mode(&self, file: &str, mode: u32) {
        fs::set_permissions(self.data().join(file), fs::Permissions::from_mode(mode)).expect(file);
    }

    /// A log file of nothing, which its owner may only read.
    fn leave(&self, file: &str) {
        let path = self.data().join(file);
        fs::write(&path, b"").expect("written");
        self.set_mode(file, 0o400);
        if is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("given to nobody");
        }
    }

    fn logs(&self) -> Vec<String> {
        let listing = fs::read_dir(self.data()).expect("a folder");
        let names = listing.map(|item| item.expect("readable").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with("-shm") || name.ends_with("-wal")).collect()
    }
}

#[test]
fn a_database_that_may_only_be_read_for_a_while_is_named_leaves_no_log_and_opens_once_it_may_be_written() {
    let Some(kiosk) = Kiosk::new() else { return };
    let looks = [["staff", "list"], ["ledger", "check"]];
    for ((file, look), used) in ["people.db", "ledger.db"].into_iter().zip(looks).zip(kiosk.uses()) {
        kiosk.set_mode(file, 0o400);
        for arguments in [&look.map(str::to_owned)[..], &used] {
            let said = kiosk.refused(arguments);
            let named = said.contains(&format!("{file}: access denied; remedy: give the kiosk's user the right"));
            assert!(named, "{arguments:?}: {said}");
        }
        assert_eq!(kiosk.logs(), Vec::<String>::new(), "{file}: they would have its rights");
        kiosk.set_mode(file, 0o600);
        kiosk.done(&used);
        kiosk.done(&look);
    }
}

#[test]
fn logs_that_were_left_when_the_database_could_only_be_read_do_not_keep_it_shut() {
    let Some(kiosk) = Kiosk::new() else { return };
    for (file, used) in ["people.db", "ledger.db"].into_iter().zip(kiosk.uses()) {
        for left in [&["-shm"][..], &["-wal"], &["-wal", "-shm"]] {
            left.iter().for_each(|suffix| kiosk.leave(&format!("{file}{suffix}")));
            kiosk.done(&used);
            assert_eq!(kiosk.logs(), Vec::<String>::new(), "{file} with {left:?}");
        }
    }
}

#[test]
fn statements_that_may_not_be_listed_keep_nobody_from_the_books_and_no_others_are_begun_beside_them() {
    let Some(kiosk) = Kiosk::new() else { return };
    let [_, close] = kiosk.uses();
    kiosk.set_mode("statements", 0o000);
    kiosk.done(&["ledger", "check"]);
    for file in ["ledger.db", "ledger.anchor", "store.json"] {
        fs::remove_file(kiosk.data().join(file)).expect(file);
    }
    let said = kiosk.refused(&close);
    kiosk.set_mode("statements", 0o755);
    assert!(said.contains("statements: access denied; remedy: give the kiosk's user"), "{said}");
    assert!(!kiosk.data().join("ledger.db").exists(), "books were begun");
}

#[test]
fn the_log_or_the_folder_that_may_not_be_written_is_the_one_that_is_named() {
    let Some(kiosk) = Kiosk::new() else { return };
    let [_, close] = kiosk.uses();
    for log in ["ledger.db-shm", "ledger.db-wal"] {
        // A file of root's, which is not given to the kiosk's user by way of a link.
        symlink("/etc/passwd", kiosk.data().join(log)).expect("a link");
        let said = kiosk.refused(&close);
        assert!(said.contains(&format!("{log}: access denied; remedy: give the kiosk's user")), "{said}");
        fs::remove_file(kiosk.data().join(log)).expect("removed");
        kiosk.done(&close);
    }
    kiosk.set_mode("", 0o500);
    let said = kiosk.refused(&["staff", "list"]);
    let folder = format!("{}: access denied; remedy: give", kiosk.data().display());
    kiosk.set_mode("", 0o700);
    assert!(said.contains(&folder), "{said}");
}

#[test]
fn a_folder_that_the_kiosk_is_only_let_into_takes_its_keys_and_keeps_its_rights() {
    let Some(kiosk) = Kiosk::new() else { return };
    let keys = kiosk.folder.path().join("keys");
    fs::create_dir(&keys).expect("a folder");
    if is_root() {
        // Root's, and the kiosk's by its group alone.
        chown(&keys, None, Some(NOBODY)).expect("shared with nobody");
    }
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o2770)).expect("its own folder");
    let data = kiosk.data().join("elsewhere");
    let output = kiosk.command(&["close"], &data).env("MEALPOINT_KEYS", &keys).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o7777;
    assert_eq!((mode(&keys), mode(&keys.join("signing.pem")) & 0o777), (0o2770, 0o600));
}
