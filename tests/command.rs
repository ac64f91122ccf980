//! The command line where its surroundings fail it: nobody reads on, nothing can be written, there is no display, somebody
//! ends it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::ledger::canteen::{Canteen, PIN, order};
use crate::skipped;
use crate::staff::typed_into;
use crate::support;

/// `mealpoint` with data of its own and no display.
fn mealpoint(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.current_dir(support::root()).arg("--data").arg(data).args(arguments);
    for name in ["MEALPOINT_KEYS", "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_command_whose_reader_has_seen_enough_does_its_work_and_ends_as_it_would() {
    let folder = tempfile::tempdir().expect("a folder");
    let stick = folder.path().join("stick").display().to_string();
    for arguments in [&["close"][..], &["--json", "close"], &["ledger", "check"], &["export", "--to", &stick]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = mealpoint(&folder.path().join("data"), arguments);
        let output = command.stdout(writer).output().expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        assert!(!said(&output).contains("panicked"), "{arguments:?}: {}", said(&output));
    }
    assert!(!support::files(&folder.path().join("data/statements")).is_empty(), "the day was closed all the same");
}

#[test]
fn an_answer_that_cannot_be_written_makes_the_command_fail() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device");
    let output = mealpoint(folder.path(), &["close"]).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("could be written") && said(&output).contains("remedy"), "{}", said(&output));
}

/// Orders that move money after a lunch of E-1's, each of which can follow those before it.
fn money() -> Vec<Vec<&'static str>> {
    let prepaid = |what, yuan| order(what, &["--elder", "E-1", "--programme", "prepaid", "--yuan", yuan]);
    vec![
        prepaid("top-up", "50.00"),
        order("correct", &["--entry", "1"]),
        order("reverse", &["--entry", "4"]),
        vec!["ledger", "enter", "--elder", "E-1", "--dish", "D-1", "--staff", "S-1", "--period", "lunch"],
        prepaid("refund", "20.00"),
        prepaid("adjust", "-5.00"),
    ]
}

#[test]
fn money_is_moved_once_whether_somebody_reads_on_or_nothing_can_be_written() {
    for full in [false, true] {
        let canteen = Canteen::new();
        canteen.settle();
        for arguments in money() {
            let before = canteen.ledger().head().expect("a head").number;
            let stdout = if full {
                Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device"))
            } else {
                let (reader, writer) = std::io::pipe().expect("a pipe");
                drop(reader);
                Stdio::from(writer)
            };
            let output = typed_into(&mut canteen.command(&arguments), PIN, stdout);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(i32::from(full)), "{arguments:?}: {said}");
            assert_eq!(said.contains("could be written"), full, "{arguments:?}: {said}");
            assert!(!said.contains("panicked"), "{arguments:?}: {said}");
            let after = canteen.ledger().head().expect("a head").number;
            assert!(after > before, "{arguments:?} did nothing");
            let booked = format!("it is booked, with number {after}; remedy");
            assert_eq!(said.contains(&booked), full, "{arguments:?}: {said}");
            let noted = canteen.acts();
            assert!(noted[0].ends_with(&format!(": number {after}")), "{arguments:?}: {noted:?}");
        }
        assert_eq!(canteen.acts().len(), money().len());
    }
}

#[test]
fn an_export_before_any_day_is_closed_and_a_close_of_a_day_to_come_say_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let stick = folder.path().join("stick").display().to_string();
    for (arguments, remedy) in
        [(["export", "--to", &stick], "`mealpoint close` first"), (["close", "--date", "9000-01-01"], "correct --date")]
    {
        let output = mealpoint(&folder.path().join("data"), &arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
        let said = said(&output);
        assert!(said.split_once("; remedy: ").is_some_and(|(_, told)| told.contains(remedy)), "{arguments:?}: {said}");
    }
}

#[test]
fn measuring_nothing_is_wrong_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    for option in ["--settlements", "--day", "--closings"] {
        let output = mealpoint(folder.path(), &["bench", "settle", option, "0"]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{option}: {}", said(&output));
        assert!(said(&output).contains(option), "{}", said(&output));
    }
}

#[test]
fn a_kiosk_without_a_display_says_what_to_do_and_leaves_no_data_behind() {
    let Some(_) = support::runtime() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = mealpoint(&data, &["kiosk", "--source", "drawn"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no display") && said(&output).contains("xvfb-run"), "{}", said(&output));
    assert!(!data.exists(), "nothing was begun");
}

#[test]
fn a_folder_for_screens_that_cannot_be_made_is_named_before_anything_is_begun() {
    let Some(_) = support::runtime() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("file"));
    std::fs::write(&file, b"").expect("a file");
    let shots = file.join("screens").display().to_string();
    let mut command = mealpoint(&data, &["kiosk", "--source", "drawn", "--shots", &shots]);
    // Any display will do: none is looked at.
    let output = command.env("DISPLAY", ":4711").output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(&shots) && said(&output).contains("remedy"), "{}", said(&output));
    assert!(!data.exists(), "nothing was begun");
}

/// A display that ends with the test.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// `None` where there is no Xvfb.
    fn start() -> Option<Self> {
        let spawned = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut server) = spawned else {
            skipped::missing("Xvfb is not there");
            return None;
        };
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut number).expect("a display");
        Some(Self { server, name: format!(":{}", number.trim()) })
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_kiosk_that_is_told_to_end_closes_its_window_and_leaves_sound_books() {
    let Some(_) = support::runtime() else { return };
    for signal in ["TERM", "INT", "HUP"] {
        let Some(display) = Display::start() else { return };
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        assert!(mealpoint(&data, &["close"]).output().expect("it runs").status.success(), "books to be left sound");
        image::RgbImage::new(640, 480).save(folder.path().join("nobody.png")).expect("a picture");
        let source = format!("pictures:{}", folder.path().display());
        let arguments = ["kiosk", "--source", &source, "--force-drawn-models", "--windowed", "800x480", "--json"];
        let mut command = mealpoint(&data, &arguments);
        command.env("DISPLAY", &display.name).env("RUST_LOG", "mealpoint=info");
        let mut kiosk = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut log = BufReader::new(kiosk.stderr.take().expect("a pipe"));
        let mut line = String::new();
        while !line.contains("the window is open") {
            line.clear();
            assert!(log.read_line(&mut line).expect("a log") > 0, "it ended before its window was open");
        }
        let told = Command::new("kill").args([&format!("-{signal}"), &kiosk.id().to_string()]).status();
        assert!(told.expect("kill").success());
        let mut rest = String::new();
        log.read_to_string(&mut rest).expect("a log");
        let output = kiosk.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{signal}: {rest}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"meals\": 0"), "its summary is printed");
        let checked = mealpoint(&data, &["ledger", "check"]).output().expect("it runs");
        assert!(checked.status.success(), "{signal}: {}", said(&checked));
    }
}
