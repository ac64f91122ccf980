//! What the doctor says of a clock that was set.

use std::path::Path;
use std::process::Command;

use jiff::SignedDuration;
use mealpoint::domain::ClockReading;
use mealpoint::store::Ledger;
use mealpoint::store::ledger::{Clock, SystemClock};

use super::{books, home, settle};

/// This computer's clock as it would be had nobody set it by `0` since it started.
struct Unset(SignedDuration);

impl Clock for Unset {
    fn read(&self) -> ClockReading {
        let set = SystemClock::new().read();
        ClockReading { wall: set.wall - self.0, ..set }
    }
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
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
        let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
            .args(["doctor", "--json"])
            .args([Path::new("--data"), folder, Path::new("--config"), &config])
            .output()
            .expect("it runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = report["checks"].as_array().expect("checks");
        let clock = checks.iter().find(|check| check["check"] == "clock").expect("the clock was looked at");
        assert_eq!(clock["state"], "warning", "{clock}");
        let detail = clock["detail"].as_str().expect("a sentence");
        let by_s = by.as_secs();
        let near = (by_s - 60..=by_s + 60).any(|s| detail.contains(&format!("was set by {s} s")));
        assert!(near && detail.contains("the books go on with"), "{detail}");
        assert!(clock["remedy"].as_str().is_some_and(|remedy| remedy.contains("timedatectl")), "{clock}");
        let mut ledger = super::open(folder);
        settle(&mut ledger, 1);
        let of_the_day = ledger.entries_of_day(day).expect("readable").len();
        assert_eq!(of_the_day, 2, "the clock moved the meal day");
        super::assert_sound(&ledger);
    }
}
