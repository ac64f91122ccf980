//! Whoever changes the roster, the menu or the days by a command stands on the list of what was done.

use std::fs;

use sha2::{Digest, Sha256};

use crate::ledger::canteen::{Canteen, PIN};

/// Writes a file into the canteen's folder: its path, and the beginning of its SHA-256.
fn file(canteen: &Canteen, name: &str, text: &str) -> (String, String) {
    let path = canteen.folder.path().join(name);
    fs::write(&path, text).expect("written");
    let digest = Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    (path.display().to_string(), digest)
}

#[test]
fn an_import_is_noted_with_its_file_what_it_changed_and_who_gave_the_order() {
    let canteen = Canteen::new();
    let first = canteen.all_acts();
    let [set, menu, roster] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(set, "S-1 name and PIN set by the command");
    assert!(
        menu.starts_with("command menu import menu.csv (sha256 ") && menu.ends_with("): 2 lines, 2 dishes"),
        "{menu}"
    );
    assert!(roster.starts_with("command roster import roster.csv (sha256 "), "{roster}");
    assert!(roster.ends_with("): 2 elders, 2 new, 0 changed"), "{roster}");

    let rows = "id,name,birth_date,district,town,classes,status\n\
        E-1,王秀英,1945-05-02,武侯区,玉林街道,低保,\nE-2,李建国,1931-05-02,武侯区,玉林街道,,正常\n";
    let (path, digest) = file(&canteen, "newer.csv", rows);
    canteen.done(&["roster", "import", &path, "--staff", "S-1"]);
    let changed = "another class for 1: E-1; another date of birth for 1: E-2; another status for 1: E-2";
    let newer = format!("S-1 roster import newer.csv (sha256 {digest}): 2 elders, 0 new, 2 changed; {changed}");
    canteen.done(&["roster", "import", &path]);
    let again = format!("command roster import newer.csv (sha256 {digest}): 2 elders, 0 new, 0 changed");
    assert_eq!(canteen.acts(), [again.clone(), newer.clone()]);

    let (path, digest) = file(&canteen, "dear.csv", "id,name,price\nD-1,红烧肉套餐,13.00\nD-2,豆腐汤,3.00\n");
    canteen.done(&["menu", "import", "--staff", "S-1", &path]);
    let dear = format!("S-1 menu import dear.csv (sha256 {digest}): 2 lines, 2 dishes; another price for 1: D-1");
    canteen.done(&["menu", "import", &path]);
    let as_before = format!("command menu import dear.csv (sha256 {digest}): 2 lines, 2 dishes, as before");
    assert_eq!(canteen.acts(), [as_before, dear, again, newer]);
}

#[test]
fn of_many_elders_whose_status_is_another_an_act_counts_all_and_names_a_few() {
    let canteen = Canteen::new();
    let rows = |status: &str| {
        let rows = (10..20).map(|number| format!("E-{number},王秀英,1945-05-02,武侯区,玉林街道,{status}\n"));
        format!("id,name,birth_date,district,town,status\n{}", rows.collect::<String>())
    };
    for status in ["正常", "迁出"] {
        let (path, _) = file(&canteen, "many.csv", &rows(status));
        canteen.done(&["roster", "import", &path]);
    }
    let named = (10..18).map(|number| format!("E-{number}")).collect::<Vec<_>>().join(", ");
    let acts = canteen.acts();
    assert!(acts[0].ends_with(&format!("10 changed; another status for 10: {named} and others")), "{acts:?}");
}

#[test]
fn an_import_that_is_refused_takes_nothing_and_leaves_no_act() {
    let canteen = Canteen::new();
    let before = canteen.all_acts();
    let (bad_row, _) =
        file(&canteen, "row.csv", "id,name,birth_date,district,town\nE-1,王秀英,1945-02-30,武侯区,玉林街道\n");
    let (bad_heading, _) = file(&canteen, "heading.csv", "id,nom\nD-1,豆腐汤\n");
    let (good, _) = file(&canteen, "good.csv", "id,name,price\nD-9,豆腐汤,3.00\n");
    for (arguments, pin, says) in [
        (["roster", "import", &bad_row, "--staff", "S-1"], PIN, "no such date"),
        (["menu", "import", &bad_heading, "--staff", "S-1"], PIN, "missing"),
        (["menu", "import", &good, "--staff", "S-1"], "902714", "not the PIN of S-1"),
        (["roster", "import", &good, "--staff", "nobody"], PIN, "not the PIN of nobody"),
        (["close", "--date", "9000-01-01", "--staff", "S-1"], PIN, "cannot be closed"),
        (["close", "--date", "2020-01-01", "--staff", "S-1"], "902714", "not the PIN of S-1"),
        (["staff", "set", "--id", "command", "--name=张丽"], "571930", "choose another number"),
    ] {
        let said = canteen.refused(&arguments, pin, 1);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    assert_eq!(canteen.all_acts(), before);
}

#[test]
fn a_closing_by_the_command_is_noted_once_as_one_at_the_kiosk_is() {
    for (more, who) in [(&["--staff", "S-1"][..], "S-1"), (&[][..], "command")] {
        let canteen = Canteen::new();
        let today = canteen.ledger().today().expect("a day").to_string();
        let close = [&["close", "--date", &today], more].concat();
        // The second finds the day closed and its files whole.
        for _ in 0..2 {
            canteen.done(&close);
            assert_eq!(canteen.acts(), [format!("{who} close {today}")]);
        }
    }
}
