//! The painting of skin: its tone, its blushes and shadows, wrinkles, spots and stubble.

use super::colour::{colour, mix};
use super::head::Build;
use super::math::{Dice, bell, cloud, lerp, noise, smooth};
use super::paint::{Paint, Stroke};
use super::portrait::Portrait;

/// The person's skin in linear colour.
pub fn tone(portrait: &Portrait) -> [f32; 3] {
    let t = portrait.skin.tone;
    let (pale, usual, brown) = (colour(0xE3C2A6), colour(0xD0A685), colour(0xA67A5A));
    let base = if t < 0.5 { mix(pale, usual, t * 2.0) } else { mix(usual, brown, t * 2.0 - 1.0) };
    let warmth = portrait.skin.warmth;
    let target = if warmth > 0.0 { colour(0xD98F78) } else { colour(0xC9AC78) };
    mix(base, target, 0.22 * warmth.abs())
}

/// Paints the skin of the whole head.
pub fn paint(paint: &mut Paint, portrait: &Portrait, build: &Build) {
    let base = tone(portrait);
    let seed = portrait.seed;
    let rosy = colour(0xC8735C);
    paint.wash(|x, y, _, dab| {
        let blotches = cloud(x * 4.0, y * 4.0, 3, seed);
        let pores = noise(x * 62.0, y * 62.0, seed ^ 0x51);
        let light = 1.0 + 0.07 * blotches + 0.035 * pores;
        dab.rgb = base.map(|c| c * light);
        dab.gloss = 0.07;
        dab.height = 0.0012 * pores;
        // The sides and the part below the chin get less light from the room.
        dab.shadow(0.25 * smooth(0.45, 0.85, x.abs()) + 0.45 * smooth(0.93, 1.0, y));
    });
    blush(paint, portrait, build, rosy);
    hollows(paint, portrait, build);
    nose(paint, build);
    wrinkles(paint, portrait, build);
    patches(paint, portrait);
    spots(paint, portrait);
    if portrait.is_male() {
        super::beard::paint(paint, portrait, build);
    }
}

/// Blood under the skin: cheeks, nose, ears' side; sallow forehead.
fn blush(paint: &mut Paint, portrait: &Portrait, build: &Build, rosy: [f32; 3]) {
    let strength = 0.20 + 0.10 * portrait.skin.warmth;
    let red = (0.9 * strength + 0.20 * portrait.details.nose_redness).max(0.0);
    let veins = portrait.seed ^ 0xB1;
    paint.both([0.0, 0.72], [-0.1, 0.8], |_, a, y, dab| {
        let cheek = bell((a - 0.42) / 0.2, (y - 0.3) / 0.17);
        let tip = bell(a / 0.13, (y - build.nose_y + 0.05) / 0.12);
        let chin = 0.4 * bell(a / 0.2, (y - 0.88) / 0.1);
        let broken = 1.0 + 0.5 * noise(a * 34.0, y * 34.0, veins) * portrait.age;
        dab.tint(rosy, strength * (cheek * broken + chin) + red * tip);
    });
    paint.dab([-0.4, 0.4], [-0.62, -0.25], |x, y, dab| dab.gloss += 0.05 * bell(x / 0.3, (y + 0.42) / 0.15));
    paint.both([0.0, 0.6], [-0.1, 0.6], |_, a, y, dab| {
        dab.gloss +=
            0.06 * bell((a - 0.4) / 0.12, (y - 0.2) / 0.08) + 0.09 * bell(a / 0.05, (y - build.nose_y + 0.09) / 0.12);
    });
}

/// Where light does not reach: sockets, the sides of the nose, under the lip, under the cheekbones.
fn hollows(paint: &mut Paint, portrait: &Portrait, build: &Build) {
    let gaunt = (0.05 - build.fullness).max(0.0);
    let sunken = (0.12 + 0.12 * portrait.details.cheek_hollows + 2.2 * gaunt).max(0.0);
    paint.both([0.0, 0.75], [-0.35, 1.0], |_, a, y, dab| {
        let inner = 0.30 * bell((a - 0.16) / 0.075, (y + 0.035) / 0.085);
        let socket = 0.20 * bell((a - build.eye_x) / 0.19, (y + 0.03) / 0.11);
        let nose_side = 0.16 * bell((a - 0.155) / 0.05, (y - 0.27) / 0.16);
        let cheek = sunken * bell((a - 0.50) / 0.13, (y - 0.52) / 0.17);
        let temple = 0.14 * bell((a - 0.64) / 0.1, (y + 0.2) / 0.16);
        let under_lip = 0.24 * bell(a / 0.14, (y - build.mouth_y - 0.135 - build.open) / 0.035);
        dab.shadow((inner + socket + nose_side + cheek + temple + under_lip).min(0.6));
    });
}

fn nose(paint: &mut Paint, build: &Build) {
    let y0 = build.nose_y;
    paint.both([0.0, 0.3], [y0 - 0.25, y0 + 0.15], |_, a, y, dab| {
        // Shade under the tip, nostrils, the furrow round the wing.
        dab.shadow(0.34 * bell(a / 0.16, (y - y0 - 0.035) / 0.035));
        let nostril = bell((a - build.nose_half * 0.46) / 0.046, (y - y0 - 0.004 + 0.10 * (a - 0.07).max(0.0)) / 0.022);
        dab.shadow(0.85 * smooth(0.15, 0.75, nostril));
        let (dx, dy) = ((a - build.nose_half * 0.70) / 0.066, (y - y0 + 0.043) / 0.070);
        let round = (dx * dx + dy * dy).sqrt();
        let outer = smooth(-0.2, 0.5, dx) * smooth(1.1, -0.4, dy.abs() - 0.4);
        dab.shadow(0.36 * outer * bell((round - 1.08) / 0.24, 0.0));
    });
}

fn wrinkles(paint: &mut Paint, portrait: &Portrait, build: &Build) {
    let mut dice = Dice::new(u64::from(portrait.seed) ^ 0x3A17);
    let deep = portrait.skin.wrinkles;
    let wobble = |dice: &mut Dice, size: f32| dice.between(-size, size);
    // Forehead: two to five waves.
    let lines = 2 + (deep * 3.4) as usize;
    let forehead = (0.78 + 0.42 * portrait.details.forehead_lines).max(0.05);
    for i in 0..lines {
        let y = -0.34 - 0.075 * i as f32 + wobble(&mut dice, 0.012);
        let (left, right) = (-0.44 + wobble(&mut dice, 0.1), 0.44 + wobble(&mut dice, 0.1));
        let sag = wobble(&mut dice, 0.02);
        let phase = dice.between(0.0, 50.0);
        let points: Vec<(f32, f32)> = (0..=12)
            .map(|k| {
                let t = k as f32 / 12.0;
                let x = lerp(left, right, t);
                (
                    x,
                    y + sag * x.abs() * 2.0 + 0.014 * noise(x * 5.0 + phase, 0.0, portrait.seed)
                        - 0.02 * (1.0 - (x / 0.5) * (x / 0.5)),
                )
            })
            .collect();
        let strength = forehead * deep * dice.between(0.8, 1.2) * (1.0 - 0.12 * i as f32);
        paint.stroke(&points, Stroke { half_width: 0.011, dark: 0.20 * strength, depth: 0.008 * strength });
    }
    let frown = (0.2 + 0.4 * deep + 0.5 * portrait.details.frown_lines).max(0.05);
    for side in [-1.0, 1.0] {
        // Between the brows.
        let x = side * (0.062 + wobble(&mut dice, 0.012));
        let points = [(x * 1.1, -0.13), (x, -0.19), (x * 1.15, -0.26)];
        let strength = frown * dice.between(0.8, 1.2);
        paint.stroke(&points, Stroke { half_width: 0.011, dark: 0.24 * strength, depth: 0.008 * strength });
        crows_feet(paint, portrait, build, side, &mut dice);
        folds(paint, portrait, build, side, &mut dice);
        // Fine lines down the cheek.
        for _ in 0..(deep * 5.0) as usize {
            let (x, y) = (side * dice.between(0.42, 0.6), dice.between(0.2, 0.62));
            let length = dice.between(0.08, 0.2);
            let points = [(x, y), (x - side * 0.025, y + length * 0.5), (x - side * 0.06, y + length)];
            paint.stroke(&points, Stroke { half_width: 0.008, dark: 0.09 * deep, depth: 0.004 * deep });
        }
    }
    // Above the upper lip.
    for i in 0..(deep * 7.0) as i32 {
        let x = (i as f32 - 3.0) * 0.05 + wobble(&mut dice, 0.015);
        let y = build.mouth_y - build.upper_lip - 0.012;
        let points = [(x, y), (x * 1.04, y - 0.03), (x * 1.08, y - 0.065)];
        paint.stroke(&points, Stroke { half_width: 0.006, dark: 0.11 * deep, depth: 0.003 * deep });
    }
}

fn crows_feet(paint: &mut Paint, portrait: &Portrait, build: &Build, side: f32, dice: &mut Dice) {
    let deep = portrait.skin.wrinkles * (1.0 + 0.5 * build.smile.max(0.0));
    let (x0, y0) = (build.eye_x + build.eye_half + 0.035, -build.eye_tilt);
    for i in 0..2 + (deep * 3.0) as i32 {
        let angle = -0.5 + 0.36 * i as f32 + dice.between(-0.12, 0.12);
        let length = dice.between(0.07, 0.14);
        let (dx, dy) = (length, length * angle);
        let points = [
            (side * x0, y0 + 0.014 * (i as f32 - 1.0)),
            (side * (x0 + dx * 0.5), y0 + dy * 0.5 + 0.014 * (i as f32 - 1.0)),
            (side * (x0 + dx), y0 + dy + 0.02 * angle),
        ];
        paint.stroke(&points, Stroke { half_width: 0.008, dark: 0.17 * deep, depth: 0.006 * deep });
    }
    // Under the eye: the edge of the bag, and a finer line below.
    for (k, (drop, strength)) in [(0.105, 1.0), (0.15, 0.7)].into_iter().enumerate() {
        let w = build.eye_half;
        let drop = drop + 0.015 * portrait.shape.eye_bags + dice.between(-0.008, 0.008);
        let inner = build.eye_x - w * (1.0 - 0.12 * k as f32);
        let points: Vec<(f32, f32)> = (0..=8)
            .map(|i| {
                let t = i as f32 / 8.0;
                let x = inner + (w * 1.9 - 0.03 * k as f32) * t;
                (side * x, 0.055 + (drop - 0.055) * (1.0 - (2.0 * t - 0.9) * (2.0 * t - 0.9)).max(-0.2))
            })
            .collect();
        let s = strength * build.bags.min(1.3);
        paint.stroke(&points, Stroke { half_width: 0.015, dark: 0.16 * s, depth: 0.008 * s });
    }
}

/// The folds from nose to mouth, from mouth to chin, and the sagging of the jaw.
fn folds(paint: &mut Paint, portrait: &Portrait, build: &Build, side: f32, dice: &mut Dice) {
    let deep = (0.35 + 0.65 * portrait.skin.wrinkles) * (1.0 + 0.45 * portrait.details.smile_folds);
    let m = build.mouth_y;
    let out = build.mouth_half + 0.07 + dice.between(-0.015, 0.015);
    let fold = [
        (side * (build.nose_half * 0.95), build.nose_y - 0.085),
        (side * (build.nose_half + 0.055), build.nose_y + 0.01),
        (side * (out - 0.03), m - 0.09),
        (side * out, m + 0.0),
        (side * (out + 0.005), m + 0.07),
    ];
    paint.stroke(&fold, Stroke { half_width: 0.024, dark: 0.30 * deep, depth: 0.014 * deep });
    let mouth_line = [
        (side * (build.mouth_half + 0.015), m + 0.02),
        (side * (build.mouth_half + 0.035), m + 0.09),
        (side * (build.mouth_half + 0.025), m + 0.17),
    ];
    let strength = 0.8 * portrait.skin.wrinkles * (0.4 + 0.6 * portrait.age);
    paint.stroke(&mouth_line, Stroke { half_width: 0.018, dark: 0.24 * strength, depth: 0.010 * strength });
    let jaw = [(side * 0.30, 0.84), (side * 0.37, 0.80), (side * 0.44, 0.83)];
    paint.stroke(&jaw, Stroke { half_width: 0.03, dark: 0.12 * strength, depth: 0.008 * strength });
}

/// Brown or pale patches over the cheekbones: what sun and years do to pigment.
fn patches(paint: &mut Paint, portrait: &Portrait) {
    let much = portrait.details.cheek_patches;
    let (to, amount) = if much > 0.0 { (colour(0x7A4E34), 0.24 * much) } else { (colour(0xEAD2BC), 0.16 * -much) };
    let seed = portrait.seed ^ 0x9A7C;
    paint.both([0.2, 0.75], [0.0, 0.5], |side, a, y, dab| {
        let ragged = 0.25 * cloud(side * a * 7.0, y * 7.0, 2, seed);
        let (dx, dy) = ((a - 0.45) / 0.17, (y - 0.2) / 0.13);
        dab.tint(to, amount * smooth(1.1, 0.6, (dx * dx + dy * dy).sqrt() + ragged));
    });
}

fn spots(paint: &mut Paint, portrait: &Portrait) {
    let mut dice = Dice::new(u64::from(portrait.seed) ^ 0x590F);
    let brown = colour(0x7A4A2C);
    for _ in 0..(portrait.skin.spots * 26.0) as usize {
        // Temples, the outer cheeks and the forehead have most sun.
        let (x, y) = match dice.bits() % 3 {
            0 => (dice.between(0.42, 0.68), dice.between(-0.35, 0.1)),
            1 => (dice.between(0.36, 0.64), dice.between(0.15, 0.6)),
            _ => (dice.between(0.0, 0.5), dice.between(-0.72, -0.4)),
        };
        let x = if dice.chance(0.5) { -x } else { x };
        let size = dice.between(0.012, 0.020) + 0.035 * dice.between(0.0, 1.0) * dice.between(0.0, 1.0);
        let (amount, seed) = (dice.between(0.12, 0.36), dice.seed());
        paint.dab([x - size * 2.0, x + size * 2.0], [y - size * 2.0, y + size * 2.0], |px, py, dab| {
            let ragged = 1.0 + 0.5 * noise(px * 40.0, py * 40.0, seed);
            dab.tint(
                brown,
                amount * smooth(1.25, 0.7, ((px - x) * (px - x) + (py - y) * (py - y)).sqrt() / (size * ragged)),
            );
        });
    }
    for (x, y, size) in &portrait.skin.moles {
        paint.dab([x - size * 2.0, x + size * 2.0], [y - size * 2.0, y + size * 2.0], |px, py, dab| {
            let inside = smooth(1.2, 0.7, ((px - x) * (px - x) + (py - y) * (py - y)).sqrt() / size);
            dab.tint(colour(0x4A2E20), 0.62 * inside);
            dab.height += 0.006 * inside;
        });
    }
}
