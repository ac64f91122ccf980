//! What was drawn, what is in the purses, and what is held.

use jiff::SignedDuration;

use super::*;
use crate::domain::{Drawn, DueCause, DueMovement, EntryBody, MovementCause, MovementEntry, Tally, Usage};

fn points(units: i64) -> QuoteLine {
    line("points", LineKind::Points, units * 100, units, "district")
}

fn grant(on: &str, units: i64) -> DueMovement {
    DueMovement { programme: programme("points"), version: 1, cause: DueCause::Grant, day: day(on), units }
}

fn balance(fixture: &Fixture) -> i64 {
    fixture.ledger.purses(&elder(1)).expect("readable").get(&programme("points")).map_or(0, |purse| purse.balance)
}

#[test]
fn usage_counts_settled_meals_by_period_day_and_month_and_forgets_reversed_ones() {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    fixture.clock.pass(SignedDuration::from_hours(24));
    let lunch = fixture.lunch(1);
    let usage = |fixture: &Fixture, period| {
        let usage = fixture.ledger.usage(&elder(1), &moment(day("2026-11-23"), period)).expect("readable");
        let drawn = usage.drawn_from(&programme("senior"));
        [drawn.period, drawn.day, drawn.month].map(|tally: Tally| (tally.times, tally.amount.get()))
    };
    assert_eq!(usage(&fixture, MealPeriod::Lunch), [(1, 300), (1, 300), (2, 600)]);
    assert_eq!(usage(&fixture, MealPeriod::Supper), [(0, 0), (1, 300), (2, 600)]);
    fixture.ledger.reverse(new_id(), lunch.id, &staff(), "退餐").expect("taken back");
    assert_eq!(usage(&fixture, MealPeriod::Lunch), [(0, 0), (0, 0), (1, 300)]);
    assert_eq!(
        fixture.ledger.usage(&elder(2), &moment(day("2026-11-23"), MealPeriod::Lunch)).expect("readable"),
        Default::default()
    );
}

#[test]
fn what_the_rules_grant_is_posted_once_and_spent_down_to_nothing() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.ledger.post_due(&elder(1), &[grant("2026-11-22", 5)]).expect("posted").len(), 1);
    assert_eq!(fixture.ledger.post_due(&elder(1), &[grant("2026-11-22", 5)]).expect("nothing").len(), 0);
    let today = day("2026-11-22");
    let entry = fixture.ledger.settle(lunch_with(elder(1), today, vec![points(3)])).expect("settled");
    assert_eq!(balance(&fixture), 2);
    let supper = MealDraft { period: MealPeriod::Supper, ..lunch_with(elder(1), today, vec![points(3)]) };
    match fixture.ledger.settle(supper.clone()) {
        Err(LedgerError::Short { spendable: 2, wanted: 3, .. }) => {}
        other => panic!("{other:?}"),
    }
    let on_credit = MealDraft { credit: [(programme("points"), 1)].into(), ..supper };
    fixture.ledger.settle(on_credit).expect("one point of credit");
    assert_eq!(balance(&fixture), -1);
    fixture.ledger.reverse(new_id(), entry.id, &staff(), "退餐").expect("taken back");
    assert_eq!(balance(&fixture), 2);
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

/// On 22 November somebody was granted so many points, and ate for three of them on that day or a later one.
fn lunch_of_three_points_from(granted: i64, on: &str) -> (Fixture, Entry) {
    let mut fixture = Fixture::new();
    fixture.ledger.post_due(&elder(1), &[grant("2026-11-22", granted)]).expect("posted");
    pass_to(&fixture, on);
    let entry = fixture.ledger.settle(lunch_with(elder(1), day(on), vec![points(3)])).expect("settled");
    (fixture, entry)
}

fn pass_to(fixture: &Fixture, on: &str) {
    let today = fixture.ledger.today().expect("a day");
    let days = today.0.until(day(on).0).expect("so many days").get_days();
    fixture.clock.pass(SignedDuration::from_hours(24 * i64::from(days)));
}

/// A day of November, and its last one, for which the clearing of November counts.
const OF_NOVEMBER: [&str; 2] = ["2026-11-22", "2026-11-30"];

#[test]
fn what_comes_back_from_a_cleared_month_expires_at_once() {
    for on in OF_NOVEMBER {
        let (mut fixture, entry) = lunch_of_three_points_from(5, on);
        pass_to(&fixture, "2026-12-02");
        let clearing = DueMovement { cause: DueCause::Clearing, units: -2, ..grant("2026-11-30", 0) };
        fixture.ledger.post_due(&elder(1), &[clearing, grant("2026-12-02", 5)]).expect("posted");
        fixture.ledger.reverse(new_id(), entry.id, &staff(), "退餐").expect("taken back");
        assert_eq!(balance(&fixture), 5, "points of {on} came back in December");
        assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    }
}

#[test]
fn what_comes_back_from_a_month_that_was_spent_to_nothing_expires_too() {
    for on in OF_NOVEMBER {
        let (mut fixture, entry) = lunch_of_three_points_from(3, on);
        pass_to(&fixture, "2026-12-02");
        let nothing_left = DueMovement { cause: DueCause::Clearing, units: 0, ..grant("2026-11-30", 0) };
        let posted = fixture.ledger.post_due(&elder(1), &[nothing_left, grant("2026-12-02", 5)]).expect("posted");
        assert_eq!(posted.len(), 1, "nothing was left, so nothing stands in the books");
        fixture.ledger.reverse(new_id(), entry.id, &staff(), "退餐").expect("taken back");
        assert_eq!(balance(&fixture), 5, "points of {on} came back in December");
        assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    }
}

/// November ends in debt: of five points that were granted, lunch and supper of that day took three each, one on credit.
/// December has five points, of which one repaid it.
fn lunch_and_supper_of_a_month_in_debt(on: &str) -> (Fixture, [Entry; 2]) {
    let (mut fixture, lunch) = lunch_of_three_points_from(5, on);
    let supper = MealDraft {
        period: MealPeriod::Supper,
        credit: [(programme("points"), 1)].into(),
        ..lunch_with(elder(1), day(on), vec![points(3)])
    };
    let supper = fixture.ledger.settle(supper).expect("one point of credit");
    assert_eq!(balance(&fixture), -1);
    pass_to(&fixture, "2026-12-02");
    let over = DueMovement { cause: DueCause::Clearing, units: 0, ..grant("2026-11-30", 0) };
    let posted = fixture.ledger.post_due(&elder(1), &[over, grant("2026-12-02", 5)]).expect("posted");
    assert_eq!((posted.len(), balance(&fixture)), (1, 4), "a debt is not cleared");
    (fixture, [lunch, supper])
}

#[test]
fn what_comes_back_from_a_month_that_ended_in_debt_repays_it_and_the_rest_expires() {
    for on in OF_NOVEMBER {
        let (mut fixture, meals) = lunch_and_supper_of_a_month_in_debt(on);
        for meal in meals {
            fixture.ledger.reverse(new_id(), meal.id, &staff(), "退餐").expect("taken back");
            assert_eq!(balance(&fixture), 5, "December got points of {on}, or paid for it");
        }
        assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    }
}

#[test]
fn a_meal_of_a_month_that_ended_in_debt_is_put_right_and_what_is_left_over_repays_it() {
    for on in OF_NOVEMBER {
        let (mut fixture, [lunch, _]) = lunch_and_supper_of_a_month_in_debt(on);
        let right = lunch_with(elder(1), day(on), vec![points(1)]);
        fixture.ledger.correct(new_id(), lunch.id, right, &staff(), "规则有误").expect("put right");
        assert_eq!(balance(&fixture), 5, "of two points one repays the debt, and one expires");
        assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    }
}

fn in_its_place(fixture: &Fixture, entry: &Entry) -> Usage {
    let EntryBody::Meal(wrong) = &entry.body else { panic!("{entry:?}") };
    fixture.ledger.usage_in_place_of(wrong, &moment(wrong.day, MealPeriod::Lunch)).expect("readable")
}

#[test]
fn a_meal_of_a_cleared_month_is_put_right_with_the_points_of_that_month_alone() {
    for on in OF_NOVEMBER {
        let (mut fixture, entry) = lunch_of_three_points_from(5, on);
        assert_eq!(in_its_place(&fixture, &entry).purse(&programme("points")), 5, "{on}");
        pass_to(&fixture, "2026-12-02");
        let clearing = DueMovement { cause: DueCause::Clearing, units: -2, ..grant("2026-11-30", 0) };
        fixture.ledger.post_due(&elder(1), &[clearing, grant("2026-12-02", 5)]).expect("posted");
        let usage = in_its_place(&fixture, &entry);
        assert_eq!(usage.purse(&programme("points")), 3, "what the meal of {on} took");
        assert_eq!(usage.drawn_from(&programme("points")), Drawn::default());

        let right = lunch_with(elder(1), day(on), vec![points(2)]);
        let (_, again) = fixture.ledger.correct(new_id(), entry.id, right, &staff(), "规则有误").expect("put right");
        assert_eq!(balance(&fixture), 5, "December paid for {on}, or got its points");
        let expired = fixture.ledger.entry_numbered(again.number + 1).expect("readable").expect("an entry");
        assert!(matches!(&expired.body, EntryBody::Movement(movement) if movement.units == -1), "{expired:?}");
        assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
    }
}

#[test]
fn a_meal_of_the_day_after_a_clearing_has_the_points_of_its_own_month_and_gives_them_back_to_it() {
    let mut fixture = Fixture::new();
    fixture.ledger.post_due(&elder(1), &[grant("2026-11-22", 2)]).expect("posted");
    pass_to(&fixture, "2026-12-01");
    let clearing = DueMovement { cause: DueCause::Clearing, units: -2, ..grant("2026-11-30", 0) };
    fixture.ledger.post_due(&elder(1), &[clearing, grant("2026-12-01", 5)]).expect("posted");
    let lunch = lunch_with(elder(1), day("2026-12-01"), vec![points(3)]);
    let entry = fixture.ledger.settle(lunch).expect("settled");
    assert_eq!(in_its_place(&fixture, &entry).purse(&programme("points")), 5);
    fixture.ledger.reverse(new_id(), entry.id, &staff(), "退餐").expect("taken back");
    assert_eq!(balance(&fixture), 5);
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn a_hold_reserves_until_it_is_settled_released_or_runs_out() {
    let mut fixture = Fixture::new();
    let today = day("2026-11-22");
    fixture.ledger.post_due(&elder(1), &[grant("2026-11-22", 4)]).expect("posted");
    let deciding = lunch_with(elder(1), today, vec![points(3)]);
    let minute = SignedDuration::from_mins(1);
    fixture.ledger.hold(&deciding, minute).expect("held");
    let at_supper = moment(today, MealPeriod::Supper);
    let purse =
        |fixture: &Fixture| fixture.ledger.usage(&elder(1), &at_supper).expect("readable").purse(&programme("points"));
    assert_eq!(purse(&fixture), 1);
    let beside = fixture.ledger.usage_beside(&elder(1), &at_supper, Some(deciding.id)).expect("readable");
    assert_eq!(beside.purse(&programme("points")), 4);
    let other = MealDraft { period: MealPeriod::Supper, ..lunch_with(elder(1), today, vec![points(2)]) };
    assert!(matches!(fixture.ledger.settle(other.clone()), Err(LedgerError::Short { spendable: 1, .. })));

    fixture.ledger.release(deciding.id).expect("released");
    assert_eq!(purse(&fixture), 4);
    fixture.ledger.hold(&deciding, minute).expect("held");
    fixture.clock.pass(SignedDuration::from_secs(61));
    assert_eq!(purse(&fixture), 4, "it ran out");
    fixture.ledger.hold(&deciding, minute).expect("held");
    fixture.ledger.settle(deciding).expect("posted");
    assert_eq!((purse(&fixture), balance(&fixture)), (1, 1));
}

#[test]
fn what_is_held_for_a_meal_takes_nothing_from_that_very_meal_and_ends_with_it() {
    let mut fixture = Fixture::new();
    let today = day("2026-11-22");
    fixture.ledger.post_due(&elder(1), &[grant("2026-11-22", 4)]).expect("posted");
    let deciding = lunch_with(elder(1), today, vec![points(3)]);
    fixture.ledger.hold(&deciding, SignedDuration::from_mins(5)).expect("held");
    let usage = |fixture: &Fixture, period| fixture.ledger.usage(&elder(1), &moment(today, period)).expect("readable");
    let at_lunch = usage(&fixture, MealPeriod::Lunch);
    assert_eq!(
        (at_lunch.purse(&programme("points")), at_lunch.drawn_from(&programme("points"))),
        (4, Drawn::default())
    );
    let at_supper = usage(&fixture, MealPeriod::Supper);
    assert_eq!(at_supper.purse(&programme("points")), 1, "another meal leaves it alone");
    let by_hand = lunch_with(elder(1), today, vec![points(4)]);
    fixture.ledger.settle(by_hand).expect("all of the points are there");
    let at_supper = usage(&fixture, MealPeriod::Supper);
    assert_eq!(at_supper.purse(&programme("points")), 0);
    assert_eq!(at_supper.drawn_from(&programme("points")).day.times, 1, "the hold is counted beside the meal");
    assert!(matches!(fixture.ledger.settle(deciding), Err(LedgerError::AlreadyServed { .. })));
}

#[test]
fn purses_are_filled_and_put_right_by_hand_within_reason() {
    let mut fixture = Fixture::new();
    let movement = |cause, units| MovementEntry {
        elder: elder(1),
        programme: programme("points"),
        version: None,
        cause,
        day: day("2026-11-22"),
        units,
        staff: Some(staff()),
        reason: "家属充值".to_owned(),
    };
    let id = new_id();
    let entry = fixture.ledger.move_purse(id, movement(MovementCause::TopUp, 100)).expect("posted");
    fixture.clock.pass(SignedDuration::from_hours(24));
    assert_eq!(fixture.ledger.move_purse(id, movement(MovementCause::TopUp, 100)).expect("the same"), entry);
    for (cause, units) in [(MovementCause::TopUp, -1), (MovementCause::Refund, 5), (MovementCause::Adjustment, 0)] {
        let refused = fixture.ledger.move_purse(new_id(), movement(cause, units));
        assert!(matches!(refused, Err(LedgerError::Movement { .. })), "{refused:?}");
    }
    let refund = fixture.ledger.move_purse(new_id(), movement(MovementCause::Refund, -101));
    assert!(matches!(refund, Err(LedgerError::Short { .. })), "{refund:?}");
    assert_eq!(balance(&fixture), 100);
}

#[test]
fn of_two_equal_orders_given_at_once_one_is_booked_and_after_a_while_another() {
    let fixture = Fixture::new();
    let top_up = || MovementEntry {
        elder: elder(1),
        programme: programme("points"),
        version: None,
        cause: MovementCause::TopUp,
        day: day("2026-11-22"),
        units: 100,
        staff: Some(staff()),
        reason: "家属充值".to_owned(),
    };
    let within = SignedDuration::from_mins(10);
    let open = || Ledger::open_with(&fixture.home(), &books(), Box::new(fixture.clock.clone())).expect("opened");
    let order = |mut ledger: Ledger| ledger.move_purse_once(new_id(), top_up(), within).expect("posted or found");
    let ledgers = [open(), open()];
    let [(one, first), (other, second)] = std::thread::scope(|scope| {
        ledgers.map(|ledger| scope.spawn(|| order(ledger))).map(|thread| thread.join().expect("no panic"))
    });
    assert_eq!(one, other);
    assert_ne!(first, second, "both were booked, or neither");
    fixture.clock.pass(within);
    assert_eq!(order(open()), (one, false));
    fixture.clock.pass(SignedDuration::from_secs(1));
    assert!(order(open()).1);
    assert_eq!(balance(&fixture), 200);
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}
