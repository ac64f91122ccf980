//! Frames, behind one trait. A source blocks for a bounded time and says precisely why it has no frame.

pub mod device;
pub mod drawn;
mod feed;
mod frame;
mod newest;
mod open;
pub mod pictures;
mod spec;
mod still;

pub use feed::{Feed, FeedStatus};
pub use frame::{CameraError, Frame, FrameSource};
pub use newest::{Newest, Taken};
pub use open::open;
pub use spec::{SourceSpec, UnknownSource};
pub use still::{StillError, read_still};
