//! A face brought into the embedder's pose: five landmarks onto five fixed points, the rest follows.
//!
//! The transform is Umeyama's least-squares similarity (S. Umeyama, PAMI 13(4), 1991) without reflection; the fixed points
//! are ArcFace's for 112×112.

use image::RgbImage;

use super::shrink::{self, Shrinker, Squares};
use super::tensor::Tensor;

/// Side of the aligned picture.
pub(super) const ALIGNED_PX: usize = 112;

/// Where the landmarks go.
const TEMPLATE: [[f32; 2]; 5] =
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]];

/// Turning and scaling by (`a`, `b`), then moving: (x, y) ↦ (a·x − b·y + tx, b·x + a·y + ty).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Similarity {
    a: f32,
    b: f32,
    tx: f32,
    ty: f32,
}

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

    /// Pixels of the target a pixel of the source becomes.
    fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The way back.
    fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) }
    }

    /// Where a point goes.
    fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        [self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty]
    }
}

/// Warps faces into tensors; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Aligner {
    shrinker: Shrinker,
    reduced: Vec<u8>,
}

/// RGB bytes that stand for a part of a picture: byte pixel (u, v) is the mean of `factor` × `factor` pixels of the
/// picture, from (left + u·factor, top + v·factor) on.
struct Patch<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
    left: f32,
    top: f32,
    factor: usize,
}

impl Aligner {
    /// Draws the 112×112 face of `picture` at `landmarks` into `tensor`: bilinear, black outside the picture. A face much
    /// larger than that is averaged down first, so that fine texture does not alias. `false` when the landmarks are no
    /// face.
    pub(super) fn align(&mut self, picture: &RgbImage, landmarks: &[[f32; 2]; 5], tensor: &mut Tensor) -> bool {
        let Some(similarity) = Similarity::onto_template(landmarks) else { return false };
        let back = similarity.inverse();
        let factor = ((1.0 / similarity.scale()) as usize).min(shrink::MOST);
        let patch = if factor >= 2 {
            self.reduce(picture, &back, factor)
        } else {
            let (width, height) = (picture.width() as usize, picture.height() as usize);
            Patch { pixels: picture.as_raw(), width, height, left: 0.0, top: 0.0, factor: 1 }
        };
        // Centres of pixels lie on whole coordinates, those of reduced ones in the middle of what they average.
        let half = (patch.factor as f32 - 1.0) / 2.0;
        let per = 1.0 / patch.factor as f32;
        tensor.resize(ALIGNED_PX, ALIGNED_PX);
        tensor.write_with(|column, row| {
            let [x, y] = back.apply(column as f32, row as f32);
            patch.bilinear((x - patch.left - half) * per, (y - patch.top - half) * per)
        });
        true
    }

    /// The part of `picture` that the aligned face shows, averaged over squares of `factor` pixels.
    fn reduce(&mut self, picture: &RgbImage, back: &Similarity, factor: usize) -> Patch<'_> {
        let edge = ALIGNED_PX as f32;
        let corners = [[0.0, 0.0], [edge, 0.0], [0.0, edge], [edge, edge]].map(|[x, y]| back.apply(x, y));
        // From and to in whole squares, a square of margin all around, within the picture.
        let span = |axis: usize, limit: u32| {
            let least = corners.iter().map(|c| c[axis]).fold(f32::INFINITY, f32::min) - factor as f32;
            let most = corners.iter().map(|c| c[axis]).fold(f32::NEG_INFINITY, f32::max) + 2.0 * factor as f32;
            let from = least.clamp(0.0, limit as f32) as usize;
            let to = most.clamp(0.0, limit as f32) as usize;
            (from, to.saturating_sub(from) / factor)
        };
        let (left, width) = span(0, picture.width());
        let (top, height) = span(1, picture.height());
        let Self { shrinker, reduced } = self;
        reduced.clear();
        shrinker.rows(picture, Squares { left, top, factor, width, height }, |_, line| reduced.extend(line));
        Patch { pixels: reduced, width, height, left: left as f32, top: top as f32, factor }
    }
}

impl Patch<'_> {
    /// The colour at (x, y), black outside. Places count in 256ths of a pixel.
    fn bilinear(&self, x: f32, y: f32) -> [f32; 3] {
        let (x, y) = ((x * 256.0) as i32, (y * 256.0) as i32);
        // Shifting rounds down.
        let (column, row) = (x >> 8, y >> 8);
        let (fx, fy) = ((x & 255) as u32, (y & 255) as u32);
        let weights = [(256 - fx) * (256 - fy), fx * (256 - fy), (256 - fx) * fy, fx * fy];
        let mut sums = [0u32; 3];
        if column >= 0 && row >= 0 && (column as usize) + 1 < self.width && (row as usize) + 1 < self.height {
            let at = (row as usize * self.width + column as usize) * 3;
            let six = |at: usize| self.pixels.get(at..).and_then(|from| from.first_chunk::<6>());
            if let (Some(above), Some(below)) = (six(at), six(at + self.width * 3)) {
                sums = std::array::from_fn(|colour| {
                    weights[0] * u32::from(above[colour])
                        + weights[1] * u32::from(above[colour + 3])
                        + weights[2] * u32::from(below[colour])
                        + weights[3] * u32::from(below[colour + 3])
                });
            }
        } else {
            for ((dx, dy), weight) in [(0, 0), (1, 0), (0, 1), (1, 1)].into_iter().zip(weights) {
                let (u, v) = (column.saturating_add(dx), row.saturating_add(dy));
                if u < 0 || v < 0 || u as usize >= self.width || v as usize >= self.height {
                    continue;
                }
                let at = (v as usize * self.width + u as usize) * 3;
                for (sum, pixel) in sums.iter_mut().zip(self.pixels.get(at..at + 3).unwrap_or_default()) {
                    *sum += weight * u32::from(*pixel);
                }
            }
        }
        // The sum is below 2²⁴, which a float holds exactly.
        sums.map(|sum| sum as i32 as f32 * (1.0 / 65_536.0))
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
        assert!(Aligner::default().align(&picture, &TEMPLATE, &mut tensor));
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
        assert!(Aligner::default().align(&picture, &landmarks, &mut tensor));
        let at = |plane: usize, x: usize, y: usize| tensor.values()[(plane * 112 + y) * 112 + x];
        assert!((at(2, 50, 50) - 100.0).abs() < 1.0, "{}", at(2, 50, 50));
        assert!((at(1, 50, 60) - 60.0).abs() < 0.6, "{}", at(1, 50, 60));
    }
}
