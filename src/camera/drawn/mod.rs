//! Drawn people: portraits that the program draws itself, for the demo, screenshots and tests, without anyone's picture.
//!
//! A [`Portrait`] is who somebody is; a [`Figure`] is that person ready to be drawn; a [`Stance`] and a [`Light`] are how
//! they stand in one frame; a [`Truth`] says what the frame shows. Everything follows from seeds, bit for bit.

mod album;
mod beard;
mod cast;
mod colour;
mod dress;
mod eyes;
mod hair;
mod head;
mod lens;
mod math;
mod mouth;
mod paint;
mod portrait;
mod raster;
mod room;
mod scene;
mod skin;
mod source;
mod stage;
mod surface;
#[cfg(test)]
mod tests;
mod wear;

pub use album::{Album, MASKED, Shot};
pub use cast::{CastMember, cast};
pub use head::Expression;
pub use portrait::{Beard, Cap, Cut, Dress, Glasses, Hair, HairStyle, Lens, Portrait, Shape, Skin};
pub use raster::Pinhole;
pub use scene::{CAMERA, Figure, Film, Light, Pose, Stance, Studio, Truth, canteen};
pub use source::DrawnSource;
pub use stage::Stage;
