//! What the books answer to a confirmed meal, late, twice or not at all.

use super::bench::*;
use crate::kiosk::session::*;

impl Bench {
    /// The ledger's answer to one ask for the settlement of `visit`.
    fn answer(&mut self, visit: VisitId, reply: Result<u64, NotSettled>) {
        self.tell(Event::Settled { entry: entry(visit), reply });
    }

    /// How often it was asked whether the books are back.
    fn checks(&self) -> usize {
        self.effects.iter().filter(|effect| **effect == Effect::CheckStore).count()
    }

    /// Another elder steps up and is led nowhere.
    fn turns_away(&mut self, track: u64, name: &str) {
        let opened = self.openings();
        self.see(10_000, track, accepted(name));
        assert_eq!((self.screen(), self.openings()), ("store-fault", opened), "{name} was led on");
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
    for _ in 0..3 {
        bench.answer(visit, Err(NotSettled::Busy));
        bench.wait(1_500);
    }
    bench.wait(5_000);
    bench.wait(5_000);
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
fn when_every_try_found_the_books_busy_the_elder_is_told_that_nothing_was_taken() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.touch(Touch::Confirm(visit, bench.choice()));
    for tries in 1..=5 {
        assert_eq!((bench.settlements().len(), bench.screen(), bench.released()), (tries, "confirm", false));
        bench.answer(visit, Err(NotSettled::Busy));
        bench.wait(1_500);
    }
    assert_eq!(bench.session.view().screen, Screen::Message(Message::Fault(StoreFault::Silent)));
    assert_eq!((bench.settlements().len(), bench.released()), (5, true));
    bench.wait(60_000);
    assert_eq!((bench.screen(), bench.settlements().len()), ("store-fault", 5), "what was released is not tried again");
}

#[test]
fn a_refused_settlement_that_is_asked_for_once_more_in_vain_stays_unsure() {
    for (last, screen) in
        [(Ok(3), "settled"), (Err(NotSettled::Fault(StoreFault::Other)), "fault"), (Err(NotSettled::Busy), "fault")]
    {
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
        assert_eq!((bench.screen(), bench.released()), ("store-fault", false), "it may be written yet");
        for answer in answers {
            assert!(!bench.released());
            let screen = if answer.is_ok() { "idle" } else { "store-fault" };
            bench.answer(visit, answer);
            assert_eq!(bench.screen(), screen);
        }
        assert_eq!((bench.released(), bench.session.settled_meals()), (settled == 0, settled));
    }
    let mut bench = Bench::at_lunch();
    let visit = bench.unanswered(5);
    for _ in 0..5 {
        assert_eq!((bench.screen(), bench.released()), ("confirm", false), "one ask is not answered");
        bench.answer(visit, Err(NotSettled::Busy));
    }
    assert_eq!((bench.screen(), bench.released()), ("fault", true), "every ask was answered");
    bench.wait(60_000);
    assert_eq!(bench.screen(), "store-fault", "busy books have not said that they work");
    bench.tell(Event::Store(Ok(())));
    assert_eq!(bench.screen(), "idle");
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

#[test]
fn books_that_do_not_answer_an_offer_disappoint_one_elder_and_nobody_after_them_until_they_do() {
    let mut bench = Bench::at_lunch();
    bench.see(100, 1, accepted("王秀英"));
    let visit = bench.visit();
    bench.see(5_000, 1, accepted("王秀英"));
    assert_eq!(bench.session.view().screen, Screen::Message(Message::Fault(StoreFault::Silent)));
    bench.touch(Touch::Home);
    for (track, name) in [(2, "李桂芳"), (3, "陈阿婆"), (4, "张建国")] {
        bench.turns_away(track, name);
    }
    assert_eq!(bench.checks(), 1, "what waits for silent books grows");
    bench.tell(Event::Opened { visit, reply: Ok(offer(visit, "王秀英", 3)) });
    assert_eq!(bench.screen(), "idle", "the books answer, and nobody waits for this any more");
    bench.recognise(5, "赵大爷", 3);
}

#[test]
fn silent_books_are_out_of_service_until_they_say_that_they_are_in_order() {
    let mut bench = Bench::at_lunch();
    bench.see(5_100, 1, accepted("王秀英"));
    bench.see_nobody(20_000);
    assert_eq!(bench.session.view().screen, Screen::StoreFault(StoreFault::Silent));
    let visit = bench.visit();
    bench.tell(Event::Opened { visit, reply: Err(Declined::Fault(StoreFault::DiskFull)) });
    assert_eq!(bench.screen(), "store-fault", "a fault is no work done");
    bench.tell(Event::Store(Err(StoreFault::DiskFull)));
    assert_eq!(bench.session.view().screen, Screen::StoreFault(StoreFault::DiskFull));
    bench.wait(5_000);
    assert_eq!(bench.checks(), 2, "an answered question is asked again");
    bench.tell(Event::Store(Ok(())));
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn a_quote_that_does_not_come_leads_nobody_else_on() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Dish(visit, 2));
    bench.see(5_000, 1, accepted("王秀英"));
    bench.touch(Touch::Home);
    bench.turns_away(2, "李桂芳");
}

#[test]
fn a_settlement_that_is_not_answered_leads_nobody_else_on_and_its_late_answers_count_once_and_for_its_own_elder() {
    let mut bench = Bench::at_lunch();
    let unsure = bench.unanswered(5);
    bench.wait(5_000);
    assert_eq!(bench.screen(), "unsure");
    bench.touch(Touch::Home);
    bench.turns_away(2, "李桂芳");
    assert_eq!(bench.checks(), 1);
    bench.tell(Event::Store(Ok(())));
    let next = bench.up_to_the_question(3, "陈阿婆");
    for _ in 0..5 {
        bench.answer(unsure, Ok(7));
        assert_eq!((bench.screen(), bench.session.settled_meals()), ("confirm", 1), "it is another elder's screen");
    }
    bench.touch(Touch::Confirm(next, bench.choice()));
    bench.answer(unsure, Ok(7));
    assert_eq!(bench.screen(), "confirm", "it is another elder's meal");
    bench.answer(next, Ok(8));
    assert_eq!((bench.screen(), bench.session.settled_meals()), ("settled", 2));
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::Release { .. })), "both are written");
}

#[test]
fn a_settlement_that_is_written_late_is_told_and_then_the_next_elder_is_served() {
    let mut bench = Bench::at_lunch();
    let visit = bench.unanswered(2);
    bench.answer(visit, Ok(7));
    assert_eq!(bench.screen(), "settled");
    bench.touch(Touch::Home);
    bench.recognise(2, "李桂芳", 3);
}

#[test]
fn who_is_told_why_their_meal_was_not_written_is_told_to_the_end_though_the_tracker_loses_them() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.touch(Touch::Confirm(visit, bench.choice()));
    bench.answer(visit, Err(NotSettled::Changed));
    bench.see(7_000, 9, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("price-changed", 1));
    bench.see(100, 10, accepted("李桂芳"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2), "somebody else does not wait");
}
