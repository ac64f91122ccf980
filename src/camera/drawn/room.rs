//! The canteen behind the people: out of focus, different by seed, with things that a detector may take for faces.

use image::RgbImage;

use super::colour::{byte, colour, encoded, mix};
use super::math::{Dice, bell, lerp, noise, smooth};

/// Pixels of the picture a pixel of the painting; what is enlarged looks out of focus.
const COARSE: u32 = 4;

/// Which part of a frame a picture shows: its pixel (0, 0) is the frame's (`left`, `top`), and a pixel of the frame
/// becomes `scale` of the picture's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub left: f32,
    pub top: f32,
    pub scale: f32,
    /// Size of the picture.
    pub width: u32,
    pub height: u32,
}

impl Window {
    /// The whole of a frame.
    pub const fn whole(width: u32, height: u32) -> Self {
        Self { left: 0.0, top: 0.0, scale: 1.0, width, height }
    }
}

/// What `window` shows of a painting of `width × height` pixels; `clutter` 0..1 hangs up plates, clocks, lanterns and
/// posters with roundish faces of no one; `light` is the brightness, 1 usual.
pub fn paint((width, height): (u32, u32), window: &Window, seed: u64, clutter: f32, light: f32) -> RgbImage {
    let (w, h) = ((width / COARSE).max(2) as usize, (height / COARSE).max(2) as usize);
    let mut wall = Wall { w, h, rgb: vec![[0.0; 3]; w * h], aspect: w as f32 / h as f32 };
    let mut dice = Dice::new(seed);
    wall.base(&mut dice);
    wall.furnish(&mut dice);
    for _ in 0..(clutter * 9.0) as usize {
        wall.distract(&mut dice);
    }
    wall.soften();
    wall.enlarge(window, light)
}

struct Wall {
    w: usize,
    h: usize,
    rgb: Vec<[f32; 3]>,
    /// x runs from 0 to this, y from 0 to 1.
    aspect: f32,
}

impl Wall {
    fn each(&mut self, mut brush: impl FnMut(f32, f32, &mut [f32; 3])) {
        let (w, h) = (self.w, self.h);
        for (i, rgb) in self.rgb.iter_mut().enumerate() {
            brush((i % w) as f32 / h as f32, (i / w) as f32 / h as f32, rgb);
        }
    }

    /// As [`Wall::each`] within a rectangle.
    fn within(&mut self, [x0, y0, x1, y1]: [f32; 4], mut brush: impl FnMut(f32, f32, &mut [f32; 3])) {
        let (w, h) = (self.w, self.h as f32);
        let pixels =
            |from: f32, to: f32, end: usize| (from * h).max(0.0) as usize..((to * h + 2.0).max(0.0) as usize).min(end);
        for row in pixels(y0, y1, self.h) {
            for column in pixels(x0, x1, w) {
                brush(column as f32 / h, row as f32 / h, &mut self.rgb[row * w + column]);
            }
        }
    }

    fn rectangle(&mut self, [x0, y0, x1, y1]: [f32; 4], paint: [f32; 3], amount: f32) {
        let soft = 0.014;
        self.within([x0 - soft, y0 - soft, x1 + soft, y1 + soft], |x, y, rgb| {
            let inside = smooth(x0 - soft, x0 + soft, x)
                * smooth(x1 + soft, x1 - soft, x)
                * smooth(y0 - soft, y0 + soft, y)
                * smooth(y1 + soft, y1 - soft, y);
            *rgb = mix(*rgb, paint, inside * amount);
        });
    }

    fn disc(&mut self, [cx, cy]: [f32; 2], [rx, ry]: [f32; 2], paint: [f32; 3], amount: f32) {
        self.within([cx - rx * 1.2, cy - ry * 1.2, cx + rx * 1.2, cy + ry * 1.2], |x, y, rgb| {
            let d = ((x - cx) / rx) * ((x - cx) / rx) + ((y - cy) / ry) * ((y - cy) / ry);
            *rgb = mix(*rgb, paint, amount * smooth(1.3, 0.7, d));
        });
    }

    fn base(&mut self, dice: &mut Dice) {
        let upper = dice.pick(&[0xE9E0CC, 0xDDD9CE, 0xE6D8C0, 0xD6DCD8, 0xE3DDD8].map(|c| (c, 1.0)), 0xE9E0CC);
        let lower = dice.pick(&[0x9DB8A2, 0xA9B8BC, 0xB79A7C, 0xC0B49A, 0x8FA9A8].map(|c| (c, 1.0)), 0x9DB8A2);
        let (upper, lower) = (colour(upper).map(|c| c * 0.72), colour(lower).map(|c| c * 0.66));
        let dado = dice.between(0.56, 0.70);
        let (side, seed) = (dice.between(-0.25, 0.25), dice.seed());
        let aspect = self.aspect;
        self.each(|x, y, rgb| {
            let paint = mix(upper, lower, smooth(dado - 0.006, dado + 0.006, y));
            let trim = bell((y - dado) / 0.008, 0.0);
            let light = 1.05 - 0.28 * y + side * (x / aspect - 0.5) + 0.03 * noise(x * 5.0, y * 5.0, seed);
            *rgb = paint.map(|c| c * light * (1.0 - 0.25 * trim));
        });
    }

    fn furnish(&mut self, dice: &mut Dice) {
        let aspect = self.aspect;
        if dice.chance(0.75) {
            // A window with a cross of wood and greenery outside.
            let x = if dice.chance(0.5) { dice.between(-0.1, 0.12) } else { dice.between(aspect - 0.48, aspect - 0.3) };
            let (top, bottom, wide) = (dice.between(0.02, 0.12), dice.between(0.42, 0.54), dice.between(0.3, 0.4));
            self.rectangle([x - 0.02, top - 0.02, x + wide + 0.02, bottom + 0.02], colour(0x8A6B4C), 0.9);
            self.rectangle([x, top, x + wide, bottom], colour(0xEEF3EF).map(|c| c * 0.95), 1.0);
            self.rectangle([x, lerp(top, bottom, 0.62), x + wide, bottom], colour(0x9DBB8E), 0.55);
            let middle = x + wide * 0.5;
            self.rectangle([middle - 0.008, top, middle + 0.008, bottom], colour(0x8A6B4C), 0.9);
            let bar = lerp(top, bottom, 0.4);
            self.rectangle([x, bar - 0.006, x + wide, bar + 0.006], colour(0x8A6B4C), 0.9);
        }
        if dice.chance(0.8) {
            // The board with the day's dishes.
            let x = dice.between(0.25, aspect - 0.6);
            let (y, wide, high) = (dice.between(0.06, 0.14), dice.between(0.3, 0.42), dice.between(0.2, 0.26));
            let board = dice.pick(&[0x7A3428, 0x2F4A3C, 0x39424E].map(|c| (c, 1.0)), 0x7A3428);
            self.rectangle([x - 0.012, y - 0.012, x + wide + 0.012, y + high + 0.012], colour(0xB08A5A), 0.9);
            self.rectangle([x, y, x + wide, y + high], colour(board), 1.0);
            for line in 0..4 {
                let ly = y + high * (0.2 + 0.2 * line as f32);
                let end = x + wide * dice.between(0.5, 0.72);
                self.rectangle([x + 0.03, ly - 0.008, end, ly + 0.008], colour(0xEADFC4), 0.7);
                self.rectangle([x + wide * 0.82, ly - 0.008, x + wide * 0.93, ly + 0.008], colour(0xEADFC4), 0.7);
            }
        }
        for _ in 0..2 + dice.bits() % 3 {
            // Tables with stools.
            let (x, y) = (dice.between(-0.1, aspect), dice.between(0.72, 0.9));
            let wide = dice.between(0.22, 0.36);
            let wood = mix(colour(0xA87B4E), colour(0x8B6A4C), dice.between(0.0, 1.0)).map(|c| c * 0.8);
            self.rectangle([x, y, x + wide, y + 0.03], wood, 1.0);
            for leg in [0.06, 0.90] {
                self.rectangle([x + wide * leg, y + 0.03, x + wide * leg + 0.014, 1.1], wood.map(|c| c * 0.6), 1.0);
            }
            if dice.chance(0.6) {
                self.disc([x + wide * 0.4, y - 0.012], [0.04, 0.016], colour(0xE8E6E0), 0.9);
            }
        }
        for _ in 0..dice.bits() % 3 {
            let x = dice.between(0.1, aspect - 0.1);
            self.rectangle([x - 0.002, 0.0, x + 0.002, 0.07], colour(0x5A5650), 1.0);
            self.disc([x, 0.09], [0.06, 0.032], colour(0xFFF2D4), 0.95);
        }
    }

    /// Hangs up one thing with the look of a face: a round of skin colour with dark spots in it, a clock, a lantern.
    fn distract(&mut self, dice: &mut Dice) {
        let (x, y) = (dice.between(0.05, self.aspect - 0.05), dice.between(0.08, 0.75));
        let size = dice.between(0.03, 0.09);
        let kind = dice.bits() % 4;
        let paint = match kind {
            0 => colour(0xE6DFD2),
            1 => colour(0xC43A2C),
            2 => mix(colour(0xD9AE84), colour(0xA97650), dice.between(0.0, 1.0)),
            _ => colour(0x8E6B4A),
        };
        self.disc([x, y], [size, size * dice.between(0.85, 1.35)], paint, 1.0);
        let dark = paint.map(|c| c * 0.25);
        let spots = if kind == 0 { 1 } else { 1 + dice.bits() % 4 };
        for _ in 0..spots {
            let (dx, dy) = (dice.between(-0.5, 0.5) * size, dice.between(-0.5, 0.5) * size);
            let r = size * dice.between(0.1, 0.22);
            self.disc([x + dx, y + dy], [r, r * dice.between(0.4, 1.2)], dark, 0.9);
        }
        if kind == 2 && dice.chance(0.6) {
            // Dark above, as hair would be.
            self.disc([x, y - size * 0.95], [size, size * 0.45], dark, 0.9);
        }
    }

    /// Blurs a little, so that no edge shows the coarse pixels.
    fn soften(&mut self) {
        for _ in 0..2 {
            let old = self.rgb.clone();
            for (i, rgb) in self.rgb.iter_mut().enumerate() {
                let (x, y) = (i % self.w, i / self.w);
                let at = |x: usize, y: usize| old[y.min(self.h - 1) * self.w + x.min(self.w - 1)];
                let ring = [at(x.saturating_sub(1), y), at(x + 1, y), at(x, y.saturating_sub(1)), at(x, y + 1)];
                *rgb = std::array::from_fn(|c| 0.36 * rgb[c] + 0.16 * ring.iter().map(|n| n[c]).sum::<f32>());
            }
        }
    }

    fn enlarge(&self, window: &Window, light: f32) -> RgbImage {
        let at = |x: usize, y: usize| self.rgb[y.min(self.h - 1) * self.w + x.min(self.w - 1)];
        let coarse = COARSE as f32;
        let (across, down) = (window.left, window.top);
        let step = 1.0 / window.scale;
        RgbImage::from_fn(window.width, window.height, |x, y| {
            let fx = ((across + (x as f32 + 0.5) * step) / coarse - 0.5).max(0.0);
            let fy = ((down + (y as f32 + 0.5) * step) / coarse - 0.5).max(0.0);
            let (ix, iy) = (fx as usize, fy as usize);
            let (tx, ty) = (fx - ix as f32, fy - iy as f32);
            let rgb = mix(mix(at(ix, iy), at(ix + 1, iy), tx), mix(at(ix, iy + 1), at(ix + 1, iy + 1), tx), ty);
            image::Rgb(rgb.map(|c| byte(encoded(c * light))))
        })
    }
}
