//! Clocks that are set, and books that are lost.

use jiff::SignedDuration;

use super::*;
use crate::domain::{ClockState, EntryBody};

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn a_clock_set_by_a_day_during_lunch_changes_neither_day_nor_order() {
    for set_to in ["2026-11-21T04:05:00Z", "2026-11-23T04:05:00Z"] {
        let mut fixture = Fixture::new();
        fixture.lunch(1);
        fixture.clock.set(time(set_to));
        fixture.clock.pass(SignedDuration::from_mins(5));
        assert!(matches!(fixture.ledger.now().expect("a time").state, ClockState::Stepped { .. }));
        let entry = fixture.lunch(2);
        assert_eq!((entry.day, entry.recorded_at), (day("2026-11-22"), time("2026-11-22T04:05:00Z")));
        assert!(matches!(
            fixture.ledger.settle(lunch(elder(1), day("2026-11-22"))),
            Err(LedgerError::AlreadyServed { .. })
        ));
        let by_the_wall = lunch(elder(1), day(&set_to[..10]));
        assert!(matches!(fixture.ledger.settle(by_the_wall), Err(LedgerError::NotToday { .. })));
        assert!(matches!(fixture.ledger.close_day(day("2026-11-23")), Err(LedgerError::NotYet { .. })));
        fixture.clock.set(time("2026-11-22T04:05:00Z"));
        assert_eq!(fixture.ledger.now().expect("a time").state, ClockState::Steady);
    }
}

#[test]
fn a_clock_behind_the_books_after_a_restart_is_not_believed_until_it_is_right_or_the_staff_vouch_for_it() {
    let mut fixture = Fixture::new();
    fixture.clock.pass(DAY);
    fixture.lunch(1);
    fixture.clock.reboot();
    fixture.clock.set(time("2026-11-22T04:00:00Z"));
    assert!(matches!(fixture.ledger.now().expect("a time").state, ClockState::Behind { .. }));
    let (head, meal) = (fixture.ledger.head().expect("a head"), lunch(elder(2), day("2026-11-23")));
    assert!(matches!(fixture.ledger.settle(meal), Err(LedgerError::ClockUnknown)));
    assert!(matches!(fixture.ledger.now().expect("a time").state, ClockState::Behind { .. }), "nor afterwards");
    assert_eq!(fixture.ledger.head().expect("a head"), head);
    fixture.clock.set(time("2026-11-23T04:01:00Z"));
    assert_eq!(fixture.ledger.now().expect("a time").state, ClockState::Steady);
    fixture.clock.set(time("2026-11-22T04:00:00Z"));
    let vouched = fixture.ledger.trust_clock(&staff()).expect("vouched for");
    assert!(matches!(&vouched.body, EntryBody::Clock(clock) if clock.to == time("2026-11-22T04:00:00Z")));
    assert_eq!(vouched.day, day("2026-11-23"), "days only go forward");
    assert_eq!(fixture.ledger.today().expect("a day"), day("2026-11-22"));
    let meal = fixture.lunch(1);
    assert_eq!(meal.day, day("2026-11-23"));
    assert!(matches!(&meal.body, EntryBody::Meal(meal) if meal.day == day("2026-11-22")));
    assert!(matches!(fixture.ledger.trust_clock(&staff()), Err(LedgerError::ClockSteady)));
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn nobody_vouches_for_a_clock_that_shows_years_before_there_was_this_program() {
    let mut fixture = Fixture::new();
    fixture.clock.set(time("1970-01-01T00:00:00Z"));
    assert!(matches!(fixture.ledger.trust_clock(&staff()), Err(LedgerError::ClockUnknown)), "books without an entry");
    fixture.clock.set(time("2026-11-22T04:00:00Z"));
    fixture.lunch(1);
    for start_again in [false, true] {
        if start_again {
            fixture.clock.reboot();
        }
        fixture.clock.set(time("1970-01-01T00:00:00Z"));
        assert!(matches!(fixture.ledger.trust_clock(&staff()), Err(LedgerError::ClockUnknown)));
    }
    assert_eq!(fixture.ledger.head().expect("a head").number, 1);
    fixture.clock.set(time("2026-01-01T00:00:00Z"));
    assert_eq!(fixture.ledger.trust_clock(&staff()).expect("vouched for").number, 2);
}

#[test]
fn books_that_were_created_under_a_clock_far_ahead_begin_when_it_is_right_and_not_later_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = HandClock::at(time("2028-01-10T04:00:00Z"));
    let ledger = Ledger::create_with(&home(&folder), &books(), Box::new(clock.clone())).expect("new books");
    let mut fixture = Fixture { folder, clock, ledger };
    fixture.clock.set(time("1970-01-01T00:00:00Z"));
    fixture.ledger.release_all().expect("a write under a clock that nobody believes");
    fixture.clock.set(time("2026-11-22T04:00:00Z"));
    assert_eq!(fixture.ledger.open_from().expect("a day"), day("2026-11-22"), "before anything is written");
    assert_eq!(fixture.ledger.day_books(day("2026-11-22")).expect("open").entries, vec![]);
    assert_eq!(fixture.lunch(1).day, day("2026-11-22"));
    fixture.ledger.close_day(day("2026-11-22")).expect("closed");
    fixture.clock.reboot();
    fixture.clock.set(time("2026-11-21T04:00:00Z"));
    let earlier = fixture.ledger.close_day(day("2026-11-21")).expect_err("before the books");
    assert!(matches!(earlier, LedgerError::BeforeTheBooks(first) if first == day("2026-11-22")), "{earlier}");
    assert_eq!(fixture.ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn no_books_are_begun_under_a_clock_that_cannot_be_right_and_they_are_once_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = HandClock::at(time("1970-01-01T00:00:10Z"));
    let create = || Ledger::create_with(&home(&folder), &books(), Box::new(clock.clone()));
    let refused = create();
    assert!(matches!(refused, Err(LedgerError::ClockUnknown)), "{:?}", refused.map(|_| ()));
    assert!(!folder.path().join("ledger.db").exists(), "books were begun");
    clock.set(time("2026-11-22T04:00:00Z"));
    drop(create().expect("new books"));
    clock.set(time("1970-01-01T00:00:10Z"));
    let there = create().expect("books that exist are opened by any clock");
    assert_eq!(there.open_from().expect("a day"), day("2026-11-22"));
}

#[test]
fn supper_is_settled_for_the_evening_before_for_half_an_hour_after_midnight_and_no_longer() {
    let mut fixture = Fixture::new();
    let supper = |number, on| MealDraft { period: MealPeriod::Supper, ..lunch(elder(number), day(on)) };
    let ms = SignedDuration::from_millis;
    // From noon to midnight, to ten minutes after it, and to the last moment of the half hour.
    for (number, passes) in (1..).zip([ms(12 * 3_600_000), ms(600_000), ms(1_200_000 - 1)]) {
        fixture.clock.pass(passes);
        assert_eq!(fixture.ledger.today().expect("a day"), day("2026-11-23"));
        let entry = fixture.ledger.settle(supper(number, "2026-11-22")).expect("the evening's");
        assert!(matches!(&entry.body, EntryBody::Meal(meal) if meal.day == day("2026-11-22")), "{entry:?}");
        assert_eq!(entry.day, day("2026-11-22"), "it stands in the evening's books");
        let earlier = fixture.ledger.settle(supper(number, "2026-11-21"));
        assert!(matches!(earlier, Err(LedgerError::NotToday { .. })), "{earlier:?}");
    }
    fixture.clock.pass(ms(1));
    assert_eq!(fixture.ledger.now().expect("a time").now, time("2026-11-22T16:30:00Z"));
    let late = fixture.ledger.settle(supper(4, "2026-11-22"));
    assert!(matches!(late, Err(LedgerError::NotToday { .. })), "{late:?}");
    assert_eq!(fixture.ledger.settle(supper(4, "2026-11-23")).expect("today's").day, day("2026-11-23"));
}

#[test]
fn books_that_vanished_are_not_begun_anew_by_themselves_but_by_order_and_go_on_with_the_numbers() {
    let mut fixture = Fixture::new();
    for number in 1..=3 {
        fixture.lunch(number);
    }
    let head = fixture.ledger.head().expect("a head");
    let Fixture { folder, clock, ledger } = fixture;
    drop(ledger);
    std::fs::remove_file(folder.path().join("ledger.db")).expect("removed");
    let home = home(&folder);
    for opened in
        [Ledger::open(&home, &books()), Ledger::create(&home, &books()), Ledger::open_or_create(&home, &books())]
    {
        assert!(matches!(opened, Err(LedgerError::Store(StoreError::Lost { .. }))));
    }
    std::fs::remove_file(folder.path().join("store.json")).expect("removed");
    assert!(matches!(Ledger::open_or_create(&home, &books()), Err(LedgerError::Store(StoreError::Lost { .. }))));
    let order = Restart { staff: staff(), reason: "硬盘损坏".to_owned(), last_closed: None };
    let (mut ledger, entry) = restart(&home, &books(), Box::new(clock), &order).expect("new books");
    assert_eq!((entry.number, entry.previous), (4, head.hash));
    assert!(matches!(&entry.body, EntryBody::Restart(restart) if restart.known_to == 3));
    assert_eq!(ledger.settle(lunch(elder(1), day("2026-11-22"))).expect("settled").number, 5);
    assert_eq!(ledger.check_all().expect("a check").findings, vec![]);
}

#[test]
fn books_that_were_lost_are_not_begun_anew_under_a_clock_that_nobody_believes() {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    let Fixture { folder, clock, ledger } = fixture;
    drop(ledger);
    clock.reboot();
    clock.set(time("1970-01-01T00:00:00Z"));
    let order = Restart { staff: staff(), reason: "硬盘损坏".to_owned(), last_closed: None };
    let refused = restart(&home(&folder), &books(), Box::new(clock.clone()), &order);
    assert!(matches!(refused, Err(LedgerError::ClockUnknown)), "{:?}", refused.map(|_| ()));
    clock.set(time("2026-11-22T04:00:00Z"));
    let ledger = Ledger::open_with(&home(&folder), &books(), Box::new(clock)).expect("the books are where they were");
    assert_eq!(ledger.head().expect("a head").number, 1);
}

#[test]
fn an_old_copy_put_back_is_noticed() {
    let mut fixture = Fixture::new();
    fixture.lunch(1);
    let fixture = fixture.reopen().expect("opened");
    let file = fixture.folder.path().join("ledger.db");
    let fixture = fixture.reopen().expect("opened");
    let copy = std::fs::read(&file).expect("readable");
    let mut fixture = fixture;
    fixture.lunch(2);
    fixture.clock.pass(DAY);
    let fixture = fixture.reopen().expect("opened");
    let Fixture { folder, clock, ledger } = fixture;
    drop(ledger);
    std::fs::write(&file, copy).expect("written");
    match Ledger::open_with(&home(&folder), &books(), Box::new(clock)) {
        Err(LedgerError::RolledBack { found: 1, known: 2, statement: None }) => {}
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn the_books_of_another_kiosk_are_refused() {
    let fixture = Fixture::new();
    let other = Books { kiosk: KioskId::new("K-002").expect("an id"), ..books() };
    let home = fixture.home();
    drop(fixture.ledger);
    assert!(matches!(Ledger::open(&home, &other), Err(LedgerError::OtherBooks { .. })));
}
