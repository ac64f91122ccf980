//! **mealpoint**: a kiosk at which elders pay for a canteen meal with their face.
//!
//! The way of one meal runs in one direction, one room at a time:
//!
//! ```text
//! camera ─frame→ vision ─faces→ gallery ─candidates→ decision ─identity→ session ─quote→ ledger ─entries→ statement ─file→ district
//! ```
//!
//! `decision` stands in [`domain`], `session` in [`kiosk`] and `ledger` in [`store`]; the district's side is not built yet.
//!
//! A frame never travels further than [`vision`]; a template never further than [`gallery`]; after the
//! decision there is an elder's id and evidence, nothing of the picture.
//!
//! Where files and databases are read, a lint refuses whatever could panic on their content.

/// Frames: a camera, pictures of a folder, drawn people, behind one trait.
#[cfg(feature = "kiosk")]
pub mod camera;
/// The `mealpoint` command: one file a subcommand.
pub mod cli;
/// What a canteen edits, parsed into types that cannot hold nonsense.
#[cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
pub mod config;
/// The rules, pure: no I/O, no clock, no threads, no floats for money.
#[cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
pub mod domain;
/// Error rates of recognition and liveness, with exact intervals.
pub mod evaluation;
/// Files written whole or not at all.
#[cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
pub mod files;
/// Enrolled templates and the exact 1:N search.
#[cfg(feature = "kiosk")]
pub mod gallery;
/// The session between an elder and the screen, and the threads that carry frames and answers to it.
#[cfg(feature = "kiosk")]
pub mod kiosk;
/// The same work on many things, on all processors.
mod many;
/// What the elder sees: one file a screen, drawing what the session shows.
#[cfg(feature = "kiosk")]
pub mod screens;
/// Daily files written, read, verified, copied out.
#[cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
pub mod statement;
/// The encrypted databases: roster, menu, templates, and the books.
#[cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
pub mod store;
/// Frame → observation: faces, landmarks, quality, templates, liveness.
#[cfg(feature = "kiosk")]
pub mod vision;
/// Every Chinese sentence that a person reads, a file a room.
pub mod words;

/// Tests that cannot run here.
#[cfg(all(test, feature = "kiosk"))]
#[path = "../tests/support/skipped.rs"]
mod skipped;
