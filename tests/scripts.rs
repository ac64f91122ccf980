//! What the scripts do on a machine that lacks something. Functions of the shell stand in for the programs they call.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs `stand_ins` and then `script` (`$SCRIPT`) by `run`, in a folder of its own in which `$0` is the script of a project.
fn sh(folder: &TempDir, script: &str, stand_ins: &str, run: &str) -> Output {
    let scripts = folder.path().join("project/scripts");
    std::fs::create_dir_all(&scripts).expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(root.join("scripts/python"), scripts.join("python")).expect("a copy of what they source");
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

/// Runs set-up's functions without its last lines, which call all of them.
const FUNCTIONS: &str = "source <(sed '/^packages$/,$d' \"$SCRIPT\" | sed '/^cd /d')\n";

#[test]
fn a_second_set_up_says_that_it_waits_for_the_first() {
    for (stand_ins, waits) in [("", false), ("flock() { [ \"$1\" != -n ] || return 1; echo \"flock $*\"; }", true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, err) = said(&sh(&folder, "setup", stand_ins, &format!("{FUNCTIONS}echo 'at work'")));
        assert_eq!(out.contains("another set-up is at work here"), waits, "{out}{err}");
        assert_eq!(out.contains("\nflock 9\n"), waits, "{out}{err}");
        assert!(out.ends_with("at work\n"), "{out}{err}");
        assert!(folder.path().join("project/.mealpoint/lock").exists(), "{out}{err}");
    }
}

/// A Debian without these commands and without one library, where nobody is root. `apt-get` may come through `sudo`, and finds
/// the package lists locked once for each file `held-*`.
fn debian_without(commands: &str) -> String {
    format!(
        "id() {{ echo 1000; }}
        uname() {{ echo x86_64; }}
        command() {{ case ' {commands} ' in *\" $2 \"*) return 1 ;; esac; }}
        dpkg-query() {{ [ \"${{!#}}\" = libwayland-egl1 ] || echo installed; }}
        sleep() {{ echo \"sleep $*\" >&2; }}
        sudo() {{
            for lock in held-*; do
                [ -e \"$lock\" ] || break
                rm \"$lock\"
                echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)' >&2
                return 100
            done
            echo \"sudo $*\" >&2
            [ -z \"${{REFUSED:-}}\" ]
        }}"
    )
}

#[test]
fn without_root_set_up_stops_where_nothing_can_be_built_and_says_what_to_install_otherwise() {
    let run = format!("{FUNCTIONS}packages; echo 'going on'");
    for (absent, missing, stops) in [
        ("sudo", "libwayland-egl1", None),
        ("sudo pkg-config nasm", "pkg-config nasm libwayland-egl1", None),
        ("sudo clang", "clang libwayland-egl1", Some("clang")),
        ("sudo cc", "libwayland-egl1", Some("cc")),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = sh(&folder, "setup", &debian_without(absent), &run);
        let (out, err) = said(&output);
        let remedy = format!("run as root: apt-get install {missing}\n");
        match stops {
            Some(tool) => {
                assert_eq!((output.status.code(), out.as_str()), (Some(1), ""), "{absent}: {err}");
                assert_eq!(err, format!("setup: nothing can be built without {tool}; {remedy}"));
            }
            None => assert_eq!(out, format!("setup: going on without what is missing; {remedy}going on\n"), "{err}"),
        }
    }
}

#[test]
fn set_up_waits_for_the_locks_of_apt_and_hands_the_proxies_on() {
    let without = "setup: going on without what is missing; not all could";
    for (held, refused, says) in [(0, "", ""), (0, "REFUSED=yes\n", without), (2, "", "")] {
        let folder = tempfile::tempdir().expect("a folder");
        let run = format!("{refused}http_proxy=http://one:1 https_proxy=http://two:2 no_proxy=; {FUNCTIONS}packages");
        let stand_ins = debian_without("") + &(0..held).map(|n| format!("\ntouch held-{n}")).collect::<String>();
        let output = sh(&folder, "setup", &stand_ins, &run);
        let (out, err) = said(&output);
        let settings = "env DEBIAN_FRONTEND=noninteractive http_proxy=http://one:1 https_proxy=http://two:2";
        let waited = "sleep 10\n".repeat(held);
        assert!(err.starts_with(&format!("{waited}sudo {settings} LC_ALL=C apt-get update -qq\n")), "{out}{err}");
        let install = format!("\nsudo {settings} apt-get -o DPkg::Lock::Timeout=600 install -y -qq ");
        assert!(err.contains(&install) && err.ends_with(" libwayland-egl1\n"), "{out}{err}");
        assert!(output.status.success() && out.contains(says), "{out}{err}");
        assert_eq!(out.contains("/var/lib/dpkg/lock-frontend"), !refused.is_empty(), "{out}{err}");
    }
}

#[test]
fn a_rust_that_is_too_old_is_renewed_by_what_brought_it() {
    const RUN: &str = "printf 'rust-version = \"1.95\"\\n' >Cargo.toml; toolchain";
    for (there, remedy) in [("rustup", "rustup update stable"), ("", "install it as https://rustup.rs says")] {
        let folder = tempfile::tempdir().expect("a folder");
        let stand_ins = format!(
            "rustc() {{ echo 'rustc 1.63.0 (4b91a6ea7 2022-08-08)'; }}
            command() {{ [ \"$2\" = cargo ] || [ \"$2\" = '{there}' ]; }}"
        );
        let output = sh(&folder, "setup", &stand_ins, &format!("{FUNCTIONS}{RUN}"));
        let (out, err) = said(&output);
        assert_eq!(output.status.code(), Some(1), "{out}");
        assert!(err.contains(&format!("Rust 1.63.0 is too old, 1.95 is needed: {remedy}")), "{there}: {err}");
    }
}

#[test]
fn the_comparisons_take_the_onnx_runtime_that_set_up_fetches() {
    let version = |script: &str, key: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script);
        let text = std::fs::read_to_string(path).expect("the script");
        let (_, rest) = text.split_once(key).unwrap_or_else(|| panic!("no {key} in {script}"));
        rest.split(|c: char| c.is_whitespace() || c == '\'').next().unwrap_or_default().to_owned()
    };
    let fetched = version("setup", "ORT_VERSION=");
    assert!(fetched.contains('.'), "{fetched}");
    assert_eq!(version("peer", "onnxruntime=="), fetched);
}

/// The scripts that install Python packages, each with the folder of these.
const INSTALLING: [(&str, &str); 2] =
    [("peer", ".mealpoint/venv"), ("train-drawn-models", ".mealpoint/train-drawn/venv")];

/// Where no Python but these, each with its version, is there.
fn pythons(there: &[(&str, &str)]) -> String {
    let mut stand_ins = "scripts/setup() { :; }; cargo() { echo \"cargo $*\"; }\n".to_owned();
    for (_, folder) in INSTALLING {
        stand_ins.push_str(&format!("{folder}/bin/pip() {{ echo pip; }}; mkdir -p {folder}\n"));
    }
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
fn scripts_with_python_packages_say_which_python_they_need_and_take_one_beside_the_systems() {
    const RUN: &str = "set -euo pipefail; . \"$SCRIPT\"";
    for (script, packages) in INSTALLING {
        for unfit in ["3.10.12", "3.9.2", "3.14.0"] {
            let folder = tempfile::tempdir().expect("a folder");
            let output = sh(&folder, script, &pythons(&[("python3", unfit)]), RUN);
            let (out, err) = said(&output);
            assert_eq!((output.status.code(), out.as_str()), (Some(2), ""), "it goes on: {err}");
            let needs = format!("{script}: Python 3.11 to 3.13 is needed, Python {unfit} is here; remedy: ");
            assert!(err.contains(&needs) && err.contains("python3.11-venv"), "{err}");
        }
        for (there, taken) in [
            (&[("python3", "3.10.12"), ("python3.11", "3.11.0rc1")][..], "python3.11"),
            (&[("python3", "3.11.2")], "python3"),
            (&[("python3", "3.14.0"), ("python3.12", "3.12.3")], "python3.12"),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let (out, err) = said(&sh(&folder, script, &pythons(there), RUN));
            let lines = format!("{taken} -m venv --clear {packages}\npip\n");
            assert!(out.contains(&lines) && out.contains("\ncargo build "), "{there:?}: {out}{err}");
        }
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
