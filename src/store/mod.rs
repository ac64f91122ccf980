//! The kiosk's data on disk: two encrypted SQLite databases and what guards them.
//!
//! ```text
//! <data>/people.db        roster, menu, templates, consents, staff: may be filled again from outside
//! <data>/ledger.db        the books: append-only, the only copy until the day is closed
//! <data>/ledger.anchor    number and hash of the last entry, outside the database
//! <data>/statements/      the closed days' signed files ([`crate::statement`]); the books must hold the newest of them
//! <data>/store.json       which databases exist and which key they were written with
//! <data>/keys/            database.key, signing.pem (or where MEALPOINT_KEYS says)
//! <data>/quarantine/      damaged databases, moved aside and never touched again
//! <data>/kiosk.lock       held by a kiosk that has the databases open
//! <data>/one-kiosk.lock   held by a kiosk as long as it runs
//! ```
//!
//! To open and to create are different calls: a database that was there once is never silently begun anew.

pub(crate) mod csv_file;
mod database;
mod error;
mod home;
mod in_use;
mod key;
pub mod ledger;
pub mod people;
mod quarantine;

pub use csv_file::{CsvError, CsvProblem, MOST_CSV_BYTES};
pub use error::StoreError;
pub use home::{Database, Home};
pub use in_use::{InUse, OneKiosk};
pub use ledger::{Ledger, LedgerError};
pub use people::{People, PeopleError};
