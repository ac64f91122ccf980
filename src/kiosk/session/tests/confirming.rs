//! Whose touch on 确认 counts, and when.

use super::bench::*;
use crate::kiosk::session::*;
use crate::words::screens as words;

#[test]
fn a_face_that_no_longer_fits_stops_the_visit_even_when_the_tracker_noticed_nothing() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.see(100, 1, accepted("李桂芳"));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert!(bench.settlements().is_empty());
    bench.see(100, 1, accepted("王秀英"));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert_eq!(bench.settlements().len(), 1, "the elder is back and recognised again");
}

#[test]
fn a_face_that_is_there_but_no_longer_tells_confirms_nothing_until_it_is_recognised_again() {
    for (identity, ms, helps) in [
        (Identity::Undecided(Some(Hint::FaceCamera)), 5_200, Some(Hint::FaceCamera)),
        (Identity::TooPoor(Hint::StepBack), 5_200, Some(Hint::StepBack)),
        (Identity::Unknown, 5_200, None),
        (Identity::NotLive, 100, None),
    ] {
        let mut bench = Bench::at_lunch();
        let visit = bench.up_to_the_question(1, "王秀英");
        bench.see(ms, 1, identity.clone());
        bench.touch(Touch::Confirm(visit, bench.choice()));
        assert!(bench.settlements().is_empty(), "{identity:?}");
        let stage = |bench: &Bench| match bench.session.view().screen {
            Screen::Confirm { stage, .. } => stage,
            other => panic!("{}", other.name()),
        };
        assert_eq!(stage(&bench), ConfirmStage::FaceNeeded(helps), "the screen says what is missing");
        bench.see(10_000, 1, identity.clone());
        assert_eq!(bench.screen(), "confirm", "an elder who reads is not sent away");
        bench.see(100, 1, accepted("王秀英"));
        bench.touch(Touch::Confirm(visit, bench.choice()));
        assert_eq!(bench.settlements().len(), 1, "{identity:?}");
    }
}

#[test]
fn who_looks_down_for_the_button_may_press_it_and_who_looked_up_last_long_ago_may_not() {
    for identity in [Identity::Undecided(None), Identity::TooPoor(Hint::FaceCamera), Identity::Unknown] {
        for (ms, settled) in [(4_500, 1), (5_200, 0)] {
            let mut bench = Bench::at_lunch();
            let visit = bench.up_to_the_question(1, "王秀英");
            bench.see(ms, 1, identity.clone());
            bench.touch(Touch::Confirm(visit, bench.choice()));
            assert_eq!(bench.settlements().len(), settled, "{identity:?} for {ms} ms");
        }
    }
}

#[test]
fn what_counts_as_recognised_is_the_look_that_named_the_elder_and_not_the_books_answer() {
    let mut bench = Bench::at_lunch();
    bench.see(100, 1, accepted("王秀英"));
    let visit = bench.visit();
    bench.see(3_500, 1, Identity::Unknown);
    bench.tell(Event::Opened { visit, reply: Ok(offer(visit, "王秀英", 1)) });
    bench.touch(Touch::ChooseDishes(visit));
    bench.see(1_200, 1, Identity::Unknown);
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert!(bench.settlements().is_empty(), "recognised 5.2 s ago");
    bench.see(100, 1, accepted("王秀英"));
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert_eq!(bench.settlements().len(), 1);
}

#[test]
fn a_computer_that_slept_at_the_question_wakes_without_taking_anybodys_touch_for_the_elders() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    let choice = bench.choice();
    bench.now = bench.now.plus(3_600_000);
    bench.touch(Touch::Confirm(visit, choice));
    assert!(bench.settlements().is_empty() && bench.released());
}

#[test]
fn where_one_persons_looks_name_two_elders_neither_is_charged() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    let choice = bench.choice();
    bench.see(100, 1, Identity::Ambiguous);
    assert_eq!(bench.screen(), "ambiguous");
    bench.touch(Touch::Confirm(visit, choice));
    assert!(bench.settlements().is_empty() && bench.released());
    let mut bench = Bench::at_lunch();
    bench.see(100, 1, accepted("王秀英"));
    bench.see(100, 1, Identity::Ambiguous);
    assert!(bench.screen() == "ambiguous" && bench.released(), "before anything was offered");
}

#[test]
fn a_second_tap_meant_for_the_screen_before_does_not_confirm() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Review(visit));
    bench.tap(Touch::Confirm(visit, bench.choice()));
    assert!(bench.settlements().is_empty());
}

#[test]
fn a_confirmation_of_another_choice_or_visit_is_void() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.touch(Touch::Confirm(visit, ChoiceId(99)));
    bench.touch(Touch::Confirm(VisitId(99), bench.choice()));
    assert!(bench.settlements().is_empty());
}

#[test]
fn bending_to_the_screen_does_not_lose_the_meal() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(1, "王秀英");
    bench.see_nobody(1_500);
    bench.touch(Touch::Confirm(visit, bench.choice()));
    assert_eq!(bench.settlements().len(), 1);
}

#[test]
fn who_presses_in_vain_while_their_face_is_needed_is_told_so_and_not_that_they_did_nothing() {
    let not_recognised = |hint| Message::NotRecognised { hint: Some(hint) };
    for (identity, told, openings) in [
        (Identity::NotLive, not_recognised(Hint::FaceCamera), 2),
        (Identity::Unknown, not_recognised(Hint::FaceCamera), 2),
        (Identity::TooPoor(Hint::TooDark), not_recognised(Hint::TooDark), 2),
        (accepted("王秀英"), Message::TimedOut, 1),
    ] {
        let mut bench = Bench::at_lunch();
        let visit = bench.up_to_the_question(1, "王秀英");
        bench.see(38_000, 1, identity.clone());
        if told != Message::TimedOut {
            bench.touch(Touch::Confirm(visit, bench.choice()));
        }
        bench.see(1_000, 1, identity.clone());
        assert_eq!(bench.session.view().screen, Screen::Message(told.clone()), "{identity:?}");
        assert!(bench.settlements().is_empty() && bench.released(), "{identity:?}");
        assert!(words::message_text(&told).contains("没有扣钱"), "{identity:?}");
        bench.see(3_500, 1, accepted("王秀英"));
        assert_eq!(bench.openings(), openings, "{identity:?}: who is recognised now may go on");
    }
}
