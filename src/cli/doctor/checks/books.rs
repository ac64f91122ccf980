//! People, books and their clock. Nothing is created: a kiosk that never ran has nothing to look at.

use crate::cli::Context;
use crate::cli::doctor::Finding;
use crate::config::CanteenConfig;
use crate::domain::ClockState;
use crate::store::ledger::{Books, CheckReport};
use crate::store::{Home, Ledger, LedgerError, People, PeopleError, StoreError};

const NEVER_RAN: &str = "none yet; they begin when the kiosk first runs";

pub(super) fn all(context: &Context) -> Vec<Finding> {
    let home = Home::at(&context.data);
    let mut findings = vec![people(&home)];
    if let Ok(canteen) = CanteenConfig::read(&context.config) {
        findings.extend(books(&home, &Books::from(&canteen)));
    }
    findings
}

fn people(home: &Home) -> Finding {
    match People::open(home) {
        Ok(_) => Finding::good("people", home.data().display().to_string()),
        Err(PeopleError::Store(StoreError::Absent { .. })) => Finding::good("people", NEVER_RAN),
        Err(error) => Finding::failed("people", &error),
    }
}

fn books(home: &Home, books: &Books) -> Vec<Finding> {
    match Ledger::open(home, books) {
        Ok(ledger) => vec![chain(&ledger), clock(&ledger)],
        Err(LedgerError::Store(StoreError::Absent { .. })) => vec![Finding::good("ledger", NEVER_RAN)],
        Err(error) => vec![Finding::failed("ledger", &error)],
    }
}

/// Every entry of the books, from the first.
fn chain(ledger: &Ledger) -> Finding {
    match ledger.check_all() {
        Ok(CheckReport { entries, closed_days, findings, .. }) => match findings.first() {
            None => Finding::good("ledger", format!("{entries} entries, {closed_days} closed days, the chain holds")),
            Some(first) => {
                let entry = first.number.map_or_else(String::new, |number| format!("entry {number}: "));
                let detail = format!(
                    "{entry}{} ({} findings); remedy: keep the data folder as it is and call the district: \
                     `mealpoint ledger check` lists all",
                    first.what,
                    findings.len()
                );
                Finding::failed("ledger", &std::io::Error::other(detail))
            }
        },
        Err(error) => Finding::failed("ledger", &error),
    }
}

fn clock(ledger: &Ledger) -> Finding {
    const SET_IT: &str = "set the computer's clock (timedatectl), then restart the kiosk";
    match ledger.now() {
        Ok(time) => match time.state {
            ClockState::Steady => Finding::good("clock", time.now.to_string()),
            ClockState::Stepped { by_ms } => Finding::warning(
                "clock",
                format!("was set by {} s while the kiosk ran; the books go on with {}", by_ms / 1000, time.now),
                SET_IT,
            ),
            ClockState::Behind { by_ms } => Finding::warning(
                "clock",
                format!("is {} s behind the last entry; the books go on with {}", by_ms / 1000, time.now),
                SET_IT,
            ),
            ClockState::Absurd => Finding::warning("clock", "is years behind; the books do not believe it", SET_IT),
        },
        Err(error) => Finding::failed("clock", &error),
    }
}
