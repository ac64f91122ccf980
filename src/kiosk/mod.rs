//! The kiosk: the session decides what happens in front of the screen, the engine carries frames and answers to it.
//!
//! ```text
//! camera → newest frame → vision worker ─look→ session ─effects→ store worker
//!                                        ↑ touch        └─view→ screens
//! ```

pub mod demo;
pub mod engine;
pub mod link;
pub mod memory;
pub mod session;
pub mod vital;
