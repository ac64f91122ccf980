//! Purses that the staff fill, empty and put right by hand, through the command.

use jiff::SignedDuration;
use mealpoint::domain::{EntryId, MovementCause, MovementEntry};
use mealpoint::store::Ledger;
use mealpoint::store::ledger::HandClock;

use super::canteen::{Canteen, PIN, order};
use super::{assert_sound, books, home, id};

#[test]
fn purses_are_paid_into_and_out_of_and_put_right_within_what_they_are() {
    let canteen = Canteen::new();
    drop(canteen.ledger());
    let prepaid = |what: &'static str, yuan: &'static str| {
        order(what, &["--elder", "E-1", "--programme", "prepaid", "--yuan", yuan])
    };
    let points = |what: &'static str, units: &'static str| {
        order(what, &["--elder", "E-1", "--programme", "points", "--units", units])
    };
    assert!(canteen.done(&prepaid("top-up", "50.00")).contains("the purse prepaid now holds 50.00 yuan"));
    assert!(canteen.done(&prepaid("refund", "20")).contains("now holds 30.00 yuan"));
    assert!(canteen.done(&prepaid("adjust", "-5.50")).contains("now holds 24.50 yuan"));
    assert!(canteen.done(&points("adjust", "5")).contains("the purse points now holds 5 units"));
    let of = |elder, programme| ["--elder", elder, "--programme", programme, "--yuan", "1.00"];
    for (arguments, code, says) in [
        (prepaid("refund", "24.51"), 1, "holds 24.50 yuan, and 24.51 yuan are wanted back; remedy"),
        (prepaid("top-up", "-1.00"), 1, "top-up of -1.00 yuan: that cannot be; remedy"),
        (prepaid("refund", "-1.00"), 1, "refund of -1.00 yuan: that cannot be; remedy"),
        (prepaid("top-up", "0"), 1, "top-up of 0.00 yuan: that changes nothing; remedy"),
        (points("adjust", "0"), 1, "adjustment of 0 units: that changes nothing; remedy"),
        (points("adjust", "-9223372036854775808"), 1, "no purse takes so much; remedy: name 1000000000 units at most"),
        (prepaid("top-up", "99999999999"), 2, "ten million"),
        (prepaid("top-up", "1,000"), 2, "not an amount"),
        (prepaid("grant", "1.00"), 1, "top-up"),
        (points("grant", "1"), 1, "by themselves"),
        (points("refund", "1"), 1, "adjust"),
        (order("top-up", &of("E-1", "points")), 1, "use --units"),
        (order("top-up", &of("E-1", "senior-meal")), 1, "no purse"),
        (order("top-up", &of("E-1", "vouchers")), 1, "no programme"),
        (order("top-up", &of("E-2", "prepaid")), 1, "not active"),
        (order("top-up", &of("E-9", "prepaid")), 1, "roster"),
        (order("top-up", &["--elder", "E-1", "--programme", "prepaid"]), 2, "--yuan"),
    ] {
        let said = canteen.refused(&arguments, PIN, code);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    let purses = canteen.ledger().purses(&id("E-1")).expect("readable");
    assert_eq!(purses.values().map(|purse| purse.balance).collect::<Vec<_>>(), [5, 2450]);
    assert_sound(&canteen.ledger());
}

#[test]
fn what_was_ordered_of_a_purse_is_noted_in_yuan_with_what_came_of_it() {
    let canteen = Canteen::new();
    let purse = |what: &'static str, yuan: &'static str| {
        order(what, &["--elder", "E-1", "--programme", "prepaid", "--yuan", yuan])
    };
    canteen.done(&purse("top-up", "100.00"));
    canteen.refused(&purse("refund", "5000.00"), PIN, 1);
    canteen.done(&purse("refund", "5"));
    canteen.done(&order("adjust", &["--elder", "E-1", "--programme", "points", "--units", "-3"]));
    canteen.refused(&order("top-up", &["--elder", "E-1", "--programme", "none", "--yuan", "1"]), PIN, 1);
    assert_eq!(
        canteen.acts(),
        [
            "S-1 top-up none 1.00 yuan: refused",
            "S-1 adjustment points -3 units: number 4",
            "S-1 refund prepaid 5.00 yuan: number 2",
            "S-1 refund prepaid 5000.00 yuan: refused",
            "S-1 top-up prepaid 100.00 yuan: number 1",
        ]
    );
}

#[test]
fn amounts_in_json_carry_their_unit_in_their_name() {
    let canteen = Canteen::new();
    let said = canteen.json(&order("top-up", &["--elder", "E-1", "--programme", "prepaid", "--yuan", "50.00"]));
    assert_eq!((&said["amount_fen"], &said["balance_fen"]), (&5000.into(), &5000.into()), "{said}");
    let said = canteen.json(&order("refund", &["--elder", "E-1", "--programme", "prepaid", "--yuan", "20"]));
    assert_eq!((&said["amount_fen"], &said["balance_fen"]), (&(-2000).into(), &3000.into()), "{said}");
    assert!(said["number"] == 2 && said["day"].is_string() && said["hash"].is_string(), "{said}");
    assert!(said["units"].is_null() && said["balance"].is_null(), "{said}");
    let said = canteen.json(&order("adjust", &["--elder", "E-1", "--programme", "points", "--units", "5"]));
    assert_eq!((&said["units"], &said["balance_units"]), (&5.into(), &5.into()), "{said}");
}

#[test]
fn points_that_are_taken_off_before_the_rules_gave_any_are_those_of_this_month_and_no_debt_of_the_next() {
    let canteen = Canteen::new();
    let said = canteen.json(&order("adjust", &["--elder", "E-1", "--programme", "points", "--units", "-120"]));
    assert_eq!((&said["units"], &said["balance_units"]), (&(-120).into(), &180.into()), "{said}");
    // Of what the rules no longer give to somebody there is nothing to take it off.
    let said = canteen.json(&order("adjust", &["--elder", "E-2", "--programme", "points", "--units", "-1"]));
    assert_eq!(said["balance_units"], -1, "{said}");
    assert_sound(&canteen.ledger());
}

#[test]
fn the_same_order_given_again_at_once_moves_nothing_unless_it_is_said_to_be_another() {
    let canteen = Canteen::new();
    drop(canteen.ledger());
    let of = |elder: &'static str, what: &'static str, yuan: &'static str| {
        order(what, &["--elder", elder, "--programme", "prepaid", "--yuan", yuan])
    };
    let orders =
        [("top-up", "50.00"), ("refund", "20.00"), ("adjust", "-5.00")].map(|(what, yuan)| of("E-1", what, yuan));
    for (arguments, number) in orders.iter().zip([1, 3, 5]) {
        canteen.done(arguments);
        let said = canteen.refused(arguments, PIN, 1);
        assert!(said.contains(&format!("with number {number}; remedy: it is booked")), "{arguments:?}: {said}");
        assert!(said.contains(" was booked at 20") && said.contains("--again"), "{arguments:?}: {said}");
        assert!(canteen.acts()[0].ends_with(": refused"), "{:?}", canteen.acts());
        canteen.done(&[&arguments[..], &["--again"]].concat());
    }
    assert_eq!(canteen.ledger().head().expect("a head").number, 6);
    // Another amount, another reason and another elder are other orders.
    canteen.done(&of("E-1", "top-up", "50.01"));
    let reason = ["ledger", "top-up", "--elder", "E-1", "--programme", "prepaid", "--yuan", "50.00", "--staff", "S-1"];
    canteen.done(&[&reason[..], &["--reason", "另一笔"]].concat());
    let padded = canteen.refused(&[&reason[..], &["--reason", " 另一笔 "]].concat(), PIN, 1);
    assert!(padded.contains("with number 8"), "blanks make no other reason: {padded}");
    canteen.done(&of("E-2", "adjust", "-5.00"));
    // A refund that emptied the purse is known again before the purse is looked into.
    let all = of("E-1", "refund", "150.01");
    assert!(canteen.done(&all).contains("now holds 0.00 yuan"));
    assert!(canteen.refused(&all, PIN, 1).contains("with number 10; remedy: it is booked"));
    assert_sound(&canteen.ledger());
}

#[test]
fn an_order_is_taken_for_one_that_is_given_again_within_ten_minutes_of_the_books_time() {
    for (minutes, again) in [(9, true), (11, false)] {
        let canteen = Canteen::new();
        let clock = HandClock::at(jiff::Timestamp::now() - SignedDuration::from_mins(minutes));
        let home = home(canteen.folder.path());
        let mut ledger = Ledger::create_with(&home, &books(), Box::new(clock)).expect("new books");
        let movement = MovementEntry {
            elder: id("E-1"),
            programme: id("prepaid"),
            version: None,
            cause: MovementCause::TopUp,
            day: ledger.today().expect("a day"),
            units: 5000,
            staff: Some(id("S-2")),
            reason: "家属来电".to_owned(),
        };
        ledger.move_purse(EntryId::from_uuid(uuid::Uuid::now_v7()), movement).expect("booked");
        drop(ledger);
        let top_up = order("top-up", &["--elder", "E-1", "--programme", "prepaid", "--yuan", "50.00"]);
        if again {
            assert!(canteen.refused(&top_up, PIN, 1).contains("with number 1; remedy: it is booked"));
        } else {
            assert!(canteen.done(&top_up).contains("now holds 100.00 yuan"));
        }
    }
}
