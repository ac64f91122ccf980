//! A camera's bytes to RGB.
//!
//! The colours of uncompressed pictures are those of ITU-R BT.601 with limited range (16..235), which is what UVC
//! cameras send unless they say otherwise.

use image::RgbImage;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::jpeg::Damage;
use super::wire::{Encoding, Raw};

/// Larger than any camera's picture; a header that claims more is damaged.
const LARGEST_SIDE: usize = 4096;

/// Reads a camera's picture.
///
/// # Errors
/// [`Damage`] when the bytes are not such a picture.
pub fn decode(raw: &Raw) -> Result<RgbImage, Damage> {
    let picture = match raw.encoding {
        Encoding::Mjpeg => from_jpeg(&raw.bytes)?,
        Encoding::Yuyv | Encoding::Nv12 if !are_sides(raw.width, raw.height) => return Err(Damage::Header),
        Encoding::Yuyv => from_yuyv(&raw.bytes, raw.width, raw.height)?,
        Encoding::Nv12 => from_nv12(&raw.bytes, raw.width, raw.height)?,
    };
    // A JPEG says its size itself.
    if are_sides(picture.width(), picture.height()) { Ok(picture) } else { Err(Damage::Header) }
}

fn are_sides(width: u32, height: u32) -> bool {
    [width, height].iter().all(|side| (1..=LARGEST_SIDE).contains(&(*side as usize)))
}

/// The bytes that a picture of this encoding takes; `None` where that differs from picture to picture.
pub const fn size(encoding: Encoding, width: u32, height: u32) -> Option<usize> {
    let pixels = width as usize * height as usize;
    match encoding {
        Encoding::Mjpeg => None,
        Encoding::Yuyv => Some(pixels * 2),
        Encoding::Nv12 => Some(pixels + pixels.div_ceil(2)),
    }
}

fn from_jpeg(bytes: &[u8]) -> Result<RgbImage, Damage> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(LARGEST_SIDE)
        .set_max_height(LARGEST_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(|_| Damage::Data)?;
    let (width, height) = decoder.dimensions().ok_or(Damage::Header)?;
    let (width, height) = (u32::try_from(width), u32::try_from(height));
    let (Ok(width), Ok(height)) = (width, height) else { return Err(Damage::Header) };
    RgbImage::from_raw(width, height, pixels).ok_or(Damage::Data)
}

fn from_yuyv(bytes: &[u8], width: u32, height: u32) -> Result<RgbImage, Damage> {
    let needed = size(Encoding::Yuyv, width, height).unwrap_or(usize::MAX);
    let bytes = bytes.get(..needed).ok_or(Damage::CutOff)?;
    let mut rgb = vec![0; width as usize * height as usize * 3];
    for (two, pair) in rgb.as_chunks_mut::<6>().0.iter_mut().zip(bytes.as_chunks::<4>().0) {
        let [y0, u, y1, v] = *pair;
        let chroma = Chroma::new(u, v);
        let ([r0, g0, b0], [r1, g1, b1]) = (chroma.rgb(y0), chroma.rgb(y1));
        *two = [r0, g0, b0, r1, g1, b1];
    }
    RgbImage::from_raw(width, height, rgb).ok_or(Damage::Data)
}

fn from_nv12(bytes: &[u8], width: u32, height: u32) -> Result<RgbImage, Damage> {
    let needed = size(Encoding::Nv12, width, height).unwrap_or(usize::MAX);
    let columns = width as usize;
    let bytes = bytes.get(..needed).ok_or(Damage::CutOff)?;
    let (luma, chroma) = bytes.split_at_checked(columns * height as usize).ok_or(Damage::CutOff)?;
    let mut rgb = vec![0; columns * height as usize * 3];
    for (row, (line, shades)) in rgb.chunks_exact_mut(columns * 3).zip(luma.chunks_exact(columns)).enumerate() {
        let colours = chroma.get(row / 2 * columns..).unwrap_or(&[]);
        let pixels = line.as_chunks_mut::<6>().0.iter_mut().zip(shades.as_chunks::<2>().0);
        for ((two, [y0, y1]), [u, v]) in pixels.zip(colours.as_chunks::<2>().0) {
            let chroma = Chroma::new(*u, *v);
            let ([r0, g0, b0], [r1, g1, b1]) = (chroma.rgb(*y0), chroma.rgb(*y1));
            *two = [r0, g0, b0, r1, g1, b1];
        }
    }
    RgbImage::from_raw(width, height, rgb).ok_or(Damage::Data)
}

/// What two neighbouring pixels share: the colour's part of red, green and blue, in 1/256.
#[derive(Clone, Copy)]
struct Chroma {
    red: i32,
    green: i32,
    blue: i32,
}

impl Chroma {
    #[inline]
    fn new(u: u8, v: u8) -> Self {
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        Self { red: 409 * v + 128, green: -100 * u - 208 * v + 128, blue: 516 * u + 128 }
    }

    #[inline]
    fn rgb(self, y: u8) -> [u8; 3] {
        let y = 298 * (i32::from(y) - 16);
        [self.red, self.green, self.blue].map(|part| ((y + part) >> 8).clamp(0, 255) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn raw(encoding: Encoding, width: u32, height: u32, bytes: Vec<u8>) -> Raw {
        Raw { sequence: 0, age_us: 0, width, height, encoding, bytes }
    }

    // BT.601 limited range, from the recommendation's own equations.
    const WHITE: (u8, u8, u8) = (235, 128, 128);
    const BLACK: (u8, u8, u8) = (16, 128, 128);
    const RED: (u8, u8, u8) = (81, 90, 240);

    #[test]
    fn yuyv_black_white_and_red_come_out_as_such() {
        let (y, u, v) = RED;
        let bytes = vec![WHITE.0, WHITE.1, BLACK.0, WHITE.2, y, u, y, v];
        let picture = decode(&raw(Encoding::Yuyv, 2, 2, bytes)).expect("a picture");
        assert_eq!(picture.get_pixel(0, 0), &Rgb([255, 255, 255]));
        assert_eq!(picture.get_pixel(1, 0), &Rgb([0, 0, 0]));
        let Rgb([r, g, b]) = *picture.get_pixel(1, 1);
        assert!(r >= 250 && g <= 5 && b <= 5, "red is {r} {g} {b}");
    }

    #[test]
    fn nv12_shares_one_colour_among_four_pixels() {
        let (y, u, v) = RED;
        let bytes = vec![y, y, 235, 16, y, y, 16, 235, u, v, 128, 128];
        let picture = decode(&raw(Encoding::Nv12, 4, 2, bytes)).expect("a picture");
        for (x, row) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let Rgb([r, g, b]) = *picture.get_pixel(x, row);
            assert!(r >= 250 && g <= 5 && b <= 5, "red at {x},{row} is {r} {g} {b}");
        }
        assert_eq!(picture.get_pixel(2, 0), &Rgb([255, 255, 255]));
        assert_eq!(picture.get_pixel(2, 1), &Rgb([0, 0, 0]));
    }

    #[test]
    fn a_picture_without_width_or_height_or_larger_than_any_is_damage_however_many_bytes_come() {
        for encoding in [Encoding::Yuyv, Encoding::Nv12] {
            for (width, height) in [(0, 48), (64, 0), (0, 0), (64, u32::MAX), (u32::MAX, u32::MAX)] {
                let refused = decode(&raw(encoding, width, height, vec![128; 64 * 48 * 2]));
                assert!(matches!(refused, Err(Damage::Header)), "{encoding} {width}×{height}: {refused:?}");
            }
        }
    }

    #[test]
    fn too_few_bytes_are_damage_in_every_encoding() {
        for encoding in [Encoding::Mjpeg, Encoding::Yuyv, Encoding::Nv12] {
            assert!(decode(&raw(encoding, 64, 48, vec![0xFF; 100])).is_err(), "{encoding}");
            assert!(decode(&raw(encoding, 64, 48, Vec::new())).is_err(), "{encoding}");
        }
    }
}
