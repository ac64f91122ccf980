//! What a cheap camera does to a picture: blur and noise.

use image::RgbImage;

use super::math::{exp, hash};

/// Blurs with a bell of standard deviation `sigma_px`; below 0.2 the picture stays as it is.
pub fn blur(picture: &mut RgbImage, sigma_px: f32) {
    if sigma_px < 0.2 {
        return;
    }
    let reach = (sigma_px * 2.6).ceil().min(40.0) as usize;
    let mut kernel: Vec<f32> = (0..=reach).map(|i| exp(-0.5 * (i as f32 / sigma_px) * (i as f32 / sigma_px))).collect();
    let total = kernel.iter().sum::<f32>() * 2.0 - 1.0;
    kernel.iter_mut().for_each(|k| *k /= total);
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let source: Vec<f32> = picture.as_raw().iter().map(|b| f32::from(*b)).collect();
    let across = smear(&source, &kernel, w, h, |x, y| (y * w + x) * 3, w);
    let down = smear(&across, &kernel, h, w, |y, x| (y * w + x) * 3, h);
    for (byte, value) in picture.iter_mut().zip(down) {
        *byte = (value + 0.5) as u8;
    }
}

fn smear(
    source: &[f32],
    kernel: &[f32],
    length: usize,
    lines: usize,
    index: impl Fn(usize, usize) -> usize,
    limit: usize,
) -> Vec<f32> {
    let mut out = vec![0.0; source.len()];
    for line in 0..lines {
        for at in 0..length {
            let to = index(at, line);
            for channel in 0..3 {
                let mut sum = source[to + channel] * kernel[0];
                for (i, weight) in kernel.iter().enumerate().skip(1) {
                    let before = index(at.saturating_sub(i), line) + channel;
                    let after = index((at + i).min(limit - 1), line) + channel;
                    sum += weight * (source[before] + source[after]);
                }
                out[to + channel] = sum;
            }
        }
    }
    out
}

/// Values of noise thrown once a picture; each stretch of it begins somewhere else among them.
const THROWN: usize = 4096;
/// Bytes a stretch.
const STRETCH: usize = 96;

/// Adds sensor noise of standard deviation `sigma` (in 0..255 steps), different by `seed`.
pub fn noise(picture: &mut RgbImage, sigma: f32, seed: u32) {
    if sigma < 0.05 {
        return;
    }
    // Two bytes added make a triangle of deviation 104; close enough to a bell for a camera. 16-bit fixed point.
    let scale = (sigma / 104.5 * 65_536.0) as i32;
    let mut state = hash(seed, 0x5EED, 0) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let thrown: Vec<i16> = (0..THROWN + STRETCH)
        .map(|_| {
            let bits = next();
            let throw = (bits & 255) as i32 + ((bits >> 8) & 255) as i32 - 255;
            ((throw * scale + 32_768) >> 16) as i16
        })
        .collect();
    for stretch in picture.as_mut().chunks_mut(STRETCH) {
        let from = next() as usize % THROWN;
        for (byte, noise) in stretch.iter_mut().zip(&thrown[from..]) {
            *byte = (i16::from(*byte) + noise).clamp(0, 255) as u8;
        }
    }
}
