//! The form of the head: a smooth skull with the features raised from it.
//!
//! Units: one is half the height of the head, so that the crown is at y = −1, the line of the eyes at 0 and the chin
//! at about 1; x runs to the picture's right, y down and z forward.

use std::f32::consts::FRAC_PI_2;

use super::math::{Vec3, bell, cos, curve, lerp, sin, smooth, vec3};
use super::portrait::Portrait;

/// Metres a head unit, by which drawn people are as large as people.
pub const METRES_A_UNIT: f32 = 0.115;
/// Half the angle that the head's surface spans sideways, radians; what lies behind is under the hair.
const REACH: f32 = 2.25;

/// What the face does in a frame; each number is 0 at rest.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Expression {
    /// −1 sad to 1 smiling.
    pub smile: f32,
    /// How far the mouth is open, 0..1.
    pub mouth_open: f32,
    /// How far the eyes are closed, 0..1.
    pub eyes_closed: f32,
    /// Brows: −1 lowered to 1 raised.
    pub brows: f32,
    /// Where the eyes look, −1 left to 1 right in the picture.
    pub gaze_x: f32,
    /// Where the eyes look, −1 up to 1 down.
    pub gaze_y: f32,
}

/// Where the features are and how large, in head units.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    pub width: f32,
    pub jaw: f32,
    pub chin: f32,
    pub chin_length: f32,
    pub cheekbones: f32,
    pub fullness: f32,
    pub brow_ridge: f32,
    pub jowls: f32,
    pub eye_x: f32,
    pub eye_half: f32,
    pub eye_open: f32,
    pub eye_tilt: f32,
    pub eye_depth: f32,
    pub bags: f32,
    pub fold: f32,
    pub hood: f32,
    pub brow_y: f32,
    pub brow_weight: f32,
    pub brow_tilt: f32,
    pub brow_arch: f32,
    pub nose_y: f32,
    pub nose_half: f32,
    pub bridge: f32,
    pub tip: f32,
    pub mouth_y: f32,
    pub mouth_half: f32,
    pub upper_lip: f32,
    pub lower_lip: f32,
    pub corners: f32,
    pub open: f32,
    pub smile: f32,
    pub ear: f32,
    pub ear_angle: f32,
    pub age: f32,
}

impl Build {
    pub fn new(portrait: &Portrait, expression: &Expression) -> Self {
        let s = &portrait.shape;
        let (age, male) = (portrait.age, portrait.is_male());
        let by_sex = |m: f32, f: f32| if male { m } else { f };
        let nose_y = 0.38 + 0.065 * s.nose_length;
        Self {
            width: 0.735 + 0.065 * s.head_width + by_sex(0.01, 0.0),
            jaw: by_sex(0.87, 0.82) + 0.11 * s.jaw_width,
            chin: by_sex(0.64, 0.58) + 0.14 * s.chin_width,
            chin_length: 1.0 + 0.09 * s.chin_length,
            cheekbones: 0.045 + 0.03 * s.cheekbones,
            fullness: 0.02 + 0.10 * s.cheek_fullness - 0.04 * age,
            brow_ridge: by_sex(0.035, 0.015) + 0.02 * s.brow_ridge,
            jowls: (0.02 + 0.05 * age + 0.04 * s.jowls).max(0.0),
            eye_x: 0.302 + 0.04 * s.eye_spacing,
            eye_half: 0.128 + 0.024 * s.eye_width,
            eye_open: (0.049 + 0.017 * s.eye_opening - 0.007 * age) * (1.0 - 0.16 * expression.smile.max(0.0)),
            eye_tilt: 0.024 * s.eye_tilt - 0.012 * age,
            eye_depth: 0.075 + 0.025 * s.eye_depth,
            bags: (0.5 + 0.4 * age + 0.4 * s.eye_bags).max(0.05),
            fold: s.lid_fold,
            hood: portrait.details.lid_hood,
            brow_y: -0.205 - 0.045 * s.brow_height - 0.035 * expression.brows,
            brow_weight: by_sex(0.031, 0.022) + 0.015 * s.brow_weight,
            brow_tilt: 0.05 * s.brow_tilt + 0.015,
            brow_arch: 0.028 + 0.022 * s.brow_arch,
            nose_y,
            nose_half: by_sex(0.158, 0.144) + 0.036 * s.nose_width,
            bridge: 0.085 + 0.055 * s.nose_bridge,
            tip: 0.215 + 0.06 * s.nose_tip,
            mouth_y: (nose_y + 0.21 + 0.04 * s.mouth_height).min(0.645),
            mouth_half: 0.225 + 0.05 * s.mouth_width + 0.03 * expression.smile,
            upper_lip: (0.040 + 0.022 * s.upper_lip - 0.010 * age).max(0.014),
            lower_lip: (0.056 + 0.022 * s.lower_lip - 0.010 * age).max(0.026),
            corners: 0.008 + 0.012 * s.mouth_corners + 0.040 * expression.smile,
            open: 0.10 * expression.mouth_open,
            smile: expression.smile,
            ear: 0.19 + 0.03 * s.ear_size + 0.02 * age,
            ear_angle: 0.55 + 0.3 * s.ear_angle,
            age,
        }
    }

    /// Angles (to the right, down; radians) of a place `(u, v)` on the head's surface. Finer in the middle of the face.
    pub fn angles(u: f32, v: f32) -> (f32, f32) {
        let spread = |t: f32| t * (0.6 + 0.4 * t * t);
        (REACH * spread(2.0 * u - 1.0), FRAC_PI_2 * spread(2.0 * v - 1.0))
    }

    /// Half the skull's width at an angle down.
    pub fn half_width(&self, phi: f32) -> f32 {
        let (y, ring) = (sin(phi), cos(phi).max(0.0));
        // Widths against an ellipse: temples, cheekbones, angle of the jaw, chin.
        let broad = curve(
            &[
                (-1.0, 1.0),
                (-0.45, 1.0),
                (0.1, 1.0),
                (0.55, self.jaw + 0.10),
                (0.84, self.chin + 0.16),
                (1.0, self.chin),
            ],
            y,
        );
        self.width * broad * lerp(ring, ring.sqrt(), 0.35)
    }

    /// How far the skull reaches sideways at an angle to the right, as a share of its half width.
    pub fn outline(theta: f32) -> f32 {
        let (s, c) = (sin(theta), cos(theta));
        s * flatness(s, c)
    }

    /// The smooth skull at angles to the right and down, `grown` outwards.
    pub fn skull(&self, theta: f32, phi: f32, grown: f32) -> Vec3 {
        let (y, ring) = (sin(phi), cos(phi).max(0.0));
        let round = ring.sqrt();
        let front = curve(&[(-1.0, 0.86), (-0.5, 0.89), (0.0, 0.80), (0.5, 0.80), (0.9, 0.86), (1.0, 0.70)], y);
        let depth = front * lerp(ring, round, if y > 0.0 { 0.75 } else { 0.3 });
        let back = cos(theta) < 0.0;
        let (s, c) = (sin(theta), cos(theta));
        let flat = flatness(s, c);
        let depth = if back { 0.95 * lerp(ring, round, 0.4) } else { depth };
        let long = if y > 0.0 { lerp(1.0, self.chin_length, y) } else { 1.0 };
        vec3(
            s * flat * self.half_width(phi) * (1.0 + grown),
            y * long * (1.0 + grown),
            c * flat * depth * (1.0 + grown) + lerp(0.0, 0.03, smooth(0.5, 1.0, y)),
        )
    }

    /// The face at angles to the right and down.
    pub fn face(&self, theta: f32, phi: f32) -> Vec3 {
        let p = self.skull(theta, phi, 0.0);
        let ahead = smooth(0.0, 0.45, cos(theta));
        if ahead <= 0.0 {
            return p;
        }
        let relief = self.relief(p.x, p.y) * ahead;
        let side = if p.x < 0.0 { -1.0 } else { 1.0 };
        let x = p.x.abs();
        // Cheekbones, cheeks and jowls also widen the outline.
        let outward = self.cheekbones * 0.5 * bell((x - 0.55) / 0.22, (p.y - 0.16) / 0.18)
            + self.fullness * 0.6 * bell((x - 0.5) / 0.28, (p.y - 0.48) / 0.26)
            + self.jowls * 0.5 * bell((x - 0.44) / 0.2, (p.y - 0.74) / 0.15)
            - 0.03 * (0.5 + self.age) * bell((x - 0.66) / 0.14, (p.y + 0.18) / 0.2);
        vec3(p.x + side * outward, p.y, p.z + relief)
    }

    /// How far the features stand out from the skull at a place of the face.
    fn relief(&self, x: f32, y: f32) -> f32 {
        // Rounded at the middle of the face, where a plain distance would leave a crease.
        let a = (x * x + 0.0009).sqrt();
        let mut z = 0.0;
        // Sockets, the balls in them, and the ridge above.
        z -= self.eye_depth * bell((a - self.eye_x * 0.92) / 0.17, (y - 0.0) / 0.125);
        z += 0.040 * bell((a - self.eye_x) / 0.115, (y - 0.012) / 0.075);
        z += 0.016 * self.bags * bell((a - self.eye_x) / 0.115, (y - 0.125) / 0.035);
        z += self.brow_ridge * bell((a - 0.24) / 0.20, (y + 0.19) / 0.09);
        z -= 0.02 * bell(a / 0.1, (y + 0.12) / 0.08);
        // Cheekbones, cheeks, jowls, temples.
        z += self.cheekbones * bell((a - 0.42) / 0.18, (y - 0.19) / 0.13);
        z += self.fullness * bell((a - 0.42) / 0.2, (y - 0.5) / 0.22);
        z += self.jowls * bell((a - 0.37) / 0.14, (y - 0.74) / 0.14);
        z += 0.05 * self.smile.max(0.0) * bell((a - 0.38) / 0.13, (y - 0.32) / 0.12);
        z -= 0.05 * bell((a - 0.62) / 0.14, (y + 0.25) / 0.25);
        z += self.nose(a, y);
        // The mound of the mouth, the lips and the furrow between them, the hollow above the chin, the chin.
        let m = self.mouth_y;
        z += 0.055 * bell(a / 0.27, (y - m) / 0.17);
        let corner_y = m - self.corners * smooth(0.0, 1.0, a / self.mouth_half);
        let lips = smooth(self.mouth_half * 1.05, self.mouth_half * 0.45, a);
        z += lips * self.upper_lip * 0.65 * bell(0.0, (y - corner_y + self.upper_lip * 0.6) / (self.upper_lip * 0.9));
        z += lips
            * self.lower_lip
            * 0.60
            * bell(0.0, (y - corner_y - self.open - self.lower_lip * 0.6) / self.lower_lip);
        z -= 0.022 * lips.max(0.3) * bell((a - 0.0) / (self.mouth_half * 1.3), (y - corner_y) / 0.016);
        z -= 0.018 * bell((a - self.mouth_half - 0.02) / 0.05, (y - corner_y) / 0.05);
        z -= 0.035 * bell(a / 0.2, (y - m - 0.145) / 0.05);
        z += 0.055 * bell(a / 0.15, (y - 0.885 * self.chin_length) / 0.09);
        // The groove under the nose.
        z -= 0.014 * bell(a / 0.028, (y - (self.nose_y + m) * 0.5 - 0.01) / 0.06);
        // The fold from the nose to the mouth: the cheek lies above it.
        let fold_x = lerp(0.15, self.mouth_half + 0.075, smooth(self.nose_y - 0.07, m + 0.06, y));
        let along = smooth(self.nose_y - 0.14, self.nose_y, y) * smooth(m + 0.16, m, y);
        z += (0.008 + 0.016 * self.age + 0.012 * self.smile.max(0.0))
            * along
            * smooth(-0.05, 0.05, a - fold_x)
            * smooth(0.2, 0.04, a - fold_x);
        z
    }

    fn nose(&self, a: f32, y: f32) -> f32 {
        let tip_y = self.nose_y - 0.06;
        let down = smooth(-0.16, tip_y, y);
        let under = smooth(self.nose_y + 0.055, tip_y + 0.01, y);
        let wide = lerp(0.062, 0.094, down * down);
        let height =
            lerp(self.bridge * 0.75, self.tip * 0.84, smooth(-0.02, tip_y, y)) * smooth(-0.22, 0.02, y) * under;
        let ridge = height * bell(a / wide, 0.0);
        let ball = 0.066 * bell(a / 0.088, (y - tip_y) / 0.072);
        let wings = 0.100 * bell((a - self.nose_half * 0.74) / 0.054, (y - self.nose_y + 0.040) / 0.060);
        ridge + ball + wings
    }

    /// Where on the face what is painted at a place (see [`super::paint::Paint`]) comes to lie; for landmarks.
    pub fn on_face(&self, x: f32, y: f32) -> Vec3 {
        let (mut theta, mut phi) = (0.0, 0.0);
        // Painting knows the smooth skull alone, which is monotonic here: a few rounds of correction find the angles.
        for _ in 0..24 {
            let p = self.skull(theta, phi, 0.0);
            phi = (phi + (y - p.y) * 0.9).clamp(-1.4, 1.4);
            theta = (theta + (x - p.x) * 0.9).clamp(-1.2, 1.2);
        }
        self.face(theta, phi)
    }
}

/// A rounded square rather than an ellipse from above: the face is flatter than the skull. From the angle's sine and
/// cosine.
fn flatness(s: f32, c: f32) -> f32 {
    1.0 + 0.28 * (s * c) * (s * c)
}
