//! Presentation attack detection (ISO/IEC 30107): does a living person stand there, or a photo, a screen?

use image::RgbImage;

use super::area::Area;
use super::error::VisionError;
use super::pack::ModelFile;
use super::runtime::Model;
use super::tensor::{Encoding, Tensor};

/// One liveness model.
#[derive(Debug)]
pub(super) struct Liveness {
    model: Model,
    crop: Crop,
    live: usize,
}

/// The part of a picture that a model sees: x, y, width, height.
pub(super) type Part = [f32; 4];

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
        let (Some(scale), Some(live)) = (file.card.crop, file.card.live.filter(|live| *live < classes)) else {
            return Err(mismatch("a liveness model needs `crop`, and `live` among its classes"));
        };
        let model = Model::load(file, threads)?;
        let crop = Crop::new(Encoding::of(model.card()), side, scale, file.card.square);
        Ok(Self { model, crop, live })
    }

    /// Probability, 0..1, that the face at `bbox` is a living one.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn probability(&mut self, picture: &RgbImage, bbox: &[f32; 4]) -> Result<f32, VisionError> {
        self.crop.draw(picture, bbox);
        let (input, live) = (&self.crop.input, self.live);
        self.model.run(input.shape(), input.values(), |outputs| {
            let logits = outputs.floats(0)?;
            softmax(logits, live).ok_or_else(|| format!("it gave {} numbers, none of them class {live}", logits.len()))
        })
    }
}

/// The surroundings of a face as a model wants them.
#[derive(Debug)]
struct Crop {
    input: Tensor,
    /// The input's width and height.
    side: (usize, usize),
    /// Times the face's box.
    scale: f32,
    square: bool,
    area: Area,
    columns: Vec<Between>,
    rows: Vec<Between>,
}

impl Crop {
    fn new(encoding: Encoding, side: (usize, usize), scale: f32, square: bool) -> Self {
        let input = Tensor::new(encoding);
        Self { input, side, scale, square, area: Area::default(), columns: vec![], rows: vec![] }
    }

    /// Draws the surroundings of the face at `bbox` into the input.
    fn draw(&mut self, picture: &RgbImage, bbox: &[f32; 4]) {
        let size = (picture.width() as f32, picture.height() as f32);
        let part = if self.square { square(bbox, self.scale) } else { kept_inside(bbox, self.scale, size) };
        let [x, y, w, h] = part;
        let (wide, high) = self.side;
        self.input.resize(wide, high);
        // As each model's authors shrink what they show it.
        if self.square && averages(part, self.side, size) {
            self.area.draw(picture, part, &mut self.input);
            return;
        }
        Between::measure(&mut self.columns, x, w, wide, picture.width());
        Between::measure(&mut self.rows, y, h, high, picture.height());
        let Self { input, columns, rows, .. } = self;
        input.write_with(|column, row| match (columns.get(column), rows.get(row)) {
            (Some(column), Some(row)) => bilinear(picture, column, row),
            _ => [0.0; 3],
        });
    }
}

/// Whether `part` of a picture of `size` is shrunk to `side`. A box far larger than the picture is no face, and its cost has
/// no end.
fn averages([_, _, w, h]: Part, (wide, high): (usize, usize), (width, height): (f32, f32)) -> bool {
    const MOST: f32 = 4.0;
    w > wide as f32 && h > high as f32 && w.max(h) <= MOST * width.max(height)
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

/// Two neighbouring pixels along one side of a picture, and how far between them a place lies, 0..1.
#[derive(Debug, Clone, Copy)]
struct Between {
    first: u32,
    second: u32,
    share: f32,
}

impl Between {
    /// Where the middles of `count` pixels lie that `length` pixels from `from` on become, along a side of `size`.
    fn measure(places: &mut Vec<Self>, from: f32, length: f32, count: usize, size: u32) {
        let step = length / count as f32;
        places.clear();
        places.extend((0..count).map(|n| {
            let at = from + (n as f32 + 0.5) * step - 0.5;
            let pixel = at.floor();
            let [first, second] = [pixel, pixel + 1.0].map(|pixel| mirrored(pixel as i64, size));
            Self { first, second, share: at - pixel }
        }));
    }
}

/// The colour between two columns and two rows.
fn bilinear(picture: &RgbImage, column: &Between, row: &Between) -> [f32; 3] {
    let at = |u: u32, v: u32| picture.get_pixel_checked(u, v).map_or([0.0; 3], |pixel| pixel.0.map(f32::from));
    let (a, b) = (at(column.first, row.first), at(column.second, row.first));
    let (c, d) = (at(column.first, row.second), at(column.second, row.second));
    std::array::from_fn(|i| {
        let above = a[i] + (b[i] - a[i]) * column.share;
        let below = c[i] + (d[i] - c[i]) * column.share;
        above + (below - above) * row.share
    })
}

/// Position `at` mirrored into 0..`size`, the edge itself not repeated.
pub(super) fn mirrored(at: i64, size: u32) -> u32 {
    let last = i64::from(size.max(1)) - 1;
    if last == 0 {
        return 0;
    }
    let folded = at.rem_euclid(2 * last);
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
    use crate::vision::manifest::Manifest;

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
        let line: Vec<u32> = (-3..7).map(|x| mirrored(x, 4)).collect();
        assert_eq!(line, [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(mirrored(-5, 1), 0);
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

    /// The surroundings of a face as the model `id` wants them.
    fn crop(id: &str, square: bool) -> Crop {
        let manifest: Manifest = toml::from_str(include_str!("../../models/models.toml")).expect("the manifest");
        let card = manifest.find(id).expect("the model");
        assert_eq!(card.square, square, "{id}");
        let side = card.inputs[0].shape[3] as usize;
        Crop::new(Encoding::of(card), (side, side), card.crop.expect("a crop"), square)
    }

    /// Every pixel looked up for itself.
    fn one_by_one(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
        let (column, row) = (x.floor(), y.floor());
        let (fx, fy) = (x - column, y - row);
        let at = |dx: f32, dy: f32| {
            let u = mirrored((column + dx) as i64, picture.width());
            picture.get_pixel(u, mirrored((row + dy) as i64, picture.height())).0.map(f32::from)
        };
        let (a, b, c, d) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0));
        std::array::from_fn(|i| {
            let above = a[i] + (b[i] - a[i]) * fx;
            let below = c[i] + (d[i] - c[i]) * fx;
            above + (below - above) * fy
        })
    }

    #[test]
    fn columns_and_rows_found_once_give_to_the_bit_what_every_pixel_for_itself_does() {
        let picture =
            RgbImage::from_fn(211, 173, |x, y| image::Rgb([(x * 7 + y) as u8, (x * y) as u8, (x * x + y * 3) as u8]));
        let size = (211.0, 173.0);
        // In the middle, at a corner and beyond; shrunk and grown; and where a square grows.
        for (id, bbox) in [
            ("minifasnet-v2", [60.3, 41.7, 64.1, 81.9]),
            ("minifasnet-v2", [-20.5, -11.2, 33.3, 40.4]),
            ("minifasnet-v2", [190.0, 150.0, 18.0, 21.0]),
            ("minifas-celebaspoof", [-9.7, 130.1, 61.0, 70.3]),
        ] {
            let mut crop = crop(id, id == "minifas-celebaspoof");
            crop.draw(&picture, &bbox);
            let part = if crop.square { square(&bbox, crop.scale) } else { kept_inside(&bbox, crop.scale, size) };
            let [x, y, w, h] = part;
            let (wide, high) = crop.side;
            let (step_x, step_y) = (w / wide as f32, h / high as f32);
            let drawn: Vec<u32> = crop.input.values().iter().map(|value| value.to_bits()).collect();
            crop.input.write_with(|column, row| {
                let (column, row) = (column as f32 + 0.5, row as f32 + 0.5);
                one_by_one(&picture, x + column * step_x - 0.5, y + row * step_y - 0.5)
            });
            let alike =
                crop.input.values().iter().zip(&drawn).filter(|(value, bits)| value.to_bits() == **bits).count();
            assert_eq!(alike, 3 * wide * high, "{id} {bbox:?}");
        }
    }

    #[test]
    fn a_fine_pattern_becomes_grey_where_a_square_shrinks_and_stays_where_it_grows() {
        let board = RgbImage::from_fn(800, 800, |x, y| image::Rgb([if (x + y) % 2 == 0 { 0 } else { 255 }; 3]));
        let spread = |step: f32| {
            let face = step * 128.0 / 1.5;
            let mut crop = crop("minifas-celebaspoof", true);
            crop.draw(&board, &[400.0 - face / 2.0, 400.0 - face / 2.0, face, face]);
            let values = || crop.input.values().iter().copied();
            values().fold(0.0, f32::max) - values().fold(1.0, f32::min)
        };
        // Of nine fields four or five are white; one field for each would be all white or all black.
        assert!(spread(3.0) < 0.12, "{}", spread(3.0));
        assert!(spread(0.6) > 0.5, "{}", spread(0.6));
    }

    #[test]
    fn a_box_far_larger_than_the_picture_or_far_beside_it_is_drawn_like_any_other() {
        let picture = RgbImage::from_pixel(40, 30, image::Rgb([51; 3]));
        for bbox in [[-1e30, 0.0, 1e30, 1e30], [1e30, 1e30, 100.0, 100.0], [-4e4, -4e4, 8e4, 8e4]] {
            let mut crop = crop("minifas-celebaspoof", true);
            crop.draw(&picture, &bbox);
            assert_eq!(crop.input.values().len(), 3 * 128 * 128);
        }
    }
}
