mod books;
mod refusals;
mod rules;

use super::*;
use crate::config::{CanteenConfig, parse_toml};
use crate::domain::sample::{elder, evidence};
use crate::domain::{DishId, Fen, MealPeriod, Pin, StaffId};
use crate::kiosk::session::{NotClosed, StaffRefused};
use crate::store::people::{MenuItem, Staff};

struct Fixture {
    /// Removed when the test ends.
    folder: tempfile::TempDir,
    counter: Counter,
}

fn canteen() -> CanteenConfig {
    let text = include_str!("../../../../kiosk-config/canteen.toml");
    parse_toml(std::path::Path::new("canteen.toml"), text).expect("the shipped file")
}

/// A counter with two dishes on the menu, two elders and the shipped rules, serving all day.
fn open() -> Fixture {
    open_at(canteen())
}

fn open_at(canteen: CanteenConfig) -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let rules = Rules::read(std::path::Path::new("kiosk-config")).expect("the shipped rules");
    let mut counter = Counter::new(home, ServingHours::all_day(canteen, Timestamp::now()), rules);
    counter.check().expect("new books");
    let people = &mut counter.open.as_mut().expect("open").people;
    let elders = [elder("E-1", ElderStatus::Active), elder("E-2", ElderStatus::Deceased)];
    people.save_elders(&elders, Timestamp::now()).expect("saved");
    let item = |id: &str, price| MenuItem {
        dish: Dish { id: DishId::new(id).expect("an id"), name: id.to_owned(), price: Fen::new(price) },
        periods: MealPeriod::ALL.into_iter().collect(),
        from: None,
        to: None,
        weekdays: (1..=7).collect(),
        tags: Vec::new(),
    };
    people.save_menu(&[item("A", 1500), item("B", 1800)]).expect("saved");
    Fixture { folder, counter }
}

fn id(text: &str) -> ElderId {
    ElderId::new(text).expect("an id")
}

fn settlement(visit: VisitId, offer: &Offer, dishes: Vec<Dish>, quote: Quote) -> Settlement {
    Settlement {
        entry: offer.entry,
        visit,
        elder: offer.elder.id.clone(),
        moment: offer.moment.clone(),
        dishes,
        quote,
        evidence: evidence(),
    }
}

#[test]
fn an_offer_is_quoted_held_settled_once_and_then_the_elder_is_served() {
    let Fixture { mut counter, folder: _folder } = open();
    let visit = VisitId(1);
    let offer = counter.offer(visit, &id("E-1"), evidence()).expect("an offer");
    assert_eq!(offer.dishes.len(), 2);
    let dishes = vec![offer.dishes[1].clone()];
    let quote = counter.quote(visit, &dishes).expect("a quote");
    assert_eq!(quote.price, Fen::new(1800));
    let settlement = settlement(visit, &offer, dishes, quote);
    let number = counter.settle(&settlement).expect("settled");
    assert_eq!(counter.settle(&settlement), Ok(number), "a retry is the same entry");
    assert_eq!(
        counter.offer(VisitId(2), &id("E-1"), evidence()).map(|_| ()),
        Err(Declined::AlreadyServed { name: "王秀英".to_owned(), period: offer.moment.period })
    );
}

#[test]
fn what_is_freed_or_written_late_for_an_earlier_visit_leaves_the_next_one_its_offer() {
    let Fixture { mut counter, folder: _folder } = open();
    let people = &mut counter.open.as_mut().expect("open").people;
    people.save_elders(&[elder("E-3", ElderStatus::Active)], Timestamp::now()).expect("saved");
    let late = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    let offer = counter.offer(VisitId(2), &id("E-3"), evidence()).expect("an offer");
    let dishes = vec![offer.dishes[1].clone()];
    counter.release(VisitId(1));
    counter.quote(VisitId(2), &dishes).expect("freed with the earlier visit");
    let confirmed = settlement(VisitId(1), &late, vec![late.dishes[0].clone()], late.quote.clone());
    counter.settle(&confirmed).expect("written late");
    let quote = counter.quote(VisitId(2), &dishes).expect("ended with the earlier visit");
    counter.settle(&settlement(VisitId(2), &offer, dishes.clone(), quote)).expect("settled");
    assert_eq!(counter.quote(VisitId(2), &dishes), Err(NotQuoted::Fault(StoreFault::Other)), "it is over");
}

#[test]
fn a_visit_that_is_released_is_over() {
    let Fixture { mut counter, folder: _folder } = open();
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    counter.release(VisitId(1));
    assert_eq!(counter.quote(VisitId(1), &offer.dishes[..1]), Err(NotQuoted::Fault(StoreFault::Other)));
}

#[test]
fn what_the_elder_did_not_see_is_not_settled() {
    let Fixture { mut counter, folder: _folder } = open();
    let visit = VisitId(1);
    let offer = counter.offer(visit, &id("E-1"), evidence()).expect("an offer");
    let seen = Quote { own_share: offer.quote.own_share + Fen::new(1), ..offer.quote.clone() };
    let wrong = settlement(visit, &offer, vec![offer.dishes[0].clone()], seen);
    assert_eq!(counter.settle(&wrong), Err(NotSettled::Changed));
    assert!(counter.ledger().expect("open").entry(offer.entry).expect("read").is_none());
}

#[test]
fn a_day_that_is_due_is_closed_once_nobody_is_deciding() {
    let due = CanteenConfig { close_at: jiff::civil::Time::midnight(), ..canteen() };
    let Fixture { mut counter, folder: _folder } = open_at(due);
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    counter.close_due();
    let confirmed = settlement(VisitId(1), &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
    counter.settle(&confirmed).expect("the day was closed under the elder");
    counter.close_due();
    assert!(counter.ledger().expect("open").closed_day(offer.moment.day).expect("readable").is_some());
}

#[test]
fn a_visit_whose_end_was_never_told_keeps_a_day_open_as_long_as_what_it_holds_and_no_longer() {
    let due = CanteenConfig { close_at: jiff::civil::Time::midnight(), ..canteen() };
    let Fixture { mut counter, folder: _folder } = open_at(due);
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    let minute = SignedDuration::from_mins(1);
    let closed = [HOLD - minute, HOLD + minute].map(|ago| {
        let held = Instant::now().checked_sub(ago.unsigned_abs()).expect("a time");
        counter.visiting.as_mut().expect("a visit").held = held;
        counter.close_due();
        counter.ledger().expect("open").closed_day(offer.moment.day).expect("readable").is_some()
    });
    assert_eq!(closed, [false, true]);
}

#[test]
fn a_meal_of_a_closed_day_is_over_and_nobody_is_offered_another() {
    let Fixture { mut counter, folder: _folder } = open();
    let pin = add_staff(&mut counter, "Li", "246810");
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    let day = counter.enter_staff(&pin).expect("let in");
    counter.close_by_hand(&day.staff, day.day).expect("closed");
    let confirmed = settlement(VisitId(1), &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
    assert_eq!(counter.settle(&confirmed), Err(NotSettled::Over));
    assert_eq!(counter.offer(VisitId(2), &id("E-1"), evidence()).map(|_| ()), Err(Declined::Closed));
}

#[test]
fn who_is_not_on_the_roster_or_not_active_is_offered_nothing() {
    let Fixture { mut counter, folder: _folder } = open();
    assert_eq!(counter.offer(VisitId(1), &id("E-2"), evidence()).map(|_| ()), Err(Declined::NotActive));
    assert_eq!(counter.offer(VisitId(1), &id("E-9"), evidence()).map(|_| ()), Err(Declined::NotOnRoster));
}

#[test]
fn a_data_folder_that_cannot_be_made_is_a_fault_and_not_an_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    let hours = ServingHours::all_day(canteen(), Timestamp::now());
    let mut counter = Counter::new(Home::with_keys(&file, file.join("keys")), hours, Rules::default());
    assert!(counter.check().is_err());
    assert!(matches!(counter.offer(VisitId(1), &id("E-1"), evidence()), Err(Declined::Fault(_))));
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(counter.check(), Ok(()), "the books are opened as soon as they can be");
}

#[test]
fn a_day_that_was_closed_before_the_books_were_lost_is_not_served_again() {
    use crate::store::ledger::{Books, Restart, SystemClock, restart};
    let Fixture { counter, folder } = open();
    let (home, books) = (Home::with_keys(folder.path(), folder.path().join("keys")), Books::from(&canteen()));
    let today = counter.ledger().expect("open").today().expect("a day");
    assert!(matches!(counter.service(), Service::Open(_)));
    drop(counter);
    std::fs::write(home.file(crate::store::Database::Ledger), "torn").expect("written");
    let last_closed = Some((today, crate::domain::statement::ChainPoint::START, Default::default()));
    let order = Restart { staff: StaffId::new("S-1").expect("an id"), reason: "disk".to_owned(), last_closed };
    drop(restart(&home, &books, Box::new(SystemClock::new()), &order).expect("new books"));
    let hours = ServingHours::all_day(canteen(), Timestamp::now());
    let mut counter = Counter::new(home, hours, Rules::default());
    counter.check().expect("books in order");
    assert!(matches!(counter.service(), Service::Closed(_)));
}

#[test]
fn a_clock_behind_the_books_serves_nobody_until_the_staff_vouch_for_it() {
    use crate::domain::{MovementCause, MovementEntry, ProgrammeId};
    use crate::store::ledger::{Books, HandClock};
    let Fixture { counter, folder } = open();
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    drop(counter);
    let tomorrow = Timestamp::now().checked_add(jiff::SignedDuration::from_hours(24)).expect("a time");
    let books = Books::from(&canteen());
    let mut ledger = Ledger::open_with(&home, &books, Box::new(HandClock::at(tomorrow))).expect("open");
    let granted = MovementEntry {
        elder: id("E-1"),
        programme: ProgrammeId::new("points").expect("an id"),
        version: None,
        cause: MovementCause::Adjustment,
        day: ledger.today().expect("a day"),
        units: 3,
        staff: None,
        reason: "helped".to_owned(),
    };
    ledger.move_purse(EntryId::from_uuid(Uuid::now_v7()), granted).expect("written a day ahead");
    drop(ledger);
    let hours = ServingHours::all_day(canteen(), Timestamp::now());
    let mut counter = Counter::new(home, hours, Rules::default());
    assert_eq!(counter.check(), Err(StoreFault::Clock));
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence());
    assert_eq!(offer.map(|_| ()), Err(Declined::Fault(StoreFault::Clock)));
    let pin = add_staff(&mut counter, "1", "246810");
    assert!(counter.enter_staff(&pin).expect("let in").clock_is_off);
    let ledger = &mut counter.open.as_mut().expect("open").ledger;
    ledger.trust_clock(&StaffId::new("S-1").expect("an id")).expect("vouched for");
    assert_eq!(counter.check(), Ok(()));
    counter.offer(VisitId(2), &id("E-1"), evidence()).expect("an offer");
    assert!(!counter.enter_staff(&pin).expect("let in").clock_is_off);
}

#[test]
fn points_go_as_far_below_zero_as_the_rules_let_them_and_the_elder_is_not_told_of_points_that_are_not_there() {
    use crate::domain::{MovementCause, MovementEntry, ProgrammeId};
    let Fixture { mut counter, folder: _folder } = open();
    let points = ProgrammeId::new("points").expect("an id");
    let balance = |counter: &Counter| {
        let purses = counter.ledger().expect("open").purses(&id("E-1")).expect("readable");
        purses.get(&points).map(|purse| purse.balance)
    };
    counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    counter.end_visit();
    assert_eq!(balance(&counter), Some(300), "granted for the month");
    let taken = MovementEntry {
        elder: id("E-1"),
        programme: points.clone(),
        version: None,
        cause: MovementCause::Adjustment,
        day: counter.ledger().expect("open").today().expect("a day"),
        units: -297,
        staff: None,
        reason: "spent elsewhere".to_owned(),
    };
    let entry = EntryId::from_uuid(Uuid::now_v7());
    counter.open.as_mut().expect("open").ledger.move_purse(entry, taken).expect("taken");

    // 3 are there and 10 are lent: 10 for the first meal, the most that a meal takes, 3 for the second, none for the third.
    let mut drawn = Vec::new();
    for (visit, period) in (1..).map(VisitId).zip(MealPeriod::ALL) {
        counter.hours.serve(period);
        let offer = counter.offer(visit, &id("E-1"), evidence()).expect("an offer");
        let left = offer.quote.remaining.iter().find(|left| left.programme == points).expect("points are spoken of");
        assert!(left.sentence.contains("还剩 0 分"), "{}", left.sentence);
        let line = offer.quote.lines.iter().find(|line| line.rule.programme == points);
        drawn.push((line.map_or(0, |line| line.units), balance(&counter).expect("a purse")));
        let settlement = settlement(visit, &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
        counter.settle(&settlement).expect("settled");
    }
    assert_eq!(drawn, [(10, 3), (3, -7), (0, -10)]);
    assert_eq!(balance(&counter), Some(-10));
}

fn add_staff(counter: &mut Counter, name: &str, pin: &str) -> Pin {
    let pin = Pin::chosen(pin).expect("a PIN");
    let people = &mut counter.open.as_mut().expect("open").people;
    let staff = Staff { id: StaffId::new(format!("S-{name}")).expect("an id"), name: name.to_owned() };
    people.save_staff(&staff, &pin).expect("saved");
    pin
}

#[test]
fn a_pin_shows_its_owner_the_day_and_closes_it_with_its_files_and_a_note_of_who_said_so() {
    let Fixture { mut counter, folder } = open();
    let wrong = Pin::entered("135790").expect("a PIN");
    assert_eq!(counter.enter_staff(&wrong), Err(StaffRefused::Nobody));
    let pin = add_staff(&mut counter, "Li", "246810");
    add_staff(&mut counter, "Wang", "975310");
    assert_eq!(counter.enter_staff(&wrong), Err(StaffRefused::Wrong));

    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    let dishes = vec![offer.dishes[0].clone()];
    let settled = settlement(VisitId(1), &offer, dishes, offer.quote.clone());
    counter.settle(&settled).expect("settled");
    let day = counter.enter_staff(&pin).expect("let in");
    assert_eq!((day.staff.as_str(), day.closed_at, day.last_close, day.open_before), ("S-Li", None, None, 0));
    assert_eq!((day.total.meals, day.total.price), (1, Fen::new(1500)));
    let of_meal = &day.periods[offer.moment.period as usize];
    assert_eq!((of_meal.meals, of_meal.price, &of_meal.payers), (1, day.total.price, &day.total.payers));
    assert_eq!(day.total.payers.values().copied().sum::<Fen>(), day.total.price);

    let tomorrow = crate::domain::MealDay(day.day.0.tomorrow().expect("a day"));
    assert!(counter.close_by_hand(&day.staff, tomorrow).is_err(), "only today is closed by hand");
    let closed = counter.close_by_hand(&day.staff, day.day).expect("closed");
    assert!(
        !closed.unwritten && closed.closed_at.is_some() && closed.last_close.is_some_and(|(last, _)| last == day.day)
    );
    let files = crate::statement::folder(folder.path());
    let report = crate::statement::verify::verify(&[files], &[]).expect("files");
    assert!(report.ok && report.days.len() == 1, "{:?}", report.findings);
    let acts = counter.people().expect("open").acts(10).expect("readable");
    let acts: Vec<_> = acts.iter().map(|act| (act.staff.as_str(), act.act.as_str())).collect();
    assert_eq!(acts, [("S-Li", format!("close {}", day.day).as_str())]);
}
