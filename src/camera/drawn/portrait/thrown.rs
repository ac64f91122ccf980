//! Which people there are: how often each feature is thrown, and how far it goes.

use super::{Beard, Cap, Cut, Details, Dress, Glasses, Hair, HairStyle, Lens, Portrait, Shape, Skin};
use crate::camera::drawn::math::Dice;
use crate::domain::Sex;

/// How far the build of an album's people may go, against the cast's, all of it equally often: among thousands nobody
/// should have a double.
const WIDE: f32 = 1.9;
/// The same for their details, which show above a mask and move no landmark.
const WIDE_DETAILS: f32 = 2.4;

impl Portrait {
    /// The person of this seed: an elder, of either sex, drawn from the whole range of faces.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let sex = if dice.chance(0.5) { Sex::Female } else { Sex::Male };
        let age = dice.between(0.05, 1.0);
        Self::of(
            &mut dice,
            sex,
            age,
            |dice| dice.between(-WIDE, WIDE),
            |dice| dice.between(-WIDE_DETAILS, WIDE_DETAILS),
        )
    }

    /// The person of this seed with a given sex and age (0 about sixty, 1 a hundred).
    pub fn aged(seed: u64, sex: Sex, age: f32) -> Self {
        Self::of(&mut Dice::new(seed), sex, age.clamp(0.0, 1.0), Dice::swing, Dice::swing)
    }

    fn of(dice: &mut Dice, sex: Sex, age: f32, build: fn(&mut Dice) -> f32, detail: fn(&mut Dice) -> f32) -> Self {
        let seed = dice.seed();
        let shape = Shape::throw(dice, build);
        let skin = Skin::throw(dice, age);
        let hair = Hair::throw(dice, sex, age);
        let glasses = dice.chance(0.33).then(|| Glasses::throw(dice));
        let cap = dice.chance(0.12).then(|| Cap::throw(dice));
        let dress = Dress::throw(dice, sex);
        let details = Details::throw(dice, detail);
        Self { seed, sex, age, shape, details, skin, hair, glasses, cap, dress }
    }

    /// The same person in other clothes, following from `seed`.
    pub fn dressed(&self, seed: u64) -> Self {
        Self { dress: Dress::throw(&mut Dice::new(seed), self.sex), ..self.clone() }
    }
}

impl Shape {
    fn throw(dice: &mut Dice, build: fn(&mut Dice) -> f32) -> Self {
        let mut swing = || build(dice);
        Self {
            head_width: swing(),
            jaw_width: swing(),
            chin_width: swing(),
            chin_length: swing(),
            cheekbones: swing(),
            cheek_fullness: swing(),
            brow_ridge: swing(),
            jowls: swing(),
            eye_spacing: swing(),
            eye_width: swing(),
            eye_opening: swing(),
            eye_tilt: swing(),
            eye_depth: swing(),
            eye_bags: swing(),
            lid_fold: swing(),
            brow_height: swing(),
            brow_weight: swing(),
            brow_tilt: swing(),
            brow_arch: swing(),
            nose_length: swing(),
            nose_width: swing(),
            nose_bridge: swing(),
            nose_tip: swing(),
            mouth_width: swing(),
            mouth_height: swing(),
            upper_lip: swing(),
            lower_lip: swing(),
            mouth_corners: swing(),
            ear_size: swing(),
            ear_angle: swing(),
        }
    }
}

impl Details {
    fn throw(dice: &mut Dice, detail: fn(&mut Dice) -> f32) -> Self {
        let mut swing = || detail(dice);
        Self {
            brow_length: swing(),
            brow_gap: swing(),
            brow_density: swing(),
            brow_grey: swing(),
            lid_hood: swing(),
            iris_dark: swing(),
            dark_rings: swing(),
            frown_lines: swing(),
            forehead_lines: swing(),
            smile_folds: swing(),
            cheek_hollows: swing(),
            cheek_patches: swing(),
            nose_redness: swing(),
            lip_colour: swing(),
        }
    }
}

impl Skin {
    fn throw(dice: &mut Dice, age: f32) -> Self {
        let moles = if dice.chance(0.45) { 1 + (dice.bits() % 2) as usize } else { 0 };
        Self {
            tone: (0.35 + 0.45 * dice.swing()).clamp(0.0, 1.0),
            warmth: dice.swing(),
            wrinkles: (0.42 + 0.5 * age + 0.25 * dice.swing()).clamp(0.2, 1.0),
            spots: (0.1 + 0.6 * age + 0.4 * dice.swing()).clamp(0.0, 1.0),
            moles: (0..moles)
                .map(|_| {
                    // Beside the nose and mouth, on the cheeks or the forehead, never on an eye.
                    let side = if dice.chance(0.5) { -1.0 } else { 1.0 };
                    let (x, y) = if dice.chance(0.3) {
                        (side * dice.between(0.05, 0.4), dice.between(-0.5, -0.32))
                    } else {
                        (side * dice.between(0.2, 0.46), dice.between(0.2, 0.62))
                    };
                    (x, y, dice.between(0.012, 0.022))
                })
                .collect(),
        }
    }
}

impl Hair {
    fn throw(dice: &mut Dice, sex: Sex, age: f32) -> Self {
        use HairStyle::{Bald, Bob, Bun, Cropped, Parted, Permed, Receding, Ring, SweptBack};
        let style = match sex {
            Sex::Female => dice
                .pick(&[(Permed, 3.0), (Bob, 2.0), (Bun, 2.0), (SweptBack, 1.0), (Parted, 1.5), (Cropped, 0.5)], Bob),
            Sex::Male => dice.pick(
                &[
                    (Cropped, 2.0),
                    (Parted, 2.0),
                    (SweptBack, 1.5),
                    (Receding, 2.0),
                    (Ring, 0.6 + age),
                    (Bald, 0.4 + 0.4 * age),
                ],
                Cropped,
            ),
        };
        let beard = match sex {
            Sex::Female => Beard::None,
            Sex::Male => dice.pick(
                &[
                    (Beard::None, 5.0),
                    (Beard::Stubble, 2.0),
                    (Beard::Moustache, 0.7),
                    (Beard::Goatee, 0.8),
                    (Beard::Full, 0.4),
                ],
                Beard::None,
            ),
        };
        Self {
            style,
            grey: (0.45 + 0.45 * age + 0.35 * dice.swing()).clamp(0.0, 1.0),
            density: (0.75 - 0.3 * age + 0.35 * dice.swing()).clamp(0.2, 1.0),
            line: dice.swing(),
            parting: if dice.chance(0.5) { -1.0 } else { 1.0 },
            beard,
        }
    }
}

impl Glasses {
    fn throw(dice: &mut Dice) -> Self {
        let lens = dice.pick(&[(Lens::Round, 1.0), (Lens::Oval, 1.0), (Lens::Square, 1.4)], Lens::Oval);
        let colours = [0x2A2522, 0x5A3A24, 0x7A6A4A, 0x8C8F94, 0x3A2A3A, 0x9A7B3C];
        let colour = dice.pick(&colours.map(|c| (c, 1.0)), 0x2A2522);
        Self { lens, colour, weight: dice.between(0.0, 1.0), size: dice.swing() }
    }
}

impl Cap {
    fn throw(dice: &mut Dice) -> Self {
        let colours = [0x33415C, 0x4A4A48, 0x5C3B33, 0x6B7A5A, 0x7A2E2E, 0x25303A];
        Self { peaked: dice.chance(0.4), colour: dice.pick(&colours.map(|c| (c, 1.0)), 0x4A4A48) }
    }
}

impl Dress {
    fn throw(dice: &mut Dice, sex: Sex) -> Self {
        let cut = dice.pick(
            &[(Cut::Cardigan, 2.0), (Cut::Tunic, 1.0), (Cut::Padded, 1.5), (Cut::Jumper, 1.0), (Cut::Shirt, 1.0)],
            Cut::Cardigan,
        );
        let outer: &[u32] = match sex {
            Sex::Female => &[0x7A3B46, 0x8A5A6A, 0x5B6B8C, 0x6A4A6A, 0xA8604A, 0x4A6A6A, 0x9A8A7A, 0x3E4A6A],
            Sex::Male => &[0x3A4658, 0x54584E, 0x4A3E36, 0x5A6A7A, 0x6A5A4A, 0x2E3A3A, 0x70747A, 0x44506A],
        };
        let outer: Vec<(u32, f32)> = outer.iter().map(|c| (*c, 1.0)).collect();
        let inner = [0xE8E4DA, 0xC8D4E0, 0xD8C8B8, 0xA8B8A8, 0xE0D0D4].map(|c| (c, 1.0));
        Self {
            cut,
            outer: dice.pick(&outer, 0x54584E),
            inner: dice.pick(&inner, 0xE8E4DA),
            pattern: dice.chance(if sex == Sex::Female { 0.5 } else { 0.25 }),
        }
    }
}
