//! Brushes for painting on a face: colour, height and gloss, placed in head units.

use super::colour::mix;
use super::head::Build;
use super::math::smooth;
use super::surface::{Texel, Texture};

/// What lies at one point of the painted face.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dab {
    /// Linear colour.
    pub rgb: [f32; 3],
    /// Height above the modelled form, head units.
    pub height: f32,
    /// Shine.
    pub gloss: f32,
}

impl Dab {
    /// Blends a colour in.
    pub fn tint(&mut self, rgb: [f32; 3], amount: f32) {
        self.rgb = mix(self.rgb, rgb, amount.clamp(0.0, 1.0));
    }

    /// Darkens, red least, as skin in shadow does; `amount` 0..1.
    pub fn shadow(&mut self, amount: f32) {
        let keep = [1.0 - 0.75 * amount, 1.0 - 0.95 * amount, 1.0 - amount];
        for (channel, factor) in self.rgb.iter_mut().zip(keep) {
            *channel *= factor.max(0.0);
        }
    }
}

/// A face being painted: one dab a texel of the head's surface.
pub struct Paint {
    size: usize,
    /// Angle sideways of each column, radians.
    theta: Vec<f32>,
    /// Place of each texel, head units.
    x: Vec<f32>,
    /// Place of each row, head units.
    y: Vec<f32>,
    dabs: Vec<Dab>,
}

/// A drawn line: broad in the middle, thin at the ends.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// Half width at the broadest, head units.
    pub half_width: f32,
    /// How dark, 0..1.
    pub dark: f32,
    /// How deep, head units; the light then draws it.
    pub depth: f32,
}

impl Paint {
    /// A blank face of `size × size` texels.
    pub fn new(build: &Build, size: usize) -> Self {
        let unit = |i: usize| i as f32 / (size - 1) as f32;
        let mut x = Vec::with_capacity(size * size);
        let mut y = Vec::with_capacity(size);
        let theta: Vec<f32> = (0..size).map(|column| Build::angles(unit(column), 0.5).0).collect();
        // Across a row the skull is one curve stretched: compute the curve once.
        let curve: Vec<f32> = theta.iter().map(|theta| Build::outline(*theta)).collect();
        for row in 0..size {
            let phi = Build::angles(0.5, unit(row)).1;
            y.push(build.skull(0.0, phi, 0.0).y);
            let half_width = build.half_width(phi);
            x.extend(curve.iter().map(|outline| outline * half_width));
        }
        Self { size, theta, x, y, dabs: vec![Dab::default(); size * size] }
    }

    /// Calls `brush(x, y, theta, dab)` for every texel.
    pub fn wash(&mut self, mut brush: impl FnMut(f32, f32, f32, &mut Dab)) {
        for (i, dab) in self.dabs.iter_mut().enumerate() {
            brush(self.x[i], self.y[i / self.size], self.theta[i % self.size], dab);
        }
    }

    /// Calls `brush(x, y, dab)` for every texel in a rectangle of the face's front.
    pub fn dab(&mut self, x: [f32; 2], y: [f32; 2], mut brush: impl FnMut(f32, f32, &mut Dab)) {
        let rows = self.y.partition_point(|v| *v < y[0])..self.y.partition_point(|v| *v <= y[1]);
        // The front is where x still grows: three fifths of the surface.
        let (first, last) = (self.size / 6, self.size - self.size / 6);
        for row in rows {
            let start = row * self.size;
            let front = &self.x[start + first..start + last];
            let columns = first + front.partition_point(|v| *v < x[0])..first + front.partition_point(|v| *v <= x[1]);
            for column in columns {
                brush(self.x[start + column], self.y[row], &mut self.dabs[start + column]);
            }
        }
    }

    /// As [`Paint::dab`] on both sides of the face: `brush(side, |x|, y, dab)`, side −1 or 1.
    pub fn both(&mut self, x: [f32; 2], y: [f32; 2], mut brush: impl FnMut(f32, f32, f32, &mut Dab)) {
        self.dab([-x[1], -x[0]], y, |x, y, dab| brush(-1.0, -x, y, dab));
        self.dab(x, y, |x, y, dab| brush(1.0, x, y, dab));
    }

    /// Draws a line through `points`.
    pub fn stroke(&mut self, points: &[(f32, f32)], stroke: Stroke) {
        let reach = stroke.half_width * 3.0;
        let span = |pick: fn(&(f32, f32)) -> f32| {
            let low = points.iter().map(pick).fold(f32::INFINITY, f32::min);
            let high = points.iter().map(pick).fold(f32::NEG_INFINITY, f32::max);
            [low - reach, high + reach]
        };
        let (across, down) = (span(|p| p.0), span(|p| p.1));
        let segments = points.len().saturating_sub(1).max(1) as f32;
        self.dab(across, down, |x, y, dab| {
            let (mut nearest, mut along) = (f32::INFINITY, 0.0);
            for (i, pair) in points.windows(2).enumerate() {
                let [(ax, ay), (bx, by)] = [pair[0], pair[1]];
                let (dx, dy) = (bx - ax, by - ay);
                let t = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
                let (ox, oy) = (x - ax - t * dx, y - ay - t * dy);
                let distance = ox * ox + oy * oy;
                if distance < nearest {
                    (nearest, along) = (distance, (i as f32 + t) / segments);
                }
            }
            let taper = smooth(0.0, 0.25, along) * smooth(1.0, 0.7, along);
            let d = nearest.sqrt() / stroke.half_width;
            if d < 3.0 {
                let fall = super::math::exp(-d * d) * taper;
                dab.shadow(stroke.dark * fall);
                dab.height -= stroke.depth * fall;
            }
        });
    }

    /// The finished texture.
    pub fn texture(&self) -> Texture {
        let size = self.size;
        let at = |column: usize, row: usize| &self.dabs[row * size + column];
        let mut texels: Vec<Texel> = Vec::with_capacity(size * size);
        for row in 0..size {
            let (up, low) = (row.saturating_sub(1), (row + 1).min(size - 1));
            let down = (self.y[low] - self.y[up]).max(1e-4);
            for column in 0..size {
                let (left, right) = (column.saturating_sub(1), (column + 1).min(size - 1));
                let across = (self.x[row * size + right] - self.x[row * size + left]).abs().max(1.5 / size as f32);
                let dab = at(column, row);
                let slope_x = (at(right, row).height - at(left, row).height) / across;
                let slope_y = (at(column, low).height - at(column, up).height) / down;
                let [r, g, b] = dab.rgb;
                texels.push([r, g, b, 1.0, slope_x, slope_y, dab.gloss, 0.0]);
            }
        }
        Texture { width: size, height: size, texels }
    }
}
