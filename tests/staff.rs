//! The staff's PINs through the commands.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use mealpoint::domain::{ElderId, ModelDigest, Pin};
use mealpoint::store::people::Consent;
use mealpoint::store::{Home, People};

/// What a command does with `typed` on standard input.
pub(crate) fn with_typed(command: &mut Command, typed: &str) -> Output {
    typed_into(command, typed, Stdio::piped())
}

/// As [`with_typed`], printing to `stdout`.
pub(crate) fn typed_into(command: &mut Command, typed: &str, stdout: impl Into<Stdio>) -> Output {
    let command = command.env_remove("MEALPOINT_KEYS").stdin(Stdio::piped());
    let mut child = command.stdout(stdout).stderr(Stdio::piped()).spawn().expect("it runs");
    // Whoever needs no PIN does not read it.
    let _ = child.stdin.take().expect("a pipe").write_all(typed.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// `mealpoint staff set` with `typed` on standard input.
fn set(data: &Path, id: &str, typed: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.args(["staff", "set", "--id", id, "--name", "王芳", "--data"]).arg(data);
    with_typed(command.current_dir(env!("CARGO_MANIFEST_DIR")), typed)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

#[test]
fn a_pin_is_read_from_a_pipe_and_stands_in_nothing_that_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (id, typed) in [("S-1", "480213\n"), ("S-2", "902714"), ("S-3", " 571930\r\n")] {
        let output = set(folder.path(), id, typed);
        assert!(output.status.success(), "{}", said(&output));
        assert!(!said(&output).contains(typed.trim()), "{}", said(&output));
        let people = People::open(&Home::with_keys(folder.path(), folder.path().join("keys"))).expect("the database");
        let owner = people.staff_of(&Pin::entered(typed).expect("a PIN")).expect("readable").expect("known");
        assert_eq!(owner.id.as_str(), id);
    }
}

#[test]
fn what_is_no_pin_or_an_obvious_one_is_refused_without_being_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    for typed in ["", "\n", "48021\n", "4802133\n", "48O213\n", "123456\n", "777777\n"] {
        let output = set(folder.path(), "S-1", typed);
        assert_eq!(output.status.code(), Some(1), "{typed:?}: {}", said(&output));
        assert!(typed.trim().is_empty() || !said(&output).contains(typed.trim()), "{}", said(&output));
    }
    assert!(!folder.path().join("people.db").exists(), "a database was begun for nobody");
}

#[test]
fn nobody_is_taken_off_where_nobody_ever_was_and_nothing_is_begun_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let mistyped = folder.path().join("mistyped");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    let output = with_typed(command.args(["staff", "remove", "--id", "S-1", "--data"]).arg(&mistyped), "");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("no people.db") && said(&output).contains("--data"), "{}", said(&output));
    assert!(!mistyped.exists(), "a database was begun for nobody");
}

#[test]
fn a_withdrawn_consent_erases_the_face_with_the_pin_alone_and_leaves_a_receipt() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = || Home::with_keys(folder.path(), folder.path().join("keys"));
    assert!(set(folder.path(), "S-1", "480213\n").status.success());
    let (elder, model) = (ElderId::new("E-1").expect("an id"), ModelDigest("m".repeat(64)));
    let mut people = People::open(&home()).expect("the database");
    let roster = "id,name,birth_date,district,town\nE-1,王秀英,1945-05-02,武侯区,玉林街道\n";
    people.import_roster(roster.as_bytes(), jiff::Timestamp::now()).expect("taken");
    let [version, signer, relation] = ["2026-1", "王秀英", "self"].map(str::to_owned);
    let consent = Consent { version, signer, relation, given_at: jiff::Timestamp::now() };
    people.save_templates(&elder, &model, &[[0.5_f32; 128], [0.25; 128]], &consent).expect("enrolled");
    drop(people);
    let withdraw = |elder: &str, pin: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.args(["withdraw", "--elder", elder, "--staff", "S-1", "--json", "--data"]).arg(folder.path());
        with_typed(&mut command, pin)
    };
    for (elder, pin, complaint) in [("E-1", "902714", "not the PIN of S-1"), ("E-7", "480213", "E-7")] {
        let refused = withdraw(elder, pin);
        assert!(refused.status.code() == Some(1) && said(&refused).contains(complaint), "{}", said(&refused));
    }
    assert_eq!(People::open(&home()).expect("the database").templates(&model).expect("readable").len(), 2);
    for erased in [2, 0] {
        let done = withdraw("E-1", "480213");
        let receipt: serde_json::Value = serde_json::from_slice(&done.stdout).expect("one document");
        assert_eq!((receipt["elder"].as_str(), receipt["erased_templates"].as_u64()), (Some("E-1"), Some(erased)));
        assert!(receipt["at"].is_string(), "{receipt}");
        assert_eq!(receipt["copies_left"], serde_json::json!([]));
    }
    // A database that was damaged once may still hold it.
    let aside = folder.path().join("quarantine/people-1");
    std::fs::create_dir_all(&aside).expect("a folder");
    let receipt: serde_json::Value = serde_json::from_slice(&withdraw("E-1", "480213").stdout).expect("one document");
    assert_eq!(receipt["copies_left"], serde_json::json!([aside.to_str().expect("text")]), "{receipt}");
    let people = People::open(&home()).expect("the database");
    assert_eq!(
        (people.templates(&model).expect("readable"), people.consent(&elder).expect("readable")),
        (vec![], None)
    );
    let acts = people.acts(5).expect("readable");
    assert!(acts.iter().any(|act| act.act.contains("E-1: 2 templates erased")), "{acts:?}");
}
