//! Hair of the head: a shell over the skull that thins out towards the hairline.

use std::f32::consts::{FRAC_PI_2, PI};

use super::colour::{colour, mix};
use super::head::Build;
use super::math::{Vec3, bell, cloud, cos, curve, lerp, noise, sin, smooth, vec3};
use super::paint::Paint;
use super::portrait::{HairStyle, Portrait};
use super::surface::{Surface, Texture};

/// Hair from black (0) over grey to white (1), in linear colour.
pub fn tone(grey: f32) -> [f32; 3] {
    let (black, grey_hair, white) = (colour(0x2A2421), colour(0x8E8A86), colour(0xDEDBD6));
    if grey < 0.5 { mix(black, grey_hair, grey * 2.0) } else { mix(grey_hair, white, grey * 2.0 - 1.0) }
}

/// The measures of a style.
struct Cut {
    /// Thickness of the hair in head units.
    volume: f32,
    /// How far down it hangs at the sides and the back.
    length: f32,
    /// Strength of curls.
    curl: f32,
}

fn cut(style: HairStyle) -> Cut {
    let (volume, length, curl) = match style {
        HairStyle::Cropped => (0.035, 0.10, 0.1),
        HairStyle::Parted => (0.075, 0.16, 0.15),
        HairStyle::SweptBack => (0.085, 0.20, 0.15),
        HairStyle::Receding => (0.045, 0.14, 0.1),
        HairStyle::Ring => (0.060, 0.24, 0.35),
        HairStyle::Bald => (0.0, 0.0, 0.0),
        HairStyle::Permed => (0.155, 0.34, 1.0),
        HairStyle::Bob => (0.115, 0.72, 0.12),
        HairStyle::Bun => (0.060, 0.22, 0.08),
    };
    Cut { volume, length, curl }
}

/// Signed distance into the hair at angles of the skull: positive where hair grows.
fn depth_in_hair(portrait: &Portrait, theta: f32, y: f32) -> f32 {
    let hair = &portrait.hair;
    let side = theta * hair.parting;
    let a = theta.abs();
    let length = cut(hair.style).length;
    let front = -0.66 - 0.09 * hair.line + 0.012 * noise(theta * 9.0, 0.0, portrait.seed ^ 0x4A11);
    let temple = match hair.style {
        HairStyle::Receding => front - 0.24,
        HairStyle::SweptBack | HairStyle::Bun => front + 0.02,
        HairStyle::Permed | HairStyle::Bob => front + 0.14,
        _ => front + 0.05 - 0.05 * portrait.age,
    };
    let fringe = match hair.style {
        // The parted hair falls over the forehead on one side.
        HairStyle::Parted => front + 0.07 * smooth(0.0, -0.5, side) - 0.07 * bell((side - 0.32) / 0.12, 0.0),
        HairStyle::Bob => front + 0.06 * smooth(-0.2, -0.7, side) - 0.04 * bell((side - 0.3) / 0.14, 0.0),
        HairStyle::Permed => front + 0.05,
        HairStyle::Receding => front - 0.05,
        _ => front,
    };
    let burn = if matches!(hair.style, HairStyle::Bob) { length } else { 0.06 };
    let line = curve(
        &[
            (0.0, fringe),
            (0.62, temple),
            (0.98, -0.42),
            (1.16, burn - 0.12),
            (1.28, burn),
            (1.75, length),
            (3.2, length + 0.1),
        ],
        a,
    );
    // A cap presses the hair flat and hides what is under it.
    let line = match &portrait.cap {
        Some(_) if y < -0.44 + 0.30 * smooth(0.6, 2.2, a) => -2.0,
        _ => line,
    };
    let below = line - y;
    if hair.style == HairStyle::Ring {
        // A band from temple to temple round the back; the crown is bare.
        return below.min((a - 1.02) * 0.6).min(y + 0.52);
    }
    below
}

/// Colours the scalp where hair grows, so that thin hair shows scalp and not forehead.
pub fn undercoat(paint: &mut Paint, portrait: &Portrait) {
    if portrait.hair.style == HairStyle::Bald {
        return;
    }
    let hair = tone(portrait.hair.grey);
    let seed = portrait.seed ^ 0x77;
    let thick = 0.35 + 0.5 * portrait.hair.density;
    // Thick hair stands off the head, and its edge with it.
    let edge = 0.5 * cut(portrait.hair.style).volume;
    paint.wash(|x, y, theta, dab| {
        if y < 0.2 {
            let into = depth_in_hair(portrait, theta, y) + 0.03 * noise(x * 30.0, y * 12.0, seed);
            let cover = smooth(edge - 0.02, edge + 0.08, into);
            dab.tint(hair.map(|c| c * 0.7), thick * cover);
            dab.gloss *= 1.0 - 0.7 * cover;
        }
    });
}

/// The surfaces of the hair, back to front; none for the bald.
pub fn surfaces(portrait: &Portrait, build: &Build, size: usize) -> Vec<Surface> {
    if portrait.hair.style == HairStyle::Bald {
        return Vec::new();
    }
    let mut parts = vec![shell(portrait, build, size)];
    if portrait.hair.style == HairStyle::Bun {
        parts.insert(0, bun(portrait, build));
    }
    parts
}

/// Angles of a place on the shell: all round, from the crown down.
fn angles(u: f32, v: f32) -> (f32, f32) {
    (PI * (2.0 * u - 1.0), -FRAC_PI_2 + v * (FRAC_PI_2 + 0.95))
}

fn height_of(phi: f32) -> f32 {
    if phi > 0.0 { phi * 0.95 } else { sin(phi) }
}

/// Relief of locks and curls, −1..1.
fn locks(portrait: &Portrait, theta: f32, phi: f32) -> f32 {
    let seed = portrait.seed ^ 0x10C5;
    let curl = cut(portrait.hair.style).curl;
    // From the parting the locks run outwards, elsewhere down the head.
    let lean = match portrait.hair.style {
        HairStyle::Parted | HairStyle::Bob => 0.5 * (theta - 0.35 * portrait.hair.parting) * smooth(-0.2, -1.1, phi),
        _ => 0.0,
    };
    let streaks =
        0.6 * noise((theta + lean) * 16.0, phi * 2.4, seed) + 0.4 * noise((theta + lean) * 44.0, phi * 4.0, seed ^ 1);
    if curl < 0.3 {
        return streaks;
    }
    let x = theta * 6.2 * cos(phi).max(0.35) + 0.5 * noise(theta * 5.0, phi * 5.0, seed ^ 2);
    let y = phi * 7.0 + 0.5 * noise(theta * 5.0, phi * 5.0, seed ^ 3);
    let ridge = 1.0 - 2.0 * noise(x, y, seed ^ 4).abs();
    lerp(streaks, 0.75 * ridge + 0.25 * noise(x * 3.1, y * 3.1, seed ^ 5), curl)
}

fn shell(portrait: &Portrait, build: &Build, size: usize) -> Surface {
    let cut = cut(portrait.hair.style);
    let hair = tone(portrait.hair.grey);
    let pale = tone((portrait.hair.grey + 0.28).min(1.0));
    let seed = portrait.seed ^ 0x8A12;
    let density = portrait.hair.density;
    let texture = Texture::paint(size, size * 5 / 8, |u, v| {
        let (theta, phi) = angles(u, v);
        let y = height_of(phi);
        let ragged = 0.030 * noise(theta * 26.0, phi * 5.0, seed) + 0.02 * noise(theta * 70.0, phi * 9.0, seed ^ 9);
        let into = depth_in_hair(portrait, theta, y) + ragged * (1.0 + cut.curl);
        let strand = noise(theta * 90.0, phi * 5.0, seed ^ 2);
        // Thin hair lets the scalp through between the strands, most of all on top.
        let gaps = 0.8 * smooth(0.62, 0.25, density) * smooth(-0.35, -0.85, y);
        let opacity = smooth(-0.012, 0.055, into) * (1.0 - gaps * smooth(-0.4, 0.5, strand));
        let relief = locks(portrait, theta, phi);
        let e = 0.02;
        let bump = 0.16 + 0.10 * cut.curl;
        let slope_x = (locks(portrait, theta + e, phi) - relief) * bump * cos(theta) / (e * 14.0);
        let slope_y = (locks(portrait, theta, phi + e) - relief) * bump / (e * 14.0);
        let streak = 0.5 + 0.5 * noise(theta * 30.0, phi * 1.6, seed ^ 3);
        let shade = (0.80 + 0.22 * relief + 0.10 * strand) * lerp(0.72, 1.0, smooth(0.0, 0.10, into)).max(0.4);
        let rgb = mix(hair, pale, 0.6 * streak).map(|c| c * shade.max(0.2));
        [rgb[0], rgb[1], rgb[2], opacity.clamp(0.0, 1.0), slope_x, slope_y, 0.06, 0.0]
    });
    Surface::lay(96, 64, texture, |u, v| {
        let (theta, phi) = angles(u, v);
        let y = height_of(phi);
        let into = depth_in_hair(portrait, theta, y);
        let swell = match portrait.hair.style {
            // More height away from the parting.
            HairStyle::Parted => 1.0 + 0.5 * smooth(0.3, -0.8, theta * portrait.hair.parting) * smooth(0.2, -0.6, y),
            HairStyle::SweptBack => 1.0 + 0.7 * smooth(-0.5, -0.8, y) * smooth(1.2, 0.0, theta.abs()),
            _ => 1.0,
        };
        let uneven = 1.0 + 0.35 * cut.curl * cloud(theta * 3.4, phi * 4.2, 2, seed ^ 4);
        let pressed = if portrait.cap.is_some() { 0.45 } else { 1.0 };
        let grown = 0.012 + pressed * cut.volume * swell * uneven * smooth(-0.02, 0.22, into);
        if phi <= 0.0 {
            return build.skull(theta, phi, grown);
        }
        // Below the widest part the hair hangs instead of following the jaw.
        let p = build.skull(theta, 0.0, grown);
        let inwards = 1.0 - 0.10 * phi;
        vec3(p.x * inwards, y, p.z * inwards)
    })
    .wrapped([0.3; 3])
    .both_sides()
}

fn bun(portrait: &Portrait, build: &Build) -> Surface {
    let hair = tone(portrait.hair.grey);
    let seed = portrait.seed ^ 0xB0;
    let centre = vec3(0.0, -0.98, -0.30);
    let radius = 0.27 + 0.05 * portrait.hair.density;
    let texture = Texture::paint(64, 48, |u, v| {
        let swirl = noise(u * 6.0 + v * 14.0, v * 20.0 - u * 9.0, seed);
        let rgb = hair.map(|c| c * (0.85 + 0.25 * swirl));
        [rgb[0], rgb[1], rgb[2], 1.0, 0.1 * swirl, 0.1 * swirl, 0.05, 0.0]
    });
    ball(32, 24, texture, centre, vec3(radius * 1.1, radius * 0.85, radius), build.width / 0.735).wrapped([0.3; 3])
}

/// An ellipsoid.
pub fn ball(columns: usize, rows: usize, texture: Texture, centre: Vec3, radii: Vec3, scale: f32) -> Surface {
    Surface::lay(columns, rows, texture, |u, v| {
        let (theta, phi) = (PI * (2.0 * u - 1.0), PI * (v - 0.5));
        centre + vec3(sin(theta) * cos(phi) * radii.x, sin(phi) * radii.y, cos(theta) * cos(phi) * radii.z) * scale
    })
}
