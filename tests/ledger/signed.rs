//! Signed statements beside the books: what they show to have been closed is neither forgotten nor closed a second time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mealpoint::config::CanteenConfig;
use mealpoint::domain::{CanteenId, KioskId, MealDay};
use mealpoint::statement::close::Closer;
use mealpoint::statement::{FileKind, Names, folder};
use mealpoint::store::ledger::{Books, HandClock, Restart, Result, restart};
use mealpoint::store::{Home, Ledger, LedgerError, StoreError};

use super::{assert_sound, home, id, lunch};

/// A kiosk at noon of 22 November 2026 in Chengdu; its books are opened for each use.
struct Kiosk {
    folder: tempfile::TempDir,
    config: CanteenConfig,
    clock: HandClock,
}

/// `ledger.db` and `ledger.anchor`.
type Backup = [Vec<u8>; 2];

const FILES: [&str; 2] = ["ledger.db", "ledger.anchor"];

fn day(text: &str) -> MealDay {
    MealDay(text.parse().expect("a day"))
}

impl Kiosk {
    fn new() -> Self {
        let config = CanteenConfig::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config"));
        let clock = HandClock::at("2026-11-22T04:00:00Z".parse().expect("a moment"));
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            config: config.expect("the shipped configuration"),
            clock,
        }
    }

    /// Two lunches, a copy of the books, a third lunch, and the day closed.
    fn closed() -> (Self, Backup) {
        let kiosk = Self::new();
        drop(kiosk.create().expect("new books"));
        kiosk.lunch("E-1");
        kiosk.lunch("E-2");
        let copy = kiosk.copy();
        assert_eq!(kiosk.lunch("E-3"), 3);
        kiosk.close("2026-11-22");
        (kiosk, copy)
    }

    fn home(&self) -> Home {
        home(self.folder.path())
    }

    fn create(&self) -> Result<Ledger> {
        Ledger::create_with(&self.home(), &Books::from(&self.config), Box::new(self.clock.clone()))
    }

    fn open(&self) -> Result<Ledger> {
        Ledger::open_with(&self.home(), &Books::from(&self.config), Box::new(self.clock.clone()))
    }

    /// Every way into the books.
    fn all_ways(&self) -> [Result<Ledger>; 3] {
        [self.open(), self.create(), Ledger::open_or_create(&self.home(), &Books::from(&self.config))]
    }

    fn lunch(&self, elder: &str) -> u64 {
        let mut ledger = self.open().expect("the books open");
        let today = ledger.today().expect("a day");
        ledger.settle(lunch(elder, today)).expect("settled").number
    }

    fn close(&self, through: &str) {
        let (mut ledger, home) = (self.open().expect("the books open"), self.home());
        let mut closer = Closer::new(&mut ledger, &home, &self.config).expect("a closer");
        closer.close_through(day(through)).expect("closed");
    }

    fn day_passes(&self) {
        self.clock.pass(jiff::SignedDuration::from_hours(24));
    }

    fn copy(&self) -> Backup {
        // Opening folds the log into the file.
        drop(self.open().expect("the books open"));
        FILES.map(|file| fs::read(self.folder.path().join(file)).expect(file))
    }

    fn put_back(&self, copy: &Backup) {
        for (file, bytes) in FILES.iter().zip(copy) {
            fs::write(self.folder.path().join(file), bytes).expect(file);
        }
    }

    /// Takes away all that knows of the books but their statements; and, with `keys`, of this kiosk.
    fn lose(&self, keys: bool) {
        for file in FILES.into_iter().chain(["store.json"]) {
            fs::remove_file(self.folder.path().join(file)).expect(file);
        }
        if keys {
            fs::remove_dir_all(self.folder.path().join("keys")).expect("removed");
        }
    }

    fn statements(&self) -> PathBuf {
        folder(self.folder.path())
    }

    fn file(&self, day: &str, kind: FileKind) -> PathBuf {
        let day = MealDay(day.parse().expect("a day"));
        self.statements().join(Names::new(&self.config.id, &self.config.kiosk, day).file(kind))
    }

    /// Puts the files of a day into the statements of `other`.
    fn give(&self, day: &str, other: &Self) {
        fs::create_dir_all(other.statements()).expect("a folder");
        for kind in FileKind::ALL {
            fs::copy(self.file(day, kind), other.file(day, kind)).expect("copied");
        }
    }

    fn public_key(&self) -> PathBuf {
        let mut files = fs::read_dir(self.statements()).expect("a folder").map(|file| file.expect("readable").path());
        files.find(|file| file.to_string_lossy().ends_with(".pub.pem")).expect("beside the statements")
    }

    fn command(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("MEALPOINT_KEYS");
        command.args(arguments).args([Path::new("--data"), self.folder.path()]).output().expect("it runs")
    }

    /// Goes on after the loss, as the command does; gives the number that the books go on with.
    fn restarted(&self, key: Option<&Path>) -> u64 {
        let key = key.map(|key| key.display().to_string());
        let mut arguments = vec!["ledger", "restart", "--json", "--staff", "S-1", "--reason", "disk"];
        arguments.extend(key.iter().flat_map(|key| ["--key", key]));
        let output = self.command(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let entry: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
        entry["number"].as_u64().expect("a number")
    }

    /// The books are those that end before the signed day or hold another one, and say which statement shows it.
    fn assert_rolled_back(&self, statement: &str) {
        let file = self.file(statement, FileKind::Manifest);
        for opened in self.all_ways() {
            let error = opened.err().expect("refused");
            assert!(
                matches!(&error, LedgerError::RolledBack { statement: Some(named), .. } if *named == file),
                "{error}"
            );
            let said = error.to_string();
            assert!(said.contains("; remedy: ") && said.contains("`mealpoint ledger restart`"), "{said}");
            assert!(said.contains("with --key"), "{said}");
            assert!(said.contains(&file.display().to_string()), "{said}");
        }
        assert!(!self.home().quarantine().exists(), "sound books were moved");
        let checked = self.command(&["ledger", "check"]);
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(checked.status.code() == Some(1) && said.contains("do not hold the day"), "{said}");
    }
}

#[test]
fn books_put_back_from_before_a_close_are_refused_and_go_on_by_order_after_the_signed_day() {
    let (kiosk, copy) = Kiosk::closed();
    let signed = kiosk.open().expect("the books open").last_closed().expect("readable").expect("a closed day");
    kiosk.put_back(&copy);
    match kiosk.open() {
        Err(LedgerError::RolledBack { found: 2, known: 3, statement: Some(_) }) => {}
        other => panic!("{:?}", other.map(|_| ())),
    }
    kiosk.assert_rolled_back("2026-11-22");

    // By the kiosk's clock it is still the day that was signed.
    let order = Restart {
        staff: id("S-1"),
        reason: "disk".to_owned(),
        last_closed: Some((signed.day, signed.after, signed.closing)),
    };
    let books = Books::from(&kiosk.config);
    let (mut ledger, entry) = restart(&kiosk.home(), &books, Box::new(kiosk.clock.clone()), &order).expect("new books");
    assert_eq!((entry.number, entry.day), (4, day("2026-11-23")));
    let again = ledger.settle(lunch("E-3", day("2026-11-22"))).expect_err("the lunch that is signed");
    assert!(matches!(again, LedgerError::DayClosed(_)), "{again}");
    assert_sound(&ledger);

    // The command goes by the wall clock, and finds by itself what is signed.
    let (kiosk, copy) = Kiosk::closed();
    kiosk.put_back(&copy);
    assert_eq!(kiosk.restarted(None), 4);
    let ledger = kiosk.open().expect("the books open");
    assert_eq!(ledger.open_from().expect("a day"), day("2026-11-23"));
    assert_sound(&ledger);
}

#[test]
fn books_put_back_from_between_the_last_meal_and_the_close_do_not_open_the_day_again() {
    let (kiosk, _) = Kiosk::closed();
    kiosk.day_passes();
    kiosk.lunch("E-1");
    let whole = kiosk.copy();
    kiosk.close("2026-11-23");
    kiosk.put_back(&whole);
    kiosk.assert_rolled_back("2026-11-23");
}

#[test]
fn books_that_went_on_from_an_old_copy_are_others_than_the_signed_ones() {
    let (kiosk, copy) = Kiosk::closed();
    let whole = kiosk.copy();
    let aside = kiosk.folder.path().join("aside");
    fs::rename(kiosk.statements(), &aside).expect("moved");
    kiosk.put_back(&copy);
    for elder in ["E-4", "E-5", "E-6"] {
        kiosk.lunch(elder);
    }
    kiosk.open().expect("the books open").close_day(day("2026-11-22")).expect("closed");
    fs::rename(&aside, kiosk.statements()).expect("put back");
    kiosk.assert_rolled_back("2026-11-22");
    kiosk.put_back(&whole);
    drop(kiosk.open().expect("those that were signed"));
}

#[test]
fn books_that_are_lost_with_all_that_knew_of_them_are_not_begun_anew_beside_their_statements() {
    for keys in [false, true] {
        let (kiosk, _) = Kiosk::closed();
        kiosk.lose(keys);
        let file = kiosk.file("2026-11-22", FileKind::Manifest);
        for opened in kiosk.all_ways() {
            let error = opened.err().expect("refused");
            let named =
                matches!(&error, LedgerError::Store(StoreError::Lost { statement: Some(named), .. }) if *named == file);
            assert!(named, "{error}");
            let said = error.to_string();
            assert!(said.contains("`mealpoint ledger restart`") && said.contains("with --key"), "{said}");
        }
        let closed = kiosk.command(&["close"]);
        let said = String::from_utf8_lossy(&closed.stderr).into_owned();
        assert!(closed.status.code() == Some(1) && said.contains("is missing, though"), "{said}");
        assert!(!kiosk.folder.path().join("ledger.db").exists(), "books were begun");

        assert_eq!(kiosk.restarted(keys.then(|| kiosk.public_key()).as_deref()), 4);
        assert_sound(&kiosk.open().expect("the books open"));
    }
}

#[test]
fn books_begun_by_order_whatever_statements_were_relied_on_are_opened_go_on_and_are_closed() {
    type Damage = fn(&Kiosk);
    let damages: [(&str, Damage, u64); 3] = [
        ("the keys are lost and none is named", |kiosk| kiosk.lose(true), 1),
        (
            "the newest day is damaged",
            |kiosk| {
                fs::write(kiosk.file("2026-11-22", FileKind::Csv), "cut").expect("written");
                kiosk.lose(false);
            },
            1,
        ),
        ("the anchor knows more", |kiosk| fs::remove_file(kiosk.folder.path().join("ledger.db")).expect("removed"), 4),
    ];
    for (what, damage, number) in damages {
        let (kiosk, _) = Kiosk::closed();
        damage(&kiosk);
        let order = Restart { staff: id("S-1"), reason: "disk".to_owned(), last_closed: None };
        let books = Books::from(&kiosk.config);
        let (ledger, entry) = restart(&kiosk.home(), &books, Box::new(kiosk.clock.clone()), &order).expect(what);
        assert_eq!((entry.number, entry.day), (number, day("2026-11-23")), "{what}: a signed day stays closed");
        drop(ledger);
        kiosk.day_passes();
        assert_eq!(kiosk.lunch("E-1"), number + 1, "{what}");
        kiosk.close("2026-11-23");
        drop(kiosk.open().expect(what));
        let newer = kiosk.copy();
        kiosk.day_passes();
        kiosk.lunch("E-1");
        kiosk.close("2026-11-24");
        kiosk.put_back(&newer);
        kiosk.assert_newer_is_missed(what);
    }
}

impl Kiosk {
    /// What was begun by order goes back in time no more than other books.
    fn assert_newer_is_missed(&self, what: &str) {
        let file = self.file("2026-11-24", FileKind::Manifest);
        let error = self.open().err().unwrap_or_else(|| panic!("{what}: opened"));
        assert!(matches!(&error, LedgerError::RolledBack { statement: Some(named), .. } if *named == file), "{error}");
    }
}

#[test]
fn statements_that_show_nothing_of_these_books_keep_nobody_from_them() {
    type Change = fn(&Kiosk);
    let (forger, _) = Kiosk::closed();
    forger.day_passes();
    forger.lunch("E-9");
    forger.close("2026-11-23");
    let given = |kiosk: &Kiosk| forger.give("2026-11-23", kiosk);
    let changes: [(&str, Change); 5] = [
        ("they are no manifest", |kiosk| {
            fs::write(kiosk.file("2026-11-23", FileKind::Manifest), "{").expect("written");
        }),
        ("the signature is missing", |kiosk| {
            fs::remove_file(kiosk.file("2026-11-23", FileKind::Signature)).expect("removed");
        }),
        ("the signature is another", |kiosk| {
            fs::write(kiosk.file("2026-11-23", FileKind::Signature), [7; 64]).expect("written");
        }),
        ("another kiosk and another canteen closed it", |kiosk| {
            fs::remove_dir_all(kiosk.statements()).expect("removed");
            fs::create_dir(kiosk.statements()).expect("a folder");
            for (canteen, own) in [("CT-001", "K-002"), ("CT-002", "K-001")] {
                let mut other = Kiosk::new();
                (other.config.id, other.config.kiosk) = (id::<CanteenId>(canteen), id::<KioskId>(own));
                drop(other.create().expect("new books"));
                other.lunch("E-1");
                other.close("2026-11-22");
                for kind in FileKind::ALL {
                    let file = other.file("2026-11-22", kind);
                    fs::copy(&file, kiosk.statements().join(file.file_name().expect("a name"))).expect("copied");
                }
            }
        }),
        ("a file is in the way", |kiosk| {
            fs::remove_dir_all(kiosk.statements()).expect("removed");
            fs::write(kiosk.statements(), "in the way").expect("written");
        }),
    ];
    for (what, change) in changes {
        let new = Kiosk::new();
        given(&new);
        change(&new);
        assert_eq!(new.create().expect(what).head().expect("a head").number, 0, "{what}");

        let (kiosk, _) = Kiosk::closed();
        given(&kiosk);
        change(&kiosk);
        for opened in kiosk.all_ways() {
            assert_eq!(opened.expect(what).head().expect("a head").number, 3, "{what}");
        }
    }
    // Sound, and under these books' own names: the key is what tells them apart.
    let (kiosk, copy) = Kiosk::closed();
    given(&kiosk);
    drop(kiosk.open().expect("signed with another key"));
    kiosk.put_back(&copy);
    kiosk.assert_rolled_back("2026-11-22");
}

#[test]
fn statements_that_were_moved_away_or_copied_and_a_key_that_was_changed_keep_nobody_from_the_books() {
    let (kiosk, _) = Kiosk::closed();
    kiosk.day_passes();
    kiosk.lunch("E-1");
    kiosk.close("2026-11-23");
    fs::remove_file(kiosk.folder.path().join("keys/signing.pem")).expect("removed");
    drop(kiosk.open().expect("no key is needed for what the books hold"));
    kiosk.day_passes();
    kiosk.close("2026-11-24");
    drop(kiosk.open().expect("a new key"));
    let copied = [FileKind::Manifest, FileKind::Signature];
    for kind in copied {
        fs::copy(kiosk.file("2026-11-24", kind), kiosk.file("2026-11-26", kind)).expect("copied");
    }
    drop(kiosk.open().expect("a copy under the name of a day that is not closed"));
    for kind in FileKind::ALL {
        fs::remove_file(kiosk.file("2026-11-24", kind)).expect("removed");
    }
    for kind in copied {
        fs::remove_file(kiosk.file("2026-11-26", kind)).expect("removed");
    }
    let checked = kiosk.command(&["ledger", "check"]);
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(checked.status.success() && said.is_empty(), "the newest is of an old key, and the books hold it: {said}");
    fs::remove_dir_all(kiosk.statements()).expect("removed");
    drop(kiosk.open().expect("there are none"));
}
