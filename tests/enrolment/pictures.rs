//! Pictures as people have them: damaged, turned, of several people or of nobody.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat};

use super::*;

fn as_jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut jpeg = Cursor::new(vec![]);
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).expect("an encoder");
    jpeg.into_inner()
}

/// The JPEG with an EXIF segment that holds the orientation alone, big-endian as many cameras write it.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a short segment").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat()
}

/// The two of [`UNLIKE`], enrolled, and an empty folder for pictures to look up.
fn two_enrolled(place: &Place) -> PathBuf {
    let people = place.draw("people", UNLIKE, &ENROLLED);
    place.lines(&["enroll", "--force-drawn-models", "--pictures-root", text(&people)]);
    let folder = place.path("pictures");
    std::fs::create_dir(&folder).expect("a folder");
    folder
}

/// That the first face of this line is plainly the first of [`UNLIKE`].
fn assert_is_the_first(line: &Value) {
    assert!(line["error"].is_null(), "{line}");
    assert_eq!(line["faces"][0]["elder"], format!("P-{}", UNLIKE[0]), "{line}");
    assert!(line["faces"][0]["similarity"].as_f64().is_some_and(|similarity| similarity > 0.6), "{line}");
}

#[test]
fn damaged_pictures_are_lines_with_an_error_and_the_rest_goes_on() {
    let Some(place) = Place::new() else { return };
    let folder = two_enrolled(&place);
    let file = |name: &str| folder.join(name);
    let picture = portrait(UNLIKE[0], LOOKED_UP[0]);
    let jpeg = as_jpeg(&picture);
    std::fs::write(file("1-text.jpg"), "not a picture").expect("a file");
    std::fs::write(file("2-cut.jpg"), &jpeg[..jpeg.len() / 2]).expect("a file");
    std::fs::write(file("3-empty.jpg"), "").expect("a file");
    RgbImage::new(1, 1).save(file("4-dot.png")).expect("a file");
    DynamicImage::ImageRgb8(picture.clone()).into_luma8().save(file("5-grey.png")).expect("a file");
    // 20 megapixels.
    imageops::resize(&picture, 5_120, 3_840, FilterType::Triangle).save(file("6-large.jpg")).expect("a file");
    std::fs::write(file("7-good.jpg"), &jpeg).expect("a file");

    let lines = identify(&place, &folder);
    let names: Vec<&str> = lines.iter().filter_map(|line| line["file"].as_str()).collect();
    assert_eq!(
        names,
        ["1-text.jpg", "2-cut.jpg", "3-empty.jpg", "4-dot.png", "5-grey.png", "6-large.jpg", "7-good.jpg"]
    );
    for (line, name) in lines.iter().zip(names).take(3) {
        assert!(line["error"].as_str().is_some_and(|error| error.contains(name)), "{line}");
    }
    assert_eq!(lines[3]["faces"], Value::Array(vec![]), "a single pixel shows nobody");
    assert!(lines[4]["error"].is_null(), "{}", lines[4]);
    lines[5..].iter().for_each(assert_is_the_first);
}

#[test]
fn a_picture_taken_with_the_camera_turned_is_recognised_upright_in_every_orientation() {
    let Some(place) = Place::new() else { return };
    let folder = two_enrolled(&place);
    let upright = portrait(UNLIKE[0], LOOKED_UP[0]);
    // The EXIF orientation, and how the pixels lie in the file; the drawn detector knows upright faces alone.
    let turned: [(u8, RgbImage); 4] = [
        (1, upright.clone()),
        (3, imageops::rotate180(&upright)),
        (6, imageops::rotate270(&upright)),
        (8, imageops::rotate90(&upright)),
    ];
    for (orientation, pixels) in turned {
        let jpeg = with_orientation(&as_jpeg(&pixels), orientation);
        std::fs::write(folder.join(format!("{orientation}.jpg")), jpeg).expect("a file");
    }
    let lines = identify(&place, &folder);
    assert_eq!(lines.len(), 4);
    for line in &lines {
        assert_is_the_first(line);
        let roll = line["faces"][0]["quality_detail"]["roll_deg"].as_f64().expect("an angle");
        assert!(roll.abs() < 15.0, "{line}");
    }
}

#[test]
fn of_several_faces_the_nearest_comes_first_and_enrolment_says_how_many_there_were() {
    let Some(place) = Place::new() else { return };
    let [near, far] = UNLIKE;
    // The middle of each picture, side by side.
    let mut both = RgbImage::new(540, 480);
    let middle = imageops::crop_imm(&portrait(far, (0.0, 1.1)), 200, 0, 240, 480).to_image();
    imageops::replace(&mut both, &middle, 0, 0);
    let middle = imageops::crop_imm(&portrait(near, (0.0, 0.6)), 170, 0, 300, 480).to_image();
    imageops::replace(&mut both, &middle, 240, 0);
    let file = place.path("two.png");
    both.save(&file).expect("a file");

    let report = enrol(&place, "near", &file);
    assert_eq!(report["enrolled"][0]["pictures"][0]["faces"], 2, "{report}");
    assert!(report.to_string().contains("2 faces"), "{report}");
    enrol(&place, "far", &together(&place, "far", &[(far, 0), (far, 1)]));
    let line = identify(&place, &file).remove(0);
    let elders: Vec<&str> =
        line["faces"].as_array().expect("faces").iter().filter_map(|f| f["elder"].as_str()).collect();
    assert_eq!(elders, ["near", "far"], "{line}");
    assert!(line["faces"][0]["box"][2].as_f64() > line["faces"][1]["box"][2].as_f64());
}

#[test]
fn pictures_without_a_face_enrol_nobody_and_are_named() {
    let Some(place) = Place::new() else { return };
    let nothing = place.path("nothing");
    save_without_a_face(&nothing);
    let whose = ["--elder", "E-1", "--pictures", text(&nothing), "--consent-by", "self"];
    let report = nobody_enrolled(&place, &whose);
    let refused = &report["not_enrolled"][0];
    assert_eq!((refused["elder"].as_str(), report["people"].as_u64()), (Some("E-1"), Some(0)), "{report}");
    let pictures = refused["pictures"].as_array().expect("pictures");
    assert_eq!(pictures.len(), 2, "{report}");
    for (picture, name) in pictures.iter().zip(["empty.png", "grey.png"]) {
        assert!(picture["file"].as_str().is_some_and(|file| file.ends_with(name)), "{picture}");
        assert_eq!(
            (picture["taken"].as_bool(), picture["notes"][0].as_str()),
            (Some(false), Some("no face")),
            "{picture}"
        );
    }
}
