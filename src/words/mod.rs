//! The string catalogue: every Chinese sentence that a person reads on a screen or in a file.
//!
//! One file a room, constants for fixed sentences and functions for those with a blank to fill. No other file of the
//! crate holds Chinese text (tests and documentation aside).

#[cfg(feature = "kiosk")]
pub mod demo;
/// The doctor's report.
pub mod doctor;
mod domain;
mod drawn;
#[cfg(feature = "kiosk")]
pub mod screens;
#[cfg(feature = "kiosk")]
pub mod staff;
pub mod statement;
mod store;
pub(crate) mod subsidy;

pub use domain::*;
pub use drawn::*;
pub use store::*;
