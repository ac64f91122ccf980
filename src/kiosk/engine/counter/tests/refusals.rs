//! What the rules refuse while an elder decides is said as what it is, and the books stay open.

use super::*;
use crate::domain::{MealDay, ProgrammeId};
use crate::store::ledger::Books;

/// The books as the staff's commands open them, beside the kiosk.
fn beside(folder: &tempfile::TempDir) -> (People, Ledger) {
    let home = Home::with_keys(folder.path(), folder.path().join("keys"));
    let ledger = Ledger::open(&home, &Books::from(&canteen())).expect("open");
    (People::open(&home).expect("open"), ledger)
}

/// Enters the meal of `offer` as the staff do.
fn enter(ledger: &mut Ledger, offer: &Offer) {
    let dish = offer.dishes[0].clone();
    let draft = MealDraft {
        id: EntryId::from_uuid(Uuid::now_v7()),
        elder: offer.elder.id.clone(),
        day: offer.moment.day,
        period: offer.moment.period,
        quote: Quote::full_price(dish.price),
        dishes: vec![dish],
        identified_by: IdentifiedBy::Staff,
        staff: Some(StaffId::new("S-1").expect("an id")),
        evidence: None,
        credit: Default::default(),
    };
    ledger.settle(draft).expect("entered");
}

#[test]
fn a_meal_that_the_staff_entered_while_the_elder_chose_is_had_already_and_the_books_stay_open() {
    let Fixture { mut counter, folder } = open();
    let (_, mut ledger) = beside(&folder);
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    enter(&mut ledger, &offer);
    let dishes = vec![offer.dishes[1].clone()];
    assert_eq!(counter.quote(VisitId(1), &dishes), Err(NotQuoted::AlreadyServed));
    assert!(counter.ledger().is_some(), "the books were shut");
    // The price that is shown was worked out before; it is not what has changed.
    let confirmed = settlement(VisitId(1), &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
    assert_eq!(counter.settle(&confirmed), Err(NotSettled::AlreadyServed));
    assert!(counter.ledger().is_some(), "the books were shut");
}

#[test]
fn who_is_suspended_or_struck_off_while_choosing_is_sent_to_the_staff_and_the_books_stay_open() {
    let Fixture { mut counter, folder } = open();
    let (mut people, _) = beside(&folder);
    let offer = counter.offer(VisitId(1), &id("E-1"), evidence()).expect("an offer");
    people.save_elders(&[elder("E-1", ElderStatus::Suspended)], Timestamp::now()).expect("saved");
    let dishes = vec![offer.dishes[1].clone()];
    assert_eq!(counter.quote(VisitId(1), &dishes), Err(NotQuoted::NotActive));
    let confirmed = settlement(VisitId(1), &offer, vec![offer.dishes[0].clone()], offer.quote.clone());
    assert_eq!(counter.settle(&confirmed), Err(NotSettled::NotActive));
    let nobody = Settlement { elder: id("E-9"), ..confirmed.clone() };
    assert_eq!(counter.settle(&nobody), Err(NotSettled::NotActive));
    assert!(counter.ledger().is_some(), "the books were shut");
    assert!(counter.ledger().expect("open").entry(offer.entry).expect("read").is_none());

    people.save_elders(&[elder("E-1", ElderStatus::Active)], Timestamp::now()).expect("saved");
    counter.settle(&confirmed).expect("active again");
}

#[test]
fn that_a_purse_was_emptied_meanwhile_is_told_as_a_change_whatever_was_asked_and_not_as_a_fault() {
    let short =
        || LedgerError::Short { programme: ProgrammeId::new("points").expect("an id"), spendable: 1, wanted: 2 };
    assert_eq!(not_offered(short()), Declined::Changed);
    assert_eq!(not_quoted(short()), NotQuoted::Changed);
    assert_eq!(not_settled(short()), NotSettled::Changed);
}

#[test]
fn after_a_close_before_lunch_the_next_meal_is_that_of_tomorrow() {
    // Wherever it is half an hour to an hour and a half before lunch.
    let hour = i32::from(Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).hour());
    let ahead = if hour < 22 { 10 - hour } else { 34 - hour };
    let zone = jiff::tz::TimeZone::get(&format!("Etc/GMT{:+}", -ahead)).expect("a zone");
    let mut canteen = CanteenConfig { zone, ..canteen() };
    for hours in &mut canteen.periods {
        if hours.period == MealPeriod::Lunch {
            hours.from = jiff::civil::time(11, 30, 0, 0);
        }
    }
    let Fixture { mut counter, folder: _folder } = open_at(canteen.clone());
    counter.hours = ServingHours::of(canteen);
    let pin = add_staff(&mut counter, "Li", "246810");
    let next = |counter: &Counter| match counter.service() {
        Service::Closed(next) => next.map(|next| (next.period, next.tomorrow)),
        Service::Open(period) => panic!("{period:?} is served"),
    };
    assert_eq!(next(&counter), Some((MealPeriod::Lunch, false)));
    let day = counter.enter_staff(&pin).expect("let in");
    counter.close_by_hand(&day.staff, day.day).expect("closed");
    assert_eq!(next(&counter), Some((MealPeriod::Breakfast, true)), "a meal of a closed day is announced");
}

#[test]
fn who_is_no_longer_of_the_staff_or_means_a_day_that_is_over_closes_nothing_and_shuts_no_books() {
    let Fixture { mut counter, folder: _folder } = open();
    let pin = add_staff(&mut counter, "Li", "246810");
    let day = counter.enter_staff(&pin).expect("let in");
    let yesterday = MealDay(day.day.0.yesterday().expect("a day"));
    assert_eq!(counter.close_by_hand(&day.staff, yesterday), Err(NotClosed::Over));
    let gone = StaffId::new("S-9").expect("an id");
    assert_eq!(counter.close_by_hand(&gone, day.day), Err(NotClosed::NotStaff));
    let ledger = counter.ledger().expect("the books were shut");
    assert!(ledger.closed_day(day.day).expect("readable").is_none());
    assert_eq!(counter.people().expect("open").acts(10).expect("readable"), []);
}

#[test]
fn a_day_whose_files_cannot_be_written_is_told_of_as_closed_and_its_files_follow() {
    let Fixture { mut counter, folder } = open();
    let pin = add_staff(&mut counter, "Li", "246810");
    let day = counter.enter_staff(&pin).expect("let in");
    let statements = crate::statement::folder(folder.path());

    std::fs::write(&statements, "in the way").expect("written");
    let refused = counter.close_by_hand(&day.staff, day.day);
    assert!(matches!(refused, Err(NotClosed::Fault(_))), "{refused:?}");
    counter.check().expect("the books are there");
    assert!(counter.ledger().expect("open").closed_day(day.day).expect("readable").is_none());

    std::fs::remove_file(&statements).expect("removed");
    let canteen = canteen();
    let names = crate::statement::Names::new(&canteen.id, &canteen.kiosk, day.day);
    let in_the_way = statements.join(names.file(crate::statement::FileKind::Xlsx));
    std::fs::create_dir_all(in_the_way.join("not empty")).expect("made");
    let closed = counter.close_by_hand(&day.staff, day.day).expect("closed");
    assert!(closed.closed_at.is_some() && closed.unwritten);
    let seen = counter.enter_staff(&pin).expect("let in");
    assert!(seen.closed_at.is_some() && seen.unwritten, "who looks again is told again");

    std::fs::remove_dir_all(&in_the_way).expect("removed");
    counter.close_due();
    let seen = counter.enter_staff(&pin).expect("let in");
    assert!(seen.closed_at.is_some() && !seen.unwritten);
    let report = crate::statement::verify::verify(&[statements], &[]).expect("files");
    assert!(report.ok && report.days.len() == 1, "{:?}", report.findings);
}
