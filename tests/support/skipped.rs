//! Tests that cannot run here: each says so once on a line of its own and, for the count at the end of `scripts/test`, in
//! the file that `MEALPOINT_SKIPPED` names.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Says that the running test is skipped, and why.
pub fn skipped(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test").to_owned();
    if !TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(test.clone()) {
        return;
    }
    // Written past the test harness, which shows what a test prints only where it fails.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
    if let Some(list) = std::env::var_os("MEALPOINT_SKIPPED") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&list);
        file.and_then(|mut file| file.write_all(format!("{test}: {reason}\n").as_bytes()))
            .unwrap_or_else(|error| panic!("{}: {error}", list.display()));
    }
}

/// As [`skipped`], for what every machine can have: under `CI=true` the test fails instead.
pub fn missing(reason: &str) {
    assert!(!std::env::var("CI").is_ok_and(|ci| ci == "true"), "{reason}, and under CI a test may not be skipped");
    skipped(reason);
}
