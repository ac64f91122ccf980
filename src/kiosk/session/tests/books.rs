//! What the books answer to a confirmed meal, late, twice or not at all.

use super::bench::*;
use crate::kiosk::session::*;

impl Bench {
    /// The ledger's answer to one ask for the settlement of `visit`.
    fn answer(&mut self, visit: VisitId, reply: Result<u64, NotSettled>) {
        self.tell(Event::Settled { entry: entry(visit), reply });
    }

    /// A confirmed visit for whose settlement the books were asked so often and have not answered.
    fn unanswered(&mut self, asks: usize) -> VisitId {
        let visit = self.up_to_the_question(1, "王秀英");
        self.touch(Touch::Confirm(visit, self.choice()));
        for _ in 1..asks {
            self.wait(5_000);
        }
        assert_eq!(self.settlements().len(), asks);
        visit
    }
}

#[test]
fn a_settlement_is_tried_again_as_the_same_record_and_the_elder_is_told_when_it_stays_unsure() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.touch(Touch::Confirm(visit, bench.choice()));
    for _ in 0..18 {
        bench.tell(Event::Settled { entry: entry(visit), reply: Err(NotSettled::Busy) });
        bench.wait(500);
    }
    let settlements = bench.settlements();
    assert_eq!(settlements.len(), 5);
    assert!(settlements.windows(2).all(|pair| pair[0] == pair[1]), "a retry is the same record");
    assert_eq!(bench.screen(), "unsure");
    bench.tell(Event::Settled { entry: entry(visit), reply: Ok(3) });
    assert_eq!(bench.screen(), "settled", "a late answer is still told");
    bench.tell(Event::Settled { entry: entry(visit), reply: Ok(3) });
    assert_eq!(bench.session.settled_meals(), 1);
}

#[test]
fn why_a_confirmed_meal_was_not_written_is_said_and_a_closed_day_is_no_changed_price() {
    for (reason, screen) in [
        (NotSettled::AlreadyServed, "already-served"),
        (NotSettled::Changed, "price-changed"),
        (NotSettled::NotActive, "ask-staff"),
        (NotSettled::Over, "meal-over"),
        (NotSettled::Fault(StoreFault::Damaged), "fault"),
    ] {
        let mut bench = Bench::at_lunch();
        let visit = bench.up_to_the_question(1, "王秀英");
        bench.touch(Touch::Confirm(visit, bench.choice()));
        bench.tell(Event::Settled { entry: entry(visit), reply: Err(reason) });
        assert_eq!(bench.screen(), screen);
        assert!(bench.released());
    }
}

#[test]
fn why_a_choice_was_not_quoted_is_said_and_only_books_that_fail_put_the_kiosk_out_of_service() {
    for (reason, screen, then) in [
        (NotQuoted::AlreadyServed, "already-served", "idle"),
        (NotQuoted::Changed, "price-changed", "idle"),
        (NotQuoted::NotActive, "ask-staff", "idle"),
        (NotQuoted::Fault(StoreFault::Damaged), "fault", "store-fault"),
    ] {
        let mut bench = Bench::at_lunch();
        let visit = bench.recognise(1, "王秀英", 3);
        bench.touch(Touch::ChooseDishes(visit));
        bench.touch(Touch::Dish(visit, 2));
        let choice = bench.choice();
        bench.tell(Event::Quoted { visit, choice, reply: Err(reason) });
        assert_eq!(bench.screen(), screen);
        assert!(bench.released());
        bench.touch(Touch::Home);
        assert_eq!(bench.screen(), then, "{reason:?}");
    }
}

#[test]
fn a_full_disk_takes_nothing_and_the_kiosk_is_out_of_service_until_it_is_back() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.touch(Touch::Confirm(visit, bench.choice()));
    bench.tell(Event::Settled { entry: entry(visit), reply: Err(NotSettled::Fault(StoreFault::DiskFull)) });
    assert_eq!(bench.screen(), "fault");
    assert!(bench.released());
    bench.see_nobody(20_000);
    assert_eq!(bench.screen(), "store-fault");
    assert!(bench.effects.contains(&Effect::CheckStore));
    bench.see(3_000, 2, accepted("李桂芳"));
    assert_eq!(bench.screen(), "store-fault", "nobody is led on while nothing can be written");
    bench.tell(Event::Store(Ok(())));
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn no_refusal_is_the_last_word_while_the_same_settlement_still_lies_before_the_books() {
    for refusal in [
        NotSettled::Fault(StoreFault::Other),
        NotSettled::AlreadyServed,
        NotSettled::Changed,
        NotSettled::Over,
        NotSettled::Busy,
    ] {
        let mut bench = Bench::at_lunch();
        let visit = bench.unanswered(2);
        bench.answer(visit, Err(refusal.clone()));
        assert_eq!(bench.screen(), "confirm", "{refusal:?}");
        assert!(!bench.released(), "{refusal:?}");
        bench.answer(visit, Ok(7));
        assert_eq!((bench.screen(), bench.session.settled_meals()), ("settled", 1), "{refusal:?}");
        bench.see_nobody(20_000);
        assert_eq!(bench.screen(), "idle", "books that wrote the meal are in order");
    }
}

#[test]
fn when_every_ask_was_refused_the_elder_is_told_that_nothing_was_taken() {
    let mut bench = Bench::at_lunch();
    let visit = bench.unanswered(2);
    bench.answer(visit, Err(NotSettled::Fault(StoreFault::Other)));
    bench.answer(visit, Err(NotSettled::Fault(StoreFault::DiskFull)));
    assert_eq!(bench.session.view().screen, Screen::Message(Message::Fault(StoreFault::DiskFull)));
    assert!(bench.released());
}

#[test]
fn a_refused_settlement_that_is_asked_for_once_more_in_vain_stays_unsure() {
    for (last, screen) in [(Ok(3), "settled"), (Err(NotSettled::Fault(StoreFault::Other)), "fault")] {
        let mut bench = Bench::at_lunch();
        let visit = bench.unanswered(5);
        bench.wait(5_000);
        assert_eq!(bench.screen(), "unsure");
        for _ in 0..4 {
            bench.answer(visit, Err(NotSettled::Fault(StoreFault::Other)));
            assert_eq!(bench.screen(), "unsure", "one ask is not answered");
            assert!(!bench.released());
        }
        let settled = last.is_ok();
        bench.answer(visit, last);
        assert_eq!((bench.screen(), bench.released()), (screen, !settled));
    }
}

#[test]
fn what_nobody_waits_for_any_more_and_was_not_written_is_released_and_what_was_written_late_counts() {
    for (answers, settled) in [
        (vec![Err(NotSettled::Busy); 5], 0),
        (vec![Err(NotSettled::Fault(StoreFault::Other)), Err(NotSettled::Busy), Ok(3)], 1),
    ] {
        let mut bench = Bench::at_lunch();
        let visit = bench.unanswered(5);
        bench.wait(5_000);
        assert_eq!(bench.screen(), "unsure");
        bench.touch(Touch::Home);
        assert_eq!((bench.screen(), bench.released()), ("idle", false), "it may be written yet");
        for answer in answers {
            assert!(!bench.released());
            bench.answer(visit, answer);
            assert_eq!(bench.screen(), "idle");
        }
        assert_eq!((bench.released(), bench.session.settled_meals()), (settled == 0, settled));
    }
    let mut bench = Bench::at_lunch();
    let visit = bench.unanswered(5);
    for _ in 0..5 {
        bench.answer(visit, Err(NotSettled::Busy));
    }
    bench.wait(5_000);
    assert_eq!((bench.screen(), bench.released()), ("unsure", false));
    bench.wait(60_000);
    assert_eq!((bench.screen(), bench.released()), ("idle", true), "every answer had come before the sentence ended");
}

#[test]
fn a_quote_that_does_not_come_ends_the_visit_and_takes_nothing() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.see(10_000, 1, accepted("王秀英"));
    bench.touch(Touch::Dish(visit, 2));
    bench.see(4_900, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "dishes");
    bench.see(100, 1, accepted("王秀英"));
    assert_eq!(bench.session.view().screen, Screen::Message(Message::Fault(StoreFault::Silent)));
    assert!(bench.released());
}

#[test]
fn nobody_who_takes_their_time_to_choose_is_told_that_the_books_are_silent() {
    let mut bench = Bench::with(SessionOptions { several_dishes: true, ..SessionOptions::default() });
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Dish(visit, 1));
    let (choice, dishes) = (bench.choice(), [dish(0), dish(1)]);
    bench.tell(Event::Quoted { visit, choice, reply: Ok(quote(&dishes)) });
    bench.see(20_000, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "dishes", "the quote is there");
    bench.touch(Touch::Dish(visit, 0));
    bench.touch(Touch::Dish(visit, 1));
    bench.see(20_000, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "dishes", "nothing is chosen, so no quote is owed");
}
