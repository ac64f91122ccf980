use super::super::sample::{self, SampleBooks, lunch};
use super::*;
use crate::domain::{Entry, EntryBody, Fen};

fn busy() -> DayBooks {
    sample::busy_day(&mut SampleBooks::begin("2026-11-22"))
}

fn fault_of(books: DayBooks) -> StatementError {
    Statement::new(books).expect_err("the books were damaged")
}

/// Hashes a changed entry again, and those after it, as somebody would who hides the change from the chain.
fn rehash(books: &mut DayBooks) {
    let mut before = books.before.hash;
    for sealed in &mut books.entries {
        *sealed = Sealed::new(Entry { previous: before, ..sealed.clone().into_entry() });
        before = sealed.hash;
    }
}

/// Changes the second entry.
fn spoil(books: &mut DayBooks, change: impl FnOnce(&mut Entry)) {
    let mut entry = books.entries[1].clone().into_entry();
    change(&mut entry);
    books.entries[1] = Sealed::new(entry);
}

fn spoil_meal(books: &mut DayBooks, change: impl FnOnce(&mut crate::domain::MealEntry)) {
    spoil(books, |entry| {
        let EntryBody::Meal(meal) = &mut entry.body else { panic!("a meal") };
        change(meal);
    });
}

#[test]
fn a_day_is_summed_by_payer_period_and_programme_net_of_what_was_taken_back() {
    let statement = Statement::new(busy()).expect("sound books");
    let day = statement.day_totals();
    assert_eq!((day.entries, day.meals, day.reversals, day.price), (5, 3, 1, Fen::new(1050)));
    let by_payer: Vec<(String, i64)> = day.payers.iter().map(|(payer, fen)| (payer.to_string(), fen.get())).collect();
    assert_eq!(by_payer, [("city".into(), 183), ("district".into(), 367), ("elder".into(), 500)]);
    let prices: Vec<i64> = statement.periods().map(|(_, totals)| totals.price.get()).collect();
    assert_eq!(prices, [0, 800, 250]);
    let [programme] = statement.programmes() else { panic!("one programme") };
    assert_eq!((programme.uses, programme.amount), (2, Fen::new(550)));
    let [grant] = statement.movements() else { panic!("one kind of movement") };
    assert_eq!((grant.movements, grant.units), (1, 300));
    assert_eq!(statement.after().number, 5);
}

#[test]
fn the_next_day_opens_with_what_the_last_one_closed_with_also_across_an_empty_day() {
    let mut books = SampleBooks::begin("2026-11-22");
    let first = Statement::new(sample::busy_day(&mut books)).expect("sound books");
    let empty = Statement::new(books.close()).expect("sound books");
    let third = Statement::new(books.add(EntryBody::Meal(lunch("E-9", 900))).close()).expect("sound books");
    assert_eq!((empty.day_totals(), empty.after()), (&Totals::default(), first.after()));
    assert_eq!(third.books().opening, *first.closing());
    assert_eq!(third.books().before, first.after());
    assert_eq!(third.closing().price, Fen::new(1950));
}

#[test]
fn every_entry_that_breaks_sequence_chain_place_or_sums_is_named() {
    let mut swapped = busy();
    swapped.entries.swap(1, 2);
    assert_eq!(fault_of(swapped), StatementError { position: 2, fault: EntryFault::Number { expected: 2, found: 3 } });

    let mut left_out = busy();
    left_out.entries.remove(3);
    assert!(matches!(fault_of(left_out), StatementError { position: 4, fault: EntryFault::Number { .. } }));

    let mut edited = busy();
    spoil(&mut edited, |entry| entry.recorded_at = jiff::Timestamp::UNIX_EPOCH);
    assert!(matches!(fault_of(edited), StatementError { position: 3, fault: EntryFault::Link { .. } }));

    let mut elsewhere = busy();
    elsewhere.day = MealDay("2026-11-23".parse().expect("a day"));
    assert!(matches!(
        fault_of(elsewhere),
        StatementError { position: 1, fault: EntryFault::Elsewhere { what: "day", .. } }
    ));
}

#[test]
fn amounts_that_cannot_be_are_refused_even_when_the_chain_is_made_to_fit() {
    type Spoil = fn(&mut crate::domain::MealEntry);
    let cases: [(Spoil, &str); 4] = [
        (|meal| meal.price = Fen::new(1251), "the payers"),
        (|meal| meal.payers[2].amount = Fen::new(-950), "cannot be"),
        (|meal| meal.dishes[0].price = Fen::new(1), "the dishes"),
        (|meal| meal.lines[0].payers[0].amount = Fen::ZERO, "the payers of a line"),
    ];
    for (change, problem) in cases {
        let mut books = busy();
        spoil_meal(&mut books, change);
        rehash(&mut books);
        let error = fault_of(books);
        assert!(error.position == 2 && error.to_string().contains(problem), "{error}");
    }
    let mut absurd = busy();
    spoil_meal(&mut absurd, |meal| meal.payers[0].amount = Fen::new(i64::MIN));
    rehash(&mut absurd);
    assert_eq!(fault_of(absurd).fault, EntryFault::Amount(Fen::new(i64::MIN)));
}

#[test]
fn opening_totals_beyond_all_bounds_are_an_error_and_no_overflow() {
    let mut books = busy();
    books.opening.price = Fen::new(i64::MAX);
    books.opening.entries = u64::MAX;
    assert!(matches!(fault_of(books).fault, EntryFault::Amount(_)));
}
