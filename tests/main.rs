//! The capabilities of mealpoint, tested through its public doors: one binary, a module a capability.

mod acts;
#[cfg(feature = "kiosk")]
mod camera;
#[cfg(feature = "kiosk")]
mod command;
#[cfg(feature = "kiosk")]
mod drawn;
#[cfg(feature = "kiosk")]
mod enrolment;
mod house;
mod imports;
mod ledger;
#[cfg(feature = "kiosk")]
mod packs;
#[cfg(feature = "kiosk")]
mod recognition;
mod scripts;
#[cfg(feature = "kiosk")]
mod sight;
#[path = "support/skipped.rs"]
mod skipped;
mod staff;
mod statement;
mod subsidies;
#[cfg(feature = "kiosk")]
mod support;
#[cfg(feature = "kiosk")]
mod vision;
