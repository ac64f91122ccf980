//! A part of a picture drawn turned, scaled and moved.

use image::RgbImage;

use super::shrink::{self, Shrinker, Squares};
use super::tensor::Tensor;

/// Turning and scaling by (`a`, `b`), then moving: (x, y) ↦ (a·x − b·y + tx, b·x + a·y + ty).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Similarity {
    pub(super) a: f32,
    pub(super) b: f32,
    pub(super) tx: f32,
    pub(super) ty: f32,
}

impl Similarity {
    /// Pixels of the target a pixel of the source becomes.
    pub(super) fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The way back.
    pub(super) fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) }
    }

    /// Where a point goes.
    pub(super) fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        [self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty]
    }
}

/// Draws turned parts of pictures into tensors; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Warper {
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

impl Warper {
    /// Draws every pixel of `tensor`: `back` says where in `picture` each of its pixels lies, centres of pixels on whole
    /// coordinates. Bilinear, black outside the picture. What is shrunk to less than half is averaged down first, so that
    /// fine texture does not alias.
    pub(super) fn warp(&mut self, picture: &RgbImage, back: &Similarity, tensor: &mut Tensor) {
        let factor = (back.scale() as usize).min(shrink::MOST);
        let patch = if factor >= 2 {
            self.reduce(picture, back, factor, tensor.size())
        } else {
            let (width, height) = (picture.width() as usize, picture.height() as usize);
            Patch { pixels: picture.as_raw(), width, height, left: 0.0, top: 0.0, factor: 1 }
        };
        // The centre of a reduced pixel is the middle of what it averages.
        let half = (patch.factor as f32 - 1.0) / 2.0;
        let per = 1.0 / patch.factor as f32;
        tensor.write_with(|column, row| {
            let [x, y] = back.apply(column as f32, row as f32);
            patch.bilinear((x - patch.left - half) * per, (y - patch.top - half) * per)
        });
    }

    /// The part of `picture` that a target of `size` (width, height) shows, averaged over squares of `factor` pixels.
    fn reduce(&mut self, picture: &RgbImage, back: &Similarity, factor: usize, size: (usize, usize)) -> Patch<'_> {
        let (wide, high) = (size.0 as f32, size.1 as f32);
        let corners = [[0.0, 0.0], [wide, 0.0], [0.0, high], [wide, high]].map(|[x, y]| back.apply(x, y));
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
