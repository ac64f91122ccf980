//! Damaged files: said precisely, moved aside, never overwritten.

use std::fs;
use std::path::Path;

use mealpoint::store::ledger::{HandClock, LedgerError, Restart, restart};
use mealpoint::store::{Database, InUse, Ledger, People, PeopleError, StoreError};

use super::kills::Dice;
use super::{assert_sound, books, home, id, lunch, open, settle};

/// Books with `count` meals, folded into one file.
fn written(folder: &Path, count: u32) -> Vec<u8> {
    let mut ledger = open(folder);
    settle(&mut ledger, count);
    drop(ledger);
    // Opening folds the log into the file.
    drop(open(folder));
    fs::read(folder.join("ledger.db")).expect("readable")
}

/// The quarantined copy holds exactly these bytes.
fn assert_quarantined(folder: &Path, bytes: &[u8]) {
    let kept = fs::read(folder.join("quarantine/ledger-1/ledger.db")).expect("in the quarantine");
    assert!(kept == bytes, "the quarantined file was changed");
    assert!(!folder.join("ledger.db").exists(), "the damaged file still stands where it was");
}

#[test]
fn a_truncated_or_emptied_database_is_named_quarantined_and_not_begun_anew() {
    for keep in [0, 10, 4096, 20_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let whole = written(folder, 60);
        let cut = &whole[..keep.min(whole.len() - 1)];
        fs::write(folder.join("ledger.db"), cut).expect("written");
        let error =
            Ledger::open_or_create(&home(folder), &books()).err().unwrap_or_else(|| panic!("{keep} bytes were taken"));
        let text = error.to_string();
        assert!(matches!(error, LedgerError::Store(StoreError::Corrupt { .. })), "{keep}: {text}");
        assert!(text.contains("quarantine") && text.contains("remedy"), "{text}");
        assert_quarantined(folder, cut);
        let again = Ledger::open_or_create(&home(folder), &books()).err().expect("still refused");
        assert!(matches!(again, LedgerError::Store(StoreError::Lost { .. })), "{again}");

        let order = Restart { staff: id("S-1"), reason: "disk".to_owned(), last_closed: None };
        let clock = HandClock::at(jiff::Timestamp::now());
        let (mut ledger, entry) = restart(&home(folder), &books(), Box::new(clock), &order).expect("new books");
        assert_eq!(entry.number, 61, "the numbering goes on");
        settle(&mut ledger, 1);
        assert_sound(&ledger);
        drop(ledger);
        assert_eq!(open(folder).head().expect("a head").number, 62);
        assert_eq!(fs::read(folder.join("quarantine/ledger-1/ledger.db")).expect("kept"), cut);
    }
}

#[test]
fn flipped_bytes_anywhere_are_found_by_opening_or_by_the_full_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let whole = written(folder, 200);
    let mut dice = Dice(7);
    for _ in 0..40 {
        let mut damaged = whole.clone();
        let at = usize::try_from(dice.below(damaged.len() as u64)).expect("a place");
        damaged[at] ^= 1 << dice.below(8);
        let _ = fs::remove_dir_all(folder.join("quarantine"));
        fs::write(folder.join("ledger.db"), &damaged).expect("written");
        match Ledger::open(&home(folder), &books()) {
            Err(LedgerError::Store(StoreError::Corrupt { .. })) => {
                assert!(!folder.join("quarantine").exists(), "looking moved the file");
                let again = Ledger::open_or_create(&home(folder), &books()).err().expect("still damaged");
                assert!(matches!(again, LedgerError::Store(StoreError::Corrupt { .. })), "{again}");
                assert_quarantined(folder, &damaged);
            }
            Err(other) => panic!("byte {at}: {other}"),
            Ok(ledger) => match ledger.check_all() {
                Ok(report) => assert_ne!(report.findings, [], "byte {at} of {} was not noticed", damaged.len()),
                Err(error) => assert!(error.to_string().contains("damaged"), "byte {at}: {error}"),
            },
        }
    }
}

#[test]
fn commands_that_only_look_report_damage_and_move_nothing() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let whole = written(folder, 60);
    drop(People::open_or_create(&home(folder)).expect("a database"));
    let files = [("ledger.db", &whole[..20_000]), ("people.db", &[7; 8192][..])];
    for (name, damaged) in files {
        fs::write(folder.join(name), damaged).expect("written");
    }
    for arguments in [&["doctor"][..], &["ledger", "check"], &["ledger", "print"]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_mealpoint"))
            .env_remove("MEALPOINT_KEYS")
            .args(arguments)
            .args([Path::new("--data"), folder, Path::new("--config"), &config])
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success() && said.contains("damaged"), "{arguments:?}: {said}");
        assert!(!folder.join("quarantine").exists(), "{arguments:?} moved a file");
        for (name, damaged) in files {
            assert!(fs::read(folder.join(name)).expect(name) == damaged, "{arguments:?} wrote to {name}");
        }
    }
}

/// A command that opens `database` to write in it, and what it says of the damage.
fn meet(folder: &Path, database: Database) -> String {
    let roster = folder.join("roster.csv");
    fs::write(&roster, "id,name,birth_date,district,town\nE-1,王秀英,1938-05-02,武侯区,玉林街道\n").expect("written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    match database {
        Database::Ledger => command.arg("close"),
        Database::People => command.args(["roster", "import"]).arg(&roster),
    };
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
    command.env_remove("MEALPOINT_KEYS").args([Path::new("--data"), folder, Path::new("--config"), &config]);
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("is damaged"), "{database}: {said}");
    said
}

#[test]
fn a_command_that_meets_damage_moves_nothing_away_under_a_running_kiosk() {
    for database in Database::ALL {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        drop(written(folder, 1));
        drop(People::open_or_create(&home(folder)).expect("a database"));
        let file = home(folder).file(database);
        fs::write(&file, [7; 8192]).expect("written");
        let kiosk = InUse::share(&home(folder)).expect("a kiosk");
        let said = meet(folder, database);
        assert!(said.contains("it was left as it is") && said.contains("remedy: end the kiosk"), "{database}: {said}");
        assert!(!folder.join("quarantine").exists(), "{database} was moved");
        assert_eq!(fs::read(&file).expect("in its place"), [7; 8192]);
        drop(kiosk);
        let said = meet(folder, database);
        assert!(said.contains("it was moved, as it is") && !file.exists(), "{database}: {said}");
    }
}

#[test]
fn a_kiosk_that_meets_damage_moves_it_away_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let whole = written(folder, 60);
    let cut = &whole[..20_000];
    fs::write(folder.join("ledger.db"), cut).expect("written");
    let _kiosk = InUse::share(&home(folder)).expect("a kiosk");
    let error = Ledger::open_or_create(&home(folder), &books()).err().expect("refused");
    assert!(error.to_string().contains("it was moved, as it is"), "{error}");
    assert_quarantined(folder, cut);
}

#[test]
fn damaged_people_are_quarantined_too_and_begin_anew_by_order_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    drop(People::open_or_create(&home(folder)).expect("a database"));
    let file = folder.join("people.db");
    fs::write(&file, vec![7; 8192]).expect("written");
    let error = People::open_or_create(&home(folder)).err().expect("refused");
    assert!(matches!(error, PeopleError::Store(StoreError::Corrupt { .. })), "{error}");
    let error = People::open_or_create(&home(folder)).err().expect("refused");
    assert!(matches!(error, PeopleError::Store(StoreError::Lost { .. })), "{error}");
    drop(People::restart(&home(folder)).expect("an empty one"));
    drop(People::open(&home(folder)).expect("it opens"));
    assert_eq!(fs::read(folder.join("quarantine/people-1/people.db")).expect("kept"), vec![7; 8192]);
}

#[test]
fn a_missing_wrong_or_damaged_key_is_an_error_of_its_own_and_harms_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let whole = written(folder, 3);
    let key = folder.join("keys/database.key");
    let good = fs::read(&key).expect("a key");
    let refused = || match Ledger::open_or_create(&home(folder), &books()) {
        Err(LedgerError::Store(error)) => error,
        other => panic!("{:?}", other.map(|_| ())),
    };
    fs::remove_file(&key).expect("removed");
    assert!(matches!(refused(), StoreError::KeyAbsent { .. }));
    let people = People::open_or_create(&home(folder)).err().expect("refused");
    assert!(matches!(people, PeopleError::Store(StoreError::KeyAbsent { .. })), "{people}");
    assert!(!key.exists(), "a fresh key was made beside an old database");
    fs::write(&key, "not a key").expect("written");
    assert!(matches!(refused(), StoreError::KeyDamaged(_)));
    fs::write(&key, "00".repeat(32)).expect("written");
    assert!(matches!(refused(), StoreError::KeyWrong { .. }));
    fs::write(&key, good).expect("written");
    assert_eq!(fs::read(folder.join("ledger.db")).expect("readable"), whole);
    assert_eq!(open(folder).head().expect("a head").number, 3);
}

#[test]
fn the_databases_are_unreadable_without_the_key_and_for_the_kiosk_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let bytes = written(folder, 20);
    for word in ["SQLite format", "E-1", "ledger", "CREATE TABLE", "senior"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word:?} stands in the file");
    }
    for file in ["ledger.db", "keys/database.key", "store.json", "ledger.anchor"] {
        let mode = fs::metadata(folder.join(file)).expect(file).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} has the mode {mode:o}");
    }
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    drop(written(folder, 1));
    let key = fs::read_to_string(folder.join("keys/database.key")).expect("a key");
    let plain = rusqlite::Connection::open(home(folder).file(Database::Ledger)).expect("opened");
    plain.execute_batch(&format!("PRAGMA key = \"x'{}'\"; PRAGMA user_version = 99", key.trim())).expect("changed");
    drop(plain);
    let error = Ledger::open(&home(folder), &books()).err().expect("refused");
    assert!(matches!(error, LedgerError::Store(StoreError::Newer(_))), "{error}");
    assert!(folder.join("ledger.db").exists());
}

#[test]
fn what_was_folded_is_in_the_database_without_its_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = open(folder.path());
    settle(&mut ledger, 30);
    let alone = || {
        let copy = tempfile::tempdir().expect("a folder");
        fs::create_dir(copy.path().join("keys")).expect("a folder");
        for file in ["ledger.db", "store.json", "keys/database.key"] {
            fs::copy(folder.path().join(file), copy.path().join(file)).expect(file);
        }
        open(copy.path()).head().expect("a head").number
    };
    assert_eq!(alone(), 0, "a settlement folded the log while somebody waited");
    ledger.fold().expect("folded");
    assert_eq!(alone(), 30);
    settle(&mut ledger, 1);
    assert_sound(&ledger);
}

#[test]
fn two_programs_share_the_books_and_number_without_a_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    drop(open(folder));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| settle(&mut open(folder), 20));
        }
    });
    let ledger = open(folder);
    assert_eq!(ledger.head().expect("a head").number, 60);
    assert_sound(&ledger);
}

#[test]
fn a_program_that_holds_the_database_is_busy_and_not_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut ledger = open(folder);
    settle(&mut ledger, 1);
    let key = fs::read_to_string(folder.join("keys/database.key")).expect("a key");
    let other = rusqlite::Connection::open(home(folder).file(Database::Ledger)).expect("opened");
    other.execute_batch(&format!("PRAGMA key = \"x'{}'\"; BEGIN IMMEDIATE", key.trim())).expect("held");
    let today = ledger.today().expect("a day");
    let draft = lunch("E-1", today);
    let error = ledger.settle(draft.clone()).expect_err("busy");
    assert!(matches!(error, LedgerError::Store(StoreError::Busy(_))), "{error}");
    other.execute_batch("ROLLBACK").expect("released");
    assert_eq!(ledger.settle(draft).expect("settled").number, 2);
}
