//! How fit a look is for recognition: size, pose, light and sharpness, from the landmarks and the aligned face.

use super::align::ALIGNED_PX;
use super::decode::Detection;
use super::tensor::Tensor;
use crate::config::QualityConfig;
use crate::domain::{Quality, QualityReason};

/// Below this share of the box within the picture a face counts as cut off.
const MIN_INSIDE: f32 = 0.75;
/// Rows and columns of the aligned face that hold skin, not hair or background.
const FACE_ROWS: std::ops::Range<usize> = 28..100;
const FACE_COLUMNS: std::ops::Range<usize> = 24..88;

/// Pose from landmarks in degrees: yaw (positive towards the picture's right), pitch (positive upwards), roll (positive
/// clockwise).
///
/// The nose tip stands out of the plane of eyes and mouth by about half the distance of the eyes, so it moves against
/// that plane as the head turns: sideways by `0.5·tan(yaw)` eye distances, upwards by `0.43·tan(pitch)` of the way from
/// eyes to mouth (of which it stands at 0.495 in the frontal face). Estimates: good for "please face the camera".
fn pose(landmarks: &[[f32; 2]; 5]) -> [f32; 3] {
    let [left, right, nose, mouth_left, mouth_right] = *landmarks;
    let eyes = middle(left, right);
    let mouth = middle(mouth_left, mouth_right);
    let roll = (right[1] - left[1]).atan2(right[0] - left[0]);
    // Upright coordinates around the middle of the eyes.
    let (sin, cos) = roll.sin_cos();
    let upright = |p: [f32; 2]| {
        let (x, y) = (p[0] - eyes[0], p[1] - eyes[1]);
        [cos * x + sin * y, cos * y - sin * x]
    };
    let (nose, mouth) = (upright(nose), upright(mouth));
    let apart = (right[0] - left[0]).hypot(right[1] - left[1]).max(1e-3);
    let down = nose[1] / mouth[1].max(1e-3);
    // The axis of the face at the nose's height.
    let axis = mouth[0] * down.clamp(0.0, 1.0);
    // Eyes close in on each other as the head turns: measure against the face's height too.
    let wide = apart.max(mouth[1] * 0.75);
    let yaw = ((nose[0] - axis) / (0.5 * wide)).atan();
    let pitch = ((0.495 - down) / 0.43).atan();
    [yaw, pitch, roll].map(f32::to_degrees)
}

fn middle(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
}

/// Mean brightness 0..1 and sharpness 0..1 of an aligned face.
///
/// Sharpness is the strength of the Laplacian against that of the gradient, which asks how fine the detail is, however
/// much or little light there is: on shared faces 0.73 and more where sharp, 0.34 to 0.47 at a blur of σ 2, below 0.35 at
/// σ 3 (where only a quarter still match); 0.2 maps to 0 and 1.0 to 1.
fn light_and_detail(aligned: &Tensor) -> (f32, f32) {
    if aligned.size() != (ALIGNED_PX, ALIGNED_PX) {
        return (0.0, 0.0);
    }
    let luma = aligned.luma();
    let (mut light, mut gradient, mut laplacian, mut count) = (0.0, 0.0, 0.0, 0.0);
    for row in FACE_ROWS {
        let line = |row: usize| luma.get(row * ALIGNED_PX..(row + 1) * ALIGNED_PX).unwrap_or_default();
        let (above, here, below) = (line(row - 1), line(row), line(row + 1));
        let columns = FACE_COLUMNS.start - 1..FACE_COLUMNS.end + 1;
        let windows = here.get(columns).unwrap_or_default().windows(3);
        let sides = above.iter().zip(below).skip(FACE_COLUMNS.start);
        for (window, (up, down)) in windows.zip(sides) {
            let [left, centre, right] = *window else { continue };
            light += centre;
            gradient += ((right - left) / 2.0).powi(2) + ((down - up) / 2.0).powi(2);
            laplacian += (4.0 * centre - left - right - up - down).powi(2);
            count += 1.0;
        }
    }
    let rms = |sum: f32| (sum / count).sqrt();
    let detail = rms(laplacian) / (rms(gradient) + 0.004);
    (light / count, ((detail - 0.2) / 0.8).clamp(0.0, 1.0))
}

/// The quality of `face` in a picture of `size` (width, height), its 112×112 likeness in `aligned`.
pub(super) fn assess(face: &Detection, size: (u32, u32), aligned: &Tensor, limits: &QualityConfig) -> Quality {
    let [yaw_deg, pitch_deg, roll_deg] = pose(&face.landmarks);
    let (brightness, sharpness) = light_and_detail(aligned);
    let face_px = face.width();
    let inside = inside(&face.bbox, size);
    let mut reasons = Vec::new();
    let mut blame = |short: bool, reason| {
        if short {
            reasons.push(reason);
        }
    };
    blame(face_px < limits.min_face_px, QualityReason::TooFar);
    blame(inside < MIN_INSIDE, QualityReason::CutOff);
    blame(yaw_deg.abs() > limits.max_yaw_deg, QualityReason::Turned);
    blame(pitch_deg.abs() > limits.max_pitch_deg, QualityReason::Nodding);
    blame(roll_deg.abs() > limits.max_roll_deg, QualityReason::Tilted);
    blame(brightness < limits.min_brightness, QualityReason::TooDark);
    blame(brightness > limits.max_brightness, QualityReason::TooBright);
    blame(sharpness < limits.min_sharpness, QualityReason::Blurred);
    // Each part 0..1, 1 from where more does not help.
    let turn = |angle: f32, limit: f32| 1.0 - (angle.abs() / (2.0 * limit)).min(1.0);
    let parts = [
        face_px / ALIGNED_PX as f32,
        inside,
        turn(yaw_deg, limits.max_yaw_deg),
        turn(pitch_deg, limits.max_pitch_deg),
        turn(roll_deg, limits.max_roll_deg),
        brightness / 0.3,
        (1.0 - brightness) / 0.15,
        sharpness / 0.5,
    ];
    let score = parts.into_iter().fold(1.0, f32::min).max(0.0);
    Quality { score, face_px, yaw_deg, pitch_deg, roll_deg, sharpness, brightness, reasons }
}

/// Share of a box that lies within a picture, 0..1.
fn inside([x, y, w, h]: &[f32; 4], (width, height): (u32, u32)) -> f32 {
    let wide = (x + w).min(width as f32) - x.max(0.0);
    let high = (y + h).min(height as f32) - y.max(0.0);
    let area = w * h;
    if area > 0.0 { (wide.max(0.0) * high.max(0.0) / area).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONTAL: [[f32; 2]; 5] = [[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]];

    #[test]
    fn the_frontal_face_looks_straight_ahead() {
        for angle in pose(&FRONTAL) {
            assert!(angle.abs() < 3.0, "{:?}", pose(&FRONTAL));
        }
    }

    #[test]
    fn a_nose_to_the_right_turns_right_a_nose_up_looks_up_and_tilted_eyes_tilt() {
        let mut right = FRONTAL;
        right[2][0] += 12.0;
        assert!(pose(&right)[0] > 25.0, "{:?}", pose(&right));
        let mut up = FRONTAL;
        up[2][1] -= 10.0;
        assert!(pose(&up)[1] > 20.0, "{:?}", pose(&up));
        let (sin, cos) = 20.0_f32.to_radians().sin_cos();
        let tilted = FRONTAL.map(|[x, y]| [cos * x - sin * y, sin * x + cos * y]);
        let [yaw, pitch, roll] = pose(&tilted);
        assert!((roll - 20.0).abs() < 3.0 && yaw.abs() < 3.0 && pitch.abs() < 3.0, "{yaw} {pitch} {roll}");
    }

    #[test]
    fn a_face_half_outside_the_picture_is_half_inside() {
        assert_eq!(inside(&[-50.0, 10.0, 100.0, 100.0], (640, 480)), 0.5);
        assert_eq!(inside(&[700.0, 10.0, 100.0, 100.0], (640, 480)), 0.0);
    }
}
