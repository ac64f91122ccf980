//! Meals that the staff put right by hand, through the command: taken back and entered again.

use std::fs;

use jiff::SignedDuration;
use mealpoint::domain::{DueCause, DueMovement, MealDay, ProgrammeId, Usage};
use mealpoint::store::Ledger;
use mealpoint::store::ledger::HandClock;

use super::canteen::{Canteen, PIN, order};
use super::{assert_sound, books, home, id, lunch};

const SENIOR: &str = "who = { age_from = 80, age_to = 89 }\namount_yuan = \"3.00\"";

#[test]
fn a_meal_is_taken_back_by_whoever_has_the_pin_and_once() {
    let canteen = Canteen::new();
    canteen.settle();
    let reverse = |entry: &'static str| order("reverse", &["--entry", entry]);
    for (arguments, pin, says) in [
        (reverse("1"), "902714", "not the PIN of S-1"),
        (reverse("1"), "", "six digits"),
        (reverse("9"), PIN, "no entry number 9"),
        (vec!["ledger", "reverse", "--entry", "1", "--staff", "S-2", "--reason", "x"], PIN, "not the PIN of S-2"),
        (vec!["ledger", "reverse", "--entry", "1", "--staff", "S-1", "--reason", " "], PIN, "a reason"),
    ] {
        let said = canteen.refused(&arguments, pin, 1);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let said = canteen.done(&reverse("1"));
    assert!(said.contains("meal number 1 is taken back, with number 2"), "{said}");
    assert!(canteen.refused(&reverse("1"), PIN, 1).contains("taken back already"));
    assert!(canteen.refused(&reverse("2"), PIN, 1).contains("not a meal"));
    // Whoever has no PIN orders nothing; what was refused is noted as that.
    let refused = ["reverse 2", "reverse 1"].map(|what| format!("S-1 {what}: refused"));
    let done = ["reverse 1: number 2", "reverse 1: refused", "reverse 9: refused"].map(|what| format!("S-1 {what}"));
    assert_eq!(canteen.acts(), [&refused[..], &done].concat());
    assert_sound(&canteen.ledger());
    // The slot is free again.
    assert_eq!(canteen.settle().number, 3);
}

#[test]
fn a_meal_of_wrong_rules_is_entered_again_as_the_rules_now_have_it_and_the_day_verifies() {
    let canteen = Canteen::new();
    canteen.settle();
    let correct = |entry: &'static str| order("correct", &["--entry", entry]);
    let said = canteen.refused(&correct("1"), PIN, 1);
    assert!(said.contains("give meal number 1 what it has") && said.contains("remedy"), "{said}");

    let rules = fs::read_to_string(canteen.rules()).expect("the rules");
    assert!(rules.contains(SENIOR));
    fs::write(canteen.rules(), rules.replace(SENIOR, &SENIOR.replace("3.00", "4.00"))).expect("written");
    let said = canteen.done(&correct("1"));
    assert!(said.contains("taken back with number 2 and entered again with number 3"), "{said}");
    for change in ["city: 1.20 yuan before, 1.60", "district: 1.80 yuan before, 2.40", "elder: 9.00 yuan before, 8.00"]
    {
        assert!(said.contains(change), "{change}: {said}");
    }
    assert!(canteen.refused(&correct("3"), PIN, 1).contains("give meal number 3 what it has"));
    assert!(canteen.refused(&correct("2"), PIN, 1).contains("not a meal"));
    let closed: serde_json::Value = serde_json::from_str(&canteen.done(&["close", "--json"])).expect("JSON");
    let day = &closed["closed"][0]["totals"];
    assert_eq!((&day["meals"], &day["reversals"], &day["price_fen"]), (&2.into(), &1.into(), &1200.into()), "{closed}");
    canteen.done(&["verify", canteen.folder.path().join("statements").to_str().expect("text")]);
    assert_sound(&canteen.ledger());
}

#[test]
fn a_meal_paid_in_cash_that_prepaid_money_now_pays_is_said_to_be_so() {
    for json in [false, true] {
        let canteen = Canteen::new();
        canteen.settle();
        canteen.done(&order("top-up", &["--elder", "E-1", "--programme", "prepaid", "--yuan", "50.00"]));
        let correct = order("correct", &["--entry", "1"]);
        if json {
            let said = canteen.json(&correct);
            for (key, fen) in
                [("own_share_before_fen", 900), ("own_share_fen", 0), ("prepaid_before_fen", 0), ("prepaid_fen", 900)]
            {
                assert_eq!(said[key], fen, "{key}: {said}");
            }
            for shares in ["payers_before", "payers"] {
                let elder = said[shares].as_array().expect("shares").last().expect("the elder's");
                assert_eq!(*elder, serde_json::json!({ "payer": "elder", "amount_fen": 900 }), "{said}");
            }
            assert_eq!((&said["reversal"]["number"], &said["meal"]["number"]), (&3.into(), &4.into()), "{said}");
        } else {
            let said = canteen.done(&correct);
            for change in ["own share in cash: 9.00 yuan before, 0.00", "own prepaid money: 0.00 yuan before, 9.00"] {
                assert!(said.contains(change), "{change}: {said}");
            }
            assert!(!said.contains("elder:"), "what the elder pays in all is as before: {said}");
        }
        assert_eq!(canteen.acts()[0], "S-1 correct 1: number 4");
        assert_sound(&canteen.ledger());
    }
}

/// The books of the canteen under a clock of long ago, in an earlier month.
fn books_of_then(canteen: &Canteen) -> (Ledger, HandClock) {
    let clock = HandClock::at(jiff::Timestamp::now() - LONG_AGO);
    let home = home(canteen.folder.path());
    (Ledger::create_with(&home, &books(), Box::new(clock.clone())).expect("new books"), clock)
}

const LONG_AGO: SignedDuration = SignedDuration::from_hours(24 * 40);

/// What the rules do to the points of an elder.
fn points(cause: DueCause, day: MealDay, units: i64) -> DueMovement {
    DueMovement { programme: id("points"), version: 1, cause, day, units }
}

fn points_of_e_1(canteen: &Canteen) -> i64 {
    canteen.ledger().purses(&id("E-1")).expect("readable")[&id::<ProgrammeId>("points")].balance
}

#[test]
fn a_meal_of_a_month_without_points_takes_none_of_those_that_were_first_granted_for_a_later_month() {
    let canteen = Canteen::new();
    let (mut ledger, clock) = books_of_then(&canteen);
    let then = ledger.today().expect("a day");
    ledger.settle(lunch("E-1", then)).expect("settled, by a rule that is none any more");
    clock.pass(LONG_AGO);
    let granted = points(DueCause::Grant, ledger.today().expect("a day"), 300);
    ledger.post_due(&id("E-1"), &[granted]).expect("posted");
    drop(ledger);
    let said = canteen.json(&order("correct", &["--entry", "1"]));
    assert_eq!((&said["own_share_before_fen"], &said["own_share_fen"]), (&900.into(), &900.into()), "{said}");
    assert_eq!(points_of_e_1(&canteen), 300, "this month paid for {then}");
    assert_sound(&canteen.ledger());
}

#[test]
fn a_meal_of_a_cleared_month_takes_the_points_it_took_and_no_credit_of_a_later_month_overdrawn_or_not() {
    for spent_since in [0, 305] {
        let canteen = Canteen::new();
        let (mut ledger, clock) = books_of_then(&canteen);
        let then = ledger.today().expect("a day");
        ledger.post_due(&id("E-1"), &[points(DueCause::Grant, then, 300)]).expect("posted");
        let usage = Usage { purses: [(id("points"), 300)].into(), ..Usage::default() };
        let wrong = ledger.settle(canteen.draft(then, &usage)).expect("settled");
        clock.pass(LONG_AGO);
        // Nine of them were taken.
        let cleared = points(DueCause::Clearing, MealDay(then.0.last_of_month()), -291);
        let granted = points(DueCause::Grant, ledger.today().expect("a day"), 300);
        ledger.post_due(&id("E-1"), &[cleared, granted]).expect("posted");
        drop(ledger);
        if spent_since > 0 {
            let units = format!("-{spent_since}");
            canteen.done(&order("adjust", &["--elder", "E-1", "--programme", "points", "--units", &units]));
        }
        let rules = fs::read_to_string(canteen.rules()).expect("the rules");
        assert!(rules.contains(SENIOR));
        fs::write(canteen.rules(), rules.replace(SENIOR, &SENIOR.replace("3.00", "2.00"))).expect("written");
        let said = canteen.json(&order("correct", &["--entry", &wrong.number.to_string()]));
        assert_eq!((&said["own_share_before_fen"], &said["own_share_fen"]), (&0.into(), &100.into()), "{said}");
        assert_eq!(points_of_e_1(&canteen), 300 - spent_since, "this month paid for {then}, or got its points");
        assert_sound(&canteen.ledger());
    }
}
