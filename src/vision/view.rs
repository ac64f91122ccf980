//! A window onto a picture: which part of it a detector's input shows, and at what scale.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::shrink::{Shrinker, Squares};
use super::tensor::Tensor;
use super::warp::{Similarity, Warper};

/// Point (u, v) of the input shows (`left`, `top`) + (u, v) / `scale`, turned about (`left`, `top`) by `turn_rad`, of the
/// picture. Outside the picture it is black.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) scale: f64,
    /// Positive clockwise: a face that is turned so stands upright in the input.
    pub(super) turn_rad: f64,
    /// Size of the input; both are multiples of 32.
    pub(super) width: usize,
    pub(super) height: usize,
}

impl View {
    /// The whole of a picture of `width` × `height`, its longer side shrunk to at most `longest` pixels (never grown),
    /// padded right and bottom to a multiple of 32.
    pub(super) fn whole(width: u32, height: u32, longest: u32) -> Self {
        let scale = (f64::from(longest) / f64::from(width.max(height).max(1))).min(1.0);
        let padded = |side: u32| ((f64::from(side) * scale).floor().max(1.0) as usize).next_multiple_of(32);
        Self { left: 0.0, top: 0.0, scale, turn_rad: 0.0, width: padded(width), height: padded(height) }
    }

    /// A square of `side` input pixels around (`x`, `y`), at `scale`, turned by `turn_rad`.
    pub(super) fn around(x: f64, y: f64, scale: f64, side: usize, turn_rad: f64) -> Self {
        let reach = side as f64 / scale / 2.0;
        let (sin, cos) = turn_rad.sin_cos();
        let (left, top) = (x - reach * (cos - sin), y - reach * (sin + cos));
        Self { left, top, scale, turn_rad, width: side, height: side }
    }

    /// A point of the input, in the picture.
    pub(super) fn to_picture(self, [u, v]: [f32; 2]) -> [f32; 2] {
        let (sin, cos) = self.turn_rad.sin_cos();
        let (u, v) = (f64::from(u) / self.scale, f64::from(v) / self.scale);
        [(self.left + cos * u - sin * v) as f32, (self.top + sin * u + cos * v) as f32]
    }

    /// The same for pixels, the centres of which lie on whole coordinates.
    fn pixels_to_picture(self) -> Similarity {
        let (sin, cos) = self.turn_rad.sin_cos();
        let (a, b) = (cos / self.scale, sin / self.scale);
        let [tx, ty] = [self.left + (a - b) / 2.0 - 0.5, self.top + (b + a) / 2.0 - 0.5];
        Similarity { a: a as f32, b: b as f32, tx: tx as f32, ty: ty as f32 }
    }
}

/// Draws views of pictures into tensors; keeps its buffers.
pub(super) struct Painter {
    resizer: Resizer,
    shrinker: Shrinker,
    warper: Warper,
    small: Vec<u8>,
}

impl std::fmt::Debug for Painter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Painter").finish_non_exhaustive()
    }
}

impl Painter {
    pub(super) fn new() -> Self {
        Self { resizer: Resizer::new(), shrinker: Shrinker::default(), warper: Warper::default(), small: Vec::new() }
    }

    /// Draws `view` of `picture` into `tensor`, shrinking with an area filter, growing bilinearly.
    ///
    /// # Errors
    /// A sentence, when the resizer refuses the sizes.
    pub(super) fn paint(&mut self, picture: &RgbImage, view: View, tensor: &mut Tensor) -> Result<(), String> {
        tensor.resize(view.width, view.height);
        if view.turn_rad != 0.0 {
            self.warper.warp(picture, &view.pixels_to_picture(), tensor);
            return Ok(());
        }
        // The input's whole pixels that lie within the picture: columns u0..u1, rows v0..v1.
        let span = |origin: f64, size: u32, limit: usize| {
            let from = (-origin * view.scale).max(0.0).ceil();
            let to = ((f64::from(size) - origin) * view.scale + 1e-9).floor().min(limit as f64);
            (from, (to - from).max(0.0))
        };
        let (u0, wide) = span(view.left, picture.width(), view.width);
        let (v0, high) = span(view.top, picture.height(), view.height);
        if wide < 1.0 || high < 1.0 {
            tensor.blacken();
            return Ok(());
        }
        if (wide as usize, high as usize) != tensor.size() {
            tensor.blacken();
        }
        let (wide, high, u0, v0) = (wide as u32, high as u32, u0 as usize, v0 as usize);
        // A camera's frame at half its size, the way of every frame: averaged straight into the tensor.
        if view.scale == 0.5 && (view.left, view.top) == (0.0, 0.0) {
            let squares = Squares { left: 0, top: 0, factor: 2, width: wide as usize, height: high as usize };
            self.shrinker.rows(picture, squares, |row, line| tensor.write_row(row, 0, line));
            return Ok(());
        }
        let pixels: &[u8] = if view.scale == 1.0 && (wide, high) == picture.dimensions() {
            picture.as_raw()
        } else {
            let bytes = wide as usize * high as usize * 3;
            self.small.resize(bytes.max(self.small.len()), 0);
            let target = self.small.get_mut(..bytes).ok_or("no room for the small picture")?;
            let source = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), PixelType::U8x3)
                .map_err(|error| error.to_string())?;
            let mut target = Image::from_slice_u8(wide, high, target, PixelType::U8x3).map_err(|e| e.to_string())?;
            let (left, top) = (view.left + u0 as f64 / view.scale, view.top + v0 as f64 / view.scale);
            // Rounding may reach past the edge by a hair.
            let within = |from: f64, length: u32, limit: u32| {
                let from = from.max(0.0);
                (from, (f64::from(length) / view.scale).min(f64::from(limit) - from))
            };
            let (left, width) = within(left, wide, picture.width());
            let (top, height) = within(top, high, picture.height());
            // From half size down plain averaging keeps what matters and costs half.
            let filter = if view.scale <= 0.5 { FilterType::Box } else { FilterType::Bilinear };
            let options =
                ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(left, top, width, height);
            self.resizer.resize(&source, &mut target, &options).map_err(|error| error.to_string())?;
            &self.small
        };
        for (row, line) in pixels.chunks_exact(wide as usize * 3).take(high as usize).enumerate() {
            tensor.write_row(v0 + row, u0, line);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::manifest::{Channels, Manifest};

    fn tensor() -> Tensor {
        let manifest: Manifest = toml::from_str(include_str!("../../models/models.toml")).expect("the manifest");
        let card = manifest.find("yunet").expect("the detector");
        assert_eq!(card.channels, Channels::Bgr);
        Tensor::new(crate::vision::tensor::Encoding::of(card))
    }

    /// Red rises with x, green with y.
    fn ramp(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 7]))
    }

    #[test]
    fn a_frame_is_shrunk_into_multiples_of_32_and_never_grown() {
        let view = View::whole(640, 480, 320);
        assert_eq!((view.width, view.height, view.scale), (320, 256, 0.5));
        let small = View::whole(100, 50, 320);
        assert_eq!((small.width, small.height, small.scale), (128, 64, 1.0));
        assert_eq!(View::whole(1, 1, 320).width, 32);
        let thin = View::whole(20_000, 1, 640);
        assert_eq!((thin.width, thin.height), (640, 32));
    }

    /// A tensor of this many pixels a side that shows somebody else.
    fn used(painter: &mut Painter, side: u32) -> Tensor {
        let mut tensor = tensor();
        let white = RgbImage::from_pixel(side, side, image::Rgb([255; 3]));
        painter.paint(&white, View::whole(side, side, side), &mut tensor).expect("a view");
        assert!(tensor.values().iter().all(|value| *value == 255.0));
        tensor
    }

    #[test]
    fn a_view_shows_what_it_says_and_black_outside_whatever_was_there_before() {
        let mut painter = Painter::new();
        let mut tensor = used(&mut painter, 64);
        let view = View::around(0.0, 40.0, 1.0, 64, 0.0);
        painter.paint(&ramp(100, 80), view, &mut tensor).expect("a view");
        let (blue, red) = (&tensor.values()[..64 * 64], &tensor.values()[2 * 64 * 64..]);
        assert_eq!((blue[31], blue[32]), (0.0, 7.0), "the picture starts in the middle");
        assert_eq!(red[32 + 5], 5.0);
        assert_eq!(view.to_picture([37.0, 0.0]), [5.0, 8.0]);
    }

    #[test]
    fn a_view_beside_the_picture_is_black_whatever_was_there_before() {
        let mut painter = Painter::new();
        let mut tensor = used(&mut painter, 32);
        painter.paint(&ramp(10, 10), View::around(500.0, 5.0, 2.0, 32, 0.0), &mut tensor).expect("a view");
        assert!(tensor.values().iter().all(|value| *value == 0.0));
    }

    #[test]
    fn shrinking_averages_instead_of_skipping() {
        let (mut painter, mut tensor) = (Painter::new(), tensor());
        let stripes = RgbImage::from_fn(128, 128, |x, _| image::Rgb([if x % 4 < 2 { 0 } else { 200 }; 3]));
        painter.paint(&stripes, View::whole(128, 128, 32), &mut tensor).expect("a view");
        assert!(tensor.values().iter().all(|value| (60.0..140.0).contains(value)));
    }
}
