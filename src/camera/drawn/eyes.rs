//! The painting of eyes, lids and brows.

use super::colour::{colour, mix};
use super::head::{Build, Expression};
use super::math::{bell, lerp, noise, smooth};
use super::paint::Paint;
use super::portrait::Portrait;

/// The lids' edges at `t` (−1 inner corner, 1 outer), relative to the eye's centre, y down.
struct Lids {
    upper: f32,
    lower: f32,
}

fn lids(build: &Build, closed: f32, t: f32) -> Lids {
    let t = t.clamp(-1.0, 1.0);
    // The upper lid is highest a little inside; the outer third hangs with age.
    let hang = (0.05 + 0.25 * build.age + 0.20 * build.hood).clamp(0.0, 0.75) * smooth(0.1, 1.0, t);
    let arch = (1.0 - t * t) * (1.0 - 0.12 * t) + 0.12 * (1.0 - t * t * t * t);
    let line = -build.eye_tilt * t;
    let upper = line - build.eye_open * arch * (1.0 - hang);
    let lower = line + 0.62 * build.eye_open * (1.0 - t * t) * (1.0 + 0.15 * t);
    Lids { upper: lerp(upper, lower - 0.002, closed), lower: lerp(lower, lower * 0.8 + 0.004, closed) }
}

/// Paints both eyes and brows.
pub fn paint(paint: &mut Paint, portrait: &Portrait, build: &Build, expression: &Expression) {
    sockets(paint, portrait, build, expression);
    balls(paint, portrait, build, expression);
    brows(paint, portrait, build);
}

/// Lids, crease, bags.
fn sockets(paint: &mut Paint, portrait: &Portrait, build: &Build, expression: &Expression) {
    let shade = colour(0x7A4A3C);
    let crease_rise = 0.036 + 0.012 * build.fold;
    // A single lid has hardly a crease; a fold has a clear one.
    let crease_dark = (0.26 + 0.16 * build.fold).max(0.0);
    let ring = (0.06 + 0.10 * build.bags + 0.11 * portrait.details.dark_rings).max(0.0);
    paint.both([0.08, 0.56], [-0.2, 0.2], |_, a, y, dab| {
        let t = (a - build.eye_x) / build.eye_half;
        let edge = lids(build, expression.eyes_closed, t);
        dab.tint(shade, ring * bell((a - build.eye_x) / 0.15, (y - 0.085) / 0.045));
        dab.tint(shade, 0.22 * bell((a - build.eye_x + 0.02) / 0.15, (y + 0.055) / 0.05));
        // The crease runs above the lid and lowers outwards.
        let open = lids(build, expression.eyes_closed * 0.35, t);
        let crease = open.upper - crease_rise * (1.0 - 0.35 * t * t) + 0.02 * smooth(0.5, 1.3, t);
        let along = smooth(-1.15, -0.6, t) * smooth(1.45, 0.9, t);
        let d = (y - crease) / 0.011;
        dab.shadow(crease_dark * along * bell(d, 0.0));
        dab.height -= 0.006 * along * bell(d, 0.0);
        dab.height += 0.007 * along * bell((y - crease - 0.02) / 0.014, 0.0);
        // The lower lid's rim.
        let rim = smooth(-1.0, -0.7, t) * smooth(1.05, 0.8, t) * bell((y - edge.lower - 0.012) / 0.012, 0.0);
        dab.height += 0.006 * rim;
        dab.gloss += 0.05 * rim;
    });
}

fn balls(paint: &mut Paint, portrait: &Portrait, build: &Build, expression: &Expression) {
    let white = mix(colour(0xD3C9BE), colour(0xC4B195), 0.5 * portrait.age);
    let iris_edge = colour(0x1C120C);
    let dark = portrait.details.iris_dark;
    let iris_mid = mix(colour(0x3B2516), colour(if dark > 0.0 { 0x160D08 } else { 0x7A5330 }), 0.5 * dark.abs());
    // Old eyes have a pale ring round the iris (arcus senilis).
    let arcus = smooth(0.55, 1.0, portrait.age) * 0.55;
    let lash = colour(0x1E1612);
    let radius = 0.057;
    let seed = portrait.seed;
    paint.both([0.1, 0.52], [-0.12, 0.12], |side, a, y, dab| {
        let t = (a - build.eye_x) / build.eye_half;
        if t.abs() > 1.25 {
            return;
        }
        let edge = lids(build, expression.eyes_closed, t);
        let inside =
            smooth(-0.004, 0.004, y - edge.upper) * smooth(-0.003, 0.004, edge.lower - y) * smooth(1.02, 0.96, t.abs());
        if inside > 0.0 {
            // Both eyes meet at the camera.
            let looked = side * expression.gaze_x * 0.05 - 0.006;
            let (dx, dy) = (a - build.eye_x - looked, y + 0.006 - expression.gaze_y * 0.025);
            let r = (dx * dx + dy * dy).sqrt();
            let mut ball = white;
            // Veins and warmth towards the corners, shade under the lid.
            ball = mix(
                ball,
                colour(0xB8705C),
                0.30 * smooth(0.55, 1.0, t.abs()) + 0.12 * noise(a * 60.0, y * 60.0, seed).max(0.0),
            );
            let mut iris = mix(iris_mid, iris_edge, smooth(0.55, 1.0, r / radius));
            iris = mix(
                iris,
                iris_mid.map(|c| c * 2.2),
                0.35 * smooth(-0.2, 0.8, dy / radius) * smooth(1.0, 0.6, r / radius),
            );
            iris = mix(iris, colour(0x9AA0A0), arcus * bell((r / radius - 0.94) / 0.12, 0.0));
            iris = mix(iris, colour(0x050404), smooth(0.46, 0.38, r / radius));
            ball = mix(ball, iris, smooth(1.05, 0.95, r / radius));
            let lidded = smooth(0.034, 0.0, y - edge.upper) * 0.62 + 0.25 * smooth(0.5, 1.0, t.abs());
            for channel in &mut ball {
                *channel *= 1.0 - lidded;
            }
            // The lamp and the window in the eye.
            let glint = bell((dx + 0.018 * side) / 0.010, (dy + 0.020) / 0.010)
                + 0.3 * bell((dx - 0.02 * side) / 0.012, (dy - 0.018) / 0.007);
            ball = mix(ball, [0.95; 3], (glint * 1.4).min(1.0) * smooth(0.0, 0.008, y - edge.upper));
            dab.tint(ball, inside);
            dab.gloss = lerp(dab.gloss, 0.02, inside);
            dab.height *= 1.0 - inside;
        }
        let span = smooth(1.16, 0.95, t.abs());
        let upper = span * bell((y - edge.upper + 0.003) / lerp(0.009, 0.012, t * 0.5 + 0.5), 0.0);
        dab.tint(lash, (0.85 - 0.15 * portrait.age) * upper);
        let lower = span * bell((y - edge.lower - 0.002) / 0.006, 0.0);
        dab.tint(colour(0x7A4436), 0.45 * lower);
        // The inner corner is pink.
        dab.tint(colour(0xA85A4C), 0.5 * bell((t + 0.97) / 0.1, (y + build.eye_tilt * t) / 0.016));
    });
}

fn brows(paint: &mut Paint, portrait: &Portrait, build: &Build) {
    let details = &portrait.details;
    // Brows keep their colour longer than the hair, some of them for life.
    let hair = super::hair::tone((portrait.hair.grey * (0.7 + 0.4 * details.brow_grey)).clamp(0.0, 1.0));
    let shadow = colour(0x5A4436);
    let length = build.eye_half * 2.0 + 0.05 + 0.045 * details.brow_length;
    let thin = (0.78 + 0.22 * details.brow_density).clamp(0.3, 1.0) * lerp(1.0, 0.72, portrait.age);
    let seed = portrait.seed;
    let inner = build.eye_x - build.eye_half - 0.015 + 0.024 * details.brow_gap;
    paint.both([0.08, 0.66], [build.brow_y - 0.13, build.brow_y + 0.13], |side, a, y, dab| {
        let t = (a - inner) / length;
        if !(-0.08..=1.1).contains(&t) {
            return;
        }
        let arch = build.brow_arch * (1.0 - (2.0 * t - 1.15) * (2.0 * t - 1.15));
        let middle = build.brow_y - arch + build.brow_tilt * (t - 0.5);
        let half = build.brow_weight * smooth(-0.12, 0.18, t) * lerp(1.0, 0.35, smooth(0.45, 1.05, t));
        let off = (y - middle) / half.max(0.004);
        // Strands lean outwards and up.
        let strand = noise((side * a * 46.0) + y * 42.0, y * 16.0 - a * 8.0, seed ^ 0xEB);
        let fuzzy = off.abs() + 0.38 * strand;
        let cover = smooth(1.25, 0.55, fuzzy) * smooth(-0.08, 0.06, t) * smooth(1.1, 0.92, t);
        dab.tint(shadow, 0.35 * thin * smooth(1.6, 0.4, off.abs()) * smooth(-0.08, 0.1, t) * smooth(1.1, 0.9, t));
        dab.tint(hair.map(|c| c * (0.85 + 0.3 * strand)), thin * cover);
        dab.height += 0.006 * cover;
    });
}
