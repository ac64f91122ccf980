//! Closed days made again: the same bytes, or a refusal that leaves everything as it is.

use super::*;
use jiff::tz::TimeZone;
use mealpoint::statement::close::{CloseError, Outcome, close_due};

const SUFFIXES: [&str; 5] = [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"];

fn remove(kiosk: &Kiosk, suffixes: &[&str]) {
    for suffix in suffixes {
        std::fs::remove_file(kiosk.file("2026-11-22", suffix)).expect("the file was there");
    }
}

fn close(kiosk: &mut Kiosk, through: &str) -> Result<Vec<Closed>, CloseError> {
    let home = kiosk.home();
    Closer::new(&mut kiosk.ledger, &home, &kiosk.config)?.close_through(day(through))
}

/// The one day that was closed, and what became of it.
fn outcome(kiosk: &mut Kiosk) -> Outcome {
    let closed = kiosk.close(day("2026-11-22"));
    let [closed] = closed.as_slice() else { panic!("one day: {closed:?}") };
    closed.outcome
}

/// The day is refused for this reason, and no file is touched.
fn assert_refused(kiosk: &mut Kiosk, why: &str) {
    let before = kiosk.all_files();
    let error = close(kiosk, "2026-11-22").expect_err(why);
    assert!(matches!(error, CloseError::Differs { .. }), "{error}");
    assert!(error.to_string().contains(why), "{error}");
    assert_eq!(kiosk.all_files(), before);
}

fn rename(kiosk: &mut Kiosk) {
    kiosk.config.name = "另一个名字".to_owned();
    kiosk.config.zone = TimeZone::get("Asia/Tokyo").expect("a zone");
}

#[test]
fn a_closed_day_that_lost_files_comes_out_the_same_though_the_canteen_was_renamed_and_its_zone_changed() {
    for lost in [&SUFFIXES[..], &[".json", ".json.sig"], &[".json"], &[".csv", ".json"]] {
        let mut kiosk = Kiosk::new();
        kiosk.busy_day();
        let whole = kiosk.all_files();
        rename(&mut kiosk);
        remove(&kiosk, lost);
        assert_eq!(outcome(&mut kiosk), Outcome::Completed, "{lost:?}");
        assert_eq!(kiosk.all_files(), whole, "{lost:?}");
        assert_eq!(outcome(&mut kiosk), Outcome::Unchanged, "{lost:?}");
    }
}

#[test]
fn the_command_says_that_a_renamed_canteens_day_was_made_again_and_its_copies_are_still_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, config, stick] = ["data", "config", "stick"].map(|name| folder.path().join(name));
    std::fs::create_dir(&config).expect("made");
    let shipped = std::fs::read_to_string(root().join("kiosk-config/canteen.toml")).expect("the shipped configuration");
    std::fs::write(config.join("canteen.toml"), &shipped).expect("written");
    let run = |arguments: &[&dyn AsRef<std::ffi::OsStr>]| {
        let output = mealpoint(&[arguments, &[&"--data", &data, &"--config", &config]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    let closed = json(&run(&[&"close", &"--json"]));
    let day = closed["closed"][0]["day"].as_str().expect("a day").to_owned();
    run(&[&"export", &"--to", &stick]);
    let whole = files_in(&data.join("statements"));
    let renamed = shipped.replace("玉林街道长寿食堂", "另一个名字").replace("Asia/Shanghai", "Asia/Urumqi");
    assert_ne!(renamed, shipped);
    std::fs::write(config.join("canteen.toml"), renamed).expect("written");
    for suffix in [".json", ".json.sig"] {
        std::fs::remove_file(data.join(format!("statements/CT-001_{day}_K-001{suffix}"))).expect("it was there");
    }
    let said = String::from_utf8_lossy(&run(&[&"close", &"--date", &day]).stdout).into_owned();
    assert!(said.contains(&format!("{day}: was closed, missing files were made again")), "{said}");
    assert_eq!(files_in(&data.join("statements")), whole);
    let exported = json(&run(&[&"export", &"--json", &"--to", &stick]));
    assert_eq!(exported["already_there"].as_array().map(Vec::len), Some(1), "{exported}");
}

#[test]
fn a_file_that_was_changed_is_refused_where_the_manifest_is_gone_as_well() {
    for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json.sig"] {
        let mut kiosk = Kiosk::new();
        kiosk.busy_day();
        remove(&kiosk, &[".json"]);
        let mut bytes = std::fs::read(kiosk.file("2026-11-22", suffix)).expect("the file");
        bytes.extend(b"more");
        std::fs::write(kiosk.file("2026-11-22", suffix), bytes).expect("written");
        assert_refused(&mut kiosk, "its bytes were changed after the day was closed");
    }
}

#[test]
fn another_sound_day_in_place_of_the_signed_one_is_refused() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let mut forger = Kiosk::new();
    rename(&mut forger);
    forger.busy_day();
    for suffix in SUFFIXES {
        std::fs::copy(forger.file("2026-11-22", suffix), kiosk.file("2026-11-22", suffix)).expect("a copy");
    }
    assert!(mealpoint(&[&"verify", &kiosk.file("2026-11-22", ".csv")]).status.success(), "alone it is sound");
    assert_refused(&mut kiosk, "it is not the manifest that was signed");
}

#[test]
fn a_close_that_never_finished_is_finished_under_the_names_of_its_day_whatever_it_left() {
    let mut kiosk = Kiosk::new();
    let in_the_way = kiosk.file("2026-11-22", ".xlsx").join("not empty");
    std::fs::create_dir_all(&in_the_way).expect("made");
    kiosk.lunch(1, "E-1", "面条");
    let stopped = close(&mut kiosk, "2026-11-22").expect_err("a folder is in the way");
    assert!(matches!(stopped, CloseError::File(_)), "{stopped}");
    std::fs::remove_dir_all(kiosk.file("2026-11-22", ".xlsx")).expect("removed");
    // As a file system may leave it that does not keep the order of writes when the power fails.
    std::fs::write(kiosk.file("2026-11-22", ".csv"), "cut").expect("written");
    let name = kiosk.config.name.clone();
    rename(&mut kiosk);
    assert_eq!(outcome(&mut kiosk), Outcome::Written);
    assert!(mealpoint(&[&"verify", &kiosk.statements()]).status.success());
    let manifest = std::fs::read_to_string(kiosk.file("2026-11-22", ".json")).expect("UTF-8");
    assert!(manifest.contains(&name) && manifest.contains("Asia/Shanghai"), "{manifest}");
}

#[test]
fn a_disk_that_does_not_keep_the_files_of_a_day_leaves_its_close_unfinished_for_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("garble.so");
    if !crate::ledger::built("statement/garble.c", &library) {
        return;
    }
    // An empty day: nothing is written of its entries.
    for garbled in [".csv", ".xlsx", ".json.sig"] {
        let data = folder.path().join(garbled.trim_start_matches('.'));
        let close = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
            command.current_dir(root()).args([Path::new("close"), Path::new("--data"), &data]);
            command.env_remove("MEALPOINT_KEYS");
            command
        };
        let output = close().env("LD_PRELOAD", &library).env("MEALPOINT_GARBLE", garbled).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{garbled}: {said}");
        assert!(said.contains("does not hold what was written"), "{garbled}: {said}");
        let again = close().output().expect("it runs");
        assert!(again.status.success(), "{garbled}: {}", String::from_utf8_lossy(&again.stderr));
        assert!(mealpoint(&[&"verify", &data]).status.success(), "{garbled}");
    }
}

#[test]
fn a_day_whose_key_is_gone_is_not_signed_with_another_and_holds_up_no_other_day() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let whole = kiosk.all_files();
    let (key, kept) = (kiosk.home().keys().join("signing.pem"), kiosk.folder.path().join("kept.pem"));
    std::fs::rename(&key, &kept).expect("moved");
    kiosk.move_away("2026-11-22");
    kiosk.hours_pass(24);
    let error = close(&mut kiosk, "2026-11-23").expect_err("another document");
    assert!(matches!(error, CloseError::NotAsSigned { day: refused, .. } if refused == day("2026-11-22")), "{error}");
    assert!(SUFFIXES.iter().all(|suffix| !kiosk.file("2026-11-22", suffix).exists()));
    assert!(mealpoint(&[&"verify", &kiosk.file("2026-11-23", ".csv")]).status.success(), "the next day is closed");

    std::fs::rename(&kept, &key).expect("brought back");
    assert_eq!(outcome(&mut kiosk), Outcome::Completed);
    for (file, bytes) in whole {
        assert_eq!(std::fs::read(&file).expect("the closed file"), bytes, "{}", file.display());
    }
}

#[test]
fn a_day_that_an_earlier_program_closed_is_made_of_todays_names_unless_other_files_of_it_are_there() {
    let mut kiosk = Kiosk::new();
    kiosk.lunch(1, "E-1", "面条");
    // An earlier program kept no names, and did not note what it signed.
    kiosk.ledger.close_day(day("2026-11-22")).expect("closed");
    let home = kiosk.home();
    std::fs::create_dir_all(kiosk.statements()).expect("made");
    std::fs::write(kiosk.file("2026-11-22", ".csv"), "of that time").expect("written");
    assert!(close_due(&mut kiosk.ledger, &home, &kiosk.config).is_err());
    assert_refused(&mut kiosk, "the name, the zone and the key of today");
    remove(&kiosk, &[".csv"]);
    assert_eq!(outcome(&mut kiosk), Outcome::Completed);
    let whole = kiosk.all_files();
    assert!(mealpoint(&[&"verify", &kiosk.statements()]).status.success());

    // From now on it is noted, and another document is refused.
    remove(&kiosk, &SUFFIXES);
    rename(&mut kiosk);
    let error = close(&mut kiosk, "2026-11-22").expect_err("another document");
    assert!(matches!(error, CloseError::NotAsSigned { .. }), "{error}");
    kiosk.config = CanteenConfig::read(&root().join("kiosk-config")).expect("the shipped configuration");
    assert_eq!(outcome(&mut kiosk), Outcome::Completed);
    assert_eq!(kiosk.all_files(), whole);
}

#[test]
fn what_an_earlier_program_signed_is_noted_when_it_is_closed_again_if_the_key_is_the_kiosks() {
    for is_own in [true, false] {
        let mut earlier = Kiosk::new();
        earlier.lunch(1, "E-1", "面条");
        earlier.close(day("2026-11-22"));
        let mut kiosk = Kiosk::new();
        kiosk.lunch(1, "E-1", "面条");
        kiosk.ledger.close_day(day("2026-11-22")).expect("closed");
        std::fs::create_dir_all(kiosk.statements()).expect("made");
        for suffix in SUFFIXES {
            std::fs::copy(earlier.file("2026-11-22", suffix), kiosk.file("2026-11-22", suffix)).expect("a copy");
        }
        if is_own {
            let key = |kiosk: &Kiosk| kiosk.home().keys().join("signing.pem");
            std::fs::copy(key(&earlier), key(&kiosk)).expect("a copy");
        }
        assert_eq!(outcome(&mut kiosk), Outcome::Unchanged);
        let closed = kiosk.ledger.closed_day(day("2026-11-22")).expect("readable").expect("closed");
        assert_eq!(closed.manifest.is_some(), is_own);
    }
}
