//! Meals that no face settles, entered by the staff through the command.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::SignedDuration;
use mealpoint::config::CanteenConfig;
use mealpoint::domain::{MealDay, MealPeriod, Usage};

use super::assert_sound;
use super::canteen::{Canteen, PIN};
use crate::staff::with_typed;

#[test]
fn whom_no_face_settles_eats_too_by_the_same_rules_and_the_books_say_how() {
    let canteen = Canteen::new();
    drop(canteen.ledger());
    let enter = |elder: &'static str, more: &[&'static str]| {
        [&["ledger", "enter", "--elder", elder, "--staff", "S-1"], more].concat()
    };
    let lunch = ["--dish", "D-1", "--dish", "D-2", "--period", "lunch"];
    for (arguments, pin, code, says) in [
        (enter("E-1", &lunch), "902714", 1, "not the PIN"),
        (enter("E-2", &lunch), PIN, 1, "not active"),
        (enter("E-9", &lunch), PIN, 1, "roster"),
        (enter("E-1", &["--dish", "D-9", "--period", "lunch"]), PIN, 1, "one of D-1, D-2"),
        (enter("E-1", &["--dish", "D-1", "--period", "dinner"]), PIN, 2, "breakfast, lunch, supper"),
        (enter("E-1", &["--period", "lunch"]), PIN, 2, "--dish"),
        (enter("E-1", &[&lunch[..], &["--carer", " "]].concat()), PIN, 1, "--carer"),
        (enter("E-1", &[&lunch[..], &["--carer", "李\u{202e}女士"]].concat()), PIN, 1, "can all be seen"),
        (enter("E-1", &[&lunch[..], &["--dish", "D-1"]].concat()), PIN, 1, "named twice"),
        (enter("E-1", &[&lunch[..], &["--carer", "x", "--delivered"]].concat()), PIN, 2, "--delivered"),
    ] {
        let said = canteen.refused(&arguments, pin, code);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let said = canteen.done(&enter("E-1", &lunch));
    // 3.00 by age, then ten points of the 300 of this month.
    assert!(said.contains("高龄补贴：每餐 3.00 元") && said.contains("本月积分还剩 290 分"), "{said}");
    assert!(said.contains("lunch: 15.00 yuan, the elder pays 2.00"), "{said}");
    assert!(canteen.refused(&enter("E-1", &lunch), PIN, 1).contains("was served lunch"));
    let supper = ["--dish", "D-2", "--period", "supper", "--carer", "李女士，女儿"];
    canteen.done(&enter("E-1", &supper));
    canteen.done(&enter("E-1", &["--dish", "D-2", "--period", "breakfast", "--delivered"]));
    let printed = canteen.done(&["ledger", "print"]);
    for how in [r#"{"way":"staff"}"#, r#"{"carer":"李女士，女儿","way":"carer"}"#, r#"{"way":"delivered"}"#] {
        assert_eq!(printed.matches(how).count(), 1, "{how}: {printed}");
    }
    canteen.done(&["close"]);
    let statements = canteen.folder.path().join("statements");
    canteen.done(&["verify", statements.to_str().expect("text")]);
    let csv = fs::read_dir(statements).expect("a folder").map(|file| file.expect("a file").path());
    let csv = csv.filter(|file| file.extension().is_some_and(|kind| kind == "csv")).map(fs::read_to_string);
    let text: String = csv.map(|text| text.expect("UTF-8")).collect();
    assert!(["人工查询", "代领", "送餐"].iter().all(|how| text.contains(how)), "{text}");
    assert!(!text.contains("李女士"), "a carer's name is in the file for desks");
    assert_sound(&canteen.ledger());
}

#[test]
fn a_meal_that_could_not_be_booked_is_entered_days_later_once_and_stands_in_the_next_open_day() {
    let canteen = Canteen::new();
    let today = canteen.ledger().today().expect("a day");
    let (two_days_ago, later) = (today.0 - jiff::Span::new().days(2), today.0 + jiff::Span::new().days(1));
    let long_ago = today.0 - jiff::Span::new().days(40);
    let lunch = ["ledger", "enter", "--elder", "E-1", "--staff", "S-1", "--dish", "D-1", "--period", "lunch", "--date"];
    let refused = |day: jiff::civil::Date, says: &str| {
        let said = canteen.refused(&[&lunch[..], &[&day.to_string()]].concat(), PIN, 1);
        assert!(said.contains(says), "{day}: {said}");
    };
    let done = |day: jiff::civil::Date| canteen.done(&[&lunch[..], &[&day.to_string()]].concat());
    refused(later, "cannot be settled");
    refused(long_ago, "any more");
    canteen.done(&["close"]);
    let said = done(two_days_ago);
    assert!(said.contains(&format!("lunch of {two_days_ago}")), "{said}");
    refused(two_days_ago, "was served lunch");
    // Today's own books are closed, and the meal is not lost.
    done(today.0);
    let ledger = canteen.ledger();
    for day in [two_days_ago, today.0] {
        let meal = ledger.meal_of(&super::id("E-1"), MealDay(day), MealPeriod::Lunch).expect("readable");
        assert_eq!(meal.expect("a meal").day, MealDay(later), "the books in which the lunch of {day} stands");
    }
    assert_sound(&ledger);
}

#[test]
fn what_the_kiosk_still_holds_for_the_very_meal_takes_nothing_of_it_away_when_the_staff_enter_it() {
    let canteen = Canteen::new();
    let mut ledger = canteen.ledger();
    let today = ledger.today().expect("a day");
    // The kiosk lost its power while she looked at the price.
    ledger.hold(&canteen.draft(today, &Usage::default()), SignedDuration::from_mins(5)).expect("held");
    drop(ledger);
    let lunch = ["ledger", "enter", "--elder", "E-1", "--dish", "D-1", "--staff", "S-1", "--period", "lunch"];
    let said = canteen.json(&lunch);
    let amounts: Vec<_> =
        said["quote"]["lines"].as_array().expect("lines").iter().map(|line| &line["amount_fen"]).collect();
    assert_eq!(amounts, [300, 900], "the subsidy by age and the points: {said}");
    // Nor does it count beside the meal that was entered.
    let moment = CanteenConfig::read(&canteen.config()).expect("a canteen").moment_of(today, MealPeriod::Supper);
    let usage = canteen.ledger().usage(&super::id("E-1"), &moment).expect("readable");
    assert_eq!(usage.drawn_from(&super::id("senior-meal")).day.times, 1);
}

#[test]
fn where_each_dish_is_a_whole_meal_nobody_is_entered_two_of_them() {
    let canteen = Canteen::new();
    drop(canteen.ledger());
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/screen.toml");
    fs::copy(shipped, canteen.config().join("screen.toml")).expect("copied");
    let enter = ["ledger", "enter", "--elder", "E-1", "--staff", "S-1", "--period", "lunch", "--dish", "D-1"];
    let said = canteen.refused(&[&enter[..], &["--dish", "D-2"]].concat(), PIN, 1);
    assert!(said.contains("a whole meal") && said.contains("several_dishes"), "{said}");
    canteen.done(&enter);
}

#[test]
fn the_first_meal_by_hand_begins_the_books_where_there_are_people_and_nowhere_else() {
    let canteen = Canteen::new();
    let folder = canteen.folder.path();
    assert!(!folder.join("ledger.db").exists());
    let enter = ["ledger", "enter", "--elder", "E-1", "--dish", "D-1", "--staff", "S-1", "--period", "lunch"];
    canteen.done(&enter);
    assert_sound(&canteen.ledger());
    let elsewhere = folder.join("mistyped");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
    command.args(enter).args([Path::new("--data"), &elsewhere, Path::new("--config"), &canteen.config()]);
    let output = with_typed(&mut command, PIN);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no people.db") && said.contains("--data"), "{said}");
    assert!(!elsewhere.exists(), "books were begun for nobody");
}

#[test]
fn a_meal_in_json_names_every_amount_in_fen() {
    let canteen = Canteen::new();
    let enter = ["ledger", "enter", "--elder", "E-1", "--dish", "D-1", "--staff", "S-1", "--period", "lunch"];
    let said = canteen.json(&enter);
    let quote = &said["quote"];
    // 3.00 by age, then the nine points that the rest takes.
    for (key, fen) in [("price_fen", 1200), ("reduction_fen", 1200), ("prepaid_fen", 0), ("own_share_fen", 0)] {
        assert_eq!(quote[key], fen, "{key}: {said}");
    }
    let (age, points) = (&quote["lines"][0], &quote["lines"][1]);
    assert_eq!((&age["amount_fen"], &points["amount_fen"], &points["units"]), (&300.into(), &900.into(), &9.into()));
    assert_eq!(age["payers"][1], serde_json::json!({ "payer": "district", "amount_fen": 180 }), "{said}");
    for bare in ["\"price\"", "\"amount\"", "\"own_share\""] {
        assert!(!said.to_string().contains(bare), "{said}");
    }
    assert!(canteen.acts()[0].ends_with(&format!(": number {}", said["number"])), "{:?}", canteen.acts());
}
