//! Drawn pictures in, observations out, through the drawn models: what needs no photo of anybody and no real model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::{RgbImage, imageops};
use mealpoint::camera::Frame;
use mealpoint::camera::drawn::{Album, CAMERA, DrawnSource, Light, Pose, Stage, Studio, cast};
use mealpoint::vision::{PackName, QualityReason, Vision};

use crate::support;

fn vision() -> Option<Vision> {
    support::models_of(PackName::Drawn, &support::recognition()).map(|models| support::load(&models))
}

/// The n-th frame of a stream that lasts 1/15 s a frame.
fn frame(pixels: &RgbImage, number: u64, start: Instant) -> Frame {
    let captured_at = start + Duration::from_millis(66 * number);
    Frame { pixels: pixels.clone(), sequence: number, captured_at, name: Some(Arc::from("test")) }
}

/// One of the cast, looking as `yaw_deg` says, 0.6 m away.
fn portrait(person: usize, yaw_deg: f32, light: Light) -> RgbImage {
    cast()[person].portrait.frame(Pose::new(yaw_deg, 0.0, 0.0), light, 0.6)
}

#[test]
fn an_empty_canteen_shows_nobody_as_a_still_and_as_a_frame() {
    let Some(mut vision) = vision() else { return };
    let album = Album::new(31, 0, CAMERA.width, CAMERA.height);
    let mut studio = Studio::new(CAMERA);
    let start = Instant::now();
    for number in 0..6 {
        let picture = album.empty(&mut studio, number as usize).picture;
        assert_eq!(vision.look(&picture).expect("a look").faces.len(), 0, "picture {number}");
        assert_eq!(vision.follow(&frame(&picture, number, start)).expect("a look").faces.len(), 0, "frame {number}");
    }
}

#[test]
fn a_template_has_length_one_and_a_quick_look_agrees_with_a_close_one() {
    let Some(mut vision) = vision() else { return };
    for person in [0, 4] {
        let picture = portrait(person, 3.0, Light::default());
        let close = vision.look(&picture).expect("a look");
        let close = close.nearest().and_then(|face| face.template.as_ref()).expect("a template");
        let length: f32 = close.values().iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-3 && close.values().len() == vision.dimension(), "{length}");
        let quick = vision.follow(&frame(&picture, person as u64 * 100, Instant::now())).expect("a look");
        let quick = quick.nearest().and_then(|face| face.template.as_ref()).expect("a template");
        let similarity = close.similarity(quick).expect("one model");
        assert!(similarity > 0.8, "person {person}: {similarity}");
    }
}

#[test]
fn somebody_in_little_light_is_the_same_person_in_a_still() {
    let Some(mut vision) = vision() else { return };
    let mut template = |person: usize, light: Light| {
        let seen = vision.look(&portrait(person, 3.0, light)).expect("a look");
        seen.nearest().and_then(|face| face.template.clone()).expect("a template")
    };
    for person in 0..4 {
        let dim = Light { strength: 0.25, ambient: 0.35, ..Light::default() };
        let similarity = template(person, Light::default()).similarity(&template(person, dim)).expect("one model");
        assert!(similarity > 0.85, "person {person}: {similarity}");
    }
}

#[test]
fn of_two_people_the_nearest_comes_first_and_in_a_frame_is_the_only_one_with_a_template() {
    let Some(mut vision) = vision() else { return };
    let stage = Stage::stepped(5);
    let mut source = DrawnSource::new(stage.clone());
    stage.walk_up(0);
    stage.stand_behind(3);
    let start = Instant::now();
    let seen = (0..60).find_map(|number| {
        let (picture, truth) = source.shoot();
        let seen = vision.follow(&frame(&picture, number, start)).expect("a look");
        (truth.len() == 2 && seen.faces.len() == 2 && seen.faces[0].template.is_some()).then_some(seen)
    });
    let seen = seen.expect("both are seen within four seconds");
    assert!(seen.faces[0].bbox[2] > seen.faces[1].bbox[2]);
    assert!(seen.faces[1].template.is_none());
    assert_ne!(seen.faces[0].track, seen.faces[1].track);
}

#[test]
fn one_person_keeps_a_track_and_the_next_one_in_the_same_place_gets_another() {
    let Some(mut vision) = vision() else { return };
    let start = Instant::now();
    let mut track = |person: usize, yaw: f32, number: u64| {
        let seen = vision.follow(&frame(&portrait(person, yaw, Light::default()), number, start)).expect("a look");
        seen.nearest().expect("a face").track
    };
    let stays: Vec<_> = (0..4).map(|number| track(0, 0.5 * number as f32, number)).collect();
    assert!(stays.iter().all(|id| *id == stays[0]), "{stays:?}");
    // Only the face tells.
    assert_ne!(track(1, 1.5, 4), stays[0]);
}

#[test]
fn blur_darkness_and_distance_are_named() {
    use QualityReason::{Blurred, TooDark, TooFar};
    let Some(mut vision) = vision() else { return };
    let mut reasons = |what: &str, picture: &RgbImage| {
        let seen = vision.look(picture).expect("a look");
        seen.nearest().unwrap_or_else(|| panic!("{what}: no face")).quality.reasons.clone()
    };
    let good = portrait(2, 0.0, Light::default());
    assert_eq!(reasons("good", &good), []);
    let far = cast()[2].portrait.frame(Pose::new(0.0, 0.0, 0.0), Light::default(), 1.9);
    assert!(reasons("far", &far).contains(&TooFar));
    let dark = RgbImage::from_fn(good.width(), good.height(), |x, y| good.get_pixel(x, y).0.map(|v| v / 5).into());
    assert!(reasons("dark", &dark).contains(&TooDark));
    assert!(reasons("blurred", &imageops::blur(&good, 6.0)).contains(&Blurred));
}

#[test]
fn pictures_of_one_pixel_of_one_line_and_of_none_do_no_harm() {
    let Some(mut vision) = vision() else { return };
    for (width, height) in [(1, 1), (3, 2), (5_000, 1), (1, 5_000), (31, 33)] {
        let picture = RgbImage::from_pixel(width, height, image::Rgb([200, 10, 90]));
        assert_eq!(vision.look(&picture).expect("a look").faces.len(), 0);
        assert_eq!(vision.follow(&frame(&picture, 0, Instant::now())).expect("a look").faces.len(), 0);
    }
    let error = vision.look(&RgbImage::new(0, 7)).expect_err("no pixels").to_string();
    assert!(error.contains("0 by 7"), "{error}");
}
