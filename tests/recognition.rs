//! Recognition on photos of real people, through the command line.

mod measured;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{DynamicImage, ImageFormat, RgbImage};
use mealpoint::domain::{ElderId, ElderStatus};
use mealpoint::store::{Home, People};
use serde_json::Value;
use tempfile::TempDir;

use crate::support;

/// The program with the real models and a data folder of its own.
struct Kiosk {
    data: TempDir,
    models: PathBuf,
    runtime: PathBuf,
}

impl Kiosk {
    /// `None` where the models are not to be had.
    fn new() -> Option<Self> {
        let (models, runtime) = (support::models()?, support::runtime()?);
        Some(Self { data: tempfile::tempdir().expect("a folder"), models, runtime })
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_mealpoint"))
            .current_dir(support::root())
            .env("MEALPOINT_MODEL_MIRROR", &self.models)
            .env("ORT_DYLIB_PATH", &self.runtime)
            .env_remove("MEALPOINT_KEYS")
            .arg("--data")
            .arg(self.data.path())
            .arg("--json")
            .args(arguments)
            .output()
            .expect("the program starts")
    }

    /// The JSON documents it prints, one a line.
    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        let lines = String::from_utf8(output.stdout).expect("text");
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn enrol(&self, elder: &str, pictures: &Path) -> Value {
        self.json(&["enroll", "--elder", elder, "--pictures", text(pictures), "--consent-by", "a daughter"]).remove(0)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

/// The developer photos split in two trees: the first `enrolled` of each person, and the rest.
fn split(faces: &Path, enrolled: usize) -> (TempDir, TempDir) {
    let (first, rest) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for person in support::files(&faces.join("people")).chunk_by(|a, b| a.parent() == b.parent()) {
        for (at, file) in person.iter().enumerate() {
            let tree = if at < enrolled { first.path() } else { rest.path() };
            let name = file.parent().and_then(Path::file_name).expect("a person's folder");
            std::fs::create_dir_all(tree.join(name)).expect("a folder");
            std::os::unix::fs::symlink(
                file.canonicalize().expect("a file"),
                tree.join(name).join(file.file_name().expect("a name")),
            )
            .expect("a link");
        }
    }
    (first, rest)
}

/// One photo of one person, decoded.
fn portrait(faces: &Path) -> RgbImage {
    image::open(faces.join("people/Colin_Powell/Colin_Powell_0001.jpg")).expect("a photo").into_rgb8()
}

fn decision(line: &Value) -> &str {
    line["faces"][0]["decision"].as_str().unwrap_or("no face")
}

#[test]
fn with_three_photos_each_everybody_is_found_first_and_no_stranger_is_accepted_as_shipped() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let (enrolled, probes) = split(&faces, 3);
    let strangers = faces.join("distractors");
    let report = kiosk
        .json(&[
            "evaluate",
            "gallery",
            "--enrolled",
            text(enrolled.path()),
            "--probes",
            text(probes.path()),
            "--strangers",
            text(&strangers),
        ])
        .remove(0);
    assert_eq!((report["people"].as_u64(), report["probes"].as_u64()), (Some(18), Some(86)), "{report}");
    assert!(report["rank1"].as_f64().expect("rank1") >= 0.98, "{report}");
    assert_eq!(report["not_acquired"], 0, "{report}");
    assert_eq!(report["shipped"]["strangers_accepted"]["events"], 0, "{report}");
    assert_eq!(report["shipped"]["accepted_wrong"]["events"], 0, "{report}");
    assert!(report["shipped"]["accepted_right"]["rate"].as_f64().expect("a rate") >= 0.95, "{report}");
    for point in report["points"].as_array().expect("points") {
        assert!(point["fnir"].as_f64().expect("fnir") <= 0.02, "{point}");
        assert!(point["threshold"].is_number() && point["ci95"][1].is_number() && point["fpir"].is_number());
    }
}

#[test]
fn enrolled_people_are_identified_and_strangers_are_not() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let (enrolled, probes) = split(&faces, 3);
    let report = kiosk.json(&["enroll", "--pictures-root", text(enrolled.path())]).remove(0);
    assert_eq!(report["enrolled"].as_array().map(Vec::len), Some(18), "{report}");
    assert_eq!(report["people"], 18);

    let lines = kiosk.json(&["identify", "--pictures", text(probes.path())]);
    assert_eq!(lines.len(), 86);
    let mut accepted = 0;
    for line in &lines {
        let person = line["file"].as_str().and_then(|file| file.split('/').next()).expect("a person's folder");
        assert_eq!(line["faces"][0]["elder"], person, "{line}");
        accepted += usize::from(decision(line) == "accepted");
    }
    // The threshold refuses one in twenty, the liveness models one in fifty.
    assert!(accepted >= 78, "only {accepted} of 86 were accepted");

    for key in ["detect", "align", "embed", "liveness", "search", "total"] {
        assert!(lines[0]["ms"][key].is_number(), "{}", lines[0]);
    }
    // Grey pictures cut out tight leave nothing to judge liveness by, and the line says so.
    for line in &lines {
        let tight = line["file"].as_str().is_some_and(|file| file.starts_with("bbt_"));
        let face = &line["faces"][0];
        assert_eq!((face["live"].is_null(), face["liveness"] == "not_judged"), (tight, tight), "{line}");
    }
    let face = &lines[0]["faces"][0];
    for key in ["box", "landmarks"] {
        assert!(face[key].is_array(), "{face}");
    }
    for key in ["score", "quality", "live", "similarity", "margin"] {
        assert!(face[key].is_number(), "{key}: {face}");
    }

    for line in kiosk.json(&["identify", "--pictures", text(&faces.join("distractors"))]) {
        for face in line["faces"].as_array().expect("faces") {
            assert_ne!(face["decision"], "accepted", "{line}");
        }
    }
}

#[test]
fn a_trial_without_consent_is_erased_where_the_roster_names_the_person_who_is_then_enrolled_with_one() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let (root, roster) = (tempfile::tempdir().expect("a folder"), tempfile::NamedTempFile::new().expect("a file"));
    for person in ["Colin_Powell", "Tony_Blair"] {
        let photo = format!("people/{person}/{person}_0001.jpg");
        std::fs::create_dir(root.path().join(person)).expect("a folder");
        std::fs::copy(faces.join(photo), root.path().join(person).join("1.jpg")).expect("a copy");
    }
    let powell = root.path().join("Colin_Powell");
    let enrolled =
        |pictures: &Path| kiosk.json(&["identify", "--pictures", text(pictures)])[0]["faces"][0]["elder"].clone();
    kiosk.json(&["enroll", "--pictures-root", text(root.path())]);
    assert_eq!(enrolled(&powell), "Colin_Powell");

    let row = "id,name,birth_date,district,town\nColin_Powell,王秀英,1938-05-02,武侯区,玉林街道\n";
    std::fs::write(roster.path(), row).expect("written");
    let import = || kiosk.json(&["roster", "import", text(roster.path())]).remove(0);
    assert_eq!(import()["trial_templates_erased"], 1);
    assert_ne!(enrolled(&powell), "Colin_Powell");
    assert_eq!(enrolled(&root.path().join("Tony_Blair")), "Tony_Blair", "nobody of the roster");
    kiosk.enrol("Colin_Powell", &powell);
    assert_eq!(import()["trial_templates_erased"], 0);
    assert_eq!(enrolled(&powell), "Colin_Powell");

    // A trial does not take the place of a consent either where no roster names the person yet.
    let blair = root.path().join("Tony_Blair");
    kiosk.enrol("Tony_Blair", &blair);
    let output = kiosk.run(&["enroll", "--pictures-root", text(root.path())]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let refused = report["not_enrolled"].as_array().expect("people");
    assert_eq!((output.status.code(), refused.len()), (Some(1), 2), "{report}");
    assert!(
        refused.iter().all(|person| person["error"].to_string().contains("; remedy: --consent-by NAME")),
        "{report}"
    );
    std::fs::write(roster.path(), row.replace("Colin_Powell", "Tony_Blair")).expect("written");
    assert_eq!(import()["trial_templates_erased"], 0);
    assert_eq!(enrolled(&blair), "Tony_Blair");
    let people = People::open(&Home::at(kiosk.data.path())).expect("a database");
    let blair = people.elder(&ElderId::new("Tony_Blair").expect("an id")).expect("readable").expect("on the roster");
    assert_eq!(blair.status, ElderStatus::Active, "who was enrolled before the roster came is served once it does");
}

#[test]
fn a_stored_template_that_is_none_is_told_of_and_ends_with_the_next_enrolment_of_its_person() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let photo = |person: &str| faces.join(format!("people/{person}/{person}_0001.jpg"));
    for person in ["Colin_Powell", "Tony_Blair"] {
        kiosk.enrol(person, &photo(person));
    }
    let mut people = People::open(&Home::at(kiosk.data.path())).expect("a database");
    let (model, _) = people.enrolled().expect("people").remove(0);
    let blair = ElderId::new("Tony_Blair").expect("an id");
    let consent = people.consent(&blair).expect("readable").expect("a consent");
    people.save_templates(&blair, &model, &[[0.1_f32; 64]], &consent).expect("saved");
    drop(people);

    let identify = |person: &str| {
        let output = kiosk.run(&["identify", "--pictures", text(&photo(person))]);
        let said = String::from_utf8(output.stderr).expect("text");
        let line: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        (line["faces"][0]["elder"].as_str() == Some(person), said)
    };
    let (found, said) = identify("Colin_Powell");
    assert!(found && said.contains("left out") && said.contains("number: Tony_Blair"), "{said}");
    assert!(!identify("Tony_Blair").0, "the template that is none finds nobody");
    kiosk.enrol("Tony_Blair", &photo("Tony_Blair"));
    assert_eq!(identify("Tony_Blair"), (true, String::new()));
}

#[test]
fn damaged_pictures_are_lines_with_an_error_and_the_rest_goes_on() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    kiosk.enrol("powell", &faces.join("people/Colin_Powell"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let jpeg = std::fs::read(faces.join("people/Colin_Powell/Colin_Powell_0001.jpg")).expect("a photo");
    std::fs::write(file("1-text.jpg"), "not a picture").expect("a file");
    std::fs::write(file("2-cut.jpg"), &jpeg[..jpeg.len() / 2]).expect("a file");
    std::fs::write(file("3-empty.jpg"), "").expect("a file");
    RgbImage::new(1, 1).save_with_format(file("4-dot.png"), ImageFormat::Png).expect("a file");
    let photo = portrait(&faces);
    let large = image::imageops::resize(&photo, 4472, 4472, image::imageops::FilterType::Triangle);
    large.save_with_format(file("5-large.jpg"), ImageFormat::Jpeg).expect("a file");
    std::fs::write(file("6-good.jpg"), &jpeg).expect("a file");
    DynamicImage::ImageRgb8(photo).into_luma8().save_with_format(file("7-grey.png"), ImageFormat::Png).expect("a file");

    let lines = kiosk.json(&["identify", "--pictures", text(folder.path())]);
    let names: Vec<&str> = lines.iter().filter_map(|line| line["file"].as_str()).collect();
    assert_eq!(
        names,
        ["1-text.jpg", "2-cut.jpg", "3-empty.jpg", "4-dot.png", "5-large.jpg", "6-good.jpg", "7-grey.png"]
    );
    for line in &lines[..3] {
        assert!(
            line["error"].as_str().is_some_and(|error| error.contains(line["file"].as_str().unwrap_or("?"))),
            "{line}"
        );
    }
    assert_eq!(lines[3]["faces"], Value::Array(vec![]), "a single pixel shows nobody");
    for line in &lines[4..] {
        assert!(line["error"].is_null(), "{line}");
        assert_eq!(line["faces"][0]["elder"], "powell", "{line}");
        assert!(line["faces"][0]["similarity"].as_f64().expect("a score") > 0.6, "{line}");
    }
}

#[test]
fn a_photo_taken_with_the_camera_turned_is_recognised_in_every_orientation() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    kiosk.enrol("powell", &faces.join("people/Colin_Powell"));
    let folder = tempfile::tempdir().expect("a folder");
    let upright = portrait(&faces);
    // How the pixels lie in the file, and the EXIF orientation that turns them back.
    let turned: [(u8, RgbImage); 4] = [
        (1, upright.clone()),
        (3, image::imageops::rotate180(&upright)),
        (6, image::imageops::rotate270(&upright)),
        (8, image::imageops::rotate90(&upright)),
    ];
    for (orientation, pixels) in turned {
        let mut jpeg = std::io::Cursor::new(vec![]);
        pixels.write_to(&mut jpeg, ImageFormat::Jpeg).expect("an encoder");
        std::fs::write(folder.path().join(format!("{orientation}.jpg")), with_orientation(jpeg.get_ref(), orientation))
            .expect("a file");
    }
    for line in kiosk.json(&["identify", "--pictures", text(folder.path())]) {
        assert_eq!(line["faces"][0]["elder"], "powell", "{line}");
        assert!(line["faces"][0]["similarity"].as_f64().expect("a score") > 0.6, "{line}");
    }
}

/// The JPEG with an EXIF segment that holds the orientation alone.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a short segment").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat()
}

#[test]
fn of_several_faces_the_nearest_comes_first_and_enrolment_says_how_many_there_were() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let near = portrait(&faces);
    let far = image::open(faces.join("people/Tony_Blair/Tony_Blair_0004.jpg")).expect("a photo").into_rgb8();
    let mut both = RgbImage::new(420, 250);
    image::imageops::replace(&mut both, &image::imageops::thumbnail(&far, 160, 160), 0, 20);
    image::imageops::replace(&mut both, &near, 170, 0);
    let folder = tempfile::tempdir().expect("a folder");
    both.save_with_format(folder.path().join("two.png"), ImageFormat::Png).expect("a file");

    let report = kiosk.enrol("powell", &folder.path().join("two.png"));
    assert_eq!(report["enrolled"][0]["pictures"][0]["faces"], 2, "{report}");
    assert!(report.to_string().contains("2 faces"), "{report}");
    kiosk.enrol("blair", &faces.join("people/Tony_Blair"));
    let line = kiosk.json(&["identify", "--pictures", text(folder.path())]).remove(0);
    let elders: Vec<&str> =
        line["faces"].as_array().expect("faces").iter().filter_map(|f| f["elder"].as_str()).collect();
    assert_eq!(elders, ["powell", "blair"], "{line}");
    assert!(line["faces"][0]["box"][2].as_f64() > line["faces"][1]["box"][2].as_f64());
}

#[test]
fn photos_without_a_face_enrol_nobody_and_are_named() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let nothing = faces.join("no-face");
    let output = kiosk.run(&["enroll", "--elder", "E-1", "--pictures", text(&nothing), "--consent-by", "self"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let refused = &report["not_enrolled"][0];
    assert_eq!((refused["elder"].as_str(), report["people"].as_u64()), (Some("E-1"), Some(0)), "{report}");
    for picture in refused["pictures"].as_array().expect("pictures") {
        assert_eq!(
            (picture["taken"].as_bool(), picture["notes"][0].as_str()),
            (Some(false), Some("no face")),
            "{picture}"
        );
    }
}

#[test]
fn one_person_under_two_numbers_is_told_at_enrolment_and_a_photo_of_somebody_else_is_not_taken() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let people = faces.join("people");
    kiosk.enrol("first", &people.join("Colin_Powell"));
    let report = kiosk.enrol("second", &people.join("Colin_Powell/Colin_Powell_0001.jpg"));
    assert_eq!(report["enrolled"][0]["lookalikes"][0]["elder"], "first", "{report}");

    let mixed = tempfile::tempdir().expect("a folder");
    for file in ["Tony_Blair/Tony_Blair_0001.jpg", "Tony_Blair/Tony_Blair_0002.jpg", "Hugo_Chavez/Hugo_Chavez_0004.jpg"]
    {
        let name = file.rsplit('/').next().expect("a name");
        std::fs::copy(people.join(file), mixed.path().join(name)).expect("a copy");
    }
    let report = kiosk.enrol("blair", mixed.path());
    let odd: Vec<&Value> = report["enrolled"][0]["pictures"]
        .as_array()
        .expect("pictures")
        .iter()
        .filter(|picture| picture["taken"] == false)
        .collect();
    assert_eq!((odd.len(), report["enrolled"][0]["templates"].as_u64()), (1, Some(2)), "{report}");
    assert!(odd[0]["file"].as_str().is_some_and(|file| file.ends_with("Hugo_Chavez_0004.jpg")), "{report}");
    assert!(odd[0]["notes"].to_string().contains("does not look like"), "{report}");
}

#[test]
fn photos_of_two_people_in_equal_numbers_enrol_nobody_and_everybody_is_enrolled_with_every_photo_of_their_own() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let people = faces.join("people");
    for photos in [1, 2] {
        let mixed = tempfile::tempdir().expect("a folder");
        for (person, number) in
            ["Tony_Blair", "Hugo_Chavez"].into_iter().flat_map(|p| (1..=photos).map(move |n| (p, n)))
        {
            let name = format!("{person}_{number:04}.jpg");
            std::fs::copy(people.join(person).join(&name), mixed.path().join(&name)).expect("a copy");
        }
        let output =
            kiosk.run(&["enroll", "--elder", "blair", "--pictures", text(mixed.path()), "--consent-by", "himself"]);
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!((output.status.code(), report["people"].as_u64()), (Some(1), Some(0)), "{report}");
        let refused = &report["not_enrolled"][0];
        let why = refused["error"].as_str().expect("an error");
        assert!(why.contains("do not look like one person") && why.contains("; remedy: "), "{why}");
        let pictures = refused["pictures"].as_array().expect("pictures");
        assert!(pictures.len() == 2 * photos && pictures.iter().all(|picture| picture["taken"] == false), "{report}");
    }
    let report = kiosk.json(&["enroll", "--pictures-root", text(&people)]).remove(0);
    let enrolled = report["enrolled"].as_array().expect("people");
    assert_eq!((enrolled.len(), report["not_enrolled"].as_array().map(Vec::len)), (18, Some(0)), "{report}");
    for person in enrolled {
        let pictures = person["pictures"].as_array().map(Vec::len);
        assert_eq!(person["templates"].as_u64().map(|count| count as usize), pictures, "{person}");
    }
}
