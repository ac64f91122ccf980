//! Books that were lost go on after the last closed day, and the statements still fit.

use super::*;
use mealpoint::statement::close::leaves_open;
use mealpoint::store::LedgerError;
use mealpoint::store::ledger::{Restart, restart};

/// What is left when a file system was repaired: a ledger that is none, and no anchor.
fn lose(kiosk: Kiosk) -> tempfile::TempDir {
    let Kiosk { folder, ledger, .. } = kiosk;
    drop(ledger);
    std::fs::write(folder.path().join("ledger.db"), "torn").expect("written");
    std::fs::remove_file(folder.path().join("ledger.anchor")).expect("removed");
    folder
}

/// The books torn and, so many hours later, begun anew after the last closed day; with their first entry.
fn torn_and_begun_anew(kiosk: Kiosk, hours: i64) -> (Kiosk, Entry) {
    let Kiosk { folder, config, clock, ledger } = kiosk;
    let last = ledger.last_closed().expect("readable").expect("a closed day");
    drop(ledger);
    std::fs::write(folder.path().join("ledger.db"), "torn").expect("written");
    clock.pass(jiff::SignedDuration::from_hours(hours));
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let order = Restart {
        staff: StaffId::new("S-01").expect("an id"),
        reason: "硬盘损坏".to_owned(),
        last_closed: Some((last.day, last.after, last.closing)),
    };
    let (ledger, entry) =
        restart(&home, &Books::from(&config), Box::new(clock.clone()), &order).expect("the books go on");
    (Kiosk { folder, config, clock, ledger }, entry)
}

fn order(data: &Path, key: Option<&Path>) -> Output {
    let key: Vec<&Path> = key.into_iter().flat_map(|key| [Path::new("--key"), key]).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.current_dir(root()).args(["ledger", "restart", "--json", "--staff", "S-1", "--reason", "disk", "--data"]);
    command.env_remove("MEALPOINT_KEYS").arg(data).args(key).output().expect("the command runs")
}

#[test]
fn books_lost_after_the_close_go_on_with_the_day_after_it_and_all_days_verify() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let closed = kiosk.all_files();
    let last = kiosk.ledger.last_closed().expect("readable").expect("three closed days");
    let (mut kiosk, entry) = torn_and_begun_anew(kiosk, 0);
    assert_eq!((entry.number, entry.day), (last.after.number + 1, day("2026-11-25")));
    let again = kiosk.ledger.settle(lunch(50, "E-5", "面条", last.day)).expect_err("a second meal on a closed day");
    assert!(matches!(again, LedgerError::DayClosed(_)), "{again}");

    kiosk.hours_pass(24);
    let today = kiosk.ledger.today().expect("a day");
    assert_eq!(today, day("2026-11-25"));
    assert!(
        leaves_open(&kiosk.ledger, &kiosk.config, today).expect("readable"),
        "the first day of books that go on after others has a last night before it"
    );
    kiosk.lunch(6, "E-5", "面条");
    kiosk.close(day("2026-11-25"));
    for (file, bytes) in &closed {
        assert_eq!(std::fs::read(file).expect("the closed file"), *bytes, "{}", file.display());
    }
    let verified = mealpoint(&[&"verify", &"--json", &kiosk.statements()]);
    let report = json(&verified);
    assert!(verified.status.success(), "{report}");
    assert!(report["notes"].to_string().contains("begin anew on 2026-11-25 after number 5"), "{report}");
    assert_eq!(kiosk.ledger.check_all().expect("a check").findings, []);
}

#[test]
fn a_damaged_day_and_one_of_another_key_do_not_number_the_new_books_and_are_named() {
    let mut forger = Kiosk::new();
    forger.three_days();
    forger.hours_pass(48);
    for number in 6..16 {
        forger.lunch(number, &format!("E-{number}"), "面条");
    }
    forger.close(day("2026-11-26"));
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
        std::fs::copy(forger.file("2026-11-26", suffix), kiosk.file("2026-11-26", suffix)).expect("a copy");
    }
    std::fs::write(kiosk.file("2026-11-24", ".csv"), "cut").expect("written");
    assert!(mealpoint(&[&"verify", &kiosk.file("2026-11-26", ".csv")]).status.success(), "alone it is sound");

    let folder = lose(kiosk);
    let ordered = order(folder.path(), None);
    let said = String::from_utf8_lossy(&ordered.stderr).into_owned();
    assert!(ordered.status.success(), "{said}");
    assert_eq!(json(&ordered)["number"], 5, "after the last number of 2026-11-23");
    for (day, why) in [("2026-11-26", "another key"), ("2026-11-24", "its bytes are not those")] {
        let named = said.lines().find(|line| line.contains(&format!("CT-001_{day}_K-001.json is not relied on")));
        assert!(named.is_some_and(|line| line.contains(why)), "{day}: {said}");
    }
    assert!(!said.contains("2026-11-23_K-001.json is"), "{said}");
}

#[test]
fn closed_days_of_a_key_that_was_lost_count_when_its_public_half_is_named() {
    for (named, number) in [(true, 6), (false, 1)] {
        let mut kiosk = Kiosk::new();
        kiosk.three_days();
        let key = kiosk.all_files().into_keys().find(|file| file.to_string_lossy().ends_with(".pub.pem"));
        let folder = lose(kiosk);
        std::fs::remove_file(folder.path().join("keys/signing.pem")).expect("removed");
        let ordered = order(folder.path(), key.as_deref().filter(|_| named));
        let said = String::from_utf8_lossy(&ordered.stderr).into_owned();
        assert!(ordered.status.success(), "{said}");
        assert_eq!(json(&ordered)["number"], number, "{said}");
        assert_eq!(said.contains("no key of this kiosk's is at hand"), !named, "{said}");
    }
}

#[test]
fn books_lost_after_meals_of_an_open_day_go_on_from_that_day_and_the_days_since_verify() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let closed = kiosk.ledger.last_closed().expect("readable").expect("three closed days");
    kiosk.hours_pass(24);
    let gone = kiosk.lunch(6, "E-6", "面条");
    assert_eq!((gone.number, gone.day), (closed.after.number + 1, day("2026-11-25")));
    let (mut kiosk, entry) = torn_and_begun_anew(kiosk, 48);
    assert_eq!((entry.number, entry.day), (gone.number + 1, day("2026-11-25")), "two days stand between");

    // What was noted down on paper goes into the books of its own day, which is open still.
    let again = kiosk.ledger.settle_late(lunch(7, "E-6", "面条", gone.day)).expect("entered again");
    assert_eq!(again.day, gone.day);
    assert_eq!(kiosk.lunch(8, "E-7", "面条").day, day("2026-11-27"));
    let days: Vec<MealDay> = kiosk.close(day("2026-11-27")).iter().map(|closed| closed.day).collect();
    assert_eq!(days, ["2026-11-25", "2026-11-26", "2026-11-27"].map(day));
    let verified = mealpoint(&[&"verify", &"--json", &kiosk.statements()]);
    let report = json(&verified);
    assert!(verified.status.success(), "{report}");
    assert!(report["notes"].to_string().contains("begin anew on 2026-11-25 after number 6"), "{report}");
    assert_eq!(kiosk.ledger.check_all().expect("a check").findings, []);
}
