//! What a kiosk's own key does not cover up: days that do not go together, though each is sound and signed by itself.

use super::*;
use crate::domain::statement::ChainPoint;
use crate::domain::{EntryHash, Fen, RestartEntry, ReversalEntry};

/// What verifying finds on these books, each signed by the kiosk and in a folder of its own.
fn verified(books: &[DayBooks]) -> verify::Report {
    let keys = tempfile::tempdir().expect("a folder");
    let signer = Signer::open_or_create(keys.path()).expect("a key");
    let folders: Vec<_> = books.iter().map(|_| tempfile::tempdir().expect("a folder")).collect();
    for (folder, books) in folders.iter().zip(books) {
        save(folder.path(), &make(books.clone(), &signer));
    }
    let paths: Vec<_> = folders.iter().map(|folder| folder.path().to_owned()).collect();
    verify::verify(&paths, &[signer.public_key()]).expect("statements")
}

/// The one thing that is wrong.
fn found(books: &[DayBooks]) -> verify::Finding {
    let report = verified(books);
    let [finding] = &report.findings[..] else { panic!("not one finding: {:#?}", report.findings) };
    assert!(!report.ok, "{finding}");
    finding.clone()
}

#[test]
fn a_kiosk_that_takes_back_other_amounts_than_the_meal_booked_is_found_out() {
    let days = |back: ReversalEntry| {
        let mut books = SampleBooks::begin("2026-11-22");
        [sample::busy_day(&mut books), books.add(EntryBody::Reversal(back)).close()]
    };
    // Number 3 is a lunch at 8.00.
    let right = sample::reversal(&lunch("510107194001010012", 800), 3);
    assert_eq!(verified(&days(right.clone())).findings, []);

    // Each adds up in itself.
    let less = sample::reversal(&lunch("510107194001010012", 700), 3);
    let mut from_others = right.clone();
    from_others.payers[0].amount += Fen::new(50);
    from_others.payers[2].amount -= Fen::new(50);
    let to_others = sample::reversal(&lunch("000123", 800), 3);
    for back in [less, from_others, to_others] {
        let finding = found(&days(back));
        assert_eq!(finding.problem, "it takes back other amounts than the meal booked");
        assert_eq!((finding.file.as_str(), finding.line), ("CT-001_2026-11-23_K-001.entries.jsonl", Some(1)));
    }
}

#[test]
fn books_that_begin_with_number_1_but_not_with_nothing_are_found_out() {
    let mut richer = sample::busy_day(&mut SampleBooks::begin("2026-11-22"));
    richer.opening.price = Fen::new(1);
    let mut after_something = SampleBooks::begin("2026-11-22").close();
    after_something.before.hash = EntryHash([7; 32]);
    for books in [richer, after_something] {
        let finding = found(&[books]);
        assert_eq!(finding.problem, "the books begin here, but not with nothing");
        assert_eq!(finding.file, "CT-001_2026-11-22_K-001.json");
    }
}

#[test]
fn two_different_statements_of_one_day_are_found_out_and_one_that_is_given_twice_is_one_day() {
    let day = || sample::busy_day(&mut SampleBooks::begin("2026-11-22"));
    let other = SampleBooks::begin("2026-11-22").add(EntryBody::Meal(lunch("E-1", 1200))).close();
    assert_eq!(found(&[day(), other]).problem, "there are two different statements of 2026-11-22");
    assert_eq!(verified(&[day(), day()]).findings, []);
}

#[test]
fn books_that_begin_anew_before_the_end_of_the_day_before_are_not_taken_for_lost_ones() {
    /// The 22nd with so many lunches, then the day on which the books begin anew.
    fn restarted(lunches: u64) -> [DayBooks; 2] {
        let mut books = SampleBooks::begin("2026-11-22");
        for number in 1..=lunches {
            books.add(EntryBody::Meal(lunch(&format!("E-{number}"), 1200)));
        }
        let order = RestartEntry { known_to: lunches, staff: sample::id("S-01"), reason: "disk".to_owned() };
        [books.close(), books.add(EntryBody::Restart(order)).close()]
    }
    let [closed, at_its_end] = restarted(3);
    let [_, later] = restarted(4);
    let [_, before_its_end] = restarted(2);
    for anew in [at_its_end, later] {
        let from = anew.before.number;
        let report = verified(&[closed.clone(), anew]);
        let note = format!("begin anew on 2026-11-23 after number {from};");
        assert!(report.ok && report.notes.iter().any(|said| said.contains(&note)), "{report:#?}");
    }
    let report = verified(&[closed.clone(), before_its_end]);
    let chain = report.findings.iter().find(|finding| finding.problem == "the chain does not go on from 2026-11-22");
    let chain = chain.unwrap_or_else(|| panic!("the gap was not seen: {report:#?}"));
    let ends = |at: ChainPoint| Some(format!("number {} with hash {}", at.number, at.hash));
    let end = Statement::new(closed).expect("sound books").after();
    assert_eq!(chain.expected, ends(end));
    assert!(chain.found.as_ref().is_some_and(|found| found.starts_with("number 2 ")), "{chain}");
    assert!(!report.notes.iter().any(|said| said.contains("begin anew")), "{:?}", report.notes);
}
