//! The close of day, late reversals, days off, and what may not be overwritten.

use super::*;
use mealpoint::statement::close::{CloseError, Outcome, close_due, leaves_open};
use mealpoint::store::LedgerError;
use mealpoint::store::ledger::{Restart, restart};

#[test]
fn a_day_closed_by_the_command_is_accepted_by_verify_even_when_nothing_was_sold() {
    let data = tempfile::tempdir().expect("a folder");
    let closed = mealpoint(&[&"close", &"--json", &"--data", &data.path()]);
    assert!(closed.status.success(), "{}", String::from_utf8_lossy(&closed.stderr));
    let report = json(&closed);
    assert_eq!(report["closed"][0]["empty"], true);
    let csv = report["closed"][0]["files"][0].as_str().expect("a file").to_owned();
    let verified = mealpoint(&[&"verify", &"--json", &csv]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    assert_eq!(json(&verified)["ok"], true);
    assert!(std::fs::read_to_string(&csv).expect("UTF-8").contains("本日无记录"));
    let again = mealpoint(&[&"close", &"--json", &"--data", &data.path()]);
    assert_eq!(json(&again)["closed"][0]["outcome"], "unchanged");
}

#[test]
fn without_a_date_today_stays_open_before_its_first_meal_and_while_an_earlier_day_is_open() {
    let mut kiosk = Kiosk::new();
    let left_open = |kiosk: &Kiosk| {
        let today = kiosk.ledger.today().expect("a day");
        leaves_open(&kiosk.ledger, &kiosk.config, today).expect("readable")
    };
    assert!(!left_open(&kiosk), "books that begin today have no last night");
    kiosk.lunch(1, "E-1", "面条");
    kiosk.hours_pass(13);
    assert!(left_open(&kiosk), "at one in the morning, last night is open");
    kiosk.close(day("2026-11-22"));
    assert!(left_open(&kiosk), "last night was closed already");
    kiosk.reverse(2, 1, "昨天未到店");
    assert!(left_open(&kiosk), "what was taken back is no meal of today's");
    kiosk.lunch(3, "E-1", "面条");
    assert!(!left_open(&kiosk), "today was served, and whoever closes means today");
    kiosk.hours_pass(24);
    kiosk.lunch(4, "E-1", "面条");
    assert!(left_open(&kiosk), "last night is open, whatever was served today");
    kiosk.hours_pass(19);
    assert!(!left_open(&kiosk), "at eight in the evening nothing more is served");
    kiosk.close(day("2026-11-24"));
    assert!(!left_open(&kiosk), "it is closed");
}

/// The data and the settings of a canteen where supper is still to come, whatever the hour is here.
fn serving_now() -> (tempfile::TempDir, Home, Books) {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, settings] = ["data", "config"].map(|name| folder.path().join(name));
    std::fs::create_dir(&settings).expect("a folder");
    let in_china = jiff::Timestamp::now().in_tz("Asia/Shanghai").expect("a zone").hour();
    let zone = if in_china < 12 { "Asia/Shanghai" } else { "Europe/London" };
    let shipped = std::fs::read_to_string(root().join("kiosk-config/canteen.toml")).expect("the shipped configuration");
    std::fs::write(settings.join("canteen.toml"), shipped.replace("Asia/Shanghai", zone)).expect("written");
    let config = CanteenConfig::read(&settings).expect("a canteen");
    (folder, Home::with_keys(&data, data.join("keys")), Books::from(&config))
}

/// `mealpoint close` there.
fn close(folder: &tempfile::TempDir, more: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let [data, settings] = ["data", "config"].map(|name| folder.path().join(name));
    let output = mealpoint(&[more, &[&"close", &"--data", &data, &"--config", &settings]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn the_command_without_a_date_closes_nothing_of_books_that_go_on_today_after_others_that_were_lost() {
    let (folder, home, books) = serving_now();
    drop(Ledger::create(&home, &books).expect("new books"));
    std::fs::write(folder.path().join("data/ledger.db"), "torn").expect("written");
    let order =
        Restart { staff: StaffId::new("S-01").expect("an id"), reason: "硬盘损坏".to_owned(), last_closed: None };
    let clock = HandClock::at(jiff::Timestamp::now());
    let (ledger, begun) = restart(&home, &books, Box::new(clock), &order).expect("the books go on");
    drop(ledger);
    let report = json(&close(&folder, &[&"--json"]));
    assert_eq!(report["closed"], serde_json::json!([]), "{report}");
    assert_eq!(report["left_open"], begun.day.to_string(), "{report}");
    assert_eq!(report["still_serving"], false, "{report}");
}

#[test]
fn the_command_without_a_date_closes_last_night_and_leaves_the_new_day_to_its_meals() {
    let (folder, home, books) = serving_now();
    let now = jiff::Timestamp::now();
    let clock = HandClock::at(now - jiff::SignedDuration::from_hours(24));
    let mut ledger = Ledger::create_with(&home, &books, Box::new(clock)).expect("new books");
    let yesterday = ledger.today().expect("a day");
    ledger.settle(lunch(1, "E-1", "面条", yesterday)).expect("settled");
    drop(ledger);
    let today = MealDay(yesterday.0.tomorrow().expect("a day"));
    let closes = |day: MealDay, left_open: Option<MealDay>| {
        let report = json(&close(&folder, &[&"--json"]));
        assert_eq!(report["closed"].as_array().map(Vec::len), Some(1), "{report}");
        assert_eq!(report["closed"][0]["day"], day.to_string(), "{report}");
        assert_eq!(report["left_open"], serde_json::json!(left_open), "{report}");
        assert_eq!(report["still_serving"], left_open.is_none(), "{report}");
    };
    closes(yesterday, Some(today));
    let said = String::from_utf8_lossy(&close(&folder, &[]).stdout).into_owned();
    assert!(said.contains(&format!("{today} stays open")), "{said}");
    assert!(said.contains(&format!("`mealpoint close --date {today}`")), "{said}");
    let mut ledger = Ledger::open(&home, &books).expect("the books open");
    ledger.settle(lunch(2, "E-1", "面条", today)).expect("the new day takes its meals");
    drop(ledger);
    closes(today, None);
}

#[test]
fn a_late_reversal_stands_in_the_next_day_and_the_closed_files_never_change() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let closed = kiosk.all_files();
    kiosk.hours_pass(24);
    kiosk.reverse(9, 2, "昨天未到店");
    let next = kiosk.close(day("2026-11-23"));
    let [next] = next.as_slice() else { panic!("one day: {next:?}") };
    assert_eq!((next.totals.meals, next.totals.reversals, next.totals.price), (0, 1, Fen::new(-1250)));
    for (file, bytes) in &closed {
        assert_eq!(std::fs::read(file).expect("the closed file"), *bytes, "{}", file.display());
    }
    let again = kiosk.close(day("2026-11-22"));
    assert_eq!(again.first().map(|closed| closed.outcome), Some(Outcome::Unchanged));
    assert!(mealpoint(&[&"verify", &kiosk.statements()]).status.success());
    let csv = std::fs::read_to_string(kiosk.file("2026-11-23", ".csv")).expect("UTF-8");
    assert!(csv.contains("高龄补贴(great-age),3,区级(district),,,,,-3.00"), "{csv}");
}

#[test]
fn a_canteen_renamed_since_does_not_change_its_closed_days() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let closed = kiosk.all_files();
    kiosk.config.name = "另一个名字".to_owned();
    assert_eq!(kiosk.close(day("2026-11-22"))[0].outcome, Outcome::Unchanged);
    assert_eq!(kiosk.all_files(), closed);
}

#[test]
fn the_day_closes_by_itself_at_the_configured_time_and_days_off_are_caught_up() {
    let mut kiosk = Kiosk::new();
    let due = |kiosk: &mut Kiosk| {
        let home = kiosk.home();
        close_due(&mut kiosk.ledger, &home, &kiosk.config)
    };
    kiosk.lunch(1, "E-1", "面条");
    assert_eq!(due(&mut kiosk).expect("nothing is due at noon"), []);
    kiosk.hours_pass(9);
    let closed = due(&mut kiosk).expect("closed at nine in the evening");
    assert_eq!(closed.iter().map(|closed| closed.day).collect::<Vec<_>>(), [day("2026-11-22")]);
    assert_eq!(due(&mut kiosk).expect("closed already"), []);
    // Three days off, then noon of the fourth.
    kiosk.hours_pass(3 * 24 + 15);
    let closed = due(&mut kiosk).expect("caught up");
    let days: Vec<String> = closed.iter().map(|closed| closed.day.to_string()).collect();
    assert_eq!(days, ["2026-11-23", "2026-11-24", "2026-11-25"]);
    assert!(closed.iter().all(|closed| closed.empty));
    assert!(mealpoint(&[&"verify", &kiosk.statements()]).status.success());
}

#[test]
fn a_clock_that_jumped_far_ahead_closes_nothing_by_itself() {
    let mut kiosk = Kiosk::new();
    kiosk.lunch(1, "E-1", "面条");
    kiosk.clock.reboot();
    kiosk.clock.set("2030-01-01T04:00:00Z".parse().expect("a moment"));
    let home = kiosk.home();
    let error = close_due(&mut kiosk.ledger, &home, &kiosk.config).expect_err("years would be closed");
    assert!(matches!(error, CloseError::ManyDays { .. }), "{error}");
    assert_eq!(kiosk.ledger.open_from().expect("a day"), day("2026-11-22"));
}

#[test]
fn a_day_that_has_not_come_and_one_before_the_books_are_refused() {
    let mut kiosk = Kiosk::new();
    let home = kiosk.home();
    let mut closer = Closer::new(&mut kiosk.ledger, &home, &kiosk.config).expect("a closer");
    let early = closer.close_through(day("2026-11-21")).expect_err("before the books");
    assert!(matches!(early, CloseError::Ledger(LedgerError::BeforeTheBooks(_))), "{early}");
    let late = closer.close_through(day("2026-11-23")).expect_err("not come yet");
    assert!(matches!(late, CloseError::Ledger(LedgerError::NotYet { .. })), "{late}");
    assert_eq!(kiosk.ledger.open_from().expect("a day"), day("2026-11-22"), "today was closed instead");
}

#[test]
fn a_changed_file_of_a_closed_day_is_refused_and_left_as_it_is() {
    for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
        let mut kiosk = Kiosk::new();
        kiosk.busy_day();
        let file = kiosk.file("2026-11-22", suffix);
        let mut bytes = std::fs::read(&file).expect("the file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, &bytes).expect("written");
        let home = kiosk.home();
        let mut closer = Closer::new(&mut kiosk.ledger, &home, &kiosk.config).expect("a closer");
        let error = closer.close_through(day("2026-11-22")).expect_err(suffix);
        assert!(matches!(error, CloseError::Differs { .. }), "{suffix}: {error}");
        assert_eq!(std::fs::read(&file).expect("the file"), bytes, "{suffix} was touched");
    }
}

#[test]
fn days_that_are_not_there_are_spoken_of_and_what_office_leaves_beside_is_nobodys_day() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let office = kiosk.statements().join("~$CT-001_2026-11-23_K-001.xlsx");
    std::fs::write(office, "x").expect("written");
    let report = |kiosk: &Kiosk| {
        let verified = mealpoint(&[&"verify", &"--json", &kiosk.statements()]);
        assert!(verified.status.success(), "{}", json(&verified));
        json(&verified)["notes"].to_string()
    };
    assert_eq!(report(&kiosk), "[]");
    for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
        std::fs::remove_file(kiosk.file("2026-11-22", suffix)).expect("the file was there");
    }
    assert!(report(&kiosk).contains("earlier days are not here"), "{}", report(&kiosk));
}

#[test]
fn files_that_are_missing_after_a_power_cut_are_made_again_the_same() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let whole = kiosk.all_files();
    for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
        std::fs::remove_file(kiosk.file("2026-11-22", suffix)).expect("the file was there");
        kiosk.close(day("2026-11-24"));
        assert_eq!(kiosk.all_files(), whole, "{suffix}");
    }
}

#[test]
fn a_close_that_could_not_write_its_files_is_made_good_by_the_next_minute_and_moved_days_stay_away() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let whole = kiosk.all_files();
    // As after a full disk: the ledger has closed the day, no file was written.
    kiosk.move_away("2026-11-24");
    let home = kiosk.home();
    let made = close_due(&mut kiosk.ledger, &home, &kiosk.config).expect("made good");
    assert_eq!(made.iter().map(|closed| closed.day).collect::<Vec<_>>(), [day("2026-11-24")]);
    assert_eq!(files_in(&home.data().join("statements")), whole);
    kiosk.move_away("2026-11-22");
    assert_eq!(close_due(&mut kiosk.ledger, &home, &kiosk.config).expect("nothing is due"), []);
}

#[test]
fn closed_days_verify_from_the_files_alone_when_the_books_are_gone() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let alone = tempfile::tempdir().expect("a folder");
    for (file, bytes) in kiosk.all_files() {
        std::fs::write(alone.path().join(file.file_name().expect("a name")), bytes).expect("copied");
    }
    drop(kiosk);
    let key = files_in(alone.path()).into_keys().find(|file| file.to_string_lossy().ends_with(".pub.pem"));
    let verified = mealpoint(&[&"verify", &"--json", &alone.path(), &"--key", &key.expect("a public key")]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    assert_eq!(json(&verified)["origin_shown"], true);
}

#[test]
fn a_kiosks_data_folder_stands_for_its_statements() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let by_folder = json(&mealpoint(&[&"verify", &"--json", &kiosk.folder.path()]));
    assert_eq!(by_folder["days"].as_array().map(Vec::len), Some(3), "{by_folder}");
    assert_eq!(by_folder, json(&mealpoint(&[&"verify", &"--json", &kiosk.statements()])));
}
