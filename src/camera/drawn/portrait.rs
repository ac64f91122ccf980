//! What makes one drawn person that person: everything that stays the same from frame to frame.

mod thrown;

use serde::Serialize;

use crate::domain::Sex;

/// A drawn person. Two portraits with the same fields look the same on every machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Portrait {
    /// Seeds what is scattered: pores, spots, wrinkles' paths, strands of hair.
    pub seed: u32,
    /// Sets the build of the face and the hair.
    pub sex: Sex,
    /// How far the signs of age have come: 0 at about sixty, 1 at a hundred.
    pub age: f32,
    /// The build of the head and its features.
    pub shape: Shape,
    /// What is finer than the build.
    pub details: Details,
    /// Skin.
    pub skin: Skin,
    /// Hair of head, brows and beard.
    pub hair: Hair,
    /// Glasses, where the person wears them.
    pub glasses: Option<Glasses>,
    /// A cap, where the person wears one.
    pub cap: Option<Cap>,
    /// Clothes.
    pub dress: Dress,
}

/// The build of a face; each number runs from −1 (little) over 0 (usual) to 1 (much), farther for people of an album
/// (`thrown.rs`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Shape {
    pub head_width: f32,
    pub jaw_width: f32,
    pub chin_width: f32,
    pub chin_length: f32,
    pub cheekbones: f32,
    pub cheek_fullness: f32,
    pub brow_ridge: f32,
    pub jowls: f32,
    pub eye_spacing: f32,
    pub eye_width: f32,
    pub eye_opening: f32,
    pub eye_tilt: f32,
    pub eye_depth: f32,
    pub eye_bags: f32,
    pub lid_fold: f32,
    pub brow_height: f32,
    pub brow_weight: f32,
    pub brow_tilt: f32,
    pub brow_arch: f32,
    pub nose_length: f32,
    pub nose_width: f32,
    pub nose_bridge: f32,
    pub nose_tip: f32,
    pub mouth_width: f32,
    pub mouth_height: f32,
    pub upper_lip: f32,
    pub lower_lip: f32,
    pub mouth_corners: f32,
    pub ear_size: f32,
    pub ear_angle: f32,
}

/// The finer features of a face, in the numbers of [`Shape`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Details {
    pub brow_length: f32,
    pub brow_gap: f32,
    pub brow_density: f32,
    pub brow_grey: f32,
    pub lid_hood: f32,
    pub iris_dark: f32,
    pub dark_rings: f32,
    pub frown_lines: f32,
    pub forehead_lines: f32,
    pub smile_folds: f32,
    pub cheek_hollows: f32,
    pub cheek_patches: f32,
    pub nose_redness: f32,
    pub lip_colour: f32,
}

/// Skin and what the years left on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skin {
    /// 0 pale to 1 weathered brown.
    pub tone: f32,
    /// −1 sallow to 1 rosy.
    pub warmth: f32,
    /// Depth of the wrinkles, 0..1.
    pub wrinkles: f32,
    /// How many age spots, 0..1.
    pub spots: f32,
    /// Moles and warts: places on the face in head units, and sizes.
    pub moles: Vec<(f32, f32, f32)>,
}

/// How the hair is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HairStyle {
    /// Cut close all over.
    Cropped,
    /// Parted at the side.
    Parted,
    /// Combed back from the forehead.
    SweptBack,
    /// Receded at the temples.
    Receding,
    /// A ring round a bald crown.
    Ring,
    /// None left.
    Bald,
    /// Short, in permed curls.
    Permed,
    /// To the chin.
    Bob,
    /// Combed back into a bun.
    Bun,
}

/// A beard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Beard {
    /// Shaven.
    None,
    /// A few days' stubble.
    Stubble,
    /// On the upper lip.
    Moustache,
    /// On the chin.
    Goatee,
    /// All round.
    Full,
}

/// Hair of head, brows and beard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hair {
    /// How it is worn.
    pub style: HairStyle,
    /// 0 black over grey to 1 white.
    pub grey: f32,
    /// 0 thin to 1 thick.
    pub density: f32,
    /// The hairline: −1 low to 1 high.
    pub line: f32,
    /// Which side the parting is on: −1 left, 1 right in the picture.
    pub parting: f32,
    /// The beard.
    pub beard: Beard,
}

/// Shape of the lenses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lens {
    /// Round.
    Round,
    /// Oval.
    Oval,
    /// Rectangle with round corners.
    Square,
}

/// Glasses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Glasses {
    /// Shape of the lenses.
    pub lens: Lens,
    /// Frame colour, `0xRRGGBB`.
    pub colour: u32,
    /// Thickness of the frame: 0 wire to 1 heavy.
    pub weight: f32,
    /// Size of the lenses, −1..1.
    pub size: f32,
}

/// A cap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cap {
    /// Whether it has a peak; a knitted one has none.
    pub peaked: bool,
    /// Colour, `0xRRGGBB`.
    pub colour: u32,
}

/// The cut of what is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// A cardigan over a shirt with a collar.
    Cardigan,
    /// A jacket buttoned to a stand-and-fall collar.
    Tunic,
    /// A padded jacket with a stand-up collar.
    Padded,
    /// A jumper with a round neck.
    Jumper,
    /// A shirt with an open collar.
    Shirt,
}

/// Clothes; they may change between visits, so nobody should be told apart by them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dress {
    /// The cut.
    pub cut: Cut,
    /// The outer colour, `0xRRGGBB`.
    pub outer: u32,
    /// The colour beneath, `0xRRGGBB`.
    pub inner: u32,
    /// Whether the cloth has a pattern.
    pub pattern: bool,
}

impl Portrait {
    pub(super) fn is_male(&self) -> bool {
        self.sex == Sex::Male
    }
}
