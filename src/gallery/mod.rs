//! Enrolled templates and the exact 1:N search. A template never travels further than this room.

mod coarse;
mod enrolled;
mod lookalike;
mod population;
mod rows;
#[cfg(test)]
mod tests;

pub use enrolled::{Gallery, GalleryError};
pub use lookalike::{copies, is_one_photo, odd_pictures};
