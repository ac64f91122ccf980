//! Pictures that use a small part of the range from black to white, spread over all of it.
//!
//! A dark or hazy photo of somebody keeps most of what tells people apart, but in numbers that neither detector nor
//! embedder was trained on. Only stills are treated: before the camera the person can be asked into better light. Measured
//! on the developer photos (true match rate at a false match rate of 0.1 %): at an eighth of the light 0.87 → 0.95, at a
//! quarter of the contrast 0.95 → 0.98; photos with a usual range are left as they are.

use image::{RgbImage, imageops};

use super::tensor::Tensor;

/// Darkest and brightest hundredth of a picture, 0..255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Levels {
    low: f32,
    high: f32,
}

/// Faces and pictures whose range is narrower than this gain from being spread.
const NARROW: f32 = 80.0;
/// A range narrower than this is noise on a single colour.
const NOTHING: f32 = 8.0;
/// Where the range is spread to.
const DARKEST: f32 = 15.0;
const BRIGHTEST: f32 = 240.0;
/// Brightness is looked at in about so many pixels.
const SAMPLES: usize = 20_000;

impl Levels {
    /// Of brightnesses 0..255, in any order; `None` without any.
    fn of(mut values: Vec<f32>) -> Option<Self> {
        values.sort_unstable_by(f32::total_cmp);
        let at = |share: f32| values.get((values.len().saturating_sub(1) as f32 * share) as usize).copied();
        Some(Self { low: at(0.01)?, high: at(0.99)? })
    }

    /// Of an aligned face: its middle, without what is black because it lies outside the picture.
    pub(super) fn of_face(aligned: &Tensor) -> Option<Self> {
        let (width, height) = aligned.size();
        let middle = aligned.luma().into_iter().enumerate().filter(|(index, _)| {
            let (column, row) = (index % width.max(1), index / width.max(1));
            (width / 6..width - width / 6).contains(&column) && (height / 6..height - height / 16).contains(&row)
        });
        Self::of(middle.map(|(_, luma)| luma * 255.0).collect())
    }

    fn of_picture(picture: &RgbImage) -> Option<Self> {
        let pixels = picture.as_raw().as_chunks::<3>().0;
        let some = pixels.iter().step_by((pixels.len() / SAMPLES).max(1));
        Self::of(some.map(|[r, g, b]| 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b)).collect())
    }

    /// Whether spreading is worth it.
    pub(super) fn are_narrow(&self) -> bool {
        (NOTHING..NARROW).contains(&(self.high - self.low))
    }

    /// `picture` with these levels spread to nearly black and nearly white, all colours alike.
    fn spread(&self, mut picture: RgbImage) -> RgbImage {
        let gain = (BRIGHTEST - DARKEST) / (self.high - self.low).max(NOTHING);
        let table: [u8; 256] = std::array::from_fn(|byte| ((byte as f32 - self.low) * gain + DARKEST) as u8);
        picture.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
        picture
    }

    /// The surroundings of the face at `bbox`, spread, and where their upper left corner lies in `picture`.
    pub(super) fn spread_around(&self, picture: &RgbImage, [x, y, w, h]: [f32; 4]) -> (RgbImage, [f32; 2]) {
        let reach = 1.5 * w.max(h);
        let span = |middle: f32, limit: u32| {
            let from = (middle - reach).clamp(0.0, limit.saturating_sub(1) as f32) as u32;
            (from, ((middle + reach).clamp(0.0, limit as f32) as u32).saturating_sub(from).max(1))
        };
        let (left, width) = span(x + w / 2.0, picture.width());
        let (top, height) = span(y + h / 2.0, picture.height());
        let part = imageops::crop_imm(picture, left, top, width, height).to_image();
        (self.spread(part), [left as f32, top as f32])
    }
}

/// `picture` spread, where its range is narrow.
pub(super) fn spread_whole(picture: &RgbImage) -> Option<RgbImage> {
    let levels = Levels::of_picture(picture).filter(Levels::are_narrow)?;
    Some(levels.spread(picture.clone()))
}

/// Whether a camera that shows the face at `bbox` delivers no colours: neither there nor anywhere else. A grey print before a
/// camera with colours is another thing.
pub(super) fn is_colourless(picture: &RgbImage, bbox: [f32; 4]) -> bool {
    let whole = [0.0, 0.0, picture.width() as f32, picture.height() as f32];
    !has_colour(picture, bbox) && !has_colour(picture, whole)
}

/// Whether the part of `picture` at `bbox` has colours: in a grey photo red, green and blue are one.
pub(super) fn has_colour(picture: &RgbImage, [x, y, w, h]: [f32; 4]) -> bool {
    const STEPS: u32 = 24;
    /// Mean difference of the channels, 0..255. Rounding in a JPEG stays below 1, the palest skin lies above 6.
    const LEAST: u32 = 3;
    let (mut apart, mut count) = (0, 0);
    for step in 0..STEPS * STEPS {
        let at = |from: f32, length: f32, n: u32| from + length * (n as f32 + 0.5) / STEPS as f32;
        let (u, v) = (at(x, w, step % STEPS), at(y, h, step / STEPS));
        if u < 0.0 || v < 0.0 {
            continue;
        }
        if let Some(pixel) = picture.get_pixel_checked(u as u32, v as u32) {
            let [r, g, b] = pixel.0;
            apart += u32::from(r.max(g).max(b) - r.min(g).min(b));
            count += 1;
        }
    }
    apart >= LEAST * count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(low: u8, high: u8) -> RgbImage {
        RgbImage::from_fn(64, 64, |x, _| image::Rgb([low + ((high - low) as u32 * x / 63) as u8; 3]))
    }

    #[test]
    fn a_narrow_range_is_spread_and_a_usual_one_and_a_single_colour_are_left_alone() {
        let spread = spread_whole(&ramp(10, 40)).expect("a narrow range");
        let (darkest, brightest) = (spread.iter().min().copied(), spread.iter().max().copied());
        assert!(darkest.is_some_and(|v| v <= 20) && brightest.is_some_and(|v| v >= 235), "{darkest:?} {brightest:?}");
        assert!(spread_whole(&ramp(10, 200)).is_none());
        assert!(spread_whole(&ramp(90, 90)).is_none());
    }

    #[test]
    fn the_surroundings_of_a_face_at_the_edge_start_in_the_picture() {
        let levels = Levels { low: 10.0, high: 40.0 };
        let (part, origin) = levels.spread_around(&ramp(10, 40), [50.0, 50.0, 20.0, 20.0]);
        assert_eq!((origin, part.dimensions()), ([30.0, 30.0], (34, 34)));
        let (beside, _) = levels.spread_around(&ramp(10, 40), [500.0, 500.0, 20.0, 20.0]);
        assert_eq!(beside.dimensions(), (1, 1));
    }

    #[test]
    fn a_grey_photo_has_no_colour_and_pale_skin_has() {
        let all = [0.0, 0.0, 64.0, 64.0];
        assert!(!has_colour(&ramp(0, 255), all));
        assert!(has_colour(&RgbImage::from_pixel(64, 64, image::Rgb([205, 200, 197])), all));
        assert!(!has_colour(&ramp(0, 255), [200.0, 200.0, 10.0, 10.0]), "outside");
    }

    #[test]
    fn a_camera_has_no_colours_where_neither_the_face_nor_the_rest_has_any() {
        let face = [20.0, 20.0, 16.0, 16.0];
        assert!(is_colourless(&ramp(0, 255), face));
        let within = |x: u32, y: u32| (20..36).contains(&x) && (20..36).contains(&y);
        let of = |face: [u8; 3], rest: [u8; 3]| {
            RgbImage::from_fn(64, 64, |x, y| image::Rgb(if within(x, y) { face } else { rest }))
        };
        let (grey, pale) = ([120; 3], [205, 200, 197]);
        assert!(!is_colourless(&of(pale, grey), face), "somebody before a grey wall");
        assert!(!is_colourless(&of(grey, pale), face), "a grey print");
    }
}
