//! A face brought into the embedder's pose: five landmarks onto five fixed points, the rest follows.
//!
//! The transform is Umeyama's least-squares similarity (S. Umeyama, PAMI 13(4), 1991) without reflection; the fixed points
//! are ArcFace's for 112×112.

use image::RgbImage;

use super::tensor::Tensor;
use super::warp::{Similarity, Warper};

/// Side of the aligned picture.
pub(super) const ALIGNED_PX: usize = 112;

/// Where the landmarks go.
const TEMPLATE: [[f32; 2]; 5] =
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]];

impl Similarity {
    /// The similarity that brings `landmarks` closest to the template. `None` when they are all in one place.
    pub(super) fn onto_template(landmarks: &[[f32; 2]; 5]) -> Option<Self> {
        let mean = |points: &[[f32; 2]; 5]| {
            let sum = points.iter().fold([0.0, 0.0], |s, p| [s[0] + f64::from(p[0]), s[1] + f64::from(p[1])]);
            [sum[0] / 5.0, sum[1] / 5.0]
        };
        let (from, to) = (mean(landmarks), mean(&TEMPLATE));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in landmarks.iter().zip(&TEMPLATE) {
            let (px, py) = (f64::from(p[0]) - from[0], f64::from(p[1]) - from[1]);
            let (qx, qy) = (f64::from(q[0]) - to[0], f64::from(q[1]) - to[1]);
            along += px * qx + py * qy;
            across += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (along / spread, across / spread);
        let solved = a.is_finite() && b.is_finite() && a.hypot(b) > 1e-9;
        let (tx, ty) = (to[0] - a * from[0] + b * from[1], to[1] - b * from[0] - a * from[1]);
        solved.then_some(Self { a: a as f32, b: b as f32, tx: tx as f32, ty: ty as f32 })
    }

    /// The same, the target seen `zoom` times as large about the middle of the template's points.
    fn zoomed(&self, zoom: f32) -> Self {
        let middle = |axis: usize| TEMPLATE.iter().map(|point| point[axis]).sum::<f32>() / TEMPLATE.len() as f32;
        let moved = |t: f32, middle: f32| zoom * t + (1.0 - zoom) * middle;
        Self { a: self.a * zoom, b: self.b * zoom, tx: moved(self.tx, middle(0)), ty: moved(self.ty, middle(1)) }
    }
}

/// Warps faces into tensors; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Aligner {
    warper: Warper,
}

impl Aligner {
    /// Draws the 112×112 face of `picture` at `landmarks` into `tensor`, black outside the picture. `zoom` 1 is what the
    /// embedder expects; larger shows less around the face. `false` when the landmarks are no face.
    pub(super) fn align(
        &mut self,
        picture: &RgbImage,
        landmarks: &[[f32; 2]; 5],
        zoom: f32,
        tensor: &mut Tensor,
    ) -> bool {
        let Some(similarity) = Similarity::onto_template(landmarks) else { return false };
        tensor.resize(ALIGNED_PX, ALIGNED_PX);
        self.warper.warp(picture, &similarity.zoomed(zoom).inverse(), tensor);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::manifest::Manifest;
    use crate::vision::tensor::Encoding;

    /// A buffer that holds plain 0..255 (the detector's encoding; planes blue, green, red).
    fn plain() -> Tensor {
        let manifest: Manifest = toml::from_str(include_str!("../../models/models.toml")).expect("the manifest");
        Tensor::new(Encoding::of(manifest.find("yunet").expect("the detector")))
    }

    #[test]
    fn landmarks_on_the_template_move_nothing() {
        let identity = Similarity::onto_template(&TEMPLATE).expect("a face");
        let [x, y] = identity.apply(10.0, 90.0);
        assert!((x - 10.0).abs() < 1e-3 && (y - 90.0).abs() < 1e-3);
    }

    #[test]
    fn a_turned_scaled_and_moved_face_comes_back_to_the_template_and_a_mirrored_one_does_not() {
        let moved = Similarity { a: 2.0, b: 1.5, tx: -30.0, ty: 400.0 };
        let landmarks = TEMPLATE.map(|[x, y]| moved.apply(x, y));
        let back = Similarity::onto_template(&landmarks).expect("a face");
        for (p, q) in landmarks.iter().zip(&TEMPLATE) {
            let [x, y] = back.apply(p[0], p[1]);
            assert!((x - q[0]).abs() < 1e-2 && (y - q[1]).abs() < 1e-2);
        }
        let mirrored = TEMPLATE.map(|[x, y]| [112.0 - x, y]);
        let best = Similarity::onto_template(&mirrored).expect("a face");
        let [x, _] = best.apply(mirrored[0][0], mirrored[0][1]);
        assert!((x - TEMPLATE[0][0]).abs() > 5.0, "a similarity cannot mirror");
    }

    #[test]
    fn landmarks_in_one_place_or_nowhere_are_no_face() {
        assert_eq!(Similarity::onto_template(&[[7.0, 7.0]; 5]), None);
        assert_eq!(Similarity::onto_template(&[[f32::NAN, 0.0]; 5]), None);
    }

    #[test]
    fn an_aligned_picture_is_copied_and_black_outside() {
        let picture = RgbImage::from_fn(112, 60, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let mut tensor = plain();
        assert!(Aligner::default().align(&picture, &TEMPLATE, 1.0, &mut tensor));
        let at = |plane: usize, x: usize, y: usize| tensor.values()[(plane * 112 + y) * 112 + x];
        assert!((at(2, 40, 30) - 40.0).abs() < 0.1 && (at(1, 40, 30) - 30.0).abs() < 0.1);
        assert_eq!(at(0, 40, 80), 0.0);
    }

    #[test]
    fn a_face_eight_times_too_large_is_averaged_in_place() {
        let landmarks = TEMPLATE.map(|[x, y]| [8.0 * x + 3.5, 8.0 * y + 3.5]);
        // Stripes one pixel wide: sampling would give 0 or 200, averaging gives 100.
        let picture = RgbImage::from_fn(900, 900, |x, y| image::Rgb([(x % 2 * 200) as u8, (y / 8) as u8, 0]));
        let mut tensor = plain();
        assert!(Aligner::default().align(&picture, &landmarks, 1.0, &mut tensor));
        let at = |plane: usize, x: usize, y: usize| tensor.values()[(plane * 112 + y) * 112 + x];
        assert!((at(2, 50, 50) - 100.0).abs() < 1.0, "{}", at(2, 50, 50));
        assert!((at(1, 50, 60) - 60.0).abs() < 0.6, "{}", at(1, 50, 60));
    }
}
