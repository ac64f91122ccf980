//! Enrolment from pictures, and what is measured on them, through the command line: drawn people, the drawn models.

mod measured;
mod pictures;

use std::path::{Path, PathBuf};

use image::RgbImage;
use mealpoint::camera::drawn::{Album, CAMERA, Studio};
use mealpoint::domain::{ElderId, ElderStatus};
use mealpoint::store::{Database, People};
use serde_json::Value;

use crate::support::place::{ENROLLED, LOOKED_UP, Place, portrait};
use crate::support::text;

/// Two whom nobody takes for each other: a woman and a man, built as unlike as hardly any two of the album.
const UNLIKE: [usize; 2] = [7, 14];

/// Enrols somebody with everything in `pictures`: the report.
fn enrol(place: &Place, elder: &str, pictures: &Path) -> Value {
    let whose = ["--elder", elder, "--pictures", text(pictures), "--consent-by", "a daughter"];
    place.lines(&[&["enroll", "--force-drawn-models"][..], &whose].concat()).0.remove(0)
}

/// The report of an enrolment that takes nobody.
fn nobody_enrolled(place: &Place, arguments: &[&str]) -> Value {
    let output = place.run(&[&["enroll", "--force-drawn-models"][..], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
}

/// Looks up everything in `pictures`: a line each.
fn identify(place: &Place, pictures: &Path) -> Vec<Value> {
    place.lines(&["identify", "--pictures", text(pictures)]).0
}

/// One folder of looks at one person or several, each a person and the place of a look in [`ENROLLED`]:
/// `NAME/PERSON-LOOK.png`.
fn together(place: &Place, name: &str, looks: &[(usize, usize)]) -> PathBuf {
    let folder = place.path(name);
    std::fs::create_dir(&folder).expect("a folder");
    for (person, look) in looks {
        portrait(*person, ENROLLED[*look]).save(folder.join(format!("{person}-{look}.png"))).expect("a picture");
    }
    folder
}

/// Two pictures without a face in `folder`: `grey.png`, and `empty.png`, which shows the canteen with nobody in it.
fn save_without_a_face(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    RgbImage::from_pixel(640, 480, image::Rgb([128; 3])).save(folder.join("grey.png")).expect("a picture");
    let canteen = Album::new(31, 0, CAMERA.width, CAMERA.height).empty(&mut Studio::new(CAMERA), 0).picture;
    canteen.save(folder.join("empty.png")).expect("a picture");
}

#[test]
fn a_trial_without_consent_is_erased_where_the_roster_names_the_person_who_is_then_enrolled_with_one() {
    let Some(place) = Place::new() else { return };
    let people = place.draw("people", 0..2, &ENROLLED[..1]);
    let [first, second] = ["P-0", "P-1"].map(|person| people.join(person));
    let found = |pictures: &Path| identify(&place, pictures)[0]["faces"][0]["elder"].clone();
    place.lines(&["enroll", "--force-drawn-models", "--pictures-root", text(&people)]);
    assert_eq!(found(&first), "P-0");

    let roster = place.path("roster.csv");
    let row = "id,name,birth_date,district,town\nP-0,王秀英,1938-05-02,武侯区,玉林街道\n";
    std::fs::write(&roster, row).expect("written");
    let import = || place.lines(&["roster", "import", text(&roster)]).0.remove(0);
    assert_eq!(import()["trial_templates_erased"], 1);
    assert_ne!(found(&first), "P-0");
    assert_eq!(found(&second), "P-1", "nobody of the roster");
    enrol(&place, "P-0", &first);
    assert_eq!(import()["trial_templates_erased"], 0);
    assert_eq!(found(&first), "P-0");

    // A trial does not take the place of a consent either where no roster names the person yet.
    enrol(&place, "P-1", &second);
    let report = nobody_enrolled(&place, &["--pictures-root", text(&people)]);
    let refused = report["not_enrolled"].as_array().expect("people");
    assert_eq!(refused.len(), 2, "{report}");
    assert!(
        refused.iter().all(|person| person["error"].to_string().contains("; remedy: --consent-by NAME")),
        "{report}"
    );
    std::fs::write(&roster, row.replace("P-0", "P-1")).expect("written");
    assert_eq!(import()["trial_templates_erased"], 0);
    assert_eq!(found(&second), "P-1");
    let people = People::open(&place.home()).expect("a database");
    let listed = people.elder(&ElderId::new("P-1").expect("an id")).expect("readable").expect("on the roster");
    assert_eq!(listed.status, ElderStatus::Active, "who was enrolled before the roster came is served once it does");
}

#[test]
fn a_stored_template_that_is_none_is_told_of_and_ends_with_the_next_enrolment_of_its_person() {
    let Some(place) = Place::new() else { return };
    let people = place.draw("people", 0..2, &ENROLLED[..1]);
    for person in ["P-0", "P-1"] {
        enrol(&place, person, &people.join(person));
    }
    let mut store = People::open(&place.home()).expect("a database");
    let (model, _) = store.enrolled().expect("people").remove(0);
    let second = ElderId::new("P-1").expect("an id");
    let consent = store.consent(&second).expect("readable").expect("a consent");
    store.save_templates(&second, &model, &[[0.1_f32; 64]], &consent).expect("saved");
    drop(store);

    // Asked for, the drawn models are nothing to tell of.
    let found = |person: &str| {
        let (lines, said) = place.lines(&["identify", "--models", "drawn", "--pictures", text(&people.join(person))]);
        (lines[0]["faces"][0]["elder"] == person, said)
    };
    let (first, said) = found("P-0");
    assert!(first && said.contains("left out") && said.contains("number: P-1"), "{said}");
    assert!(!found("P-1").0, "the template that is none finds nobody");
    enrol(&place, "P-1", &people.join("P-1"));
    assert_eq!(found("P-1"), (true, String::new()));
}

#[test]
fn a_disk_that_fails_midway_ends_the_enrolment_and_what_was_done_before_is_told() {
    let Some(place) = Place::new() else { return };
    place.draw("people", 0..3, &ENROLLED[..1]);
    enrol(&place, "P-0", &place.path("people/P-0"));
    let key = std::fs::read_to_string(place.path("data/keys/database.key")).expect("a key");
    let file = place.home().file(Database::People);
    let failing =
        "CREATE TRIGGER full BEFORE INSERT ON template WHEN NEW.elder = 'P-1' BEGIN SELECT RAISE(ABORT, 'full'); END";
    let database = rusqlite::Connection::open(file).expect("opened");
    database.execute_batch(&format!("PRAGMA key = \"x'{}'\"; {failing}", key.trim())).expect("changed");
    drop(database);

    let all = ["enroll", "--force-drawn-models", "--pictures-root", "people", "--consent-by", "a daughter"];
    let output = place.run(&all);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("nothing of this person was kept"), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let told: Vec<_> =
        report["enrolled"].as_array().expect("people").iter().map(|one| (&one["elder"], &one["replaced"])).collect();
    assert_eq!(told, [(&"P-0".into(), &1.into())], "{report}");
}

#[test]
fn one_person_under_two_numbers_is_told_at_enrolment_and_a_picture_of_somebody_else_is_not_taken() {
    let Some(place) = Place::new() else { return };
    let [one, other] = UNLIKE;
    let own = together(&place, "own", &[(one, 0), (one, 1)]);
    enrol(&place, "first", &own);
    let report = enrol(&place, "second", &own.join(format!("{one}-0.png")));
    assert_eq!(report["enrolled"][0]["lookalikes"][0]["elder"], "first", "{report}");

    let report = enrol(&place, "third", &together(&place, "mixed", &[(one, 0), (one, 1), (other, 2)]));
    let odd: Vec<&Value> = report["enrolled"][0]["pictures"]
        .as_array()
        .expect("pictures")
        .iter()
        .filter(|picture| picture["taken"] == false)
        .collect();
    assert_eq!((odd.len(), report["enrolled"][0]["templates"].as_u64()), (1, Some(2)), "{report}");
    assert!(odd[0]["file"].as_str().is_some_and(|file| file.ends_with(&format!("{other}-2.png"))), "{report}");
    assert!(odd[0]["notes"].to_string().contains("does not look like"), "{report}");
}

#[test]
fn pictures_of_two_people_in_equal_numbers_enrol_nobody() {
    let Some(place) = Place::new() else { return };
    for each in [1, 2] {
        let looks: Vec<(usize, usize)> =
            UNLIKE.into_iter().flat_map(|person| (0..each).map(move |look| (person, look))).collect();
        let mixed = together(&place, &format!("mixed-{each}"), &looks);
        let whose = ["--elder", "E-1", "--pictures", text(&mixed), "--consent-by", "himself"];
        let report = nobody_enrolled(&place, &whose);
        assert_eq!(report["people"], 0, "{report}");
        let refused = &report["not_enrolled"][0];
        let why = refused["error"].as_str().expect("an error");
        assert!(why.contains("do not look like one person") && why.contains("; remedy: "), "{why}");
        let pictures = refused["pictures"].as_array().expect("pictures");
        assert!(pictures.len() == 2 * each && pictures.iter().all(|picture| picture["taken"] == false), "{report}");
    }
}

#[test]
fn a_copy_of_a_picture_of_somebody_else_does_not_outvote_the_elders_own() {
    let Some(place) = Place::new() else { return };
    let [own, other] = UNLIKE;
    let folder = together(&place, "copied", &[(own, 0), (other, 0)]);
    let wrong = folder.join(format!("{other}-0.png"));
    std::fs::copy(wrong, folder.join(format!("{other}-0 (1).png"))).expect("a copy");
    let whose = ["--elder", "E-1", "--pictures", text(&folder), "--consent-by", "himself"];
    let report = nobody_enrolled(&place, &whose);
    assert_eq!(report["people"], 0, "{report}");
    assert!(report.to_string().contains("the same photo as an earlier one"), "{report}");
}

#[test]
fn everybody_is_enrolled_with_every_picture_of_their_own() {
    let Some(place) = Place::new() else { return };
    let people = place.draw("people", 0..4, &[&ENROLLED[..], &LOOKED_UP].concat());
    let report = place.lines(&["enroll", "--force-drawn-models", "--pictures-root", text(&people)]).0.remove(0);
    let enrolled = report["enrolled"].as_array().expect("people");
    assert_eq!((enrolled.len(), report["not_enrolled"].as_array().map(Vec::len)), (4, Some(0)), "{report}");
    for person in enrolled {
        assert_eq!((person["templates"].as_u64(), person["pictures"].as_array().map(Vec::len)), (Some(5), Some(5)));
    }
}
