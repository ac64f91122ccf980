//! What is worn on the head: glasses, caps, masks; and the ears that hold them.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use super::colour::{colour, mix};
use super::head::Build;
use super::math::{Vec3, bell, cos, lerp, noise, sin, smooth, vec3};
use super::portrait::{Cap, Glasses, Lens, Portrait};
use super::surface::{Surface, Texture};

/// A tube of radius `thick` through the points of `path(0..1)`.
fn tube(columns: usize, thick: f32, rgb: [f32; 3], gloss: f32, path: impl Fn(f32) -> Vec3) -> Surface {
    Surface::lay(columns, 7, Texture::plain(rgb, gloss), |u, v| {
        let here = path(u);
        let along = (path((u + 0.01).min(1.0)) - path((u - 0.01).max(0.0))).unit();
        let aside = along.cross(vec3(0.0, 0.3, 1.0)).unit();
        let up = aside.cross(along);
        let angle = -TAU * v;
        here + aside * (cos(angle) * thick) + up * (sin(angle) * thick)
    })
    .both_sides()
}

/// Rims, bridge, temples and lenses.
pub fn glasses(glasses: &Glasses, build: &Build) -> Vec<Surface> {
    let rgb = colour(glasses.colour);
    let thick = lerp(0.009, 0.022, glasses.weight);
    let half_w = (0.205 + 0.022 * glasses.size).min(build.eye_x - 0.055);
    let (half_h, power) = match glasses.lens {
        Lens::Round => (half_w * 0.92, 1.0),
        Lens::Oval => (half_w * 0.70, 1.0),
        Lens::Square => (half_w * 0.72, 0.55),
    };
    let y = 0.028;
    let z = build.on_face(0.0, 0.0).z + 0.045;
    let rim = move |side: f32, t: f32| {
        let angle = TAU * t;
        let rounded = |s: f32| if s < 0.0 { -power_of(-s, power) } else { power_of(s, power) };
        let x = build.eye_x * 1.03 + half_w * rounded(cos(angle));
        vec3(side * x, y + half_h * rounded(sin(angle)), z - 0.16 * x * x)
    };
    let mut parts = Vec::new();
    for side in [-1.0, 1.0] {
        let glass = Texture::paint(24, 24, |u, v| {
            let streak = smooth(0.10, 0.0, (u + v - 0.8).abs()) * 0.10 + smooth(0.04, 0.0, (u + v - 1.05).abs()) * 0.07;
            [0.85, 0.9, 0.95, 0.025 + streak, 0.0, 0.0, 0.0, 0.0]
        });
        parts.push(
            Surface::lay(24, 12, glass, |u, v| {
                let edge = rim(side, u);
                let middle = vec3(side * build.eye_x * 1.03, y, z - 0.16 * build.eye_x * build.eye_x);
                middle + (edge - middle) * v
            })
            .both_sides(),
        );
        parts.push(tube(48, thick, rgb, 0.25, |t| rim(side, t)));
        let hinge = rim(side, 0.0) + vec3(0.0, -half_h * 0.35, 0.0);
        let ear = vec3(side * (build.width + 0.05), -0.06, -0.08);
        parts.push(tube(10, thick * 0.85, rgb, 0.2, |t| hinge + (ear - hinge) * t));
    }
    let inner = rim(1.0, 0.5).x;
    parts.push(tube(10, thick * 0.9, rgb, 0.25, |t| {
        let x = lerp(-inner, inner, t);
        vec3(x, y - half_h * 0.25 - 0.03 * (1.0 - (x / inner) * (x / inner)), z + 0.012)
    }));
    parts
}

/// `s` to the power of 1 or of about a half, with nothing but roots: round corners for square lenses.
fn power_of(s: f32, power: f32) -> f32 {
    if power >= 1.0 { s } else { s.sqrt() * lerp(1.0, s.sqrt(), 0.25) }
}

/// A knitted or a peaked cap.
pub fn cap(cap: &Cap, build: &Build, seed: u32) -> Vec<Surface> {
    let rgb = colour(cap.colour);
    let rim_y = if cap.peaked { -0.50 } else { -0.44 };
    let reach = (1.0 + rim_y) / 1.0;
    let texture = Texture::paint(256, 96, |u, v| {
        let rib = if cap.peaked { 0.0 } else { sin(u * TAU * 44.0) };
        let knit = 1.0 + 0.08 * noise(u * 160.0, v * 60.0, seed) + 0.10 * rib;
        let band = smooth(0.70, 0.72, v);
        let shade = lerp(1.0, 1.12, band) * (1.0 - 0.35 * bell((v - 0.71) / 0.02, 0.0)) * knit;
        [rgb[0] * shade, rgb[1] * shade, rgb[2] * shade, 1.0, 0.25 * rib * (0.5 + 0.5 * band), 0.0, 0.02, 0.0]
    });
    let crown = Surface::lay(80, 40, texture, |u, v| {
        let theta = PI * (2.0 * u - 1.0);
        // The rim dips towards the back.
        let low = rim_y + 0.30 * smooth(0.6, 2.2, theta.abs());
        let y = lerp(-1.0, low, v);
        let grown = 0.12 + 0.03 * smooth(0.69, 0.73, v) * if cap.peaked { 0.0 } else { 1.0 };
        let p = build.skull(theta, arc_of(y), grown);
        vec3(p.x, p.y - 0.03 * reach, p.z)
    })
    .wrapped([0.25; 3])
    .both_sides();
    let mut parts = vec![crown];
    if cap.peaked {
        let dark = rgb.map(|c| c * 0.8);
        parts.push(
            Surface::lay(32, 10, Texture::plain(dark, 0.04), |u, v| {
                let theta = 1.15 * (2.0 * u - 1.0);
                let p = build.skull(theta, arc_of(rim_y - 0.02), 0.11);
                // Broad in front, nothing at the temples; it slopes down over the forehead.
                let out = 0.30 * v * cos(theta * FRAC_PI_2 / 1.15).max(0.0);
                vec3(p.x, p.y - 0.03 + 0.42 * out, p.z + out)
            })
            .both_sides(),
        );
    }
    parts
}

/// The angle down at which the skull has this height; the inverse of a sine, by halving.
fn arc_of(y: f32) -> f32 {
    let (mut low, mut high) = (-FRAC_PI_2, FRAC_PI_2);
    for _ in 0..18 {
        let middle = 0.5 * (low + high);
        if sin(middle) < y { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// A surgical mask from the bridge of the nose to below the chin.
pub fn mask(build: &Build, rgb: [f32; 3]) -> Vec<Surface> {
    let texture = Texture::paint(96, 96, |u, v| {
        let pleat = bell((v - 0.36) / 0.018, 0.0) + bell((v - 0.52) / 0.018, 0.0) + bell((v - 0.68) / 0.018, 0.0);
        let edge = smooth(0.03, 0.0, v.min(1.0 - v)) + smooth(0.02, 0.0, u.min(1.0 - u));
        let shade = 1.0 - 0.22 * pleat - 0.10 * edge.min(1.0) + 0.03 * noise(u * 60.0, v * 60.0, 3);
        [rgb[0] * shade, rgb[1] * shade, rgb[2] * shade, 1.0, 0.0, 0.3 * pleat, 0.01, 0.0]
    });
    let sheet = Surface::lay(48, 48, texture, |u, v| {
        let theta = 1.30 * (2.0 * u - 1.0);
        let middle = cos(theta);
        let top = lerp(0.26, 0.15, smooth(0.2, 1.0, middle));
        let bottom = lerp(0.76, 1.04, smooth(0.1, 0.9, middle));
        let phi = arc_of(lerp(top, bottom, v).min(0.985));
        let (skull, face) = (build.skull(theta, phi, 0.0), build.face(theta, phi));
        // The sheet hangs from the nose and lies on the cheeks, never under the skin.
        let tent = (build.tip + 0.05) * bell(face.x / 0.26, (face.y - build.nose_y + 0.02) / 0.28)
            + 0.11 * bell(face.x / 0.42, (face.y - build.mouth_y - 0.03) / 0.3);
        let z = face.z.max(skull.z + tent * middle) + 0.028 * middle + 0.008;
        vec3(face.x * 1.03 + 0.012 * sin(theta), face.y + 0.04 * smooth(0.85, 1.0, v) * middle, z)
    })
    .wrapped([0.35; 3])
    .both_sides();
    let mut parts = vec![sheet];
    for side in [-1.0, 1.0] {
        for (from, to) in [(0.28, -0.02), (0.72, 0.22)] {
            let start = build.skull(side * 1.29, arc_of(from), 0.045);
            let ear = vec3(side * (build.width + 0.06), to, -0.05);
            parts.push(tube(8, 0.008, rgb, 0.0, |t| start + (ear - start) * t));
        }
    }
    parts
}

/// One ear, side −1 or 1.
pub fn ear(portrait: &Portrait, build: &Build, side: f32) -> Surface {
    let skin = mix(super::skin::tone(portrait), colour(0xC8735C), 0.20);
    let seed = portrait.seed ^ 0xEA7;
    // u runs round the ear, v from its middle to the rim.
    let rim = |v: f32| bell((v - 0.84) / 0.16, 0.0);
    let texture = Texture::paint(48, 32, |u, v| {
        let bowl = bell(v / 0.42, 0.0);
        let fold = bell((v - 0.62) / 0.10, 0.0) * smooth(0.95, 0.6, (u - 0.75).abs() * 2.0);
        let shade = 1.0 - 0.55 * bowl - 0.30 * fold + 0.05 * noise(u * 20.0, v * 12.0, seed);
        [
            skin[0] * shade,
            skin[1] * shade * (1.0 - 0.1 * bowl),
            skin[2] * shade * (1.0 - 0.12 * bowl),
            1.0,
            0.0,
            0.0,
            0.05,
            0.0,
        ]
    });
    let angle = build.ear_angle;
    Surface::lay(40, 14, texture, |u, v| {
        let around = TAU * u;
        let (c, s) = (cos(around), sin(around));
        // An egg with its point at the lobe.
        let across = build.ear * 0.56 * (1.0 - 0.25 * s.max(0.0)) * c * v;
        let down = build.ear * 1.05 * s * v;
        let out = 0.035 * rim(v) + 0.02;
        // The plane of the ear stands out from the head, its free edge to the back.
        let x = build.width * 0.985 + (across * 0.8 + 0.05) * sin(angle) + out * cos(angle);
        let z = -0.02 - across * 0.9 * cos(angle) + out * sin(angle);
        vec3(side * x, 0.13 + down, z)
    })
    .wrapped([0.55, 0.3, 0.25])
    .both_sides()
}
