//! Where to look, and at what size: cheap and coarse over the whole frame, exact at the face that counts.
//!
//! A detector's cost grows with the pixels it is given, and its landmarks are best on faces of some hundred pixels. So a
//! frame is first searched small, and then only the surroundings of the nearest face are looked at again at the scale
//! that suits it, whatever its distance. That second look also confirms small faces that the first one doubts.
//!
//! Measured (x86-64, one thread): a 640×480 frame whole 8.6 ms; at 320 pixels 2.0 ms and the second look 0.7 ms.
//! Measured on shared faces: mean genuine similarity 0.640 at full size, 0.654 so, impostors unchanged.
//!
//! The closer look stands upright however the head is tilted: landmarks of a tilted face are poor. Measured on the
//! developer photos turned by 35°: true match rate at a false match rate of 0.1 % 0.76 → 0.96, by 20° 0.981 → 0.999.

use image::RgbImage;

use super::decode::{Detection, overlap};
use super::detector::{Buffer, Detector};
use super::distinct::{add_new, beside, distinct, nearest_first};
use super::error::VisionError;
use super::view::View;
use crate::config::DetectionConfig;

/// Longer side of a frame's first, coarse look.
const COARSE_PX: u32 = 320;
/// Narrowest face that a look of any size finds reliably.
const RELIABLE_FACE_PX: f32 = 24.0;
/// Width of a face in the second look, and that look's side.
const FACE_PX: f64 = 96.0;
const LOOK_PX: usize = 160;
/// The same for a still's third look, averaged with the second.
const LARGE_FACE_PX: f64 = 200.0;
const LARGE_LOOK_PX: usize = 320;
/// Doubtful faces are worth a second look from here on.
pub(super) const DOUBTFUL: f32 = 0.5;
/// Faces that are tilted by less than this (radians, 8°) are looked at as they are.
const LEVEL: f32 = 0.14;
/// In a still that shows no other face even such an answer is worth a closer look, up to so many.
const GLIMPSE: f32 = 0.25;
const MOST_GLIMPSES: usize = 24;
/// Upright faces score higher than this (99 % of LFW's above 0.89). One that lies on its side or stands on its head may be
/// taken for an upright one, with landmarks in the wrong places; turned it scores that high, and higher by so much than as
/// it lies.
pub(super) const CERTAIN: f32 = 0.9;
const BETTER: f32 = 0.03;
/// Where no face is found, a still is searched again turned by these angles (degrees, clockwise), at this size.
const TURNS_DEG: [f64; 5] = [-40.0, 40.0, 90.0, -90.0, 180.0];
const TURNED_PX: u32 = 384;
/// A still is searched at these sizes, small to large; the last one only for pictures that are larger than the one before.
const STILL_PX: [u32; 3] = [320, 640, 1600];
/// So many frames without a face are searched small before one is searched at full size.
const COARSE_FRAMES: u32 = 3;

/// Finds faces in frames and stills.
#[derive(Debug)]
pub(super) struct Finder {
    detector: Detector,
    min_score: f32,
    min_face_px: f32,
    /// Frames of the stream since a face was seen.
    empty_frames: u32,
}

impl Finder {
    pub(super) fn new(detector: Detector, config: &DetectionConfig) -> Self {
        Self { detector, min_score: config.min_score, min_face_px: config.min_face_px, empty_frames: 0 }
    }

    pub(super) fn detector(&mut self) -> &mut Detector {
        &mut self.detector
    }

    /// The faces of a stream's frame, widest first, the first one's landmarks exact. Empty frames are searched small, and
    /// every fourth one at the size that the narrowest face asks for. `served`: the last box of whoever is served, who is looked
    /// at again where they are doubtful.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn in_frame(
        &mut self,
        frame: &RgbImage,
        served: Option<[f32; 4]>,
    ) -> Result<Vec<Detection>, VisionError> {
        let faces = self.search(frame, COARSE_PX)?;
        let mut faces = self.look_closer(frame, faces, served)?;
        if faces.is_empty() {
            self.empty_frames += 1;
            let longest = frame.width().max(frame.height());
            let needed = (longest as f32 * RELIABLE_FACE_PX / self.min_face_px) as u32;
            if self.empty_frames > COARSE_FRAMES && needed > COARSE_PX {
                self.empty_frames = 0;
                faces = self.search(frame, needed.min(longest))?;
                faces = self.look_closer(frame, faces, served)?;
            }
        }
        if !faces.is_empty() {
            // The next frame without a face may only have lost a small one: search it at full size.
            self.empty_frames = COARSE_FRAMES;
        }
        Ok(faces)
    }

    /// All faces of a still, widest first, landmarks exact, at any size from some 1 % of the picture on. Where there are
    /// none the picture is turned, up to upside down.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn in_still(&mut self, picture: &RgbImage) -> Result<Vec<Detection>, VisionError> {
        let longest = picture.width().max(picture.height());
        let mut glimpses: Vec<Detection> = Vec::new();
        let mut searched = 0;
        for size in STILL_PX {
            if searched >= longest {
                break;
            }
            searched = size;
            let view = View::whole(picture.width(), picture.height(), size);
            add_new(&mut glimpses, self.glimpses(picture, view)?);
        }
        let (strong, weak): (Vec<_>, Vec<_>) = glimpses.into_iter().partition(|face| face.score >= DOUBTFUL);
        for faces in [strong, weak] {
            let upright = self.confirmed(picture, &faces)?;
            if !upright.is_empty() {
                return Ok(upright);
            }
        }
        if self.detector.knows_upright_alone() {
            return Ok(vec![]);
        }
        let scale = (f64::from(TURNED_PX) / f64::from(longest)).min(1.0);
        let side = ((f64::from(longest) * scale) as usize).max(1).next_multiple_of(32);
        let (x, y) = (f64::from(picture.width()) / 2.0, f64::from(picture.height()) / 2.0);
        for turn in TURNS_DEG {
            let glimpses = self.glimpses(picture, View::around(x, y, scale, side, turn.to_radians()))?;
            let turned = self.confirmed(picture, &glimpses)?;
            if !turned.is_empty() {
                return Ok(turned);
            }
        }
        Ok(vec![])
    }

    /// The exact place of a frame's face that is not the widest, or `face` itself.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn exactly(&mut self, frame: &RgbImage, face: &Detection) -> Result<Detection, VisionError> {
        Ok(self.confirm(frame, face)?.unwrap_or(*face))
    }

    /// The exact place of a face that was seen near `face`, or `face` itself.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn again(&mut self, picture: &RgbImage, face: &Detection) -> Result<Detection, VisionError> {
        Ok(self.confirm_still(picture, face)?.unwrap_or(*face))
    }

    /// All that may be faces of a still, most certain first.
    fn glimpses(&mut self, picture: &RgbImage, view: View) -> Result<Vec<Detection>, VisionError> {
        let mut faces = self.detector.detect(picture, view, Buffer::Wide, GLIMPSE.min(self.min_score))?;
        faces.truncate(MOST_GLIMPSES.max(faces.iter().filter(|face| face.score >= DOUBTFUL).count()));
        Ok(faces)
    }

    /// Those of `glimpses` that a closer look confirms, widest first.
    fn confirmed(&mut self, picture: &RgbImage, glimpses: &[Detection]) -> Result<Vec<Detection>, VisionError> {
        let mut exact = Vec::with_capacity(glimpses.len());
        for face in glimpses {
            exact.extend(self.confirm_still(picture, face)?);
        }
        Ok(distinct(exact))
    }

    /// All that may be faces of a frame, widest first.
    fn search(&mut self, picture: &RgbImage, longest: u32) -> Result<Vec<Detection>, VisionError> {
        let view = View::whole(picture.width(), picture.height(), longest);
        let mut faces = self.detector.detect(picture, view, Buffer::Wide, DOUBTFUL.min(self.min_score))?;
        nearest_first(&mut faces);
        Ok(faces)
    }

    /// Looks at the widest of `faces` again until one is confirmed; those that are not go, and so do doubtful others but for
    /// whoever is `served`.
    fn look_closer(
        &mut self,
        picture: &RgbImage,
        faces: Vec<Detection>,
        served: Option<[f32; 4]>,
    ) -> Result<Vec<Detection>, VisionError> {
        let mut faces = faces.into_iter();
        while let Some(widest) = faces.next() {
            if let Some(exact) = self.confirm(picture, &widest)? {
                let min_score = self.min_score;
                return beside(exact, faces, served, min_score, |face| self.confirm(picture, face));
            }
        }
        Ok(vec![])
    }

    /// `face` as a look at its own scale sees it; the first look's answer where only that one was sure; `None` when
    /// neither was.
    fn confirm(&mut self, picture: &RgbImage, face: &Detection) -> Result<Option<Detection>, VisionError> {
        let exact = self.look_at(picture, face, FACE_PX, LOOK_PX)?;
        Ok(match exact {
            Some(exact) if exact.score.max(face.score) >= self.min_score => {
                Some(Detection { score: exact.score.max(face.score), ..exact })
            }
            _ if face.score >= self.min_score => Some(*face),
            _ => None,
        })
    }

    /// As [`confirm`](Self::confirm) with a third look, larger still: each of the three may confirm the face, and the mean
    /// of the closer two stands where both are sure.
    fn confirm_still(&mut self, picture: &RgbImage, face: &Detection) -> Result<Option<Detection>, VisionError> {
        let mut close = self.look_at(picture, face, FACE_PX, LOOK_PX)?;
        if let Some(seen) = close
            && (seen.roll() - face.roll()).abs() > LEVEL
        {
            close = self.look_at(picture, &seen, FACE_PX, LOOK_PX)?.or(close);
        }
        if close.is_none() && face.score < DOUBTFUL {
            return Ok(None);
        }
        let mut large = self.look_at(picture, &close.unwrap_or(*face), LARGE_FACE_PX, LARGE_LOOK_PX)?;
        let certainty = [close, large].iter().flatten().map(|look| look.score).fold(face.score, f32::max);
        if certainty < CERTAIN
            && !self.detector.knows_upright_alone()
            && let Some(turned) =
                self.quarter_turned(picture, &close.or(large).unwrap_or(*face), CERTAIN.max(certainty + BETTER))?
        {
            close = Some(turned);
            large = self.look_at(picture, &turned, LARGE_FACE_PX, LARGE_LOOK_PX)?;
        }
        let min_score = self.min_score;
        let sure = |look: Option<Detection>| look.filter(|look| look.score >= min_score);
        Ok(match (sure(close), sure(large)) {
            (Some(close), Some(large)) => Some(middle(&close, &large)),
            (Some(one), None) | (None, Some(one)) => Some(one),
            (None, None) if face.score >= min_score => {
                Some(Detection { score: face.score, ..close.or(large).unwrap_or(*face) })
            }
            (None, None) => None,
        })
    }

    /// The face at `face` as the best of three quarter turns shows it, where that scores at least `least`.
    fn quarter_turned(
        &mut self,
        picture: &RgbImage,
        face: &Detection,
        least: f32,
    ) -> Result<Option<Detection>, VisionError> {
        let mut best: Option<Detection> = None;
        for quarters in 1..4 {
            let turn = f64::from(quarters) * std::f64::consts::FRAC_PI_2;
            let turned = self.look_turned(picture, face, FACE_PX, LOOK_PX, turn)?;
            let least = best.map_or(least, |best| best.score);
            best = turned.filter(|turned| turned.score >= least).or(best);
        }
        Ok(best)
    }

    /// The face nearest to where `face` was seen, in a square look that shows it upright and `face_px` wide.
    fn look_at(
        &mut self,
        picture: &RgbImage,
        face: &Detection,
        face_px: f64,
        side: usize,
    ) -> Result<Option<Detection>, VisionError> {
        let turn = if face.roll().abs() < LEVEL { 0.0 } else { f64::from(face.roll()) };
        self.look_turned(picture, face, face_px, side, turn)
    }

    /// The same, the look turned by `turn_rad`.
    fn look_turned(
        &mut self,
        picture: &RgbImage,
        face: &Detection,
        face_px: f64,
        side: usize,
        turn_rad: f64,
    ) -> Result<Option<Detection>, VisionError> {
        let [x, y] = face.centre();
        // Boxes are some 1.25 times as high as wide; a face turned away is narrower, not smaller.
        let size = f64::from(face.bbox[2].max(face.bbox[3] * 0.8)).max(1.0);
        let view = View::around(f64::from(x), f64::from(y), face_px / size, side, turn_rad);
        let found = self.detector.detect(picture, view, Buffer::Near, DOUBTFUL.min(self.min_score))?;
        let far = |other: &Detection| {
            let [u, v] = other.centre();
            (u - x).hypot(v - y)
        };
        let nearest = found.into_iter().min_by(|a, b| far(a).total_cmp(&far(b)));
        Ok(nearest.filter(|other| overlap(&other.bbox, &face.bbox) > 0.2))
    }
}

fn middle(a: &Detection, b: &Detection) -> Detection {
    let mut mean = *a;
    let to = mean.bbox.iter_mut().chain(mean.landmarks.as_flattened_mut());
    for (value, other) in to.zip(b.bbox.iter().chain(b.landmarks.as_flattened())) {
        *value = (*value + other) / 2.0;
    }
    mean.score = a.score.max(b.score);
    mean
}
