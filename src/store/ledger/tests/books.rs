//! Entries, numbers, chain, slots and days.

use super::*;
use crate::domain::encoding::Sealed;
use crate::domain::{EntryBody, EntryHash};

#[test]
fn settled_meals_are_numbered_without_a_gap_chained_and_found_again() {
    let mut fixture = Fixture::new();
    let entries: Vec<Entry> = (1..=5).map(|number| fixture.lunch(number)).collect();
    let mut fixture = fixture.reopen().expect("the books open");
    let found = fixture.ledger.day_books(day("2026-11-22")).expect("readable").entries;
    assert!(found.iter().map(|sealed| &**sealed).eq(&entries));
    let mut previous = EntryHash::ZERO;
    for (entry, number) in entries.iter().zip(1..) {
        assert_eq!((entry.number, entry.previous), (number, previous));
        assert_eq!(Sealed::new(entry.clone()).hash, entry.hash);
        previous = entry.hash;
    }
    assert_eq!(fixture.lunch(6).number, 6);
    let report = fixture.ledger.check_all().expect("a check");
    assert_eq!((report.entries, report.findings), (6, vec![]));
}

#[test]
fn a_retry_is_the_same_record_and_another_content_under_the_id_is_an_error() {
    let mut fixture = Fixture::new();
    let draft = lunch(elder(1), day("2026-11-22"));
    let entry = fixture.ledger.settle(draft.clone()).expect("settled");
    assert_eq!(fixture.ledger.settle(draft.clone()).expect("the same"), entry);
    let other = MealDraft { elder: elder(2), ..draft };
    assert!(matches!(fixture.ledger.settle(other), Err(LedgerError::IdTaken(_))));
    assert_eq!(fixture.ledger.head().expect("a head").number, 1);
}

#[test]
fn an_elder_eats_once_a_day_and_period_until_the_meal_is_taken_back() {
    let mut fixture = Fixture::new();
    let first = fixture.lunch(1);
    let again = || lunch(elder(1), day("2026-11-22"));
    match fixture.ledger.settle(again()) {
        Err(LedgerError::AlreadyServed { number: 1, period: MealPeriod::Lunch, .. }) => {}
        other => panic!("{other:?}"),
    }
    let supper = MealDraft { period: MealPeriod::Supper, ..again() };
    fixture.ledger.settle(supper).expect("another meal");
    let id = new_id();
    let back = fixture.ledger.reverse(id, first.id, &staff(), "点错了").expect("taken back");
    assert_eq!(fixture.ledger.reverse(id, first.id, &staff(), "点错了").expect("the same"), back);
    assert!(matches!(
        fixture.ledger.reverse(new_id(), first.id, &staff(), "点错了"),
        Err(LedgerError::AlreadyReversed(1))
    ));
    assert!(matches!(fixture.ledger.reverse(new_id(), back.id, &staff(), "错"), Err(LedgerError::NotAMeal(3))));
    assert!(matches!(fixture.ledger.reverse(new_id(), new_id(), &staff(), "错"), Err(LedgerError::NoEntry(_))));
    assert!(matches!(fixture.ledger.reverse(new_id(), first.id, &staff(), " "), Err(LedgerError::Reason)));
    let EntryBody::Reversal(reversal) = &back.body else { panic!("{back:?}") };
    assert_eq!(reversal.price, Fen::new(-1500));
    assert_eq!(reversal.payers.iter().map(|share| share.amount).sum::<Fen>(), reversal.price);
    fixture.ledger.settle(again()).expect("the slot is free");
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn wrong_rules_are_put_right_by_a_reversal_and_the_meal_entered_again_even_on_a_closed_day() {
    let mut fixture = Fixture::new();
    let wrong = fixture.lunch(1);
    fixture.ledger.close_day(day("2026-11-22")).expect("closed");
    fixture.clock.pass(jiff::SignedDuration::from_hours(24));
    let right = lunch_with(elder(1), day("2026-11-22"), vec![line("senior", LineKind::Subsidy, 500, 0, "district")]);
    let (back, again) = fixture.ledger.correct(new_id(), wrong.id, right, &staff(), "规则有误").expect("put right");
    assert_eq!((back.day, again.day), (day("2026-11-23"), day("2026-11-23")));
    let EntryBody::Meal(meal) = &again.body else { panic!("{again:?}") };
    assert_eq!((meal.day, meal.corrects), (day("2026-11-22"), Some(wrong.id)));
    let stranger = lunch(elder(2), day("2026-11-22"));
    assert!(fixture.ledger.correct(new_id(), again.id, stranger, &staff(), "规则有误").is_err());
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn a_meal_whose_sums_do_not_come_out_is_refused() {
    let mut fixture = Fixture::new();
    let good = || lunch(elder(1), day("2026-11-22"));
    let mut own = good();
    own.quote.own_share = Fen::new(1300);
    let mut payers = good();
    payers.quote.lines[0].payers[0].amount = Fen::new(299);
    let mut dishes = good();
    dishes.dishes.clear();
    let mut negative = good();
    negative.quote.lines[0].amount = Fen::new(-300);
    let mut evidence = good();
    evidence.evidence = None;
    for (what, draft) in
        [("own", own), ("payers", payers), ("dishes", dishes), ("negative", negative), ("evidence", evidence)]
    {
        let refused = fixture.ledger.settle(draft).expect_err(what);
        assert!(matches!(refused, LedgerError::Draft(_)), "{what}: {refused}");
        assert!(refused.to_string().contains("; remedy: "), "{refused}");
    }
    assert_eq!(fixture.ledger.head().expect("a head").number, 0);
}

#[test]
fn the_database_itself_refuses_changes_gaps_and_second_meals() {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    fixture.lunch(2);
    let plain = &fixture.ledger.connection;
    plain.execute_batch("PRAGMA recursive_triggers = OFF").expect("as another program would connect");
    // An entry made of the second one, replacing whatever would be in the way.
    let entry = |number: i64, id: &str, what: &str, previous: &str| {
        format!(
            "INSERT OR REPLACE INTO entry
             SELECT {number}, {id}, {what}, NULL, '', {previous}, hash FROM entry WHERE number = 2"
        )
    };
    for (rule, sql) in [
        ("entries are never changed", "UPDATE entry SET content = 'x' WHERE number = 1"),
        ("entries are never deleted", "DELETE FROM entry WHERE number = 2"),
        ("only a reversal frees a slot", "DELETE FROM served"),
        ("a slot is never changed", "UPDATE served SET elder = 'E-9'"),
        ("a slot belongs to a meal", "INSERT INTO served VALUES ('E-9', '2026-11-22', 'lunch', 1)"),
        ("the books are never renamed", "UPDATE book SET kiosk = 'K-2'"),
        ("the number does not follow", &entry(9, "randomblob(16)", "'clock', day, NULL, NULL, NULL", "hash")),
        ("the hash does not follow", &entry(3, "randomblob(16)", "'clock', day, NULL, NULL, NULL", "previous")),
        ("the id is taken", &entry(3, "id", "'clock', day, NULL, NULL, NULL", "hash")),
        ("the number does not follow", &entry(2, "randomblob(16)", "'clock', day, NULL, NULL, NULL", "hash")),
        ("the day goes back", &entry(3, "randomblob(16)", "'clock', '2026-11-21', NULL, NULL, NULL", "hash")),
        ("this meal was served already", &entry(3, "randomblob(16)", "'meal', day, elder, meal_day, period", "hash")),
    ] {
        let error = plain.execute(sql, []).expect_err(sql).to_string();
        assert!(error.contains(&format!("ledger: {rule}")), "{sql}: {error}");
    }
    let mut reversed = Fixture::new();
    let meal = reversed.lunch(1);
    reversed.ledger.reverse(new_id(), meal.id, &staff(), "按错了").expect("taken back");
    reversed.ledger.close_day(day("2026-11-22")).expect("closed");
    for (rule, number, of, day) in [
        ("it is reversed already", 3, 1, "2026-11-23"),
        ("only a meal can be reversed", 3, 2, "2026-11-23"),
        ("the day is closed", 3, 1, "2026-11-22"),
    ] {
        let sql = format!(
            "INSERT INTO entry SELECT {number}, randomblob(16), 'reversal', '{day}', elder, meal_day, period, {of}, '',
                 hash, hash FROM entry WHERE number = 2"
        );
        let error = reversed.ledger.connection.execute(&sql, []).expect_err(&sql).to_string();
        assert!(error.contains(&format!("ledger: {rule}")), "{sql}: {error}");
    }
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn closed_days_take_nothing_more_and_late_reversals_stand_in_the_next() {
    let mut fixture = Fixture::new();
    let meal = fixture.lunch(1);
    let closed = fixture.ledger.close_day(day("2026-11-22")).expect("closed");
    assert_eq!((closed.before.number, closed.after.number), (0, 1));
    assert_eq!((closed.closing.meals, closed.closing.price), (1, Fen::new(1500)));
    assert!(matches!(fixture.ledger.settle(lunch(elder(2), day("2026-11-22"))), Err(LedgerError::DayClosed(_))));
    let back = fixture.ledger.reverse(new_id(), meal.id, &staff(), "退餐").expect("taken back");
    assert_eq!(back.day, day("2026-11-23"));
    fixture.clock.pass(jiff::SignedDuration::from_hours(24));
    fixture.lunch(3);
    assert_eq!(fixture.ledger.close_day(day("2026-11-22")).expect("the same"), closed);
    assert_eq!(fixture.ledger.day_books(day("2026-11-22")).expect("readable").entries.len(), 1);
    let next = fixture.ledger.close_day(day("2026-11-23")).expect("closed");
    assert_eq!((next.opening, next.before), (closed.closing, closed.after));
    assert_eq!((next.closing.meals, next.closing.reversals, next.closing.price), (2, 1, Fen::new(1500)));
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn a_closed_day_keeps_the_names_in_its_files_and_the_first_manifest_that_was_signed_for_it() {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    let [first, other] = [[1; 32], [2; 32]].map(EntryHash);
    let today = day("2026-11-22");
    assert!(matches!(fixture.ledger.note_signed(today, first), Err(LedgerError::Store(_))), "the day is open");
    let (closed, _) = fixture.ledger.close_books(today, "玉林食堂", "Asia/Shanghai").expect("closed");
    let names = [closed.canteen_name.as_deref(), closed.zone.as_deref()];
    assert_eq!((names, closed.manifest), ([Some("玉林食堂"), Some("Asia/Shanghai")], None));
    let (again, _) = fixture.ledger.close_books(today, "另一个名字", "Asia/Tokyo").expect("the same");
    assert_eq!(again, closed);
    assert_eq!(fixture.ledger.note_signed(today, first).expect("noted"), first);
    assert_eq!(fixture.ledger.note_signed(today, other).expect("known"), first);
    let signed = ClosedDay { manifest: Some(first), ..closed };
    let mut fixture = fixture.reopen().expect("it opens");
    assert_eq!(fixture.ledger.close_day(today).expect("the same"), signed);
    assert_eq!(fixture.ledger.closed_days().expect("readable"), [signed]);

    let plain = &fixture.ledger.connection;
    plain.execute_batch("PRAGMA recursive_triggers = OFF").expect("as another program would connect");
    for (rule, sql) in [
        ("a signed day is never changed", "UPDATE signed_day SET manifest = randomblob(32)"),
        ("a signed day stays signed", "DELETE FROM signed_day"),
        ("a day is signed once", "INSERT OR REPLACE INTO signed_day VALUES ('2026-11-22', randomblob(32))"),
        ("a closed day is never changed", "UPDATE closed_day SET canteen_name = 'x'"),
    ] {
        let error = plain.execute(sql, []).expect_err(sql).to_string();
        assert!(error.contains(&format!("ledger: {rule}")), "{sql}: {error}");
    }
}

#[test]
fn days_are_closed_in_order_days_off_among_them_and_never_before_they_come() {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    fixture.clock.pass(jiff::SignedDuration::from_hours(72));
    let open = fixture.ledger.days_to_close().expect("readable");
    assert_eq!(open, ["2026-11-22", "2026-11-23", "2026-11-24"].map(day));
    assert!(matches!(fixture.ledger.close_day(day("2026-11-23")), Err(LedgerError::EarlierDayOpen(_))));
    assert!(matches!(fixture.ledger.close_day(day("2026-11-26")), Err(LedgerError::NotYet { .. })));
    assert!(matches!(fixture.ledger.close_day(day("2026-11-21")), Err(LedgerError::BeforeTheBooks(_))));
    for day in open {
        fixture.ledger.close_day(day).expect("closed");
    }
    let empty = fixture.ledger.closed_day(day("2026-11-24")).expect("readable").expect("closed");
    assert_eq!((empty.before, empty.opening.meals), (empty.after, 1));
    assert_eq!(fixture.ledger.days_to_close().expect("readable"), []);
}
