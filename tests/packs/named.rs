//! The models that recognition.toml names: they are fetched, and they are refused where nobody knows what they mean.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::*;

/// The shipped settings in a folder of their own, each line that starts with a key replaced.
fn settings(place: &Place, changes: &[(&str, &str)]) -> PathBuf {
    let folder = place.path("settings");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["canteen.toml", "screen.toml", "subsidies"] {
        // The second time they are there.
        let _ = std::os::unix::fs::symlink(support::root().join("kiosk-config").join(name), folder.join(name));
    }
    std::fs::write(folder.join("recognition.toml"), recognition(changes)).expect("written");
    folder
}

fn recognition(changes: &[(&str, &str)]) -> String {
    let shipped = std::fs::read_to_string(support::root().join("kiosk-config/recognition.toml")).expect("the settings");
    let mut lines: Vec<&str> = shipped.lines().collect();
    for (key, line) in changes {
        let place = lines.iter().position(|line| line.starts_with(key)).expect(key);
        lines[place] = line;
    }
    lines.join("\n")
}

/// What one function of scripts/setup says with these settings, asked for `more` models.
fn setup(function: &str, settings: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["models", "kiosk-config"] {
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    std::fs::copy(support::root().join("models/models.toml"), folder.path().join("models/models.toml"))
        .expect("a copy");
    std::fs::write(folder.path().join("kiosk-config/recognition.toml"), settings).expect("written");
    // Its functions without its last lines, which run all of them.
    let script = format!("source <(sed '/^packages$/,$d' \"$0\" | sed '/^cd /d'); {function}");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).arg(support::root().join("scripts/setup")).args(more);
    command.current_dir(folder.path()).output().expect("bash")
}

/// The files that scripts/setup would fetch with these settings.
fn fetched(settings: &str) -> Vec<String> {
    let output = setup("pack", settings, &[]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("text");
    lines.lines().map(|line| line.split(' ').next().expect("a file").to_owned()).collect()
}

#[test]
fn setup_fetches_the_shipped_models_and_an_optional_one_once_recognition_toml_names_it() {
    let shipped = fetched(&recognition(&[]));
    assert_eq!(
        shipped,
        [
            "yunet_n_dynamic.onnx",
            "mobilefacenet_foamliu.onnx",
            "minifasnet_v2_2.7_80x80.onnx",
            "minifas_celebaspoof_128.onnx"
        ]
    );
    for (key, line, file) in [
        (
            "liveness",
            "liveness = [\n  'minifasnet-v2', # first\n  'minifasnet-v1se',\n]",
            "minifasnet_v1se_4.0_80x80.onnx",
        ),
        ("embedder", "embedder=\"sface\" # \"yunet-640\"", "face_recognition_sface_2021dec.onnx"),
    ] {
        let mut files = fetched(&recognition(&[(key, line)]));
        let place = files.iter().position(|name| name == file).unwrap_or_else(|| panic!("{file} is not in {files:?}"));
        files.remove(place);
        assert_eq!(files, shipped, "and nothing else");
    }
    assert_eq!(fetched(&recognition(&[("threads", "# 'sface'\nthreads = 1")])), shipped, "a comment names nothing");
}

#[test]
fn setup_refuses_a_model_that_the_manifest_does_not_know_before_it_fetches_anything() {
    let output = setup("models", &recognition(&[]), &["sface", "no-such-model"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("has no real model no-such-model"), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Settings by which the drawn files are a real pack.
const DRAWN_AS_REAL: [(&str, &str); 3] = [
    ("detector", "detector = 'drawn-detector'"),
    ("embedder", "embedder = 'drawn-embedder'"),
    ("enabled", "enabled = false"),
];

/// Makes the drawn files a real pack whose embedder nobody has measured; gives the manifest by which somebody has.
fn without_calibration(place: &Place) -> String {
    let manifest = place.path("models/models.toml");
    let text = std::fs::read_to_string(&manifest).expect("the manifest");
    let drawn = || text.split("[[model]]").filter(|card| card.contains("pack = \"drawn\""));
    let real = |card: &str| format!("[[model]]{}", card.replace("pack = \"drawn\"", ""));
    let uncalibrated = |card: &str| real(card.split("[[model.calibration]]").next().unwrap_or_default());
    std::fs::write(&manifest, drawn().map(uncalibrated).collect::<String>()).expect("written");
    for file in ["drawn-detector.onnx", "drawn-embedder.onnx"] {
        std::fs::copy(place.path("models").join(file), place.fetched().join(file)).expect("a copy");
    }
    drawn().map(real).collect()
}

#[test]
fn the_doctor_fails_where_the_kiosk_has_no_threshold_for_its_embedder_or_two() {
    let Some(place) = Place::new() else { return };
    let calibrated = without_calibration(&place);
    let config = settings(&place, &DRAWN_AS_REAL);
    let doctor =
        || serde_json::from_slice(&place.run(&["doctor", "--config", super::text(&config)]).stdout).expect("a report");
    let report: Value = doctor();
    let models = check(&report, "models");
    assert_eq!((&models["state"], &report["healthy"]), (&"failed".into(), &false.into()), "{models}");
    assert!(models["remedy"].as_str().is_some_and(|remedy| remedy.contains("fixed_similarity")), "{models}");

    settings(&place, &[&DRAWN_AS_REAL[..], &[("# fixed_similarity", "fixed_similarity = 0.6")]].concat());
    let report: Value = doctor();
    assert_eq!(check(&report, "models")["state"], "good", "{report}");

    // With a calibration the fixed one would take its place without a word.
    std::fs::write(place.path("models/models.toml"), calibrated).expect("written");
    let report: Value = doctor();
    let models = check(&report, "models");
    assert_eq!(
        (&models["state"], &models["remedy"]),
        (&"failed".into(), &"take fixed_similarity out".into()),
        "{models}"
    );
    settings(&place, &DRAWN_AS_REAL);
    let report: Value = doctor();
    assert_eq!(check(&report, "models")["state"], "good", "{report}");
}

#[test]
fn liveness_is_not_measured_where_no_model_for_it_is_named_and_nothing_is_looked_at_first() {
    let Some(place) = Place::new() else { return };
    let config = settings(&place, &[("liveness = ", "liveness = []"), ("enabled", "enabled = false")]);
    let arguments =
        ["evaluate", "liveness", "--live", "nowhere", "--attack", "nowhere", "--config", super::text(&config)];
    let said = place.refusal(&arguments);
    assert!(said.contains("recognition.toml: liveness under [models] names no model"), "{said}");
    assert!(said.contains("; remedy: name a liveness model") && !said.contains("nowhere"), "{said}");
}

#[test]
fn an_embedder_that_nobody_calibrated_is_measured_so_that_a_threshold_can_be_chosen() {
    let Some(place) = Place::new() else { return };
    without_calibration(&place);
    let config = settings(&place, &DRAWN_AS_REAL);
    place.draw("enrolled", 0..3, &ENROLLED);
    place.draw("probes", 0..3, &LOOKED_UP[..1]);
    let arguments = ["evaluate", "gallery", "--enrolled", "enrolled", "--probes", "probes", "--config"];
    let arguments = [&arguments[..], &[super::text(&config)]].concat();
    let report = place.lines(&arguments).0.remove(0);
    assert_eq!((&report["shipped"], report["rank1"].as_f64()), (&Value::Null, Some(1.0)), "{report}");
    assert!(report["points"][0]["threshold"].is_number(), "{report}");
    let refused = place.refusal(&["enroll", "--pictures-root", "enrolled", "--config", super::text(&config)]);
    assert!(refused.contains("measure it with `mealpoint evaluate gallery`"), "{refused}");
}

#[test]
fn the_folder_somebody_works_in_brings_neither_digests_nor_a_runtime_where_the_program_has_its_own() {
    let Some(place) = Place::new() else { return };
    let stick = place.path("stick");
    for (folder, file) in [("models", "models.toml"), (".mealpoint/onnxruntime", "libonnxruntime.so")] {
        std::fs::create_dir_all(stick.join(folder)).expect("a folder");
        std::fs::write(stick.join(folder).join(file), "neither").expect("written");
    }
    let runtime = place.path(".mealpoint/onnxruntime");
    std::fs::create_dir_all(&runtime).expect("a folder");
    let library = support::runtime().expect("a place has it");
    for file in support::files(library.parent().expect("a folder")) {
        std::os::unix::fs::symlink(&file, runtime.join(file.file_name().expect("a name"))).expect("a link");
    }
    place.draw("stick/photos", 0..1, &LOOKED_UP[..1]);
    let mut command = place.command(place.program());
    command.current_dir(&stick).env_remove("ORT_DYLIB_PATH").args(["--json", "--data", "data", "--config"]);
    let output =
        command.arg(place.path("kiosk-config")).args(["identify", "--pictures", "photos"]).output().expect("it runs");
    let line: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!((line["models"].as_str(), line["faces"].as_array().map(Vec::len)), (Some("drawn"), Some(1)), "{line}");
}
