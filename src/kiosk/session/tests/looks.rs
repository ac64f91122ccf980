//! Who is looked at, for how long, and who is left alone.

use super::bench::*;
use crate::domain::MealPeriod;
use crate::kiosk::session::*;

impl Bench {
    /// Whether the idle screen asks whoever stands there.
    fn asks_again(&self) -> bool {
        matches!(self.session.view().screen, Screen::Idle { again: true, .. })
    }

    /// An elder who said that they want no meal, back on the idle screen.
    fn let_go(&mut self) {
        let visit = self.recognise(1, "王秀英", 3);
        self.touch(Touch::ChooseDishes(visit));
        self.touch(Touch::Cancel(visit));
        self.touch(Touch::Home);
        assert_eq!(self.screen(), "idle");
    }
}

#[test]
fn a_tracker_that_keeps_losing_somebody_does_not_keep_them_looking_for_ever() {
    let mut bench = Bench::at_lunch();
    for track in 1..=160 {
        bench.see(100, track, Identity::Undecided(None));
    }
    assert_eq!(bench.screen(), "looking");
    bench.see(100, 161, Identity::Undecided(None));
    assert_eq!(bench.screen(), "not-recognised");
}

#[test]
fn who_steps_up_behind_somebody_who_was_looked_at_for_long_has_time_of_their_own() {
    let mut bench = Bench::at_lunch();
    bench.see(7_500, 1, Identity::Undecided(Some(Hint::FaceCamera)));
    bench.see(3_900, 2, Identity::Undecided(None));
    assert_eq!(bench.screen(), "looking");
    bench.see(100, 2, accepted("李桂芳"));
    assert_eq!(bench.openings(), 1);
}

#[test]
fn who_was_let_go_is_left_alone_and_comes_back_by_their_own_touch() {
    let mut bench = Bench::at_lunch();
    bench.let_go();
    bench.see(2_000, 1, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("idle", 1));
    assert!(bench.asks_again());
    bench.touch(Touch::TryAgain);
    assert_eq!(bench.effects.last(), Some(&Effect::Forget(1)));
    bench.see(100, 1, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2), "they are looked at again at once");
}

#[test]
fn who_was_let_go_is_left_alone_and_finds_the_way_back_when_the_tracker_loses_them_too() {
    let mut bench = Bench::at_lunch();
    bench.let_go();
    bench.see(200, 7, Identity::Undecided(None));
    bench.see(2_000, 7, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("idle", 1));
    assert!(bench.asks_again());
    bench.see(200, 8, Identity::Undecided(None));
    bench.see(100, 8, accepted("李桂芳"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2), "somebody else is greeted");
}

#[test]
fn the_way_back_stands_while_they_bend_to_it_and_goes_with_them() {
    let mut bench = Bench::at_lunch();
    bench.let_go();
    bench.see(200, 1, Identity::Undecided(None));
    bench.see_nobody(2_000);
    assert!(bench.asks_again(), "bending to the screen hides a face");
    bench.see_nobody(1_000);
    assert!(!bench.asks_again(), "they are gone");
    bench.touch(Touch::TryAgain);
    assert_eq!(bench.attempt(), 0, "nobody stands there who could have touched it");
    bench.see(100, 2, Identity::Undecided(None));
    assert_eq!(bench.screen(), "looking", "the next one is greeted without a touch");
}

#[test]
fn who_has_their_meal_is_left_in_peace_when_the_tracker_loses_them_and_they_turn_away() {
    let mut bench = Bench::at_lunch();
    bench.serve(1, "王秀英");
    bench.touch(Touch::Home);
    bench.see(100, 9, accepted("王秀英"));
    for _ in 0..10 {
        bench.see(500, 9, Identity::Undecided(Some(Hint::FaceCamera)));
        assert_eq!(bench.screen(), "idle");
        bench.see(500, 9, accepted("王秀英"));
        assert_eq!((bench.screen(), bench.openings()), ("idle", 1));
    }
}

/// Whom the watcher was last told to pass over.
pub fn passed_over(bench: &Bench) -> Option<Vec<u64>> {
    bench.effects.iter().rev().find_map(|effect| match effect {
        Effect::PassOver(tracks) => Some(tracks.iter().map(|track| track.0).collect()),
        _ => None,
    })
}

#[test]
fn whoever_has_their_meal_or_was_let_go_is_passed_over_while_that_lasts_and_not_after_asking_again() {
    let mut bench = Bench::at_lunch();
    let visit = bench.up_to_the_question(4, "王秀英");
    assert_eq!(passed_over(&bench), None, "nobody ever was");
    bench.touch(Touch::Confirm(visit, bench.choice()));
    bench.tell(Event::Settled { entry: entry(visit), reply: Ok(1) });
    assert_eq!((bench.screen(), passed_over(&bench)), ("settled", Some(vec![4])));
    bench.see_nobody(30_000);
    assert_eq!(passed_over(&bench), Some(vec![]), "they have gone");
    bench.see(200, 5, Identity::Unknown);
    bench.touch(Touch::Home);
    assert_eq!(passed_over(&bench), Some(vec![5]));
    bench.see(200, 5, Identity::Unknown);
    bench.touch(Touch::TryAgain);
    assert_eq!(passed_over(&bench), Some(vec![]), "they want to be looked at");
}

#[test]
fn asking_again_counts_for_who_asks_though_the_tracker_lost_them_meanwhile() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(1, "王秀英", 3);
    bench.touch(Touch::Cancel(visit));
    assert_eq!(bench.screen(), "cancelled");
    bench.see(200, 7, Identity::Undecided(None));
    bench.touch(Touch::TryAgain);
    bench.see(200, 7, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2));
}

#[test]
fn a_couple_who_both_have_their_meal_and_stand_by_are_both_passed_over_for_as_long_as_they_are_seen() {
    let mut bench = Bench::at_lunch();
    for (track, name) in [(1, "王秀英"), (2, "李桂芳")] {
        bench.serve(track, name);
        bench.touch(Touch::Home);
    }
    assert_eq!(passed_over(&bench), Some(vec![1, 2]));
    for _ in 0..6 {
        bench.see(5_000, 1, accepted("王秀英"));
        bench.see(5_000, 8, accepted("李桂芳"));
        assert_eq!((bench.screen(), bench.openings()), ("idle", 2));
    }
    assert_eq!(passed_over(&bench), Some(vec![1, 8]), "the tracker had lost one of them");
    bench.see(500, 3, accepted("陈阿婆"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 3), "the next in the queue is greeted at once");
}

#[test]
fn who_has_their_meal_and_waits_for_the_next_one_neither_cuts_their_screen_short_nor_is_told_anything() {
    let mut bench = Bench::at_lunch();
    for (track, name) in [(1, "王秀英"), (2, "李桂芳")] {
        bench.serve(track, name);
        if track == 1 {
            bench.touch(Touch::Home);
        }
    }
    bench.see(5_500, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "settled", "it is the other one's");
    bench.see(20_000, 1, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("idle", 2));
}

#[test]
fn who_had_their_meal_before_is_not_asked_whether_they_want_another() {
    let mut bench = Bench::at_lunch();
    bench.see(100, 1, accepted("王秀英"));
    let had = Declined::AlreadyServed { name: "王秀英".to_owned(), period: MealPeriod::Lunch };
    bench.tell(Event::Opened { visit: bench.visit(), reply: Err(had) });
    bench.touch(Touch::Home);
    bench.see(5_000, 1, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.asks_again()), ("idle", false));
}

#[test]
fn who_has_their_meal_is_not_asked_whether_they_want_another() {
    let mut bench = Bench::at_lunch();
    bench.serve(1, "王秀英");
    bench.touch(Touch::Home);
    bench.see(5_000, 1, accepted("王秀英"));
    assert_eq!(bench.screen(), "idle");
    assert!(!bench.asks_again());
}

#[test]
fn who_chooses_to_be_served_without_the_face_is_not_asked_for_it_while_they_stay_and_wait() {
    for ends_by_itself in [false, true] {
        let mut bench = Bench::at_lunch();
        bench.see(300, 1, Identity::Undecided(None));
        bench.touch(Touch::OtherWay);
        if ends_by_itself {
            bench.see(16_000, 1, Identity::Undecided(None));
        } else {
            bench.touch(Touch::Home);
        }
        for _ in 0..80 {
            bench.see(1_000, 1, Identity::Undecided(None));
            assert_eq!(bench.screen(), "idle");
        }
        assert!(bench.asks_again(), "their own touch brings them back");
        bench.see(11_000, 1, Identity::Undecided(None));
        assert_eq!(bench.screen(), "looking", "whoever still stands there is addressed in the end");
    }
}

#[test]
fn whose_face_is_hidden_as_they_bend_to_the_other_way_has_chosen_it_all_the_same() {
    for (hidden_ms, screen) in [(1_500, "idle"), (4_000, "looking")] {
        let mut bench = Bench::at_lunch();
        bench.see(300, 1, Identity::Undecided(None));
        bench.see_nobody(hidden_ms);
        assert_eq!(bench.screen(), "idle", "the face is gone");
        bench.touch(Touch::OtherWay);
        bench.touch(Touch::Home);
        bench.see(2_000, 1, Identity::Undecided(None));
        assert_eq!(bench.screen(), screen, "hidden for {hidden_ms} ms");
    }
}

#[test]
fn who_has_their_meal_and_touches_the_other_way_has_it_still() {
    let mut bench = Bench::at_lunch();
    bench.serve(1, "王秀英");
    bench.touch(Touch::Home);
    bench.see(500, 1, accepted("王秀英"));
    bench.touch(Touch::OtherWay);
    bench.touch(Touch::Home);
    bench.see(5_000, 1, Identity::Undecided(None));
    assert_eq!((bench.screen(), bench.asks_again(), bench.openings()), ("idle", false, 1));
    bench.see(5_000, 7, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.asks_again(), bench.openings()), ("idle", false, 1), "the tracker had lost them");
}
