//! Presentation attack detection (ISO/IEC 30107): does a living person stand there, or a photo, a screen?

use image::RgbImage;

use super::error::VisionError;
use super::pack::ModelFile;
use super::runtime::Model;
use super::tensor::{Encoding, Tensor};

/// One liveness model.
#[derive(Debug)]
pub(super) struct Liveness {
    model: Model,
    input: Tensor,
    side: (usize, usize),
    crop: f32,
    square: bool,
    live: usize,
}

/// The part of a picture that a model sees: x, y, width, height.
type Part = [f32; 4];

impl Liveness {
    /// Loads a liveness model.
    ///
    /// # Errors
    /// [`VisionError`] when the file is none, or its entry in the manifest does not fit.
    pub(super) fn load(file: &ModelFile, threads: usize) -> Result<Self, VisionError> {
        let mismatch = |problem: &str| VisionError::Mismatch { path: file.path.clone(), problem: problem.to_owned() };
        let side = match file.card.inputs.first().map(|port| port.shape.as_slice()) {
            Some([0 | 1, 3, height @ 16..=512, width @ 16..=512]) => (*width as usize, *height as usize),
            _ => return Err(mismatch("a liveness model takes 1 × 3 × height × width, 16 to 512 each")),
        };
        let classes = match file.card.outputs.first().map(|port| port.shape.as_slice()) {
            Some([0 | 1, classes @ 2..=16]) => *classes as usize,
            _ => return Err(mismatch("a liveness model gives 1 × classes, 2 to 16")),
        };
        let (Some(crop), Some(live)) = (file.card.crop, file.card.live.filter(|live| *live < classes)) else {
            return Err(mismatch("a liveness model needs `crop`, and `live` among its classes"));
        };
        let model = Model::load(file, threads)?;
        let input = Tensor::new(Encoding::of(model.card()));
        Ok(Self { model, input, side, crop, square: file.card.square, live })
    }

    /// Probability, 0..1, that the face at `bbox` is a living one.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn probability(&mut self, picture: &RgbImage, bbox: &[f32; 4]) -> Result<f32, VisionError> {
        let size = (picture.width() as f32, picture.height() as f32);
        let part = if self.square { square(bbox, self.crop) } else { kept_inside(bbox, self.crop, size) };
        let (wide, high) = self.side;
        let [x, y, w, h] = part;
        let (step_x, step_y) = (w / wide as f32, h / high as f32);
        self.input.resize(wide, high);
        self.input.write_with(|column, row| {
            bilinear(picture, x + (column as f32 + 0.5) * step_x - 0.5, y + (row as f32 + 0.5) * step_y - 0.5)
        });
        let live = self.live;
        self.model.run(self.input.shape(), self.input.values(), |outputs| {
            let logits = outputs.floats(0)?;
            softmax(logits, live).ok_or_else(|| format!("it gave {} numbers, none of them class {live}", logits.len()))
        })
    }
}

/// The box scaled about its centre by `crop`, or as far as the picture allows, and shifted to lie within it (as
/// Silent-Face-Anti-Spoofing crops, so that the model sees what it was trained on).
fn kept_inside([x, y, w, h]: &[f32; 4], crop: f32, (width, height): (f32, f32)) -> Part {
    let (w, h) = (w.max(1.0), h.max(1.0));
    let scale = crop.min((width - 1.0).max(1.0) / w).min((height - 1.0).max(1.0) / h);
    let (wide, high) = (w * scale, h * scale);
    let left = (x + w / 2.0 - wide / 2.0).min(width - 1.0 - wide).max(0.0);
    let top = (y + h / 2.0 - high / 2.0).min(height - 1.0 - high).max(0.0);
    [left, top, wide, high]
}

/// A square of `crop` times the box's longer side about its centre; it may reach outside the picture.
fn square([x, y, w, h]: &[f32; 4], crop: f32) -> Part {
    let side = w.max(*h).max(1.0) * crop;
    [x + w / 2.0 - side / 2.0, y + h / 2.0 - side / 2.0, side, side]
}

/// The colour at (x, y); the picture is mirrored at its edges, the edge itself not repeated.
fn bilinear(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (column, row) = (x.floor(), y.floor());
    let (fx, fy) = (x - column, y - row);
    let at = |dx: f32, dy: f32| {
        let u = mirrored(column + dx, picture.width());
        let v = mirrored(row + dy, picture.height());
        picture.get_pixel_checked(u, v).map_or([0.0; 3], |pixel| pixel.0.map(f32::from))
    };
    let (a, b, c, d) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0));
    std::array::from_fn(|i| {
        let above = a[i] + (b[i] - a[i]) * fx;
        let below = c[i] + (d[i] - c[i]) * fx;
        above + (below - above) * fy
    })
}

/// Position `at` mirrored into 0..`size`.
fn mirrored(at: f32, size: u32) -> u32 {
    let last = i64::from(size.max(1)) - 1;
    if last == 0 {
        return 0;
    }
    let folded = (at as i64).rem_euclid(2 * last);
    folded.min(2 * last - folded) as u32
}

/// Share of `exp(logit)` that `class` has.
fn softmax(logits: &[f32], class: usize) -> Option<f32> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    let share = (logits.get(class)? - highest).exp() / sum;
    share.is_finite().then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_stays_inside_the_picture_and_keeps_the_boxs_aspect() {
        let [x, y, w, h] = kept_inside(&[10.0, 100.0, 100.0, 120.0], 2.7, (640.0, 480.0));
        assert_eq!((x, w, h), (0.0, 270.0, 324.0));
        assert!((y - (160.0 - 162.0)).abs() < 2.1 && y >= 0.0);
        let [x, y, w, h] = kept_inside(&[100.0, 100.0, 300.0, 360.0], 4.0, (640.0, 480.0));
        assert!(x >= 0.0 && y >= 0.0 && x + w <= 640.0 && y + h <= 480.0);
        assert!((w / h - 300.0 / 360.0).abs() < 1e-4);
        assert!(kept_inside(&[0.0, 0.0, 1.0, 1.0], 4.0, (1.0, 1.0)).iter().all(|v| v.is_finite()));
    }

    #[test]
    fn edges_mirror_without_repeating_themselves() {
        let line: Vec<u32> = (-3..7).map(|x| mirrored(x as f32, 4)).collect();
        assert_eq!(line, [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(mirrored(-5.0, 1), 0);
    }

    #[test]
    fn probabilities_sum_to_one_and_survive_large_logits() {
        let logits = [1000.0, 1001.0, 999.0];
        let sum: f32 = (0..3).filter_map(|class| softmax(&logits, class)).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        assert!(softmax(&logits, 1) > softmax(&logits, 0));
        assert_eq!(softmax(&[f32::NAN, 0.0], 0), None);
        assert_eq!(softmax(&logits, 3), None);
    }
}
