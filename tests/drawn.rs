//! Drawn people before both packs of models: they are found, told apart and accepted, as the demo needs it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use mealpoint::camera::FrameSource;
use mealpoint::camera::drawn::{Album, CAMERA, DrawnSource, Light, Pose, Stage, Studio, cast};
use mealpoint::domain::Template;
use mealpoint::domain::decision::{Decision, Sighting, decide};
use mealpoint::gallery::Gallery;
use mealpoint::vision::{Models, PackName, Vision};

use crate::support;

/// The three views that the demo's gallery is enrolled from.
const VIEWS: [Pose; 3] = [Pose::new(0.0, 0.0, 0.0), Pose::new(12.0, -3.0, 0.0), Pose::new(-12.0, 3.0, 0.0)];

mod to_the_real_models {
    use super::*;

    const PACK: PackName = PackName::Real;

    #[test]
    fn everybody_of_the_cast_is_found_with_certainty_where_the_truth_says() {
        is_found_where_the_truth_says(PACK, 0.9, 0.15);
    }

    #[test]
    fn the_most_alike_of_the_cast_are_less_alike_than_anybodys_own_pictures() {
        are_less_alike_than_anybodys_own_pictures(PACK);
    }

    #[test]
    fn everybody_of_the_cast_who_walks_up_is_accepted_as_themselves() {
        is_accepted_as_themselves(PACK, 1_500);
    }

    #[test]
    fn who_walks_up_past_somebody_who_stays_behind_is_followed_as_one_person() {
        is_followed_past_somebody(PACK);
    }

    #[test]
    fn the_widest_variation_is_still_mostly_found() {
        is_still_mostly_found(PACK, 90);
    }
}

mod to_the_drawn_models {
    use super::*;

    const PACK: PackName = PackName::Drawn;

    #[test]
    fn everybody_of_the_cast_is_found_where_the_truth_says() {
        is_found_where_the_truth_says(PACK, 0.9, 0.15);
    }

    #[test]
    fn the_most_alike_of_the_cast_are_less_alike_than_anybodys_own_pictures() {
        are_less_alike_than_anybodys_own_pictures(PACK);
    }

    #[test]
    fn everybody_of_the_cast_who_walks_up_is_accepted_as_themselves() {
        is_accepted_as_themselves(PACK, 1_000);
    }

    #[test]
    fn who_walks_up_past_somebody_who_stays_behind_is_followed_as_one_person() {
        is_followed_past_somebody(PACK);
    }

    #[test]
    fn the_widest_variation_is_found() {
        is_still_mostly_found(PACK, 95);
    }
}

/// These models, loaded.
fn eyes(pack: PackName) -> Option<(Models, Vision)> {
    let models = support::models_of(pack, &support::recognition())?;
    let vision = support::load(&models);
    Some((models, vision))
}

/// The templates of every cast member's three views; made once for all tests of a pack.
fn enrolled(pack: PackName, vision: &mut Vision) -> &'static [Vec<Template>] {
    static ENROLLED: [OnceLock<Vec<Vec<Template>>>; 2] = [const { OnceLock::new() }; 2];
    let mut view = |name: &str, picture: &image::RgbImage| {
        let seen = vision.look(picture).expect("a look");
        seen.nearest().and_then(|face| face.template.clone()).unwrap_or_else(|| panic!("{name}: no template"))
    };
    ENROLLED[usize::from(pack == PackName::Drawn)].get_or_init(|| {
        cast()
            .iter()
            .map(|member| {
                let pictures = VIEWS.map(|pose| member.portrait.frame(pose, Light::default(), 0.6));
                pictures.iter().map(|picture| view(member.elder.id.as_str(), picture)).collect()
            })
            .collect()
    })
}

fn gallery(pack: PackName, vision: &mut Vision) -> Gallery {
    let mut gallery = Gallery::new(vision.embedder().clone(), vision.dimension());
    for (member, templates) in cast().iter().zip(enrolled(pack, vision)) {
        gallery.replace(member.elder.id.clone(), templates).expect("templates of this model");
    }
    gallery
}

/// Mean distance of five landmarks, in eye distances.
fn error(seen: &[[f32; 2]; 5], truth: &[[f32; 2]; 5]) -> f32 {
    let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let eyes = distance(truth[0], truth[1]);
    seen.iter().zip(truth).map(|(a, b)| distance(*a, *b)).sum::<f32>() / 5.0 / eyes
}

fn is_found_where_the_truth_says(pack: PackName, least_score: f32, most_error: f32) {
    let Some((_, mut vision)) = eyes(pack) else { return };
    for person in 0..cast().len() {
        let stage = Stage::stepped(3);
        let mut source = DrawnSource::new(stage.clone());
        stage.walk_up(person);
        for number in 0..50 {
            let (picture, truth) = source.shoot();
            if number < 38 || number % 6 != 0 {
                continue;
            }
            let seen = vision.look(&picture).expect("a look");
            let (face, truth) = (seen.nearest().expect("a face"), truth.last().expect("somebody"));
            assert_eq!((seen.faces.len(), truth.identity), (1, person));
            assert!(face.score >= least_score, "person {person}: score {}", face.score);
            let error = error(&face.landmarks, &truth.landmarks);
            assert!(error < most_error, "person {person}: landmarks {error} eye distances off");
        }
    }
}

fn are_less_alike_than_anybodys_own_pictures(pack: PackName) {
    let Some((_, mut vision)) = eyes(pack) else { return };
    let templates = enrolled(pack, &mut vision);
    let (mut own, mut others) = (1.0_f32, -1.0_f32);
    for (i, person) in templates.iter().enumerate() {
        for (j, other) in templates.iter().enumerate().skip(i) {
            for (k, a) in person.iter().enumerate() {
                for (l, b) in other.iter().enumerate() {
                    let similarity = a.similarity(b).expect("one model");
                    match (i == j, k < l) {
                        (true, true) => own = own.min(similarity),
                        (true, false) => {}
                        (false, _) => others = others.max(similarity),
                    }
                }
            }
        }
    }
    println!("least alike of one person {own:.3}, most alike of two {others:.3}");
    assert!(own > others + 0.1, "own {own}, others {others}");
}

fn is_accepted_as_themselves(pack: PackName, least_lead_e4: i32) {
    let Some((models, mut vision)) = eyes(pack) else { return };
    let gallery = gallery(pack, &mut vision);
    let policy = support::policy(&models, &vision);
    for (person, member) in cast().iter().enumerate() {
        // Every stage begins its own time: eyes that saw the one before would still see who stood there.
        let mut vision = support::load(&models);
        let stage = Stage::stepped(100 + person as u64);
        let mut source = DrawnSource::new(stage.clone());
        stage.walk_up(person);
        let (mut sightings, mut tracks) = (Vec::new(), BTreeSet::new());
        let mut decision = decide(&policy, &sightings);
        for _ in 0..75 {
            let frame = source.next_frame().expect("a drawn frame");
            let seen = vision.follow(&frame).expect("a look");
            let Some(face) = seen.nearest() else { continue };
            let Some(template) = &face.template else { continue };
            let candidates = gallery.search(template).expect("one model");
            tracks.insert(face.track);
            sightings.push(Sighting { candidates, quality: face.quality.clone(), live: face.live });
            decision = decide(&policy, &sightings);
            if !matches!(decision, Decision::Undecided) {
                break;
            }
        }
        assert_eq!(tracks.len(), 1, "{}: taken for somebody else on the way", member.elder.id);
        match decision {
            Decision::Accepted { elder, evidence } => {
                assert_eq!(elder, member.elder.id);
                assert_eq!(evidence.liveness_e4.is_some(), pack == PackName::Real);
                assert!(evidence.margin_e4 > least_lead_e4, "{elder}: lead {}", evidence.margin_e4);
            }
            other => panic!("{}: {other:?} after {} looks", member.elder.id, sightings.len()),
        }
    }
}

/// Their ways cross: for a moment it cannot be told who is who, but not for longer.
fn is_followed_past_somebody(pack: PackName) {
    let Some((_, mut vision)) = eyes(pack) else { return };
    let stage = Stage::stepped(7);
    let mut source = DrawnSource::new(stage.clone());
    stage.walk_up(0);
    stage.stand_behind(3);
    let mut standing = BTreeSet::new();
    for at in 0..45 {
        let seen = vision.follow(&source.next_frame().expect("a drawn frame")).expect("a look");
        if at >= 35 {
            assert_eq!(seen.faces.len(), 2);
            standing.insert(seen.nearest().expect("a face").track);
        }
    }
    assert_eq!(standing.len(), 1, "{standing:?}");
}

fn is_still_mostly_found(pack: PackName, percent: usize) {
    let Some((_, mut vision)) = eyes(pack) else { return };
    let album = Album::new(11, 30, CAMERA.width, CAMERA.height);
    let mut studio = Studio::new(CAMERA);
    let (mut faces, mut found) = (0, 0);
    for person in 0..30 {
        let shot = album.shot(&mut studio, person, 0);
        let seen = vision.look(&shot.picture).expect("a look");
        // The nearest is drawn last and stands in nobody's shade.
        let truth = shot.faces.last().expect("somebody");
        faces += 1;
        found += usize::from(seen.faces.iter().any(|face| error(&face.landmarks, &truth.landmarks) < 0.6));
    }
    println!("{found} of {faces} found");
    assert!(found * 100 >= faces * percent, "{found} of {faces}");
}

fn draw(out: &Path, more: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.args(["--json", "draw", "--people", "2", "--frames", "2", "--seed", "5", "--size", "160x120", "--out"]);
    command.arg(out).args(more).output().expect("the program runs")
}

#[test]
fn draw_writes_the_same_pictures_with_their_truth_each_time() {
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    for folder in &folders {
        let output = draw(folder.path(), &["--empty", "3"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert_eq!((summary["people"].as_u64(), summary["pictures"].as_u64()), (Some(2), Some(7)));
    }
    let read = |file: &str| {
        folders
            .each_ref()
            .map(|folder| std::fs::read(folder.path().join(file)).unwrap_or_else(|e| panic!("{file}: {e}")))
    };
    let [truth, again] = read("truth.jsonl");
    assert_eq!(truth, again);
    let lines: Vec<serde_json::Value> =
        String::from_utf8(truth).expect("text").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 7);
    for line in &lines {
        let file = line["file"].as_str().expect("a file");
        let [picture, again] = read(file);
        assert!(picture == again, "{file} differs");
        let picture = image::load_from_memory(&picture).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (160, 120));
        let faces = line["faces"].as_array().expect("faces");
        assert_eq!(faces.is_empty(), line["person"].is_null(), "{line}");
        for face in faces {
            assert_eq!(face["landmarks"].as_array().map(Vec::len), Some(5));
            assert_eq!(face["box"].as_array().map(Vec::len), Some(4));
            assert!(face["pose"]["yaw_deg"].is_number() && face["light"]["strength"].is_number());
            assert!(face["glasses"].is_boolean() && face["mask"].is_boolean() && face["identity"].is_u64());
        }
    }
}

/// The JSON lines of a file that `draw` wrote.
fn lines(file: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn draw_writes_who_each_person_is_and_that_is_who_the_pictures_show() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(draw(folder.path(), &[]).status.success());
    let people = lines(&folder.path().join("people.jsonl"));
    let album = Album::new(5, 2, 160, 120);
    assert_eq!(people.len(), 2);
    for (index, line) in people.iter().enumerate() {
        assert_eq!(line["person"].as_u64(), Some(index as u64));
        // Through text: numbers of 32 bits are written as short as they read back.
        let portrait = serde_json::to_string(&album.portrait(index)).expect("JSON");
        assert_eq!(line["portrait"], serde_json::from_str::<serde_json::Value>(&portrait).expect("JSON"));
    }
    assert_ne!(people[0]["portrait"]["shape"], people[1]["portrait"]["shape"]);
    for line in lines(&folder.path().join("truth.jsonl")) {
        let first = line["faces"].as_array().expect("faces").iter().find(|face| face["identity"] == line["person"]);
        let first = first.expect("their face");
        let bare =
            people.iter().find(|p| p["person"] == line["person"]).expect("a person")["portrait"]["glasses"].is_null();
        // Glasses may come off, but nobody wears another's.
        assert!(!bare || first["glasses"] == false, "{line}");
    }
}

#[test]
fn draw_refuses_a_folder_it_cannot_make_and_names_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("taken");
    std::fs::write(&file, "a file").expect("written");
    let output = draw(&file.join("inside"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("taken"));
}

#[test]
fn draw_leaves_a_folder_with_an_album_as_it_is_and_a_whole_album_has_its_truth() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(draw(folder.path(), &[]).status.success());
    let truth = || std::fs::read(folder.path().join("truth.jsonl")).expect("the truth");
    let before = truth();
    let again = draw(folder.path(), &["--empty", "1"]);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.code() == Some(1) && said.contains("truth.jsonl is of another album"), "{said}");
    assert!(said.contains("; remedy: name an empty folder") && truth() == before, "{said}");
    // A picture that cannot be written: the folder of its person is taken by a file.
    let other = tempfile::tempdir().expect("a folder");
    std::fs::write(other.path().join("person-000001"), "in the way").expect("written");
    let said = String::from_utf8_lossy(&draw(other.path(), &[]).stderr).into_owned();
    assert!(said.contains("person-000001") && said.contains("; remedy: name a folder that"), "{said}");
    assert!(!other.path().join("truth.jsonl").exists(), "half an album says that it is whole");
}
