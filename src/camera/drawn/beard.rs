//! The painting of beards, and of the shadow that a razor leaves.

use super::colour::{colour, mix};
use super::head::Build;
use super::math::{bell, noise, smooth};
use super::paint::Paint;
use super::portrait::{Beard, Portrait};

/// How much hair each part of the lower face has, 0..1.
struct Growth {
    jaw: f32,
    lip: f32,
    chin: f32,
}

/// Paints the lower face of a man.
pub fn paint(paint: &mut Paint, portrait: &Portrait, build: &Build) {
    let hair = super::hair::tone(portrait.hair.grey);
    let stubble = mix(colour(0x6E665F), hair, 0.35);
    let seed = portrait.seed ^ 0xBEA2;
    let (shadow, growth) = match portrait.hair.beard {
        Beard::None => (0.10, Growth { jaw: 0.0, lip: 0.0, chin: 0.0 }),
        Beard::Stubble => (0.34, Growth { jaw: 0.0, lip: 0.0, chin: 0.0 }),
        Beard::Moustache => (0.10, Growth { jaw: 0.0, lip: 1.0, chin: 0.0 }),
        Beard::Goatee => (0.12, Growth { jaw: 0.0, lip: 0.7, chin: 1.0 }),
        Beard::Full => (0.30, Growth { jaw: 0.85, lip: 0.9, chin: 1.0 }),
    };
    let m = build.mouth_y;
    paint.both([0.0, 0.8], [build.nose_y, 1.05], |side, a, y, dab| {
        let t = a / build.mouth_half;
        let jaw = smooth(0.20, 0.50, y - 0.32 + 0.55 * (a - 0.25))
            * smooth(build.nose_y + 0.02, m, y + 0.45 * (a - 0.2).max(0.0));
        // Lips are bare.
        let lips = smooth(1.1, 0.9, t)
            * smooth(0.012, -0.012, (y - m - 0.5 * build.open).abs() - build.lower_lip - 0.5 * build.open);
        let over_y = m - build.upper_lip - 0.035 + 0.045 * t * t;
        let over =
            bell(t / 1.05, 0.0) * bell(0.0, (y - over_y) / 0.05) * smooth(m, m - 0.025, y - 0.05 * smooth(0.7, 1.1, t));
        let under = bell(a / 0.20, (y - 0.92) / 0.19) * smooth(m + build.lower_lip, m + build.lower_lip + 0.05, y);
        let long = noise(side * a * 60.0 + y * 9.0, y * 13.0, seed);
        let fine = noise(side * a * 150.0, y * 46.0, seed ^ 1);
        dab.tint(stubble, shadow * (jaw.max(over).max(under)) * (1.0 - lips) * (1.0 + 0.35 * fine));
        let hairy = (growth.jaw * jaw).max(growth.lip * over).max(growth.chin * under) + 0.16 * long + 0.10 * fine;
        let cover =
            smooth(0.34, 0.66, hairy) * (1.0 - 0.8 * lips) * smooth(0.0, 0.05, growth.jaw + growth.lip + growth.chin);
        dab.tint(hair.map(|c| c * (0.86 + 0.20 * long + 0.14 * fine)), 0.88 * cover);
        dab.height += cover * (0.006 + 0.004 * long);
        dab.gloss *= 1.0 - 0.7 * cover;
    });
}
