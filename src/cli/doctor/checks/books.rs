//! People, books and their clock. Nothing is created: a kiosk that never ran has nothing to look at.

use super::clock;
use crate::cli::Context;
use crate::cli::doctor::{Finding, State};
use crate::config::CanteenConfig;
use crate::store::ledger::{Books, CheckReport};
use crate::store::{Database, Home, Ledger, LedgerError, People, PeopleError, StoreError};

const NEVER_RAN: &str = "none yet; they begin when the kiosk first runs";

pub(super) fn all(context: &Context) -> Vec<Finding> {
    let home = Home::at(&context.data);
    let people = people(&home);
    let (ledger, books) = match CanteenConfig::read(&context.config) {
        Ok(canteen) => books(&home, &Books::from(&canteen)),
        Err(_) => (None, Finding::warning("ledger", "not looked at without canteen.toml", "correct canteen.toml")),
    };
    let database = database(&home, [&people, &books]);
    vec![people, books, database, clock::check(ledger.as_ref())]
}

/// Both databases in one row, as bad as the worse of them.
fn database(home: &Home, [people, books]: [&Finding; 2]) -> Finding {
    let worse = if books.state > people.state { books } else { people };
    let detail = if worse.state == State::Good {
        let there: Vec<&str> =
            Database::ALL.iter().filter(|file| home.file(**file).is_file()).map(|file| file.file_name()).collect();
        if there.is_empty() { NEVER_RAN.to_owned() } else { there.join(", ") }
    } else {
        format!("{}: {}", worse.check, worse.detail)
    };
    Finding { check: "database", state: worse.state, detail, remedy: worse.remedy.clone() }
}

fn people(home: &Home) -> Finding {
    match People::open(home) {
        Ok(_) => Finding::good("people", home.data().display().to_string()),
        Err(PeopleError::Store(StoreError::Absent { .. })) => Finding::good("people", NEVER_RAN),
        Err(error) => Finding::failed("people", &error),
    }
}

/// The books, where they can be opened, and how they are.
fn books(home: &Home, books: &Books) -> (Option<Ledger>, Finding) {
    match Ledger::open(home, books) {
        Ok(ledger) => {
            let found = chain(&ledger);
            (Some(ledger), found)
        }
        Err(LedgerError::Store(StoreError::Absent { .. })) => (None, Finding::good("ledger", NEVER_RAN)),
        Err(error) => (None, Finding::failed("ledger", &error)),
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
