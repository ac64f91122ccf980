pub(crate) mod bench;
mod books;
mod confirming;
mod looks;
mod names;
mod simulator;
mod staff;
mod touches;

use super::*;
use crate::domain::MealPeriod;
use crate::words::screens as words;
use bench::*;

#[test]
fn an_elder_looks_chooses_confirms_and_is_told_so_only_when_the_ledger_has_it() {
    let mut bench = Bench::at_lunch();
    assert_eq!(bench.screen(), "idle");
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Dish(visit, 2));
    let choice = bench.choice();
    assert_eq!(
        bench.effects.last(),
        Some(&Effect::Quote { visit, choice, dishes: vec![dish(2)] }),
        "the chosen dish is quoted"
    );
    bench.touch(Touch::Review(visit));
    assert_eq!(bench.screen(), "dishes", "there is nothing to confirm before the quote is there");
    bench.tell(Event::Quoted { visit, choice, reply: Ok(quote(&[dish(2)])) });
    bench.touch(Touch::Review(visit));
    bench.see(1000, 1, accepted("王秀英"));
    bench.touch(Touch::Confirm(visit, choice));
    let settlement = bench.settlements().first().map(|s| (s.elder.to_string(), s.dishes.clone(), s.quote.clone()));
    assert_eq!(settlement, Some(("王秀英".to_owned(), vec![dish(2)], quote(&[dish(2)]))));
    assert_eq!(bench.screen(), "confirm", "the ledger has not answered yet");
    assert_eq!(bench.session.settled_meals(), 0);
    bench.tell(Event::Settled { entry: entry(visit), reply: Ok(7) });
    assert_eq!((bench.screen(), bench.session.settled_meals()), ("settled", 1));
    bench.wait(6_000);
    assert_eq!(bench.screen(), "idle");
    assert!(!bench.released(), "what was settled is not released");
}

#[test]
fn a_menu_of_one_dish_goes_straight_to_the_question() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 1);
    bench.see(6_000, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "confirm");
    bench.see(1_000, 1, accepted("王秀英"));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert_eq!(bench.settlements().len(), 1);
}

#[test]
fn without_a_touch_nothing_is_settled_and_the_kiosk_comes_back_to_rest() {
    let mut bench = Bench::at_lunch();
    bench.recognise(1, "王秀英", 3);
    for _ in 0..120 {
        bench.see(1_000, 1, accepted("王秀英"));
        // Who stays is addressed again after a while, and the books answer.
        let visit = bench.visit();
        bench.tell(Event::Opened { visit, reply: Ok(offer(visit, "王秀英", 3)) });
    }
    bench.see_nobody(60_000);
    assert!(bench.settlements().is_empty());
    let ended = bench.effects.iter().filter(|effect| matches!(effect, Effect::Release { .. })).count();
    assert_eq!((bench.openings(), ended), (2, 2));
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn an_elder_who_walks_away_before_confirming_pays_nothing() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    let choice = bench.choice();
    bench.see_nobody(3_000);
    bench.touch(Touch::Confirm(visit, choice));
    assert!(bench.settlements().is_empty(), "whoever touches now has not shown their face");
    bench.see_nobody(6_000);
    assert_eq!(bench.screen(), "went-away");
    assert!(bench.released());
}

#[test]
fn whoever_steps_in_front_is_never_charged_on_the_first_ones_name() {
    for identity in [Identity::Undecided(None), Identity::Unknown, Identity::Ambiguous, accepted("李桂芳")] {
        let mut bench = Bench::at_lunch();
        let visit = bench.up_to_the_question(1, "王秀英");
        let choice = bench.choice();
        bench.see(200, 2, identity.clone());
        bench.touch(Touch::Confirm(visit, choice));
        bench.see(6_000, 2, identity.clone());
        bench.touch(Touch::Confirm(visit, choice));
        assert!(bench.settlements().is_empty(), "{identity:?}");
        assert!(bench.released(), "{identity:?}");
    }
}

#[test]
fn choosing_with_the_face_hidden_is_being_there_and_who_is_missed_is_told_how_long_the_menu_stays() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    for dish_at in [1, 2, 1, 2] {
        bench.see_nobody(5_000);
        assert_eq!(bench.screen(), "dishes", "who touches has not gone");
        bench.touch(Touch::Dish(visit, dish_at as usize));
        let choice = bench.choice();
        bench.tell(Event::Quoted { visit, choice, reply: Ok(quote(&[dish(dish_at)])) });
    }
    for _ in 0..10 {
        bench.see_nobody(5_000);
        bench.touch(Touch::Page(visit));
    }
    let view = bench.session.view();
    assert_eq!((view.face_needed, view.ends_in_s), (true, Some(8)));
    bench.see_nobody(7_900);
    assert_eq!(bench.session.view().ends_in_s, Some(1));
    bench.see_nobody(100);
    assert_eq!(bench.screen(), "went-away");
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.see(100, 2, Identity::Undecided(None));
    assert_eq!(bench.session.view().ends_in_s, Some(5), "somebody else may touch as much as they like");
    bench.touch(Touch::Dish(visit, 0));
    bench.see(5_000, 2, Identity::Undecided(None));
    assert_eq!(bench.screen(), "person-changed");
}

#[test]
fn the_next_elder_in_the_queue_is_not_shown_the_last_ones_meal_for_theirs() {
    let mut bench = Bench::at_lunch();
    bench.serve(1, "王秀英");
    bench.see(1_900, 2, accepted("李桂芳"));
    assert_eq!(bench.screen(), "settled", "the one who was served has time to read");
    bench.see(1_000, 3, accepted("王秀英"));
    assert_eq!(bench.screen(), "settled", "the tracker lost them, nobody else came");
    bench.see(200, 2, accepted("李桂芳"));
    assert_eq!(bench.screen(), "looking");
    let opened =
        |name: &str| bench.effects.iter().any(|e| matches!(e, Effect::Open { elder, .. } if elder.as_str() == name));
    assert!(opened("李桂芳"));
}

#[test]
fn the_next_elder_does_not_wait_for_the_end_of_what_the_last_one_was_told() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Cancel(visit));
    bench.touch(Touch::OtherWay);
    assert_eq!(bench.screen(), "other-way");
    bench.see(3_000, 2, accepted("李桂芳"));
    assert_eq!((bench.screen(), bench.openings()), ("other-way", 1), "it can be read");
    bench.see(1_000, 4, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("other-way", 1), "the tracker lost them, nobody else came");
    bench.see(200, 2, accepted("李桂芳"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2));
}

#[test]
fn an_elder_whom_the_tracker_lost_goes_on_once_recognised_again() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.see(500, 9, Identity::Undecided(None));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert!(bench.settlements().is_empty());
    bench.see(200, 9, accepted("王秀英"));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert_eq!(bench.settlements().len(), 1);
}

#[test]
fn a_camera_or_a_recognition_that_fails_ends_the_visit_says_that_nothing_was_taken_and_is_shown_until_it_is_back() {
    let fails = [Event::Camera(Err(CameraFault::Absent)), Event::Vision { works: false }];
    let works = [Event::Camera(Ok(())), Event::Vision { works: true }];
    for (fails, works) in fails.into_iter().zip(works) {
        let mut bench = Bench::at_lunch();
        let visit = bench.up_to_the_question(1, "王秀英");
        let choice = bench.choice();
        bench.tell(fails);
        bench.wait(1_600);
        bench.touch(Touch::Confirm(visit, choice));
        assert!(bench.settlements().is_empty());
        assert!(bench.released());
        assert_eq!(bench.session.view().screen, Screen::Message(Message::NoPicture));
        assert!(words::message_text(&Message::NoPicture).contains("没有扣钱"));
        bench.wait(8_000);
        assert_eq!(bench.screen(), "camera-fault");
        bench.tell(works);
        assert_eq!(bench.screen(), "idle");
        bench.see(100, 1, accepted("王秀英"));
        assert_eq!((bench.screen(), bench.openings()), ("looking", 2), "who lost their visit to it is not let go");
    }
}

#[test]
fn a_recognition_that_fails_is_shown_until_it_works_again_whatever_the_camera_does() {
    let mut bench = Bench::at_lunch();
    let says = |bench: &Bench, fault| assert_eq!(bench.session.view().screen, Screen::CameraFault(fault));
    bench.tell(Event::Vision { works: false });
    bench.wait(1_600);
    says(&bench, CameraFault::Vision);
    bench.tell(Event::Camera(Err(CameraFault::Absent)));
    bench.wait(1_600);
    says(&bench, CameraFault::Absent);
    bench.tell(Event::Camera(Ok(())));
    says(&bench, CameraFault::Vision);
    bench.tell(Event::Vision { works: true });
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn a_camera_that_is_only_disturbed_costs_nobody_their_meal() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.tell(Event::Camera(Err(CameraFault::Failing)));
    bench.wait(500);
    bench.tell(Event::Camera(Ok(())));
    bench.see(1_500, 1, accepted("王秀英"));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert_eq!(bench.settlements().len(), 1);
}

#[test]
fn another_try_begins_the_identification_anew() {
    let mut bench = Bench::at_lunch();
    bench.see(200, 1, Identity::Unknown);
    bench.touch(Touch::TryAgain);
    assert!(bench.effects.contains(&Effect::Forget(1)));
    bench.see(200, 1, Identity::Undecided(None));
    assert_eq!(bench.screen(), "looking");
}

#[test]
fn a_look_that_was_judged_before_the_elder_asked_for_another_try_does_not_answer_it() {
    for (identity, screen) in
        [(Identity::Unknown, "not-recognised"), (Identity::Ambiguous, "ambiguous"), (Identity::NotLive, "not-live")]
    {
        let mut bench = Bench::at_lunch();
        bench.see(100, 1, identity.clone());
        assert_eq!(bench.screen(), screen);
        bench.touch(Touch::TryAgain);
        let look = |attempt, identity: &Identity| {
            let nearest = Some(Nearest { track: Track(1), identity: identity.clone() });
            Event::Look(Look { faces: 1, nearest, attempt })
        };
        bench.tell(look(0, &identity));
        assert_eq!(bench.screen(), "idle", "the looks that were forgotten answered");
        bench.tell(look(1, &Identity::Undecided(None)));
        assert_eq!(bench.screen(), "looking");
        bench.tell(look(1, &identity));
        assert_eq!(bench.screen(), screen, "the new try has its own answer");
    }
}

#[test]
fn a_session_that_was_told_nothing_is_starting() {
    assert_eq!(Session::new(SessionOptions::default()).view().screen, Screen::Starting);
}

#[test]
fn outside_serving_hours_nobody_is_looked_at_but_a_visit_under_way_may_be_finished() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.tell(Event::Service(Service::Closed(None)));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    bench.tell(Event::Settled { entry: entry(visit), reply: Ok(1) });
    assert_eq!(bench.screen(), "settled");
    bench.wait(10_000);
    assert_eq!(bench.screen(), "closed");
    assert_eq!(bench.effects.last(), Some(&Effect::Attend(Attention::Off)));
    bench.see(2_000, 5, accepted("李桂芳"));
    assert_eq!(bench.screen(), "closed");
}

#[test]
fn an_elder_who_was_served_is_left_in_peace_while_they_stay() {
    let mut bench = Bench::at_lunch();
    bench.serve(1, "王秀英");
    let opened = |bench: &Bench| bench.effects.iter().filter(|e| matches!(e, Effect::Open { .. })).count();
    bench.see(15_000, 1, accepted("王秀英"));
    bench.see(5_000, 2, accepted("王秀英"));
    assert_eq!((bench.screen(), opened(&bench)), ("idle", 1));
}

#[test]
fn who_is_served_already_unknown_or_too_alike_is_told_and_can_go_another_way() {
    for (identity, declined, screen) in [
        (Identity::Unknown, None, "not-recognised"),
        (Identity::Ambiguous, None, "ambiguous"),
        (Identity::NotLive, None, "not-live"),
        (
            accepted("王秀英"),
            Some(Declined::AlreadyServed { name: "王秀英".to_owned(), period: MealPeriod::Lunch }),
            "already-served",
        ),
        (accepted("王秀英"), Some(Declined::NotActive), "ask-staff"),
        (accepted("王秀英"), Some(Declined::NoMenu), "no-menu"),
        (accepted("王秀英"), Some(Declined::Closed), "meal-over"),
        (accepted("王秀英"), Some(Declined::Changed), "price-changed"),
        (accepted("王秀英"), Some(Declined::Fault(StoreFault::ReadOnly)), "fault"),
    ] {
        let mut bench = Bench::at_lunch();
        bench.see(200, 1, identity.clone());
        if let Some(declined) = declined {
            let visit = bench.visit();
            bench.tell(Event::Opened { visit, reply: Err(declined) });
            assert!(bench.released());
        }
        assert_eq!(bench.screen(), screen);
        bench.touch(Touch::OtherWay);
        assert_eq!(bench.screen(), "other-way");
        bench.touch(Touch::Home);
        assert!(["idle", "store-fault"].contains(&bench.screen()), "{screen}: {}", bench.screen());
    }
}

#[test]
fn no_decision_in_time_is_not_recognised_with_the_last_hint() {
    let mut bench = Bench::at_lunch();
    bench.see(9_000, 1, Identity::TooPoor(Hint::TooDark));
    let Screen::Message(message) = bench.session.view().screen else { panic!("{}", bench.screen()) };
    assert_eq!(message, Message::NotRecognised { hint: Some(Hint::TooDark) });
    bench.touch(Touch::TryAgain);
    bench.see(200, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "looking", "the offer is being looked up");
}

#[test]
fn a_slow_machine_does_not_send_away_whom_it_looks_at() {
    let mut bench = Bench::at_lunch();
    for _ in 0..3 {
        bench.see(100, 1, Identity::Undecided(None));
        bench.wait(2_000);
        assert_eq!(bench.screen(), "looking");
    }
    bench.see_nobody(1_400);
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn several_faces_are_said_and_the_nearest_is_served() {
    let mut bench = Bench::at_lunch();
    bench.look_for(100, || Look {
        faces: 3,
        nearest: Some(Nearest { track: Track(1), identity: Identity::Undecided(None) }),
        attempt: 0,
    });
    assert!(bench.session.view().several_faces);
}

#[test]
fn where_several_dishes_may_be_taken_the_last_one_given_back_leaves_nothing_to_confirm() {
    let mut bench = Bench::with(SessionOptions { several_dishes: true, ..SessionOptions::default() });
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Dish(visit, 2));
    let choice = bench.choice();
    assert_eq!(bench.effects.last(), Some(&Effect::Quote { visit, choice, dishes: vec![dish(0), dish(2)] }));
    bench.touch(Touch::Dish(visit, 0));
    bench.touch(Touch::Dish(visit, 2));
    bench.tell(Event::Quoted { visit, choice, reply: Ok(quote(&[dish(0), dish(2)])) });
    bench.touch(Touch::Review(visit));
    assert_eq!(bench.screen(), "dishes", "the quote of an earlier choice does not count");
}
