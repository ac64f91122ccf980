//! Books that are damaged or moved while the kiosk serves.

use std::fs;

use super::*;
use crate::domain::ProgrammeId;
use crate::store::Database;
use crate::store::ledger::{Books, Restart, SystemClock, restart};

/// Bytes of a page of the databases.
const PAGE: usize = 4096;

/// A counter over `home`, which has its rules and people already.
fn again(home: &Home) -> Counter {
    let rules = Rules::read(std::path::Path::new("kiosk-config")).expect("the shipped rules");
    Counter::new(home.clone(), ServingHours::all_day(canteen(), Timestamp::now()), rules)
}

/// The place of `database` and of its log files.
fn files(home: &Home, database: Database) -> [std::path::PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| home.data().join(format!("{database}{suffix}")))
}

/// Damages one page of `database` after another, until the books open and `used` is what meets the damage. Gives what the
/// file was before, and the counter that met it.
fn damaged<T>(home: &Home, database: Database, used: impl Fn(&mut Counter) -> Option<T>) -> (Vec<u8>, Counter, T) {
    let whole = fs::read(home.file(database)).expect("readable");
    for page in 1..whole.len() / PAGE {
        let mut bytes = whole.clone();
        bytes[page * PAGE + 100] ^= 1;
        for file in files(home, database) {
            let _ = fs::remove_file(file);
        }
        fs::write(home.file(database), bytes).expect("written");
        let mut counter = again(home);
        if counter.check().is_ok()
            && let Some(met) = used(&mut counter)
        {
            return (whole, counter, met);
        }
    }
    panic!("no page of {database} is read by this alone");
}

#[test]
fn damage_met_while_serving_keeps_the_kiosk_out_of_service_until_sound_files_are_back() {
    for database in Database::ALL {
        let Fixture { mut counter, folder } = open();
        counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
        counter.end_visit();
        drop(counter);
        let home = Home::with_keys(folder.path(), folder.path().join("keys"));
        let (whole, mut counter, ()) = damaged(&home, database, |counter| {
            let reply = counter.offer(VisitId(2), &id("E-1"), evidence());
            (reply == Err(Declined::Fault(StoreFault::Damaged))).then_some(())
        });
        for _ in 0..3 {
            assert_eq!(counter.check(), Err(StoreFault::Damaged), "{database}: nothing was repaired");
        }
        let copy = folder.path().join("copy");
        fs::write(&copy, whole).expect("written");
        fs::rename(copy, home.file(database)).expect("put back");
        assert_eq!(counter.check(), Ok(()), "{database}: the copy is sound");
        counter.offer(VisitId(3), &id("E-1"), evidence()).expect("an offer");
    }
}

#[test]
fn a_roster_that_cannot_be_read_at_the_settlement_is_a_fault_and_no_changed_price() {
    let Fixture { mut counter, folder } = open();
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    // Where the roster can be read it is refused for its price, so that nothing is written.
    let seen = Quote { own_share: offer.quote.own_share + Fen::new(1), ..offer.quote.clone() };
    let confirmed = settlement(VisitId(1), &offer, vec![offer.dishes[0].clone()], seen);
    counter.end_visit();
    drop(counter);
    let (.., met) = damaged(&Home::with_keys(folder.path(), folder.path().join("keys")), Database::People, |counter| {
        counter.settle(&confirmed).err().filter(|error| *error != NotSettled::Changed)
    });
    assert_eq!(met, NotSettled::Fault(StoreFault::Damaged));
}

#[test]
fn nothing_is_begun_anew_under_a_kiosk_that_serves_and_nothing_is_written_in_books_that_were_moved_away() {
    let Fixture { mut counter, folder } = open();
    let (home, books) = (Home::with_keys(folder.path(), folder.path().join("keys")), Books::from(&canteen()));
    let order = Restart { staff: StaffId::new("S-1").expect("an id"), reason: "disk".to_owned(), last_closed: None };
    let begin = || restart(&home, &books, Box::new(SystemClock::new()), &order);
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    let error = begin().err().expect("a kiosk serves");
    assert!(matches!(error, LedgerError::Store(StoreError::KioskRuns(_))), "{error}");
    assert!(error.to_string().contains("remedy: end the kiosk"), "{error}");
    let error = People::restart(&home).err().expect("a kiosk serves");
    assert!(matches!(error, PeopleError::Store(StoreError::KioskRuns(_))), "{error}");
    assert!(!home.quarantine().exists(), "nothing was moved");

    let away = folder.path().join("away");
    fs::create_dir(&away).expect("a folder");
    for file in files(&home, Database::Ledger) {
        fs::rename(&file, away.join(file.file_name().expect("a name"))).expect("moved");
    }
    let confirmed = settlement(VisitId(1), &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
    assert_eq!(counter.settle(&confirmed), Err(NotSettled::Fault(StoreFault::Damaged)));
    assert_eq!(counter.check(), Err(StoreFault::Damaged), "the books are lost");
    let moved = Ledger::open(&Home::with_keys(&away, home.keys().to_owned()), &books).expect("whole");
    assert!(moved.entry(offer.entry).expect("readable").is_none(), "it was written where nobody looks");

    drop(begin().expect("the kiosk has let go"));
    assert_eq!(counter.check(), Ok(()), "the new books are taken up");
    let offer = counter.offer(VisitId(2), &id("E-1"), evidence()).expect("an offer");
    let confirmed = settlement(VisitId(2), &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
    let number = counter.settle(&confirmed).expect("settled");
    let written = Ledger::open(&home, &books).expect("open").entry(offer.entry).expect("readable");
    assert_eq!(written.map(|entry| entry.number), Some(number));
    drop(counter);
    drop(begin().expect("no kiosk holds them"));
}

#[test]
fn what_was_held_when_a_kiosk_lost_power_is_there_for_another_meal_as_soon_as_it_starts_again() {
    let Fixture { mut counter, folder } = open();
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    let points = ProgrammeId::new("points").expect("an id");
    let another = MealPeriod::ALL.into_iter().find(|period| *period != offer.moment.period).expect("another meal");
    let another = MealMoment { period: another, ..offer.moment };
    let left = |counter: &Counter| {
        let usage = counter.ledger().expect("open").usage(&id("E-1"), &another).expect("readable");
        usage.purse(&points)
    };
    assert_eq!(left(&counter), 290, "of 300 the meal holds 10");
    drop(counter);
    let mut counter = again(&Home::with_keys(folder.path(), folder.path().join("keys")));
    counter.check().expect("books in order");
    assert_eq!(left(&counter), 300);
}
