//! Light and colour: what is linear is light, what is encoded stands in a picture.

use super::math::noise;

/// Picture value 0..1 to light, with a gamma of two: exact on every machine, and close to sRGB.
pub fn linear(value: f32) -> f32 {
    value * value
}

/// Light to picture value; bright parts roll off instead of clipping.
pub fn encoded(light: f32) -> f32 {
    let light = light.max(0.0);
    let soft = if light > 0.7 { 0.7 + 0.3 * (1.0 - 1.0 / (1.0 + (light - 0.7) / 0.3)) } else { light };
    soft.sqrt()
}

/// 0..1 to a byte.
pub fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// An sRGB-like hex colour to light.
pub fn colour(hex: u32) -> [f32; 3] {
    [hex >> 16, hex >> 8, hex].map(|c| linear((c & 255) as f32 / 255.0))
}

/// `a` at 0, `b` at 1, a channel.
pub fn mix(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

/// Cloth-like mottling around 1.
pub fn weave(u: f32, v: f32, seed: u32) -> f32 {
    1.0 + 0.05 * noise(u * 130.0, v * 130.0, seed) + 0.06 * noise(u * 23.0, v * 17.0, seed ^ 7)
}
