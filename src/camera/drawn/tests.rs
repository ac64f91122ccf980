//! Drawn people are the same everywhere, and their truth is true.

use sha2::{Digest, Sha256};

use super::{Album, CAMERA, Figure, Film, Light, Portrait, Pose, Stance, Studio, Truth, canteen, cast};

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A figure alone before an empty wall, without noise.
fn shoot(portrait: &Portrait, stance: Stance) -> (image::RgbImage, Truth) {
    let light = Light::default();
    let mut figure = Figure::new(portrait.clone(), 256);
    let truth = figure.truth(0, &stance, &light, &CAMERA);
    let wall = canteen(&CAMERA, 1, 0.0, &light);
    let film = Film { noise: 0.0, ..Film::default() };
    (Studio::new(CAMERA).picture(&wall, &mut [(&mut figure, stance)], &light, &film), truth)
}

/// Mean brightness within `radius` pixels of a point.
fn brightness(picture: &image::RgbImage, [x, y]: [f32; 2], radius: i32) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for dy in -radius..=radius {
        for dx in -radius..=radius {
            let (px, py) = (x.round() as i32 + dx, y.round() as i32 + dy);
            let pixel = picture.get_pixel(px as u32, py as u32).0;
            sum += pixel.iter().map(|c| f32::from(*c)).sum::<f32>() / 3.0;
            count += 1.0;
        }
    }
    sum / count
}

#[test]
fn a_seed_gives_the_same_picture_on_every_machine() {
    let album = Album::new(7, 3, 160, 120);
    let mut studio = Studio::new(album.camera());
    let pictures: Vec<String> =
        (0..3).map(|person| digest(album.shot(&mut studio, person, person).picture.as_raw())).collect();
    assert_eq!(pictures, GOLDEN_PICTURES, "if the drawing was changed on purpose, write the new digests here");
}

#[test]
fn a_picture_does_not_depend_on_what_was_drawn_before_it() {
    let album = Album::new(7, 4, 160, 120);
    let mut fresh = Studio::new(album.camera());
    let alone = album.shot(&mut fresh, 2, 1);
    let mut used = Studio::new(album.camera());
    album.shot(&mut used, 0, 0);
    album.empty(&mut used, 0);
    assert!(alone == album.shot(&mut used, 2, 1));
}

#[test]
fn a_close_up_shows_the_same_face_as_the_whole_frame() {
    let album = Album::new(23, 1, 480, 360);
    let mut studio = Studio::new(album.camera());
    let mut shrunk = 0;
    for frame in 0..4 {
        let close = album.close_up(&mut studio, 0, frame);
        let whole = album.shot(&mut studio, 0, frame);
        assert_eq!(close.picture.dimensions(), (208, 208));
        let ([near], [far]) = (close.faces.as_slice(), whole.faces.as_slice()) else { panic!("one face in each") };
        assert_eq!((near.pose, near.light, near.mask, near.glasses), (far.pose, far.light, far.mask, far.glasses));
        assert!(near.r#box[2] < 105.0, "{:?}", near.r#box);
        let scale = near.r#box[2] / far.r#box[2];
        shrunk += i32::from(scale < 0.95);
        // Both show the same brightness at the landmarks and between them.
        let [left, right, nose, mouth_left, mouth_right] = [0, 1, 2, 3, 4];
        let (mut apart, mut count) = (0.0, 0.0);
        for (a, b) in [(left, right), (left, nose), (right, nose), (left, mouth_left), (right, mouth_right)] {
            for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
                let between = |points: &[[f32; 2]; 5]| {
                    [0, 1].map(|axis| points[a][axis] * (1.0 - share) + points[b][axis] * share)
                };
                let (p, q) = (between(&near.landmarks), between(&far.landmarks));
                let inside = q[0] > 8.0 && q[0] < 472.0 && q[1] > 8.0 && q[1] < 352.0;
                if inside {
                    let radius = (3.0 / scale).round() as i32;
                    apart += (brightness(&close.picture, p, 3) - brightness(&whole.picture, q, radius)).abs();
                    count += 1.0;
                }
            }
        }
        assert!(count > 10.0 && apart / count < 6.0, "frame {frame}: {} apart at {count} places", apart / count);
    }
    assert!(shrunk > 0, "no face was large enough to be shrunk");
}

#[test]
fn an_album_told_how_many_wear_masks_draws_that_share_of_the_same_people_in_the_same_poses() {
    let seen = |album: Album| -> (Vec<bool>, Vec<_>) {
        let mut studio = Studio::new(album.camera());
        let truth = |frame| album.close_up(&mut studio, frame % 3, frame).faces.remove(0);
        (0..24).map(truth).map(|face| (face.mask, (face.identity, face.pose, face.distance_m))).unzip()
    };
    let album = Album::new(31, 3, 160, 120);
    let (usual, half, all) = (seen(album), seen(album.masked(0.5)), seen(album.masked(1.0)));
    let masks = |of: &[bool]| of.iter().filter(|mask| **mask).count();
    assert!(masks(&usual.0) < 6 && (7..18).contains(&masks(&half.0)) && masks(&all.0) == 24);
    assert!(usual.1 == half.1 && half.1 == all.1);
}

#[test]
fn the_truth_says_where_the_eyes_are_at_every_pose() {
    for seed in 0..8 {
        let mut portrait = Portrait::new(seed);
        portrait.glasses = None;
        portrait.skin.tone = 0.0;
        for (yaw, pitch, roll) in [(0.0, 0.0, 0.0), (25.0, 5.0, 10.0), (-25.0, -10.0, -20.0), (10.0, 18.0, 0.0)] {
            let stance = Stance { pose: Pose::new(yaw, pitch, roll), distance_m: 0.45, ..Stance::default() };
            let (picture, truth) = shoot(&portrait, stance);
            let [left, right, _, mouth_left, mouth_right] = truth.landmarks;
            for (eye, mouth) in [(left, mouth_left), (right, mouth_right)] {
                let along = |share: f32| [0, 1].map(|i| eye[i] + (mouth[i] - eye[i]) * share);
                // The cheek, or the forehead where the cheek lies in the shade of the nose.
                let skin =
                    [0.5, -0.5].map(|share| brightness(&picture, along(share), 3)).into_iter().fold(0.0, f32::max);
                let pupil = brightness(&picture, eye, 3);
                assert!(pupil < 0.9 * skin, "seed {seed} yaw {yaw}: eye {pupil}, skin {skin}");
            }
            let [x, y, w, h] = truth.r#box;
            for [px, py] in truth.landmarks {
                assert!(px > x && px < x + w && py > y && py < y + h, "seed {seed}: a landmark outside the box");
            }
        }
    }
}

#[test]
fn the_corners_of_the_mouth_in_the_truth_are_where_the_lips_end_in_full_faces_and_gaunt_ones() {
    for (seed, full) in [(2, 1.4), (5, 1.4), (6, -1.4), (11, 0.0)] {
        let mut portrait = Portrait::new(seed);
        portrait.hair.beard = super::portrait::Beard::None;
        (portrait.shape.cheek_fullness, portrait.shape.jowls) = (full, full);
        let (picture, truth) = shoot(&portrait, Stance { distance_m: 0.45, ..Stance::default() });
        let [_, _, _, left, right] = truth.landmarks;
        let middle = [(left[0] + right[0]) / 2.0, (left[1] + right[1]) / 2.0];
        for corner in [left, right] {
            let at = |share: f32| [0, 1].map(|axis| middle[axis] + share * (corner[axis] - middle[axis]));
            let (lips, cheek) = (brightness(&picture, at(0.93), 1), brightness(&picture, at(1.1), 1));
            assert!(lips < 0.85 * cheek, "seed {seed}, fullness {full}: {lips} within, {cheek} without");
        }
    }
}

#[test]
fn the_left_eye_of_the_truth_is_the_one_on_the_pictures_left() {
    let (_, truth) = shoot(&Portrait::new(3), Stance::default());
    assert!(truth.landmarks[0][0] < truth.landmarks[1][0] && truth.landmarks[3][0] < truth.landmarks[4][0]);
    assert!(truth.landmarks[0][1] < truth.landmarks[2][1] && truth.landmarks[2][1] < truth.landmarks[3][1]);
}

#[test]
fn a_head_that_looks_right_has_its_nose_right_of_its_eyes_middle() {
    for (yaw, side) in [(20.0, 1.0), (-20.0, -1.0)] {
        let (_, truth) = shoot(&Portrait::new(3), Stance { pose: Pose::new(yaw, 0.0, 0.0), ..Stance::default() });
        let middle = (truth.landmarks[0][0] + truth.landmarks[1][0]) / 2.0;
        assert!((truth.landmarks[2][0] - middle) * side > 5.0);
    }
}

#[test]
fn the_cast_is_ten_elders_of_different_circumstances() {
    let cast = cast();
    assert_eq!(cast.len(), 10);
    let distinct =
        |key: fn(&super::CastMember) -> String| cast.iter().map(key).collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(distinct(|m| m.elder.id.to_string()), 10);
    assert_eq!(distinct(|m| m.elder.name.clone()), 10);
    assert!(distinct(|m| m.elder.household.district.clone()) > 1, "somebody lives in another district");
    assert!(distinct(|m| format!("{:?}", m.elder.classes)) >= 5);
    let day = jiff::civil::date(2026, 11, 22);
    let ages: Vec<u8> = cast.iter().map(|m| m.elder.age_on(day)).collect();
    assert!(ages.iter().all(|age| (60..=110).contains(age)), "{ages:?}");
    assert!(ages.iter().any(|age| *age >= 100) && ages.iter().any(|age| (60..80).contains(age)));
}

/// First eight bytes of each picture's SHA-256.
const GOLDEN_PICTURES: [&str; 3] = ["75c94d65043d7e9e", "15e05a3ead05a8a6", "af080ca7f2730631"];
