//! Frames, behind one trait. A source blocks for a bounded time and says precisely why it has no frame.
//!
//! [`open`] makes a source of `--source`: the [`device`], the [`pictures`] of a folder or [`drawn`] people. A [`Feed`]
//! runs it on a thread of its own and hands over the newest frame ([`Newest`]) to the one who looks, together with what
//! happens to the source: lost, recovered, ended.

pub mod device;
pub mod drawn;
mod feed;
mod frame;
mod kinds;
mod newest;
mod open;
pub mod pictures;
mod spec;
mod still;

pub use feed::{Feed, FeedStatus, SourcePanicked};
pub use frame::{CameraError, Frame, FrameSource};
pub use newest::{Newest, Taken};
pub use open::{open, open_if_there};
pub use spec::{SourceSpec, UnknownSource};
pub use still::{StillError, read_still};
