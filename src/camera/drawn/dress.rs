//! Neck, shoulders and clothes.

use std::f32::consts::{PI, TAU};

use super::colour::{colour, mix, weave};
use super::head::Build;
use super::math::{Vec3, bell, cos, curve, lerp, noise, sin, smooth, vec3};
use super::portrait::{Cut, Portrait};
use super::surface::{Surface, Texture};

/// Neck, trunk and collar, in the order they are drawn; in head units, standing still while the head turns.
pub fn surfaces(portrait: &Portrait, build: &Build, size: usize) -> Vec<Surface> {
    let mut parts = vec![neck(portrait, build), trunk(portrait, size)];
    parts.extend(collar(portrait));
    parts
}

fn neck(portrait: &Portrait, build: &Build) -> Surface {
    let skin = super::skin::tone(portrait);
    let seed = portrait.seed ^ 0x2EC;
    let deep = portrait.skin.wrinkles;
    let radius = if portrait.is_male() { 0.43 } else { 0.37 } + 0.25 * (build.width - 0.735);
    let texture = Texture::paint(96, 64, |u, v| {
        // Seen from the front u = 0.5 is the middle.
        let x = (u - 0.5) * 4.0;
        let cords = bell((x.abs() - 0.32 - 0.2 * v) / 0.09, 0.0);
        let lines = sin(v * 34.0 + 1.5 * noise(x * 1.5, v * 3.0, seed)) * 0.5 + 0.5;
        let under_chin = 1.0 - 0.50 * smooth(0.62, 0.12, v);
        let shade = under_chin * (1.0 + 0.10 * cords * portrait.age - 0.10 * deep * lines * lines * lines);
        let rgb = mix(skin, colour(0xB0684E), 0.12).map(|c| c * shade);
        [rgb[0], rgb[1] * lerp(0.93, 1.0, v), rgb[2] * lerp(0.9, 1.0, v), 1.0, 0.0, 0.0, 0.04, 0.0]
    });
    Surface::lay(40, 24, texture, |u, v| {
        let theta = PI * (2.0 * u - 1.0);
        let wide = radius * (1.0 + 0.10 * (2.0 * v - 1.0) * (2.0 * v - 1.0));
        vec3(sin(theta) * wide, lerp(0.45, 1.75, v), -0.16 + cos(theta) * wide * 0.95 + 0.05 * v)
    })
    .wrapped([0.4, 0.25, 0.2])
}

/// The form of the trunk at an angle and a height.
fn body(theta: f32, y: f32, grown: f32) -> Vec3 {
    let half = curve(
        &[(1.15, 0.46), (1.34, 0.74), (1.58, 1.38), (1.95, 1.84), (2.5, 2.02), (4.6, 2.02), (7.0, 1.90), (15.0, 1.55)],
        y,
    );
    let deep = curve(&[(1.15, 0.42), (1.36, 0.50), (1.7, 0.62), (2.4, 0.78), (4.6, 0.86), (15.0, 0.75)], y);
    let s = sin(theta);
    vec3(s * (half + grown), y, -0.16 + cos(theta) * (deep + grown))
}

/// Colour and shade of the clothes at a place seen from the front.
fn cloth(portrait: &Portrait, x: f32, y: f32) -> ([f32; 3], f32) {
    let dress = &portrait.dress;
    let (outer, inner) = (colour(dress.outer), colour(dress.inner));
    let seed = portrait.seed ^ dress.outer;
    let a = x.abs();
    let mut rgb = outer;
    let mut shade = weave(x * 0.4, y * 0.4, seed);
    // Folds from the shoulders.
    shade *= 1.0 + 0.10 * noise(x * 2.2 + y * 0.7, y * 1.1, seed ^ 5);
    if dress.pattern {
        let (px, py) = (x * 5.5, y * 5.5);
        let flower = match dress.cut {
            Cut::Jumper | Cut::Cardigan => smooth(0.18, 0.05, (sin(y * 14.0) * 0.5).abs()) * 0.5,
            Cut::Shirt => (smooth(0.90, 1.0, cos(px * 2.6)) + smooth(0.90, 1.0, cos(py * 2.6))).min(1.0) * 0.6,
            _ => bell((px - px.floor() - 0.5) / 0.2, (py - py.floor() - 0.5) / 0.2) * 0.6,
        };
        rgb = mix(rgb, mix(outer, colour(0xF0E6D8), 0.5), flower);
    }
    if y > 6.6 {
        // Trousers; the space between the legs is dark.
        let trousers = mix(outer, colour(0x2C2E34), 0.85);
        return (trousers, shade * (1.0 - 0.6 * bell(x / 0.12, 0.0)));
    }
    match dress.cut {
        Cut::Cardigan => {
            let opening = 0.03 + 0.46 * smooth(2.9, 1.25, y);
            if a < opening {
                rgb = inner;
                shade *= 1.0 - 0.35 * smooth(opening - 0.12, opening, a);
                // The shirt's own buttons and placket.
                shade *= 1.0 - 0.20 * bell((a - 0.05) / 0.012, 0.0);
            } else {
                let band = smooth(opening + 0.14, opening + 0.12, a);
                shade *= 1.0 + 0.10 * band + 0.06 * band * sin(y * 60.0);
            }
        }
        Cut::Tunic | Cut::Shirt => {
            shade *= 1.0 - 0.22 * bell((x - 0.07) / 0.014, 0.0);
            let button = ((y - 1.62) * 2.4).fract();
            let d = (x * x + ((button - 0.5) / 2.4) * ((button - 0.5) / 2.4)).sqrt();
            rgb = mix(rgb, mix(outer, [0.02; 3], 0.6), smooth(0.034, 0.026, d));
        }
        Cut::Padded => {
            let quilt = (y * 3.2).fract() - 0.5;
            shade *= 1.0 - 0.26 * bell(quilt / 0.10, 0.0) + 0.08 * (0.5 - quilt.abs());
            shade *= 1.0 - 0.40 * bell(x / 0.022, 0.0);
        }
        Cut::Jumper => {
            shade *= 1.0 + 0.05 * sin(x * 55.0) + 0.04 * sin(y * 40.0);
            let neckline = ((x / 0.62) * (x / 0.62) + ((y - 1.10) / 0.46) * ((y - 1.10) / 0.46)).sqrt();
            shade *= 1.0 + 0.12 * smooth(1.20, 1.16, neckline) - 0.3 * bell((neckline - 1.19) / 0.03, 0.0);
        }
    }
    (rgb, shade)
}

fn trunk(portrait: &Portrait, size: usize) -> Surface {
    // To the floor, finest at the collar.
    let height = |v: f32| lerp(1.15, 15.0, v * (0.14 + 0.86 * v * v));
    let texture = Texture::paint(size, size * 5 / 6, |u, v| {
        let y = height(v);
        let p = body(0.5 * PI * (2.0 * u - 1.0) * 1.2, y, 0.0);
        let (rgb, shade) = cloth(portrait, p.x, y);
        [rgb[0] * shade, rgb[1] * shade, rgb[2] * shade, 1.0, 0.0, 0.0, 0.01, 0.0]
    });
    Surface::lay(56, 40, texture, |u, v| body(0.5 * PI * (2.0 * u - 1.0) * 1.2, height(v), 0.0)).wrapped([0.25; 3])
}

/// A collar round the neck, open or closed in front.
fn collar(portrait: &Portrait) -> Vec<Surface> {
    let dress = &portrait.dress;
    let (rgb, height, open, fall) = match dress.cut {
        Cut::Cardigan => (colour(dress.inner), 0.20, 0.30, 0.22),
        Cut::Shirt => (colour(dress.outer), 0.20, 0.34, 0.24),
        Cut::Tunic => (colour(dress.outer), 0.22, 0.10, 0.20),
        Cut::Padded => (colour(dress.outer), 0.30, 0.16, 0.0),
        Cut::Jumper => (colour(dress.outer), 0.12, 0.0, 0.0),
    };
    let seed = portrait.seed ^ 0xC0;
    let cloth = |light: f32| {
        Texture::paint(96, 16, move |u, v| {
            let shade = light * weave(u, v * 0.2, seed) * (1.0 - 0.25 * bell((v - 1.0) / 0.12, 0.0));
            [rgb[0] * shade, rgb[1] * shade, rgb[2] * shade, 1.0, 0.0, 0.0, 0.01, 0.0]
        })
    };
    let around = move |u: f32| open + (TAU - 2.0 * open) * u;
    let ring = move |angle: f32, radius: f32, y: f32| {
        // Higher at the nape than at the throat.
        let lift = 0.16 * (0.5 - 0.5 * cos(angle));
        vec3(sin(angle) * radius, y - lift, -0.12 + cos(angle) * radius * 0.98)
    };
    let mut parts = vec![
        Surface::lay(64, 6, cloth(0.95), move |u, v| ring(around(u), lerp(0.50, 0.53, v), 1.42 - height * (1.0 - v)))
            .both_sides(),
    ];
    if fall > 0.0 {
        parts.push(
            Surface::lay(64, 8, cloth(1.05), move |u, v| {
                let angle = around(u);
                let front = smooth(0.9, 0.2, angle.min(TAU - angle));
                ring(angle, 0.51 + 0.17 * v, 1.42 - height + (fall + 0.16 * front) * v)
            })
            .both_sides(),
        );
    }
    parts
}
