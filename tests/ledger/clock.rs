//! What the doctor says of the clock and of the databases beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use mealpoint::domain::ClockReading;
use mealpoint::store::Ledger;
use mealpoint::store::ledger::{Clock, SystemClock};
use serde_json::Value;

use super::canteen::{Canteen, PIN};
use super::{books, home, settle};

/// This computer's clock as it would be had nobody set it by `0` since it started.
struct Unset(SignedDuration);

impl Clock for Unset {
    fn read(&self) -> ClockReading {
        let set = SystemClock::new().read();
        ClockReading { wall: set.wall - self.0, ..set }
    }
}

/// The doctor's rows on the kiosk at `data`, set up as `config` says.
fn doctor(data: &Path, config: &Path) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
        .env_remove("MEALPOINT_KEYS")
        .args(["doctor", "--json"])
        .args([Path::new("--data"), data, Path::new("--config"), config])
        .output()
        .expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    report["checks"].as_array().expect("checks").clone()
}

fn row<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let [row] = checks.iter().filter(|check| check["check"] == name).collect::<Vec<_>>()[..] else {
        panic!("not one row {name}: {checks:#?}")
    };
    row
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config")
}

#[test]
fn the_doctor_tells_that_the_clock_was_set_by_a_day_and_how_to_set_it_right() {
    for by_days in [-1, 1] {
        let by = SignedDuration::from_hours(24 * by_days);
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let mut ledger = Ledger::create_with(&home(folder), &books(), Box::new(Unset(by))).expect("new books");
        settle(&mut ledger, 1);
        let day = ledger.today().expect("a day");
        drop(ledger);
        // What opens them now sees the clock as it was set meanwhile.
        let checks = doctor(folder, &shipped());
        let clock = row(&checks, "clock");
        assert_eq!(clock["state"], "warning", "{clock}");
        let detail = clock["detail"].as_str().expect("a sentence");
        let by_s = by.as_secs();
        let near = (by_s - 60..=by_s + 60).any(|s| detail.contains(&format!("was set by {s} s")));
        assert!(near && detail.contains("the books go on with"), "{detail}");
        let remedy = clock["remedy"].as_str().expect("a remedy");
        assert!(remedy.contains("timedatectl") && remedy.contains("mealpoint ledger trust-clock"), "{remedy}");
        let mut ledger = super::open(folder);
        settle(&mut ledger, 1);
        let of_the_day = ledger.day_books(day).expect("readable").entries.len();
        assert_eq!(of_the_day, 2, "the clock moved the meal day");
        super::assert_sound(&ledger);
    }
}

#[test]
fn the_doctor_looks_at_clock_and_databases_on_a_fresh_kiosk_beside_damaged_books_and_without_settings() {
    let folders = [(); 3].map(|()| tempfile::tempdir().expect("a folder"));
    let [fresh, damaged, nothing] = folders.each_ref().map(tempfile::TempDir::path);
    drop(Ledger::create_with(&home(damaged), &books(), Box::new(SystemClock::new())).expect("new books"));
    std::fs::write(damaged.join("ledger.db"), [7; 8192]).expect("the damage");
    let year = jiff::Timestamp::now().to_string().split('-').next().expect("a year").to_owned();
    for (data, config, state, says) in [
        (fresh, shipped(), "good", "none yet"),
        (damaged, shipped(), "failed", "ledger: "),
        (fresh, nothing.to_owned(), "warning", "ledger: not looked at"),
    ] {
        let checks = doctor(data, &config);
        let (clock, database) = (row(&checks, "clock"), row(&checks, "database"));
        assert!(clock["detail"].as_str().is_some_and(|detail| detail.starts_with(&year)), "{clock}");
        assert_eq!(database["state"], state, "{database}");
        assert!(database["detail"].as_str().is_some_and(|detail| detail.starts_with(says)), "{database}");
        assert_eq!(database["remedy"].is_null(), state == "good", "{database}");
    }
}

#[test]
fn a_clock_is_vouched_for_by_whoever_has_the_pin_alone() {
    let canteen = Canteen::new();
    let folder = canteen.folder.path();
    let was = Box::new(Unset(SignedDuration::from_hours(24)));
    settle(&mut Ledger::create_with(&home(folder), &books(), was).expect("new books"), 1);
    let vouch = |staff: &'static str| ["ledger", "trust-clock", "--staff", staff];
    for (staff, pin, says) in
        [("S-1", "", "six digits"), ("S-1", "902714", "not the PIN of S-1"), ("nobody", PIN, "not the PIN of nobody")]
    {
        let said = canteen.refused(&vouch(staff), pin, 1);
        assert!(said.contains(says), "{staff}: {said}");
    }
    assert_eq!(row(&doctor(folder, &shipped()), "clock")["state"], "warning");
    assert!(canteen.done(&vouch("S-1")).contains("follow the clock again, with number 2"));
    let checks = doctor(folder, &shipped());
    let detail = row(&checks, "clock")["detail"].as_str().expect("a sentence");
    assert!(!detail.contains("was set by"), "{detail}");
    assert!(canteen.refused(&vouch("S-1"), PIN, 1).contains("nothing to vouch for"));
    assert_eq!(canteen.acts(), ["S-1 trust-clock: refused", "S-1 trust-clock: number 2"]);
}

#[test]
fn whoever_vouches_is_told_for_which_time_in_the_canteens_zone() {
    for json in [false, true] {
        let canteen = Canteen::new();
        let was = Box::new(Unset(SignedDuration::from_hours(24)));
        settle(&mut Ledger::create_with(&home(canteen.folder.path()), &books(), was).expect("new books"), 1);
        let vouch = ["ledger", "trust-clock", "--staff", "S-1"];
        let before = Timestamp::now();
        let local = if json {
            let said = canteen.json(&vouch);
            assert!(said["number"] == 2 && said["day"].is_string() && said["hash"].is_string(), "{said}");
            let local = said["vouched_time"].as_str().expect("a time");
            local.strip_suffix("+08:00").expect("the zone").to_owned()
        } else {
            let said = canteen.done(&vouch);
            let (_, local) = said.split_once("it is ").expect("the time");
            local.split_once(" here").expect("the time").0.to_owned()
        };
        let local: jiff::civil::DateTime = local.parse().expect("a time");
        let vouched = local.to_zoned(books().zone).expect("a time").timestamp();
        let second = SignedDuration::from_secs(1);
        assert!(before - second < vouched && vouched <= Timestamp::now(), "{vouched} after {before}");
    }
}
