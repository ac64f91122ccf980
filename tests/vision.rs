//! Pictures in, observations out: real models on real photos, and what goes wrong on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
use image::imageops::{self, FilterType};
use mealpoint::camera::{Frame, read_still};
use mealpoint::vision::{Face, ModelPack, Models, Observation, PackName, Template, Vision, Wanted};

use crate::support;

/// The n-th frame of a stream that lasts 1/15 s a frame.
fn frame(pixels: &RgbImage, number: u64, start: Instant) -> Frame {
    let captured_at = start + Duration::from_millis(66 * number);
    Frame { pixels: pixels.clone(), sequence: number, captured_at, name: Some(Arc::from("test")) }
}

fn still(vision: &mut Vision, file: &Path) -> Observation {
    let picture = read_still(file).unwrap_or_else(|error| panic!("{error}"));
    vision.look(&picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn template(seen: &Observation) -> Template {
    seen.nearest().and_then(|face| face.template.clone()).expect("a face with a template")
}

/// A grey frame of 640×480 with `picture`, `width` pixels wide, at (x, y).
fn on_grey(picture: &RgbImage, width: u32, x: i64, y: i64) -> RgbImage {
    let height = (picture.height() * width / picture.width()).max(1);
    let small = imageops::resize(picture, width, height, FilterType::Triangle);
    let mut frame = RgbImage::from_pixel(640, 480, image::Rgb([110, 112, 108]));
    imageops::replace(&mut frame, &small, x, y);
    frame
}

/// A photo of one face some two fifths of its width wide.
fn portrait(faces: &Path) -> RgbImage {
    let folder = support::files(&faces.join("people")).into_iter().find(|file| file.ends_with("Colin_Powell_0001.jpg"));
    read_still(&folder.expect("the set has this photo")).expect("a picture")
}

#[test]
fn every_photo_of_a_person_gives_a_template_of_length_one() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photos = support::files(&faces.join("people"));
    assert!(photos.len() >= 100, "only {} photos", photos.len());
    for photo in &photos {
        let seen = still(&mut vision, photo);
        let template = template(&seen);
        assert_eq!(template.values().len(), vision.dimension());
        let length: f32 = template.values().iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-3, "{}: {length}", photo.display());
    }
}

#[test]
fn a_pictures_quick_look_as_a_frame_agrees_with_the_close_look_as_a_still() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let mut similarities = Vec::new();
    for (photo, number) in support::files(&faces.join("people")).iter().step_by(5).zip(0..) {
        let picture = read_still(photo).expect("a picture");
        let close = vision.look(&picture).expect("a look");
        let quick = vision.follow(&frame(&picture, number * 100, Instant::now())).expect("a look");
        let Some(face) = quick.nearest() else { panic!("{}: a frame shows no face", photo.display()) };
        let Some(quick) = &face.template else { continue };
        // Of two faces of one width, either may be the nearest.
        let away = |other: &Face| (other.bbox[0] - face.bbox[0]).hypot(other.bbox[1] - face.bbox[1]);
        let same = close.faces.iter().min_by(|a, b| away(a).total_cmp(&away(b)));
        let close = same.and_then(|face| face.template.as_ref()).expect("a still gives every face a template");
        similarities.push(close.similarity(quick).expect("one model"));
    }
    let mean = similarities.iter().sum::<f32>() / similarities.len() as f32;
    let least = similarities.iter().copied().fold(1.0, f32::min);
    assert!(similarities.len() >= 20 && mean > 0.9 && least > 0.75, "{} {mean} {least}", similarities.len());
}

#[test]
fn pictures_without_faces_have_none() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let start = Instant::now();
    for (file, number) in support::files(&faces.join("no-face")).iter().zip(0..) {
        assert_eq!(still(&mut vision, file).faces.len(), 0, "{}", file.display());
        let picture = read_still(file).expect("a picture");
        for repeat in 0..6 {
            let seen = vision.follow(&frame(&picture, number * 6 + repeat, start)).expect("a look");
            assert_eq!(seen.faces.len(), 0, "{}", file.display());
        }
    }
}

#[test]
fn several_faces_come_nearest_first_and_in_a_frame_only_the_nearest_has_a_template() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photo = portrait(&faces);
    let mut scene = on_grey(&photo, 260, 20, 20);
    let far = on_grey(&photo, 120, 0, 0);
    imageops::replace(&mut scene, &imageops::crop_imm(&far, 0, 0, 120, 120).to_image(), 450, 300);
    let seen = vision.look(&scene).expect("a look");
    assert_eq!(seen.faces.len(), 2);
    assert!(seen.faces[0].bbox[2] > 1.5 * seen.faces[1].bbox[2]);
    assert!(seen.faces.iter().all(|face| face.template.is_some()), "a still gives every face a template");
    let seen = vision.follow(&frame(&scene, 0, Instant::now())).expect("a look");
    assert_eq!(seen.faces.len(), 2);
    assert!(seen.faces[0].bbox[0] < 300.0 && seen.faces[0].template.is_some() && seen.faces[1].template.is_none());
    assert_ne!(seen.faces[0].track, seen.faces[1].track);
}

#[test]
fn group_photos_show_as_many_faces_as_people() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    // In the second one an ear looks like a face from afar.
    for (name, people) in
        [("bbt1.jpg", 4), ("bbt2.jpg", 3), ("bbt4.jpg", 6), ("bbt5.jpg", 5), ("t1.jpg", 6), ("two_people.jpg", 2)]
    {
        let seen = still(&mut vision, &faces.join("multi-face").join(name));
        assert_eq!(seen.faces.len(), people, "{name}");
        assert!(seen.faces.is_sorted_by(|a, b| a.bbox[2] >= b.bbox[2]), "{name}: nearest first");
    }
}

#[test]
fn a_face_of_32_pixels_is_found_in_a_frame_and_in_a_photo_of_20_megapixels() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photo = portrait(&faces);
    // The face takes 36 % of the photo's width.
    let scene = on_grey(&photo, 89, 300, 200);
    let start = Instant::now();
    let found = (0..5).any(|number| {
        let seen = vision.follow(&frame(&scene, number, start)).expect("a look");
        seen.nearest().is_some_and(|face| (26.0..40.0).contains(&face.bbox[2]))
    });
    assert!(found, "within five frames");
    let large = imageops::resize(&scene, 5_200, 3_900, FilterType::Nearest);
    let seen = vision.look(&large).expect("a look");
    let face = seen.nearest().expect("a face of 260 pixels in 20 megapixels");
    assert!((200.0..330.0).contains(&face.bbox[2]), "{:?}", face.bbox);
}

#[test]
fn one_person_keeps_a_track_and_the_next_one_gets_another() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photos = support::files(&faces.join("people"));
    let of = |name: &str| {
        let file = photos.iter().find(|file| file.ends_with(name)).expect("the set has this photo");
        read_still(file).expect("a picture")
    };
    let start = Instant::now();
    let (first, second) = (of("Colin_Powell_0001.jpg"), of("Tony_Blair_0001.jpg"));
    let mut track = |picture: &RgbImage, x: i64, number: u64| {
        let seen = vision.follow(&frame(&on_grey(picture, 400, x, 60), number, start)).expect("a look");
        seen.nearest().expect("a face").track
    };
    let stays: Vec<_> = (0..6).map(|number| track(&first, 100 + 6 * number as i64, number)).collect();
    assert!(stays.iter().all(|id| *id == stays[0]), "{stays:?}");
    // Somebody else in the same place in the very next frame: only the face tells.
    assert_ne!(track(&second, 136, 6), stays[0]);
}

/// `photo` turned by `degrees` about its middle, its edge drawn out.
fn tilted(photo: &RgbImage, degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (wide, high) = (photo.width() as f32, photo.height() as f32);
    RgbImage::from_fn(photo.width(), photo.height(), |u, v| {
        let (u, v) = (u as f32 - wide / 2.0, v as f32 - high / 2.0);
        let at = |place: f32, size: f32| place.clamp(0.0, size - 1.0) as u32;
        *photo.get_pixel(at(cos * u + sin * v + wide / 2.0, wide), at(cos * v - sin * u + high / 2.0, high))
    })
}

#[test]
fn a_tilted_head_a_photo_on_its_side_a_dark_and_a_pale_photo_are_still_the_same_person() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photo = portrait(&faces);
    let wanted = template(&vision.look(&photo).expect("a look"));
    let each = |map: fn(u8) -> u8| {
        RgbImage::from_fn(photo.width(), photo.height(), |x, y| photo.get_pixel(x, y).0.map(map).into())
    };
    for (what, picture, least) in [
        ("tilted by 35°", tilted(&photo, 35.0), 0.85),
        ("tilted by -60°", tilted(&photo, -60.0), 0.8),
        ("on its side", imageops::rotate90(&photo), 0.9),
        ("on its other side", imageops::rotate270(&photo), 0.9),
        ("upside down", imageops::rotate180(&photo), 0.9),
        ("an eighth of the light", each(|v| v / 8), 0.8),
        ("a quarter of the contrast", each(|v| v / 4 + 110), 0.85),
    ] {
        let similarity = template(&vision.look(&picture).expect("a look")).similarity(&wanted).expect("one model");
        assert!(similarity > least, "{what}: {similarity}");
    }
    // Before the camera too, where the head is tilted so far that only the closer look finds the landmarks.
    let seen = vision.follow(&frame(&tilted(&photo, 35.0), 0, Instant::now())).expect("a look");
    let similarity = template(&seen).similarity(&wanted).expect("one model");
    assert!(similarity > 0.75, "a frame: {similarity}");
}

/// Vision with the real models and settings that do not ask for liveness.
fn without_liveness() -> Option<Vision> {
    let mut config = support::recognition();
    config.liveness.enabled = false;
    support::models_of(PackName::Real, &config).map(|models| support::load(&models))
}

#[test]
fn a_screen_and_a_print_are_told_from_a_living_person() {
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let config = support::recognition();
    let live = |vision: &mut Vision, file: PathBuf| {
        still(vision, &file).nearest().and_then(|face| face.live).expect("liveness was asked for")
    };
    for attack in ["minivision_image_F1.jpg", "minivision_image_F2.jpg", "zeus_fake_screen.png"] {
        let probability = live(&mut vision, faces.join("pad/fake").join(attack));
        assert!(probability < config.liveness.min_live, "{attack}: {probability}");
    }
    let person = support::files(&faces.join("pad")).into_iter().find(|file| file.ends_with("minivision_image_T1.jpg"));
    assert!(live(&mut vision, person.expect("the set has this photo")) > config.liveness.min_live);
    // Cut out so tight that nothing around the face can be judged, two of the attacks are plain all the same.
    for attack in ["minivision_image_F1.jpg", "minivision_image_F2.jpg"] {
        let picture = read_still(&faces.join("pad/fake").join(attack)).expect("a picture");
        let [x, y, width, height] = vision.look(&picture).expect("a look").nearest().expect("a face").bbox;
        let tight = imageops::crop_imm(&picture, x as u32, y as u32, width as u32, height as u32).to_image();
        let seen = vision.look(&tight).expect("a look");
        let face = seen.nearest().expect("a face");
        assert_eq!(face.live, None, "{attack}");
        assert!(face.live_doubtful.is_some_and(|live| live < 0.2), "{attack}: {:?}", face.live_doubtful);
    }
    let grey = image::DynamicImage::ImageRgb8(portrait(&faces)).into_luma8();
    let seen = vision.look(&image::DynamicImage::ImageLuma8(grey).into_rgb8()).expect("a look");
    let face = seen.nearest().expect("a face");
    assert_eq!((face.live, face.live_doubtful), (None, None), "the models know people in colour");
    let Some(mut unasked) = without_liveness() else { return };
    let seen = still(&mut unasked, &faces.join("pad/fake/minivision_image_F1.jpg"));
    assert_eq!(seen.nearest().map(|face| face.live), Some(None));
}

#[test]
fn a_face_that_fills_the_frame_is_too_near_where_liveness_is_asked_for_and_only_before_a_camera() {
    use mealpoint::vision::QualityReason::TooNear;
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photo = portrait(&faces);
    let [x, y, width, height] = vision.look(&photo).expect("a look").nearest().expect("a face").bbox;
    let (wide, high) = ((width * 1.2) as u32, (height * 1.2) as u32);
    let close = imageops::crop_imm(&photo, (x - width * 0.1) as u32, (y - height * 0.1) as u32, wide, high).to_image();
    let close = imageops::resize(&close, wide * 4, high * 4, FilterType::Triangle);
    let start = Instant::now();
    let follow = |vision: &mut Vision, picture: &RgbImage, number| {
        let seen = vision.follow(&frame(picture, number, start)).expect("a look");
        let face = seen.nearest().expect("a face");
        assert!(face.template.is_some(), "whose face it is can be told");
        (face.quality.reasons.contains(&TooNear), face.live.is_some())
    };
    assert_eq!(follow(&mut vision, &photo, 1), (false, true));
    assert_eq!(follow(&mut vision, &close, 2), (true, false));
    let still = vision.look(&close).expect("a look");
    assert!(!still.nearest().expect("a face").quality.reasons.contains(&TooNear), "a still cannot step back");
    let Some(mut unasked) = without_liveness() else { return };
    assert_eq!(follow(&mut unasked, &close, 3), (false, false));
}

#[test]
fn a_camera_without_colours_is_named_and_a_grey_print_before_one_with_colours_is_judged() {
    use mealpoint::vision::QualityReason::NoColours;
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let photo = portrait(&faces);
    let grey = image::DynamicImage::ImageRgb8(photo.clone()).into_luma8();
    let grey = image::DynamicImage::ImageLuma8(grey).into_rgb8();
    let mut print = RgbImage::from_pixel(640, 480, image::Rgb([150, 110, 80]));
    imageops::replace(&mut print, &grey, 195, 115);
    let start = Instant::now();
    let follow = |vision: &mut Vision, picture: &RgbImage, number| {
        let seen = vision.follow(&frame(picture, number, start)).expect("a look");
        let face = seen.nearest().expect("a face");
        (face.quality.reasons.contains(&NoColours), face.live.is_some())
    };
    assert_eq!(follow(&mut vision, &photo, 1), (false, true));
    assert_eq!(follow(&mut vision, &grey, 2), (true, false));
    // Two seconds later: whoever stood there has left.
    assert_eq!(follow(&mut vision, &print, 30), (false, true));
    let Some(mut unasked) = without_liveness() else { return };
    assert_eq!(follow(&mut unasked, &grey, 31), (false, false));
}

#[test]
fn blur_darkness_and_a_turned_head_are_named() {
    use mealpoint::vision::QualityReason::{Blurred, TooDark, TooFar, Turned};
    let (Some(faces), Some(mut vision)) = (support::faces(), support::vision()) else { return };
    let reasons = |vision: &mut Vision, picture: &RgbImage| {
        vision.look(picture).expect("a look").nearest().expect("a face").quality.reasons.clone()
    };
    let photo = portrait(&faces);
    assert_eq!(reasons(&mut vision, &photo), []);
    assert!(reasons(&mut vision, &imageops::blur(&photo, 4.0)).contains(&Blurred));
    let dark = RgbImage::from_fn(photo.width(), photo.height(), |x, y| photo.get_pixel(x, y).0.map(|v| v / 6).into());
    assert!(reasons(&mut vision, &dark).contains(&TooDark));
    assert!(reasons(&mut vision, &on_grey(&photo, 100, 300, 200)).contains(&TooFar));
    let side = read_still(&faces.join("side-pose/inspire_left_face.jpeg")).expect("a picture");
    assert!(reasons(&mut vision, &side).contains(&Turned));
}

/// The real models in a folder of their own, and a pack over it.
fn copied_models() -> Option<(tempfile::TempDir, ModelPack)> {
    let mirror = support::models()?;
    let folder = tempfile::tempdir().expect("a folder");
    for file in support::files(&mirror).iter().filter(|file| file.extension().is_some_and(|e| e == "onnx")) {
        std::fs::copy(file, folder.path().join(file.file_name().expect("a name"))).expect("a copy");
    }
    let pack = support::pack(&[folder.path().to_owned()]);
    Some((folder, pack))
}

#[test]
fn a_model_with_one_changed_byte_or_a_missing_end_or_that_is_gone_is_refused_by_name() {
    let Some((folder, pack)) = copied_models() else { return };
    let config = support::recognition();
    for name in ["yunet_n_dynamic.onnx", "mobilefacenet_foamliu.onnx", "minifasnet_v2_2.7_80x80.onnx"] {
        let file = folder.path().join(name);
        let whole = std::fs::read(&file).expect("the model");
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        let mut permissions = std::fs::metadata(&file).expect("the model").permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "a copy in a folder of the test's own")]
        permissions.set_readonly(false);
        std::fs::set_permissions(&file, permissions).expect("the copy is ours");
        for damaged in [&changed[..], &whole[..whole.len() - 1], b"not a model"] {
            std::fs::write(&file, damaged).expect("the damage");
            let error = Models::choose(&pack, &config, Wanted::Real).expect_err(name).to_string();
            assert!(error.contains(name) && error.contains("refused") && error.contains("scripts/setup"), "{error}");
        }
        std::fs::remove_file(&file).expect("it was there");
        let error = Models::choose(&pack, &config, Wanted::Real).expect_err(name).to_string();
        assert!(error.contains(name) && error.contains("missing") && error.contains("scripts/setup"), "{error}");
        std::fs::write(&file, whole).expect("the model back");
    }
}

#[test]
fn without_the_manifest_the_error_says_to_put_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = ModelPack::open(&folder.path().join("models.toml"), &[]).expect_err("there is none").to_string();
    assert!(error.contains("models.toml") && error.contains("; remedy: put back the file of this release"), "{error}");
}

#[test]
fn a_model_that_cannot_do_the_work_is_refused_by_its_name_in_the_settings() {
    let pack = support::pack(&[]);
    let mut config = support::recognition();
    config.models.embedder = "yunet".to_owned();
    // Nothing takes over for a setting that is wrong.
    let error = Models::choose(&pack, &config, Wanted::Any).expect_err("a detector is no embedder").to_string();
    assert!(error.contains("\"yunet\" is a detector") && error.contains("recognition.toml"), "{error}");
    // Beside a detector that is there, which the drawn one always is.
    config.models.detector = "drawn-detector".to_owned();
    config.models.embedder = "sface".to_owned();
    let error = Models::choose(&pack, &config, Wanted::Real).expect_err("nobody fetched it").to_string();
    assert!(error.contains("face_recognition_sface_2021dec.onnx"), "{error}");
}

#[test]
fn the_optional_detector_and_the_optional_liveness_model_load_in_their_roles() {
    let Some(faces) = support::faces() else { return };
    let mut config = support::recognition();
    config.models.detector = "yunet-640".to_owned();
    config.models.liveness = vec!["minifasnet-v1se".to_owned()];
    let Some(models) = support::models_of(PackName::Real, &config) else { return };
    let mut vision = support::load(&models);
    let seen = vision.look(&portrait(&faces)).expect("a look");
    assert!(seen.nearest().is_some_and(|face| face.live.is_some() && face.template.is_some()));
}
