//! Recognition on photos of real people, through the command line.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{self, text};

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

    /// The JSON documents it prints, one a line.
    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
            .current_dir(support::root())
            .env("MEALPOINT_MODEL_MIRROR", &self.models)
            .env("ORT_DYLIB_PATH", &self.runtime)
            .env_remove("MEALPOINT_KEYS")
            .arg("--data")
            .arg(self.data.path())
            .arg("--json")
            .args(arguments)
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        let lines = String::from_utf8(output.stdout).expect("text");
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
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

fn decision(line: &Value) -> &str {
    line["faces"][0]["decision"].as_str().unwrap_or("no face")
}

#[test]
fn with_three_photos_each_everybody_is_found_first_and_no_stranger_is_accepted_as_shipped() {
    let (Some(faces), Some(kiosk)) = (support::faces(), Kiosk::new()) else { return };
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
    let (Some(faces), Some(kiosk)) = (support::faces(), Kiosk::new()) else { return };
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
fn liveness_is_evaluated_with_the_keys_that_were_promised_and_notes_unreadable_and_grey_attacks_count_for_nothing() {
    let (Some(faces), Some(kiosk)) = (support::faces(), Kiosk::new()) else { return };
    let pad = faces.join("pad");
    let (live, fake) = (pad.join("live"), pad.join("fake"));
    let report = kiosk.json(&["evaluate", "liveness", "--live", text(&live), "--attack", text(&fake)]).remove(0);
    assert_eq!((report["live"].as_u64(), report["attacks"].as_u64()), (Some(1), Some(4)), "{report}");
    assert!(report["bpcer"].is_number() && report["apcer"].is_number() && report["kinds"].is_array(), "{report}");

    // A note among the attacks is none of them.
    let with_note = tempfile::tempdir().expect("a folder");
    support::files(&fake).iter().zip(0..).for_each(|(file, at)| {
        std::fs::copy(file, with_note.path().join(format!("{at}.jpg"))).expect("a copy");
    });
    std::fs::write(with_note.path().join("README.txt"), "four attacks").expect("written");
    // Nor did a photo that cannot be read fail as an attack.
    std::fs::write(with_note.path().join("IMG_1.HEIC"), b"ftypheic").expect("written");
    let noted =
        kiosk.json(&["evaluate", "liveness", "--live", text(&live), "--attack", text(with_note.path())]).remove(0);
    assert_eq!((noted["attacks"].as_u64(), &noted["apcer"]), (Some(4), &report["apcer"]), "{noted}");
    assert_eq!(noted["no_pictures"].as_array().map(Vec::len), Some(1), "{noted}");
    assert_eq!((noted["unreadable"].as_array().map(Vec::len), &noted["not_acquired"]), (Some(1), &0.into()), "{noted}");

    // In grey the same attacks tell nothing about the liveness models, and say so.
    let attacks = tempfile::tempdir().expect("a folder");
    for (at, file) in support::files(&fake).iter().enumerate() {
        let picture = image::open(file).expect("a photo");
        picture.to_rgb8().save(attacks.path().join(format!("{at}-colour.png"))).expect("a file");
        picture.to_luma8().save(attacks.path().join(format!("{at}-grey.png"))).expect("a file");
    }
    let with_grey = ["evaluate", "liveness", "--live", text(&live), "--attack", text(attacks.path())];
    let mixed = kiosk.json(&with_grey).remove(0);
    assert_eq!((mixed["attacks"].as_u64(), mixed["not_judged"].as_u64()), (Some(4), Some(4)), "{mixed}");
    assert_eq!((&mixed["apcer"], &mixed["bpcer"]), (&report["apcer"], &report["bpcer"]), "{mixed}");
    assert_eq!((report["not_judged"].as_u64(), &mixed["not_acquired"]), (Some(0), &report["not_acquired"]), "{mixed}");
}
