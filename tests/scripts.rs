//! What the scripts do on a machine that lacks something. Functions of the shell stand in for the programs they call.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs `stand_ins` and then `script` (`$SCRIPT`) by `run`, in a folder of its own in which `$0` is the script of a project.
fn sh(folder: &TempDir, script: &str, stand_ins: &str, run: &str) -> Output {
    let scripts = folder.path().join("project/scripts");
    std::fs::create_dir_all(&scripts).expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new("bash")
        .args(["-c", &format!("{stand_ins}\n{run}")])
        .arg(scripts.join(script))
        .env("SCRIPT", root.join("scripts").join(script))
        .env_remove("MEALPOINT_MODEL_MIRROR")
        .current_dir(folder.path().join("project"))
        .output()
        .expect("bash")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_model_that_the_mirror_gives_by_half_is_not_put_in_its_place() {
    const RUN: &str = r#"source <(sed '/^packages$/,$d' "$SCRIPT" | sed '/^cd /d')
        mkdir mirror && echo 'the model' >mirror/model.onnx
        MEALPOINT_MODEL_MIRROR=mirror
        if from_mirror model.onnx "$(digest_of mirror/model.onnx)" target; then echo taken; else echo missing; fi"#;
    for (stand_ins, whole) in [
        ("", true),
        ("cp() { head -c 3 \"$1\" >\"$2\"; echo 'cp: No space left on device' >&2; return 1; }", false),
        ("mv() { return 1; }", false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, err) = said(&sh(&folder, "setup", stand_ins, RUN));
        assert!(out.ends_with(if whole { "\ntaken\n" } else { "\nmissing\n" }), "{stand_ins}: {out}{err}");
        assert_eq!(
            out.contains("could not be copied to target, as said above: make room"),
            !whole,
            "{stand_ins}: {out}{err}"
        );
        let target = folder.path().join("project/target");
        assert_eq!(std::fs::read_to_string(&target).ok(), whole.then(|| "the model\n".to_owned()), "{stand_ins}");
        assert!(!target.with_extension("part").exists(), "{stand_ins}: half a file is left behind");
    }
}

/// Where no Python but these, each with its version, is there.
fn pythons(there: &[(&str, &str)]) -> String {
    let mut stand_ins = "scripts/setup() { :; }; cargo() { echo \"cargo $*\"; }\n".to_owned();
    stand_ins.push_str(".mealpoint/venv/bin/pip() { echo pip; }; mkdir -p .mealpoint/venv\n");
    for name in ["python3", "python3.11", "python3.12", "python3.13"] {
        let does = match there.iter().find(|(other, _)| *other == name) {
            Some((_, version)) => format!("[ \"$1\" = --version ] && echo Python {version} || echo {name} $*"),
            None => "return 127".to_owned(),
        };
        stand_ins.push_str(&format!("{name}() {{ {does}; }}\n"));
    }
    stand_ins
}

#[test]
fn the_comparisons_say_which_python_they_need_and_take_a_later_one_beside_the_systems() {
    const RUN: &str = "set -euo pipefail; . \"$SCRIPT\"";
    for too_old in ["3.10.12", "3.9.2"] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = sh(&folder, "peer", &pythons(&[("python3", too_old)]), RUN);
        let (out, err) = said(&output);
        assert_eq!((output.status.code(), out.as_str()), (Some(2), ""), "it goes on: {err}");
        let needs = format!("peer: Python 3.11 or later is needed, Python {too_old} is here; remedy: ");
        assert!(err.contains(&needs) && err.contains("python3.11-venv"), "{err}");
    }
    for (there, taken) in [
        (&[("python3", "3.10.12"), ("python3.11", "3.11.0rc1")][..], "python3.11"),
        (&[("python3", "3.11.2")], "python3"),
        (&[("python3", "3.14.0"), ("python3.12", "3.12.3")], "python3"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, err) = said(&sh(&folder, "peer", &pythons(there), RUN));
        let lines = format!("{taken} -m venv --clear .mealpoint/venv\npip\ncargo build ");
        assert!(out.starts_with(&lines), "{there:?}: {out}{err}");
    }
}

/// Stand-ins for a toolchain that lacks what formats and lints until `rustup` does as told.
const MINIMAL: &str = "scripts/setup() { :; }
    cargo() {
        case \"$*\" in
            'fmt --version' | 'clippy --version') [ -e added ] ;;
            'fmt --check') echo 'formatting is looked at'; exit 3 ;;
        esac
    }";

#[test]
fn the_tests_add_what_formats_and_lints_where_it_is_missing_and_say_so() {
    const RUN: &str = ". \"$SCRIPT\"";
    let rustup = |does: &str| format!("{MINIMAL}\nrustup() {{ echo \"rustup $*\"; {does}; }}");
    let missing = "test: no rustfmt clippy here";
    let added = format!("{missing}: adding what is missing with rustup\nrustup component add rustfmt clippy\n");
    let going_on = "test: formatting\nformatting is looked at\n";
    let folder = tempfile::tempdir().expect("a folder");
    let (out, err) = said(&sh(&folder, "test", &rustup("touch added"), RUN));
    assert_eq!((out, err.as_str()), (format!("{added}{going_on}"), ""));
    let (out, _) = said(&sh(&folder, "test", &rustup("touch added"), RUN));
    assert_eq!(out, going_on, "it is there now");

    let folder = tempfile::tempdir().expect("a folder");
    let (out, err) = said(&sh(&folder, "test", &rustup("return 1"), RUN));
    assert_eq!(out, added, "it went on without");
    assert!(err.contains("with a network: rustup component add rustfmt clippy"), "{err}");
    let (out, err) = said(&sh(&folder, "test", &format!("{MINIMAL}\ncommand() {{ return 1; }}"), RUN));
    assert!(
        out.is_empty() && err.starts_with(missing) && err.contains("install it from where cargo came from"),
        "{err}"
    );
}
