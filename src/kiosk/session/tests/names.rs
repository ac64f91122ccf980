//! Whose name a face was called by: disowned, not recognised, recognised after all.

use super::bench::*;
use super::looks::passed_over;
use crate::kiosk::session::*;

#[test]
fn who_was_called_by_the_wrong_name_and_leaves_keeps_nobody_of_that_name_from_being_greeted() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(5, "王秀英", 3);
    bench.touch(Touch::Cancel(visit));
    bench.see(200, 5, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("cancelled", 1));
    bench.see(4_000, 5, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("idle", 1), "who touched 不是我 is left alone");
    bench.see(300, 6, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2), "whose name it is has touched nothing");
}

#[test]
fn who_eats_after_another_try_leaves_the_name_they_were_called_by_before_to_whom_it_belongs() {
    for (disowned, away_ms) in [(true, 0), (true, 7_000), (false, 0), (false, 7_000)] {
        let mut bench = Bench::at_lunch();
        let visit = bench.recognise(5, "王秀英", 3);
        if disowned {
            bench.touch(Touch::Cancel(visit));
        } else {
            bench.touch(Touch::ChooseDishes(visit));
            bench.see(45_000, 5, accepted("王秀英"));
            assert_eq!(bench.screen(), "timed-out");
        }
        bench.touch(Touch::TryAgain);
        bench.serve(5, "李桂芳");
        bench.see_nobody(away_ms);
        bench.see(2_100, 6, accepted("王秀英"));
        let now = (bench.screen(), bench.openings());
        assert_eq!(now, ("looking", 3), "disowned: {disowned}, away for {away_ms} ms");
    }
}

#[test]
fn who_tries_again_in_vain_is_not_taken_for_whom_they_were_called_before() {
    let mut bench = Bench::at_lunch();
    let visit = bench.recognise(5, "王秀英", 3);
    bench.touch(Touch::ChooseDishes(visit));
    bench.touch(Touch::Cancel(visit));
    bench.touch(Touch::TryAgain);
    bench.see(100, 5, Identity::NotLive);
    assert_eq!(bench.screen(), "not-live");
    bench.see(3_500, 6, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 2));
}

#[test]
fn who_does_what_helps_goes_on_without_a_touch_once_it_could_be_read() {
    let mut bench = Bench::at_lunch();
    bench.see(8_100, 1, Identity::TooPoor(Hint::TooDark));
    assert_eq!(bench.screen(), "not-recognised");
    bench.see(3_400, 1, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("not-recognised", 0), "it can be read");
    bench.see(100, 1, accepted("王秀英"));
    assert_eq!((bench.screen(), bench.openings()), ("looking", 1));
    assert_eq!(passed_over(&bench).unwrap_or_default(), [0_u64; 0], "who is served is not passed over");
}

#[test]
fn who_was_not_seen_well_is_served_when_recognised_after_all_and_not_asked_whether_they_still_want_to_eat() {
    for home in [false, true] {
        let mut bench = Bench::at_lunch();
        let dark = || Identity::TooPoor(Hint::TooDark);
        bench.see(8_100, 1, dark());
        assert_eq!(bench.screen(), "not-recognised");
        if home {
            bench.touch(Touch::Home);
        } else {
            bench.see(8_000, 1, dark());
        }
        bench.see(1_000, 1, dark());
        assert_eq!((bench.screen(), passed_over(&bench)), ("idle", Some(vec![1])), "they are told once");
        bench.see(100, 1, accepted("王秀英"));
        assert_eq!((bench.screen(), bench.openings()), ("looking", 1), "home: {home}");
        assert_eq!(passed_over(&bench), Some(vec![]), "who is served is not passed over");
    }
}

#[test]
fn who_was_nobody_a_picture_or_two_or_chose_the_other_way_is_judged_again_only_when_they_ask_for_it() {
    let ways: [fn(&mut Bench); 4] = [
        |bench| bench.see(100, 1, Identity::Unknown),
        |bench| bench.see(100, 1, Identity::NotLive),
        |bench| bench.see(100, 1, Identity::Ambiguous),
        |bench| {
            bench.see(100, 1, Identity::Unknown);
            bench.touch(Touch::Home);
            bench.touch(Touch::OtherWay);
        },
    ];
    for way in ways {
        let mut bench = Bench::at_lunch();
        way(&mut bench);
        let told = bench.screen();
        bench.see(5_000, 1, accepted("王秀英"));
        assert_eq!((bench.screen(), bench.openings()), (told, 0));
        bench.touch(Touch::Home);
        bench.see(2_000, 1, accepted("王秀英"));
        assert_eq!((bench.screen(), bench.openings()), ("idle", 0), "{told}");
    }
}

#[test]
fn who_is_missed_at_the_greeting_is_told_how_long_it_stays_and_who_is_there_is_told_nothing() {
    let warning = |bench: &Bench| {
        let view = bench.session.view();
        (view.screen.name(), view.face_needed, view.ends_in_s)
    };
    let mut bench = Bench::at_lunch();
    bench.recognise(1, "王秀英", 3);
    assert_eq!(warning(&bench), ("recognised", false, None));
    bench.see_nobody(2_500);
    assert_eq!(warning(&bench), ("recognised", false, None), "who bends to the screen is there");
    bench.see_nobody(100);
    assert_eq!(warning(&bench), ("recognised", true, Some(6)));
    bench.see(100, 1, accepted("王秀英"));
    assert_eq!(warning(&bench), ("recognised", false, None));
    bench.see(100, 2, Identity::Undecided(None));
    assert_eq!(warning(&bench), ("recognised", true, Some(5)));
    bench.see(4_900, 2, Identity::Undecided(None));
    assert_eq!(warning(&bench), ("recognised", true, Some(1)));
    bench.see(100, 2, Identity::Undecided(None));
    assert_eq!(bench.screen(), "person-changed");
}
