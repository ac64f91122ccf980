//! How fit one look at a face is for recognition, and what the person can do about it.

use serde::Serialize;

/// Quality of a face in one frame (ISO/IEC 29794-5 names most of its parts).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// Everything together, 0 (useless) to 1 (as good as it gets): the worst part decides.
    pub score: f32,
    /// Width of the face's box in pixels of the frame.
    pub face_px: f32,
    /// Turn to the side in degrees, positive towards the picture's right; an estimate from five landmarks.
    pub yaw_deg: f32,
    /// Nod in degrees, positive upwards; an estimate from five landmarks.
    pub pitch_deg: f32,
    /// Tilt of the line through the eyes in degrees, positive clockwise in the picture.
    pub roll_deg: f32,
    /// Fine detail in the aligned face, 0 (smeared) to 1.
    pub sharpness: f32,
    /// Mean brightness of the aligned face, 0 (black) to 1 (white).
    pub brightness: f32,
    /// What falls short of the configured limits, most urgent first. Empty: fit for a decision.
    pub reasons: Vec<QualityReason>,
}

impl Quality {
    /// Whether nothing falls short of the configured limits.
    pub fn is_sufficient(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// What is wrong with a look at a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityReason {
    /// The face is too small.
    TooFar,
    /// Part of the face lies outside the picture.
    CutOff,
    /// Turned to the side.
    Turned,
    /// Looking up or down.
    Nodding,
    /// Head tilted to the shoulder.
    Tilted,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// Smeared by movement or focus.
    Blurred,
    /// In a stream whose liveness is asked for: the face fills the picture, and nothing around it can be judged.
    TooNear,
    /// In a stream whose liveness is asked for: the camera delivers no colours, by which living people are told from photos.
    NoColours,
}
