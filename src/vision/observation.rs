//! What vision says about one frame. Nothing of the picture is in it.

use std::time::Duration;

use crate::domain::{Quality, Template};

/// One frame, seen.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// The faces, nearest (widest) first; in a stream the nearest stays it until another is clearly wider.
    pub faces: Vec<Face>,
    /// In a stream: whoever was the nearest was there a moment ago, and none of these faces is theirs.
    pub nearest_is_hidden: bool,
    /// Where the time went.
    pub timings: Timings,
}

impl Observation {
    /// The nearest face: the one that is served. `None` where there is none, or while it is hidden.
    pub fn nearest(&self) -> Option<&Face> {
        self.faces.first().filter(|_| !self.nearest_is_hidden)
    }
}

/// One face of a frame.
#[derive(Debug, Clone)]
pub struct Face {
    /// x, y of the upper left corner, width and height, in pixels of the frame; may reach outside it.
    pub bbox: [f32; 4],
    /// The detector's confidence, 0..1.
    pub score: f32,
    /// x, y in pixels of the frame: image-left eye, image-right eye, nose tip, image-left and image-right mouth corner.
    pub landmarks: [[f32; 2]; 5],
    /// How fit this look is for recognition.
    pub quality: Quality,
    /// The template. A stream computes it for the nearest face only, a still for every face.
    pub template: Option<Template>,
    /// Probability 0..1 that a live person stands there, not a photo or a screen; where it was asked for and the picture
    /// shows enough around the face to judge (a still in colours besides).
    pub live: Option<f32>,
    /// The same for a face of a still that is cut out too tight to judge: living people often score low there.
    pub live_doubtful: Option<f32>,
    /// Faces of one stream that carry the same track belong to one person.
    pub track: TrackId,
}

/// One person's stay in front of the camera. It ends when the person leaves, or when another could have taken the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TrackId(pub u64);

/// Where one frame's time went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Finding the faces, pre-processing and decoding included.
    pub detect: Duration,
    /// Warping faces to the embedder's template, quality included.
    pub align: Duration,
    /// Computing templates; of a still also the spread of its brightness, the closer look that follows and the crops.
    pub embed: Duration,
    /// Computing liveness.
    pub liveness: Duration,
}
