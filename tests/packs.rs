//! The two packs of models: which one is in use, who is told, and what the drawn one refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::RgbImage;
use mealpoint::camera::drawn::{Album, CAMERA, Light, Pose};
use mealpoint::domain::ModelDigest;
use mealpoint::store::people::Consent;
use mealpoint::store::{Home, People};
use serde_json::Value;

use crate::{skipped, support};

mod demo;
mod measured;
mod named;

/// An installation of its own: the manifest, the drawn models, settings and a data folder; no real model.
struct Place {
    folder: tempfile::TempDir,
    runtime: PathBuf,
}

impl Place {
    /// `None` where there is no ONNX Runtime.
    fn new() -> Option<Self> {
        let place = Self { runtime: support::runtime()?, folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir_all(place.fetched()).expect("a folder");
        let models = place.path("models");
        std::fs::create_dir(&models).expect("a folder");
        for file in support::files(&support::root().join("models")) {
            std::fs::copy(&file, models.join(file.file_name().expect("a name"))).expect("a copy");
        }
        std::os::unix::fs::symlink(support::root().join("kiosk-config"), place.path("kiosk-config")).expect("a link");
        Some(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where `scripts/setup` puts the real models.
    fn fetched(&self) -> PathBuf {
        self.path(".mealpoint/models")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("ORT_DYLIB_PATH", &self.runtime);
        command.env_remove("MEALPOINT_MODEL_MIRROR").env_remove("MEALPOINT_KEYS");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_mealpoint"));
        command.args(["--json", "--data", "data"]).args(arguments).output().expect("the program starts")
    }

    /// The JSON documents of a run that succeeds, one a line, and what it says on stderr.
    fn lines(&self, arguments: &[&str]) -> (Vec<Value>, String) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        let lines = String::from_utf8(output.stdout).expect("text");
        (lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), said)
    }

    /// What a run that fails says.
    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?} printed {}", String::from_utf8_lossy(&output.stdout));
        said
    }

    /// Pictures of drawn people, a folder a person: `NAME/P-0/0.png`, `NAME/P-0/1.png`, …
    fn draw(&self, name: &str, people: std::ops::Range<usize>, looks: &[(f32, f32)]) -> PathBuf {
        let root = self.path(name);
        for person in people {
            let folder = root.join(format!("P-{person}"));
            std::fs::create_dir_all(&folder).expect("a folder");
            for (number, (yaw_deg, distance_m)) in looks.iter().enumerate() {
                portrait(person, *yaw_deg, *distance_m).save(folder.join(format!("{number}.png"))).expect("a picture");
            }
        }
        root
    }
}

fn portrait(person: usize, yaw_deg: f32, distance_m: f32) -> RgbImage {
    let album = Album::new(4_711, 20, CAMERA.width, CAMERA.height);
    album.portrait(person).frame(Pose::new(yaw_deg, 0.0, 0.0), Light::default(), distance_m)
}

#[test]
fn the_runtime_notes_nothing_down_about_the_computer_it_runs_on() {
    let Some(place) = Place::new() else { return };
    let pictures = place.draw("pictures", 0..1, &LOOKED_UP);
    let mut command = place.command(env!("CARGO_BIN_EXE_mealpoint"));
    command.env("HOME", place.path("home")).env_remove("XDG_CACHE_HOME").env_remove("ORT_DISABLE_TELEMETRY");
    command.args(["--json", "--data", "data", "identify", "--pictures"]).arg(pictures);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!place.path("home").exists(), "{:?}", support::files(&place.path("home")));
}

/// As three looks are enrolled, and two others are looked up.
const ENROLLED: [(f32, f32); 3] = [(0.0, 0.6), (10.0, 0.62), (-10.0, 0.58)];
const LOOKED_UP: [(f32, f32); 2] = [(4.0, 0.66), (-6.0, 0.55)];

/// The real models in the place where setup puts them. `None` where there are none.
fn with_real_models(place: &Place) -> Option<()> {
    for file in support::files(&support::models()?).iter().filter(|file| file.extension().is_some_and(|e| e == "onnx"))
    {
        std::os::unix::fs::symlink(file, place.fetched().join(file.file_name().expect("a name"))).expect("a link");
    }
    Some(())
}

#[test]
fn without_the_real_models_the_drawn_ones_take_over_and_every_line_says_so() {
    let Some(place) = Place::new() else { return };
    let pictures = place.draw("pictures", 0..1, &LOOKED_UP);
    let (lines, said) = place.lines(&["identify", "--pictures", text(&pictures)]);
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert_eq!(line["models"], "drawn", "{line}");
        assert!(line["faces"][0]["live"].is_null() && line["faces"][0]["score"].is_number(), "{line}");
    }
    assert!(said.contains("model yunet_n_dynamic.onnx is missing") && said.contains("scripts/setup"), "{said}");
    assert!(said.contains("the drawn models take over"), "{said}");
}

#[test]
fn identify_says_which_of_two_files_of_one_name_it_means_and_what_it_leaves_out() {
    let Some(place) = Place::new() else { return };
    for folder in ["a", "b", "b/1/2/3/4/5/6/7/8", "b/1/2/3/4/5/6/7/8/9", "empty"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
        if folder != "empty" {
            std::fs::write(place.path(folder).join("x.png"), "no picture").expect("a file");
        }
    }
    let files = |lines: &[Value]| -> Vec<String> {
        for line in lines {
            assert!(line["error"].is_string() && line.get("ms") == Some(&Value::Null), "{line}");
        }
        lines.iter().map(|line| line["file"].as_str().expect("a file").to_owned()).collect()
    };
    let (lines, said) = place.lines(&["identify", "--pictures", "a", "b", "empty"]);
    assert_eq!(files(&lines), ["a/x.png", "b/1/2/3/4/5/6/7/8/x.png", "b/x.png"]);
    assert!(said.contains("b/1/2/3/4/5/6/7/8/9: more than 8 folders deep, left out"), "{said}");
    assert!(said.contains("empty: there is no file in it; remedy: "), "{said}");
    let (lines, _) = place.lines(&["identify", "--pictures", "a"]);
    assert_eq!(files(&lines), ["x.png"], "below the one folder that was named");
}

#[test]
fn the_real_models_are_in_use_where_they_are_whole_and_results_name_them() {
    let Some(place) = Place::new() else { return };
    let Some(()) = with_real_models(&place) else { return };
    let pictures = place.draw("pictures", 0..1, &LOOKED_UP[..1]);
    let (lines, said) = place.lines(&["identify", "--pictures", text(&pictures)]);
    assert_eq!(lines[0]["models"], "real", "{said}");
    assert!(!said.contains("drawn"), "{said}");
    let (lines, said) = place.lines(&["identify", "--models", "drawn", "--pictures", text(&pictures)]);
    assert_eq!(lines[0]["models"], "drawn");
    assert!(!said.contains("take over"), "they were asked for: {said}");
}

#[test]
fn a_real_file_with_another_digest_is_named_and_never_used() {
    let Some(place) = Place::new() else { return };
    // A model that would load: only its digest tells that it is another one.
    std::fs::copy(place.path("models/drawn-detector.onnx"), place.fetched().join("yunet_n_dynamic.onnx"))
        .expect("a copy");
    let pictures = place.draw("pictures", 0..1, &LOOKED_UP[..1]);
    let (lines, said) = place.lines(&["identify", "--pictures", text(&pictures)]);
    assert_eq!(lines[0]["models"], "drawn");
    assert!(said.contains("yunet_n_dynamic.onnx is refused") && said.contains("delete it"), "{said}");
    let said = place.refusal(&["identify", "--models", "real", "--pictures", text(&pictures)]);
    assert!(said.contains("yunet_n_dynamic.onnx is refused"), "{said}");

    let report: Value = serde_json::from_slice(&place.run(&["doctor"]).stdout).expect("a report");
    let models = check(&report, "models");
    assert_eq!((report["models"].as_str(), models["state"].as_str()), (Some("drawn"), Some("failed")), "{models}");
    assert!(models["detail"].as_str().is_some_and(|detail| detail.contains("yunet_n_dynamic.onnx is refused")));
    assert!(models["remedy"].as_str().is_some_and(|remedy| remedy.contains("scripts/setup")), "{models}");
}

#[test]
fn the_doctor_warns_of_the_drawn_models_in_the_words_of_the_screen() {
    let Some(place) = Place::new() else { return };
    let report: Value = serde_json::from_slice(&place.run(&["doctor"]).stdout).expect("a report");
    let models = check(&report, "models");
    assert_eq!((report["models"].as_str(), models["state"].as_str()), (Some("drawn"), Some("warning")), "{models}");
    let detail = models["detail"].as_str().expect("a detail");
    assert!(detail.contains("演示模型，仅识别绘制人物") && detail.contains("is missing"), "{detail}");
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no check {name}: {report}"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

#[test]
fn the_drawn_models_refuse_real_people_unless_they_are_forced() {
    let Some(place) = Place::new() else { return };
    let pictures = place.draw("pictures", 0..2, &ENROLLED);
    let pictures = text(&pictures);
    std::fs::write(place.path("pairs.csv"), "path_a,path_b,same\nP-0/0.png,P-0/1.png,1\nP-0/0.png,P-1/0.png,0\n")
        .expect("a file");
    let commands: [&[&str]; 6] = [
        &["enroll", "--pictures-root", pictures],
        &["evaluate", "pairs", "--pairs", "pairs.csv", "--pictures", pictures],
        &["evaluate", "gallery", "--enrolled", pictures, "--probes", pictures],
        &["evaluate", "liveness", "--live", pictures, "--attack", pictures],
        &["kiosk", "--source", "camera"],
        &["kiosk", "--source", &format!("pictures:{pictures}")],
    ];
    for command in commands {
        let said = place.refusal(command);
        assert!(said.contains("drawn") && said.contains("yunet_n_dynamic.onnx is missing"), "{command:?}: {said}");
        assert!(said.contains("remedy: run scripts/setup"), "{command:?}: {said}");
    }
    assert!(!place.path("data").exists(), "nothing of a refused command is kept");
    for command in &commands[..3] {
        let (documents, _) = place.lines(&[command, &["--force-drawn-models"][..]].concat());
        assert_eq!(documents[0]["models"], "drawn", "{command:?}");
    }
    let said = place.refusal(&[commands[3], &["--force-drawn-models"][..]].concat());
    assert!(said.contains("measure no liveness"), "{said}");
}

#[test]
fn people_enrolled_by_the_drawn_models_are_found_again_and_strangers_are_not() {
    let Some(place) = Place::new() else { return };
    let enrolled = place.draw("enrolled", 0..4, &ENROLLED);
    let (report, _) = place.lines(&["enroll", "--force-drawn-models", "--pictures-root", text(&enrolled)]);
    assert_eq!(report[0]["people"], 4, "{}", report[0]);
    let probes = place.draw("probes", 0..4, &LOOKED_UP);
    let (lines, _) = place.lines(&["identify", "--pictures", text(&probes)]);
    assert_eq!(lines.len(), 8);
    for line in lines {
        let person = line["file"].as_str().and_then(|file| file.split('/').next()).expect("a folder");
        assert_eq!(line["faces"].as_array().map(Vec::len), Some(1), "{line}");
        assert_eq!((&line["faces"][0]["elder"], &line["faces"][0]["decision"]), (&person.into(), &"accepted".into()));
    }
    let strangers = place.draw("strangers", 10..13, &LOOKED_UP[..1]);
    for line in place.lines(&["identify", "--pictures", text(&strangers)]).0 {
        assert_ne!(line["faces"][0]["decision"], "accepted", "{line}");
    }
}

#[test]
fn templates_of_another_embedder_are_never_searched_and_the_message_says_whose_there_are() {
    let Some(place) = Place::new() else { return };
    let pictures = place.draw("pictures", 0..1, &LOOKED_UP[..1]);
    let enrol = |file: &str| {
        let mut people = People::open_or_create(&Home::at(&place.path("data"))).expect("a database");
        let manifest = std::fs::read_to_string(place.path("models/models.toml")).expect("the manifest");
        let entry = manifest.split("[[model]]").find(|entry| entry.contains(file)).expect("the model");
        let digest = entry.split("sha256 = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a digest");
        let consent = Consent {
            version: "1".to_owned(),
            signer: "a test".to_owned(),
            relation: "self".to_owned(),
            given_at: jiff::Timestamp::now(),
        };
        let elder = mealpoint::camera::drawn::cast().remove(0).elder;
        people.save_elders(std::slice::from_ref(&elder), jiff::Timestamp::now()).expect("saved");
        people.save_templates(&elder.id, &ModelDigest(digest.to_owned()), &[[0.5_f32; 128]], &consent).expect("saved");
    };
    enrol("mobilefacenet_foamliu.onnx");
    let (lines, said) = place.lines(&["identify", "--pictures", text(&pictures)]);
    assert!(lines[0]["faces"][0]["elder"].is_null(), "{}", lines[0]);
    assert!(said.contains("enrolled 1 with mobilefacenet; the embedder in use is drawn-embedder"), "{said}");
    let report: Value = serde_json::from_slice(&place.run(&["doctor"]).stdout).expect("a report");
    assert_eq!(check(&report, "gallery")["state"], "warning");

    let Some(()) = with_real_models(&place) else { return };
    enrol("drawn-embedder.onnx");
    let (lines, said) = place.lines(&["identify", "--pictures", text(&pictures)]);
    assert_eq!(lines[0]["models"], "real");
    assert!(said.contains("enrolled 1 with drawn-embedder; the embedder in use is mobilefacenet"), "{said}");
}
