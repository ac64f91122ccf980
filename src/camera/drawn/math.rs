//! Arithmetic that gives the same bits on every machine.
//!
//! The standard library takes `sin`, `cos` and `exp` from the platform, whose last bits differ. These use only
//! addition, multiplication, division and square root, which IEEE 754 fixes.

use std::f32::consts::{FRAC_PI_2, LN_2, LOG2_E, PI, TAU};
use std::ops::{Add, Mul, Neg, Sub};

/// The nearest whole number of a number within ±2 000 000 000, halves away from zero: `f32::round` without a call into the
/// platform's library.
fn round(x: f32) -> f32 {
    // The largest number below a half: with a half itself 0.499 999 97 would become 1.
    const BELOW_HALF: f32 = 0.499_999_97;
    (x + BELOW_HALF.copysign(x)) as i32 as f32
}

/// Sine, error below 1e-6.
pub fn sin(x: f32) -> f32 {
    let mut x = x - round(x / TAU) * TAU;
    if x > FRAC_PI_2 {
        x = PI - x;
    } else if x < -FRAC_PI_2 {
        x = -PI - x;
    }
    let s = x * x;
    x * (1.0 + s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362_880.0 - s / 39_916_800.0)))))
}

/// Cosine, error below 1e-6.
pub fn cos(x: f32) -> f32 {
    sin(x + FRAC_PI_2)
}

/// `e` to the power of `x`, relative error below 1e-6; zero below −80.
pub fn exp(x: f32) -> f32 {
    if x < -80.0 {
        return 0.0;
    }
    let whole = round(x.min(80.0) * LOG2_E);
    let rest = x.min(80.0) - whole * LN_2;
    let series = 1.0
        + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0 + rest * (1.0 / 24.0 + rest * (1.0 / 120.0 + rest / 720.0)))));
    // −116 ≤ whole ≤ 116, so the exponent bits stay those of a normal number.
    series * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

/// A bell around zero: 1 at 0, 0.37 at 1, 0.02 at 2, nothing beyond 3.
pub fn bell(x: f32, y: f32) -> f32 {
    let d = x * x + y * y;
    if d > 9.0 { 0.0 } else { exp(-d) }
}

/// Zero below `from`, one above `to`, smooth between; falls where `from > to`.
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// `a` at 0, `b` at 1.
pub fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// A curve through points `(x, y)` of rising `x`, smooth between them and level at each.
pub fn curve(points: &[(f32, f32)], x: f32) -> f32 {
    let above = points.partition_point(|p| p.0 < x);
    match (above.checked_sub(1).and_then(|i| points.get(i)), points.get(above)) {
        (Some(a), Some(b)) => lerp(a.1, b.1, smooth(a.0, b.0, x)),
        (Some(end), None) | (None, Some(end)) => end.1,
        (None, None) => 0.0,
    }
}

/// A point or direction: x to the picture's right, y down, z towards the viewer.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Vec3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

/// Short for a [`Vec3`].
pub const fn vec3(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    pub fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    pub fn cross(self, o: Self) -> Self {
        vec3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    /// Length one; the zero vector stays.
    pub fn unit(self) -> Self {
        let length = self.dot(self).sqrt();
        if length > 1e-12 { self * (1.0 / length) } else { self }
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        vec3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        vec3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    fn mul(self, s: f32) -> Self {
        vec3(self.x * s, self.y * s, self.z * s)
    }
}

/// A rotation, as rows.
#[derive(Debug, Clone, Copy)]
pub struct Turn([Vec3; 3]);

impl Turn {
    /// Radians: `yaw` > 0 looks to the picture's right, `pitch` > 0 looks down, `roll` > 0 leans clockwise.
    pub fn new(yaw: f32, pitch: f32, roll: f32) -> Self {
        let (sy, cy, sp, cp, sr, cr) = (sin(yaw), cos(yaw), sin(pitch), cos(pitch), sin(roll), cos(roll));
        let pitched = |v: Vec3| vec3(v.x, cp * v.y + sp * v.z, -sp * v.y + cp * v.z);
        let yawed = |v: Vec3| vec3(cy * v.x + sy * v.z, v.y, -sy * v.x + cy * v.z);
        let rolled = |v: Vec3| vec3(cr * v.x - sr * v.y, sr * v.x + cr * v.y, v.z);
        let [x, y, z] =
            [vec3(1.0, 0.0, 0.0), vec3(0.0, 1.0, 0.0), vec3(0.0, 0.0, 1.0)].map(|axis| rolled(yawed(pitched(axis))));
        Self([vec3(x.x, y.x, z.x), vec3(x.y, y.y, z.y), vec3(x.z, y.z, z.z)])
    }

    /// The turned vector.
    pub fn apply(&self, v: Vec3) -> Vec3 {
        let [a, b, c] = self.0;
        vec3(a.dot(v), b.dot(v), c.dot(v))
    }
}

/// A well-mixed number of three.
pub fn hash(a: u32, b: u32, seed: u32) -> u32 {
    let mut h =
        a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA77).rotate_left(13) ^ seed.wrapping_mul(0xC2B2_AE3D);
    h = (h ^ (h >> 16)).wrapping_mul(0x7FEB_352D);
    h = (h ^ (h >> 15)).wrapping_mul(0x846C_A68B);
    h ^ (h >> 16)
}

/// 0 ≤ value < 1 at a lattice point.
fn lattice(x: i32, y: i32, seed: u32) -> f32 {
    (hash(x as u32, y as u32, seed) >> 8) as f32 / 16_777_216.0
}

/// Smooth noise in −1..1 with one feature a unit, within ±16 000 of the origin.
pub fn noise(x: f32, y: f32, seed: u32) -> f32 {
    // Truncation after a shift is a floor without a call into the platform's library.
    let (ix, iy) = ((x + 16_384.0) as i32 - 16_384, (y + 16_384.0) as i32 - 16_384);
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let (tx, ty) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let top = lerp(lattice(ix, iy, seed), lattice(ix + 1, iy, seed), tx);
    let low = lerp(lattice(ix, iy + 1, seed), lattice(ix + 1, iy + 1, seed), tx);
    lerp(top, low, ty) * 2.0 - 1.0
}

/// Noise of `octaves` sizes, each half as large and half as strong as the one before, in −1..1.
pub fn cloud(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for octave in 0..octaves {
        sum += weight * noise(x * scale, y * scale, seed.wrapping_add(octave.wrapping_mul(0x51ED)));
        weight *= 0.5;
        scale *= 2.03;
    }
    sum
}

/// Random numbers that follow from a seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5DEE_CE66_D1CE_4E5B)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Evenly in `from`..`to`.
    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        lerp(from, to, (self.bits() >> 40) as f32 / 16_777_216.0)
    }

    /// Mostly near zero, never beyond ±1 (the mean of three even throws, widened).
    pub fn swing(&mut self) -> f32 {
        let sum = self.between(-1.0, 1.0) + self.between(-1.0, 1.0) + self.between(-1.0, 1.0);
        (sum * 0.6).clamp(-1.0, 1.0)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.between(0.0, 1.0) < probability
    }

    /// One of `choices`, by weight; the last where all weights are zero.
    pub fn pick<T: Copy>(&mut self, choices: &[(T, f32)], otherwise: T) -> T {
        let total: f32 = choices.iter().map(|c| c.1).sum();
        let mut at = self.between(0.0, total);
        for (choice, weight) in choices {
            at -= weight;
            if at < 0.0 {
                return *choice;
            }
        }
        choices.last().map_or(otherwise, |c| c.0)
    }

    /// A fresh seed.
    pub fn seed(&mut self) -> u32 {
        (self.bits() >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_as_the_platform_rounds_it() {
        let near = |x: f32| [x.next_down().next_down(), x.next_down(), x, x.next_up(), x.next_up().next_up()];
        let halves = (-2_000..2_000).map(|half| half as f32 * 0.5);
        let large = [4_194_303.5, 8_388_607.5, 8_388_609.0, 16_777_216.0, 1e9].into_iter().flat_map(|x| [x, -x]);
        for x in halves.chain(large).flat_map(near) {
            assert_eq!(round(x), x.round(), "{x}");
        }
    }

    #[test]
    fn sine_cosine_and_exponential_agree_with_the_platform() {
        for step in -2000..2000 {
            let x = step as f32 * 0.01;
            assert!((sin(x) - x.sin()).abs() < 4e-6, "sin {x}");
            assert!((cos(x) - x.cos()).abs() < 4e-6, "cos {x}");
            assert!((exp(x) - x.exp()).abs() <= 2e-6 * x.exp(), "exp {x}");
        }
    }

    #[test]
    fn a_turn_keeps_lengths_and_looks_where_it_says() {
        let ahead = vec3(0.0, 0.0, 1.0);
        assert!(Turn::new(0.5, 0.0, 0.0).apply(ahead).x > 0.4, "yaw looks right");
        assert!(Turn::new(0.0, 0.5, 0.0).apply(ahead).y > 0.4, "pitch looks down");
        assert!(Turn::new(0.0, 0.0, 0.5).apply(vec3(0.0, -1.0, 0.0)).x > 0.4, "roll leans clockwise");
        let turned = Turn::new(0.3, -0.4, 0.2).apply(vec3(1.0, 2.0, 3.0));
        assert!((turned.dot(turned) - 14.0).abs() < 1e-4);
    }
}
