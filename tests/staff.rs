//! The staff's PINs through the commands.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mealpoint::domain::{ElderId, ModelDigest, Pin, StaffId};
use mealpoint::store::people::{Consent, StaffAct};
use mealpoint::store::{Home, People};
use serde_json::{Value, json};

/// The PIN of S-1.
const PIN: &str = "480213";

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

/// The command with `typed` on standard input.
fn mealpoint(data: &Path, arguments: &[&str], typed: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).arg("--data").arg(data);
    with_typed(&mut command, typed)
}

/// The JSON document that it prints when it does what is asked.
fn document(data: &Path, arguments: &[&str]) -> Value {
    let output = mealpoint(data, &[arguments, &["--json"]].concat(), PIN);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).expect("one document")
}

fn home(data: &Path) -> Home {
    Home::with_keys(data, data.join("keys"))
}

fn model() -> ModelDigest {
    ModelDigest("m".repeat(64))
}

/// A data folder with S-1, whose PIN is [`PIN`], and E-1, who is enrolled with two templates.
fn canteen() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(set(folder.path(), "S-1", PIN).status.success());
    import(folder.path(), "");
    let [version, signer, relation] = ["2026-1", "王秀英", "self"].map(str::to_owned);
    let consent = Consent { version, signer, relation, given_at: jiff::Timestamp::now() };
    let elder = ElderId::new("E-1").expect("an id");
    let mut people = People::open(&home(folder.path())).expect("the database");
    people.save_templates(&elder, &model(), &[[0.5_f32; 128], [0.25; 128]], &consent).expect("enrolled");
    folder
}

/// What the import of a roster says on which E-1 has this status.
fn import(data: &Path, status: &str) -> Value {
    let roster = data.join("roster.csv");
    let text = format!("id,name,birth_date,district,town,status\nE-1,王秀英,1945-05-02,武侯区,玉林街道,{status}\n");
    std::fs::write(&roster, text).expect("written");
    document(data, &["roster", "import", roster.to_str().expect("text")])
}

/// A folder of the quarantine: of a database that was damaged once, and may hold a face still.
fn set_aside(data: &Path, number: u8) -> PathBuf {
    let folder = data.join(format!("quarantine/people-{number}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
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
    let folder = canteen();
    let withdraw = |elder: &str, pin: &str| {
        mealpoint(folder.path(), &["withdraw", "--elder", elder, "--staff", "S-1", "--json"], pin)
    };
    for (elder, pin, complaint) in [("E-1", "902714", "not the PIN of S-1"), ("E-7", PIN, "E-7")] {
        let refused = withdraw(elder, pin);
        assert!(refused.status.code() == Some(1) && said(&refused).contains(complaint), "{}", said(&refused));
    }
    assert_eq!(
        People::open(&home(folder.path())).expect("the database").templates(&model()).expect("readable").len(),
        2
    );
    for erased in [2, 0] {
        let done = withdraw("E-1", PIN);
        let receipt: Value = serde_json::from_slice(&done.stdout).expect("one document");
        assert_eq!((receipt["elder"].as_str(), receipt["erased_templates"].as_u64()), (Some("E-1"), Some(erased)));
        assert!(receipt["at"].is_string(), "{receipt}");
        assert_eq!(receipt["copies_left"], json!([]));
    }
    // A database that was damaged once may still hold it.
    let aside = set_aside(folder.path(), 1);
    let receipt: Value = serde_json::from_slice(&withdraw("E-1", PIN).stdout).expect("one document");
    assert_eq!(receipt["copies_left"], json!([aside]), "{receipt}");
    let people = People::open(&home(folder.path())).expect("the database");
    let elder = ElderId::new("E-1").expect("an id");
    assert_eq!(
        (people.templates(&model()).expect("readable"), people.consent(&elder).expect("readable")),
        (vec![], None)
    );
    let acts = people.acts(5).expect("readable");
    assert!(acts.iter().any(|act| act.act.contains("E-1: 2 templates erased")), "{acts:?}");
}

#[test]
fn the_copies_that_may_still_hold_a_face_are_named_for_whoever_is_on_no_roster_any_more() {
    let folder = canteen();
    let aside = set_aside(folder.path(), 1);
    let withdraw = |more: &[&str]| {
        let refused =
            mealpoint(folder.path(), &[&["withdraw", "--elder", "E-7", "--staff", "S-1"], more].concat(), PIN);
        assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
        assert!(String::from_utf8_lossy(&refused.stderr).ends_with("number: E-7\n"), "{}", said(&refused));
        refused.stdout
    };
    let document: Value = serde_json::from_slice(&withdraw(&["--json"])).expect("one document");
    assert_eq!(document, json!({ "elder": "E-7", "erased_templates": 0, "copies_left": [aside] }));
    let text = String::from_utf8(withdraw(&[])).expect("text");
    assert!(text.contains(aside.to_str().expect("text")) && text.contains("delete this folder"), "{text}");
}

#[test]
fn a_roster_that_erases_a_face_names_the_copies_that_may_still_hold_it_and_one_that_erases_none_does_not() {
    let folder = canteen();
    let aside = [1, 2].map(|number| set_aside(folder.path(), number));
    assert_eq!(import(folder.path(), "")["copies_left"], json!([]));
    let dead = import(folder.path(), "死亡");
    assert_eq!((&dead["templates_erased"], &dead["copies_left"]), (&json!(2), &json!(aside)), "{dead}");
    assert_eq!(import(folder.path(), "死亡")["copies_left"], json!([]));

    let folder = canteen();
    let aside = set_aside(folder.path(), 1);
    let roster = folder.path().join("roster.csv");
    let text = std::fs::read_to_string(&roster).expect("a roster");
    std::fs::write(&roster, text.replace("玉林街道,", "玉林街道,迁出")).expect("written");
    let output = mealpoint(folder.path(), &["roster", "import", roster.to_str().expect("text")], "");
    assert!(said(&output).contains("2 templates of elders who died or moved away were erased"), "{}", said(&output));
    assert!(said(&output).contains(aside.to_str().expect("text")), "{}", said(&output));
}

#[test]
fn beginning_the_people_anew_names_every_database_that_was_set_aside() {
    for as_json in [true, false] {
        let folder = canteen();
        let data = folder.path();
        let earlier = set_aside(data, 1);
        std::fs::write(data.join("people.db"), [7_u8; 8192]).expect("written");
        let copies = [earlier, data.join("quarantine/people-2")];
        if as_json {
            assert_eq!(document(data, &["roster", "restart"])["copies_left"], json!(copies));
        } else {
            let output = mealpoint(data, &["roster", "restart"], "");
            assert!(
                copies.iter().all(|copy| said(&output).contains(copy.to_str().expect("text"))),
                "{}",
                said(&output)
            );
        }
        let list = document(data, &["staff", "list"]);
        let acts = &list["acts"];
        assert_eq!((&acts[0]["staff"], &acts[0]["act"]), (&json!("command"), &json!("restart the people")));
    }
}

#[test]
fn a_name_with_a_character_that_does_not_show_is_refused_by_its_code_before_the_pin_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    // What is typed is no PIN, and nobody complains of it.
    let refused = mealpoint(folder.path(), &["staff", "set", "--id", "S-1", "--name", "张\u{200b}丽"], "no PIN\n");
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("U+200B") && said(&refused).contains("; remedy: "), "{}", said(&refused));
    assert!(!folder.path().join("people.db").exists(), "a database was begun for nobody");
}

#[test]
fn every_act_and_every_erasure_is_listed_where_all_are_asked_for_or_those_since_a_day() {
    let folder = canteen();
    import(folder.path(), "死亡");
    let mut people = People::open(&home(folder.path())).expect("the database");
    let staff = StaffId::new("S-1").expect("an id");
    let at = "2020-03-01T15:59:59Z".parse().expect("a time");
    for number in 0..120 {
        people.note_act(&StaffAct { at, staff: staff.clone(), act: format!("close {number}") }).expect("noted");
    }
    let list = |more: &[&str]| document(folder.path(), &[&["staff", "list"], more].concat());
    let acts = |list: &Value| list["acts"].as_array().map(Vec::len);
    let (newest, all) = (list(&[]), list(&["--all"]));
    assert_eq!((acts(&newest), &newest["older_left_out"]), (Some(100), &json!(true)));
    // Two imports, and before them S-1 was noted down.
    assert_eq!((acts(&all), &all["older_left_out"]), (Some(123), &json!(false)));
    assert_eq!((&all["acts"][0]["act"], &all["acts"][122]["staff"]), (&json!("close 119"), &json!("S-1")));
    for list in [&newest, &all] {
        let erasures = list["erasures"].as_array().expect("erasures");
        assert_eq!(erasures.len(), 1, "{erasures:?}");
        let [elder, templates, reason, at] = ["elder", "templates", "reason", "at"].map(|key| &erasures[0][key]);
        assert_eq!((elder, templates, reason), (&json!("E-1"), &json!(2), &json!("departed")));
        assert!(at.is_string(), "{erasures:?}");
    }
    // A second before the second of March begins at the canteen.
    let since = ["2020-03-01", "2020-03-02"].map(|day| acts(&list(&["--since", day])));
    assert_eq!(since, [Some(123), Some(3)]);
    assert_eq!(list(&["--since", "2020-03-02"])["erasures"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        mealpoint(folder.path(), &["staff", "list", "--all", "--since", "2020-03-01"], "").status.code(),
        Some(2)
    );

    let told = |more: &[&str]| said(&mealpoint(folder.path(), &[&["staff", "list"], more].concat(), ""));
    for (more, closings, cut) in [(&[][..], 100, true), (&["--all"][..], 120, false)] {
        let told = told(more);
        assert_eq!(
            (told.matches("  S-1  close ").count(), told.contains("mealpoint staff list --all")),
            (closings, cut)
        );
        assert!(told.contains("E-1  删除面容模板 2 个：死亡或迁出"), "{told}");
    }
}

#[cfg(feature = "kiosk")]
#[test]
fn a_signer_whose_name_cannot_all_be_read_is_refused_before_a_model_is_loaded_and_nothing_is_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    // Where there are neither models nor settings nor photos, whoever came to them would complain of them.
    command.current_dir(folder.path()).args(["enroll", "--elder", "E-O1", "--pictures", "p", "--consent-by", "王\n李"]);
    let refused = with_typed(command.arg("--data").arg(&data), "");
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("characters that can all be seen; remedy: "), "{}", said(&refused));
    assert!(!data.exists(), "a database was begun for nobody");
}

#[cfg(feature = "kiosk")]
#[test]
fn a_face_is_replaced_with_the_pin_alone_where_there_is_staff_and_the_list_tells_of_it() {
    use crate::support::place::{ENROLLED, Place};

    let Some(place) = Place::new() else { return };
    let pictures = place.draw("people", [0], &ENROLLED[..1]).join("P-0");
    let data = place.path("data");
    std::fs::create_dir(&data).expect("a folder");
    import(&data, "");
    let enrol = |more: &[&str], typed: &str| {
        let mut command = place.command(place.program());
        command.args(["enroll", "--force-drawn-models", "--json", "--elder", "E-1", "--pictures"]).arg(&pictures);
        with_typed(command.arg("--data").arg(&data).args(more), typed)
    };
    let report = |output: &Output| -> Value {
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
    };
    let relation = || {
        let people = People::open(&home(&data)).expect("the database");
        people.consent(&ElderId::new("E-1").expect("an id")).expect("readable").expect("given").relation
    };
    // A script on a folder without staff goes on as it did.
    for replaced in [0, 1] {
        let done = enrol(&["--consent-by", "王秀英"], "");
        assert_eq!(report(&done)["enrolled"][0]["replaced"], replaced, "{}", said(&done));
        assert_eq!((relation().as_str(), done.status.code()), ("self", Some(0)));
    }
    assert!(set(&data, "S-1", PIN).status.success());
    let refused = enrol(&["--consent-by", "李红"], "");
    let why = report(&refused)["not_enrolled"][0]["error"].to_string();
    assert!(why.contains("; remedy: --staff ID") && refused.status.code() == Some(1), "{}", said(&refused));
    let refused = enrol(&["--consent-by", "李红", "--staff", "S-1"], "902714");
    assert!(said(&refused).contains("not the PIN of S-1") && refused.stdout.is_empty(), "{}", said(&refused));
    assert_eq!(relation(), "self", "the consent was overwritten");

    let aside = set_aside(&data, 1);
    let done = enrol(&["--consent-by", " 李红 ", "--staff", "S-1"], PIN);
    let told = report(&done);
    assert_eq!((&told["enrolled"][0]["replaced"], &told["copies_left"]), (&json!(1), &json!([aside])), "{told}");
    assert_eq!((relation().as_str(), &told["enrolled"][0]["relation"]), ("unstated", &json!("unstated")));
    let list = document(&data, &["staff", "list"]);
    let reasons: Vec<&Value> = list["erasures"].as_array().expect("erasures").iter().map(|of| &of["reason"]).collect();
    assert_eq!(reasons, ["enrolled anew", "enrolled anew"]);
    assert_eq!(list["acts"][0]["act"], "enrol E-1: 1 templates, 1 earlier ones erased");

    enrol(&["--consent-by", "李红", "--relation", "女儿", "--staff", "S-1"], PIN);
    assert_eq!(relation(), "女儿");
}
