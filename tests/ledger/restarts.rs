//! Beginning anew by order: of what is lost alone, never of what is in order.

use std::fs;
use std::path::Path;
use std::process::Output;

use mealpoint::store::{Ledger, People};

use super::canteen::{Canteen, PIN, order};
use super::{assert_sound, books, home, id, open, settle};

fn mealpoint(folder: &Path, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_mealpoint"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("MEALPOINT_KEYS")
        .args(arguments)
        .arg("--data")
        .arg(folder)
        .output()
        .expect("it runs")
}

/// What the command says when it refuses.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = mealpoint(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(!folder.join("quarantine").exists(), "{arguments:?} moved a file");
    assert!(said.contains("nothing was moved") && said.contains("remedy"), "{said}");
    said
}

const LEDGER: &[&str] = &["ledger", "restart", "--staff", "S-1", "--reason", "typo"];
const ROSTER: &[&str] = &["roster", "restart"];

#[test]
fn books_in_order_are_not_given_up_whoever_orders_it_and_books_without_their_key_neither() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    settle(&mut open(folder), 3);
    assert!(refused(folder, LEDGER).contains("in order up to number 3: nothing is lost"));
    assert_eq!(open(folder).head().expect("a head").number, 3);

    let key = fs::read(folder.join("keys/database.key")).expect("a key");
    fs::remove_file(folder.join("keys/database.key")).expect("removed");
    assert!(refused(folder, LEDGER).contains("database.key is missing"));
    fs::write(folder.join("keys/database.key"), key).expect("put back");
    assert_eq!(open(folder).head().expect("a head").number, 3);
}

#[test]
fn damage_that_only_the_full_check_finds_is_a_loss() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    settle(&mut open(folder), 200);
    drop(open(folder));
    let whole = fs::read(folder.join("ledger.db")).expect("readable");
    let opens = (1..whole.len() / 4096).any(|page| {
        let mut damaged = whole.clone();
        damaged[page * 4096 + 100] ^= 1;
        fs::write(folder.join("ledger.db"), damaged).expect("written");
        Ledger::open(&home(folder), &books()).is_ok()
    });
    assert!(opens, "opening met the damage in every page");
    let ordered = mealpoint(folder, LEDGER);
    assert!(ordered.status.success(), "{}", String::from_utf8_lossy(&ordered.stderr));
    assert!(folder.join("quarantine/ledger-1/ledger.db").exists());
    assert_eq!(open(folder).head().expect("a head").number, 201);
}

#[test]
fn where_the_staff_are_known_the_books_begin_anew_by_the_pin_of_one_of_them_alone() {
    let canteen = Canteen::new();
    let folder = canteen.folder.path();
    settle(&mut canteen.ledger(), 3);
    let restart = order("restart", &[]);
    assert!(canteen.refused(&restart, PIN, 1).contains("nothing is lost"));
    fs::write(folder.join("ledger.db"), vec![7; 8192]).expect("written");
    let unknown = ["ledger", "restart", "--staff", "nobody", "--reason", "x"];
    for (arguments, pin, says) in [
        (&restart[..], "", "six digits"),
        (&restart[..], "902714", "not the PIN of S-1"),
        (&unknown[..], PIN, "not the PIN"),
    ] {
        let output = crate::staff::with_typed(&mut canteen.command(arguments), pin);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(says), "{said}");
        assert!(!folder.join("quarantine").exists(), "{arguments:?} moved a file");
    }
    assert!(canteen.done(&restart).contains("the books go on, with number 4"));
    assert_eq!(canteen.acts(), ["S-1 restart the books: number 4", "S-1 restart the books: refused"]);

    // With the people their PINs are lost too, and the kiosk must go on all the same.
    for name in ["people.db", "ledger.db"] {
        fs::write(folder.join(name), vec![7; 8192]).expect("written");
    }
    let output = crate::staff::with_typed(&mut canteen.command(&restart), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(canteen.ledger().head().expect("a head").number, 5);
}

#[test]
fn a_people_database_in_order_is_not_given_up_and_after_a_loss_the_command_says_what_fills_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let roster = folder.join("roster.csv");
    fs::write(&roster, "id,name,birth_date,district,town\nE-1,王秀英,1938-05-02,武侯区,玉林街道\n").expect("written");
    drop(People::open_or_create(&home(folder)).expect("a database"));
    let import = mealpoint(folder, &["roster", "import", roster.to_str().expect("text")]);
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    assert!(refused(folder, ROSTER).contains("in order, with 1 elders: nothing is lost"));
    assert_eq!(People::open(&home(folder)).expect("opens").elders().expect("readable").len(), 1);

    fs::write(folder.join("people.db"), vec![7; 8192]).expect("written");
    let ordered = mealpoint(folder, ROSTER);
    let said = String::from_utf8_lossy(&ordered.stdout).into_owned();
    assert!(ordered.status.success(), "{}", String::from_utf8_lossy(&ordered.stderr));
    for command in ["roster import", "menu import", "staff set", "enroll"] {
        assert!(said.contains(command), "{said}");
    }
    assert_eq!(fs::read(folder.join("quarantine/people-1/people.db")).expect("kept"), vec![7; 8192]);
}

#[test]
fn after_a_loss_of_the_books_the_command_says_what_they_forgot_and_its_remedies_help() {
    let purse = |what: &'static str, programme: &'static str, amount: [&'static str; 2]| {
        order(what, &[&["--elder", "E-1", "--programme", programme], &amount[..]].concat())
    };
    let lunch = ["ledger", "enter", "--elder", "E-1", "--dish", "D-1", "--staff", "S-1", "--period", "lunch"];
    for json in [false, true] {
        let canteen = Canteen::new();
        canteen.done(&purse("top-up", "prepaid", ["--yuan", "50.00"]));
        // Nine points, of the 300 of this month.
        canteen.done(&lunch);
        fs::write(canteen.folder.path().join("ledger.db"), vec![7; 8192]).expect("written");
        let forgot = ["prepaid money", "given again", "counts as not served", "caps begin anew"];
        let restart = order("restart", &[]);
        if json {
            let said = canteen.json(&restart);
            // The number of the last entry is known: top-up, grant, meal.
            assert!(said["number"] == 4 && said["day"].is_string() && said["hash"].is_string(), "{said}");
            let forgotten = said["forgotten"].as_array().expect("a list");
            assert_eq!(forgotten.len(), forgot.len(), "{said}");
            for (forgotten, word) in forgotten.iter().zip(forgot) {
                assert!(forgotten["what"].as_str().is_some_and(|what| what.contains(word)), "{word}: {said}");
                assert!(forgotten["remedy"].is_string(), "{said}");
            }
        } else {
            let said = canteen.done(&restart);
            assert!(said.contains("the books go on, with number 4"), "{said}");
            assert!(forgot.iter().all(|word| said.contains(word)), "{said}");
            assert_eq!(said.matches("; remedy: ").count(), forgot.len(), "{said}");
        }
        assert!(canteen.ledger().purses(&id("E-1")).expect("readable").is_empty());
        let said = canteen.done(&purse("adjust", "prepaid", ["--yuan", "50.00"]));
        assert!(said.contains("the purse prepaid now holds 50.00 yuan"), "{said}");
        canteen.done(&purse("adjust", "points", ["--units", "-9"]));
        let said = canteen.done(&lunch);
        assert!(said.contains("本月积分还剩 282 分"), "nine were spent before, nine now: {said}");
        assert_sound(&canteen.ledger());
    }
}
