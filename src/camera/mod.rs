//! Frames, behind one trait. A source blocks for a bounded time and says precisely why it has no frame.

mod frame;

pub use frame::{CameraError, Frame, FrameSource};
