//! The staff's PINs through the command.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use mealpoint::domain::Pin;
use mealpoint::store::{Home, People};

/// `mealpoint staff set` with `typed` on standard input.
fn set(data: &Path, id: &str, typed: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
        .args(["staff", "set", "--id", id, "--name", "王芳", "--data"])
        .arg(data)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("MEALPOINT_KEYS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
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
