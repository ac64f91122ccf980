//! The painting of the mouth.

use super::colour::{colour, mix};
use super::head::Build;
use super::math::{bell, noise, smooth};
use super::paint::Paint;
use super::portrait::Portrait;

/// Paints lips, the line between them and what an open mouth shows.
pub fn paint(paint: &mut Paint, portrait: &Portrait, build: &Build) {
    let rosy = if portrait.is_male() { colour(0xA9705C) } else { colour(0xB4685C) };
    // From pale to the dark red of a smoker or a weak heart.
    let tint = portrait.details.lip_colour;
    let lip = mix(rosy, super::skin::tone(portrait), (0.22 + 0.22 * portrait.age - 0.20 * tint).clamp(0.0, 0.8));
    let lip = mix(lip, colour(0x6A3038), 0.26 * tint.max(0.0));
    let dark = colour(0x3A1A16);
    let (m, half, seed) = (build.mouth_y, build.mouth_half, portrait.seed ^ 0x11F);
    paint.both([0.0, half + 0.12], [m - 0.16, m + 0.3], |side, a, y, dab| {
        let t = a / half;
        let ends = smooth(1.04, 0.90, t);
        // The line of the mouth rises or falls to its corners and dips in the middle.
        let line = m - build.corners * t * t + 0.010 * bell(t / 0.28, 0.0) - 0.006 * bell((t - 0.35) / 0.25, 0.0);
        let gap = build.open * (1.0 - t * t).max(0.0);
        let bow = build.upper_lip * (1.0 - 0.55 * t * t * t) * (1.0 - 0.26 * bell(t / 0.16, 0.0));
        let upper = smooth(0.008, -0.008, line - bow - y) * smooth(0.004, -0.004, y - line) * ends;
        let full = build.lower_lip * (1.0 - t * t * t * t).max(0.0);
        let lower = smooth(-0.004, 0.004, y - line - gap) * smooth(0.014, -0.010, y - line - gap - full) * ends;
        let cracks = 1.0 + 0.14 * noise(side * a * 60.0, y * 9.0, seed);
        dab.tint(lip.map(|c| c * 0.78 * cracks), 0.80 * upper);
        dab.tint(lip.map(|c| c * cracks), 0.74 * lower);
        dab.gloss += 0.05 * lower * bell(t / 0.5, (y - line - gap - full * 0.45) / 0.02);
        let inside = smooth(-0.002, 0.006, y - line) * smooth(0.004, -0.004, y - line - gap) * smooth(0.98, 0.9, t);
        dab.tint(dark, 0.95 * inside);
        if gap > 0.02 {
            // Upper teeth.
            dab.tint(colour(0xC8BCA2), 0.8 * inside * smooth(0.028, 0.02, y - line) * smooth(0.75, 0.6, t));
        }
        let seam = smooth(1.07, 0.93, t) * bell((y - line) / (0.008 + 0.003 * t), 0.0);
        dab.tint(dark, 0.72 * seam);
        dab.shadow(0.24 * bell((t - 1.03) / 0.10, (y - line) / 0.022));
        // The soft edge under the lower lip.
        dab.shadow(0.16 * bell(t / 0.8, (y - line - gap - full - 0.012) / 0.016));
    });
}
