//! The two packs of models: which one is in use, who is told, and what the drawn one refuses.

use mealpoint::domain::ModelDigest;
use mealpoint::store::People;
use mealpoint::store::people::Consent;
use serde_json::Value;

use crate::support::place::{ENROLLED, LOOKED_UP, Place};
use crate::support::{self, text};

mod demo;
mod measured;
mod named;

#[test]
fn the_runtime_notes_nothing_down_about_the_computer_it_runs_on() {
    let Some(place) = Place::new() else { return };
    let pictures = place.draw("pictures", 0..1, &LOOKED_UP);
    let mut command = place.command(place.program());
    command.env("HOME", place.path("home")).env_remove("XDG_CACHE_HOME").env_remove("ORT_DISABLE_TELEMETRY");
    command.args(["--json", "--data", "data", "identify", "--pictures"]).arg(pictures);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!place.path("home").exists(), "{:?}", support::files(&place.path("home")));
}

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

#[test]
fn the_doctor_fails_where_the_kiosk_would_refuse_to_serve_real_people_with_the_drawn_models() {
    let Some(place) = Place::new() else { return };
    let row = "id,name,birth_date,district,town\nE-1,王秀英,1938-05-02,武侯区,玉林街道\n";
    std::fs::write(place.path("roster.csv"), row).expect("written");
    place.lines(&["roster", "import", "roster.csv"]);
    let report: Value = serde_json::from_slice(&place.run(&["doctor"]).stdout).expect("a report");
    let models = check(&report, "models");
    assert_eq!((models["state"].as_str(), &report["healthy"]), (Some("failed"), &false.into()), "{models}");
    assert!(models["detail"].as_str().is_some_and(|detail| detail.contains("演示模型")), "{models}");
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no check {name}: {report}"))
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
        let mut people = People::open_or_create(&place.home()).expect("a database");
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
