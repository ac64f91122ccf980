//! Touches that were meant for the screen before.

use super::bench::*;
use crate::kiosk::session::*;

/// Brings a screen up, just now, and says what a finger may hit on it and which screen follows when that counts.
type Arrival = fn(&mut Bench) -> (Touch, &'static str);

/// Every screen with a button that an elder can hit by mistake, on the ways that lead there.
const ARRIVALS: [Arrival; 10] = [
    |bench| {
        // 再试一次, tapped twice.
        bench.see(100, 1, Identity::Unknown);
        bench.touch(Touch::TryAgain);
        (Touch::Staff, "staff-pin")
    },
    |bench| {
        bench.see(100, 1, Identity::Unknown);
        bench.touch(Touch::TryAgain);
        bench.see(100, 1, Identity::Undecided(None));
        (Touch::OtherWay, "other-way")
    },
    |bench| {
        bench.see(100, 1, Identity::Unknown);
        (Touch::TryAgain, "idle")
    },
    |bench| {
        bench.see(100, 1, Identity::Ambiguous);
        (Touch::OtherWay, "other-way")
    },
    |bench| {
        bench.touch(Touch::OtherWay);
        (Touch::Staff, "staff-pin")
    },
    |bench| (Touch::ChooseDishes(bench.recognise(1, "王秀英", 3)), "dishes"),
    |bench| (Touch::Cancel(bench.recognise(1, "王秀英", 3)), "cancelled"),
    |bench| {
        // The greeting goes on by itself while the finger is on its way to 好，去选餐.
        let visit = bench.recognise(1, "王秀英", 3);
        bench.see(6_000, 1, accepted("王秀英"));
        (Touch::Review(visit), "confirm")
    },
    |bench| {
        let visit = bench.recognise(1, "王秀英", 3);
        bench.touch(Touch::ChooseDishes(visit));
        bench.touch(Touch::Review(visit));
        (Touch::Back(visit), "dishes")
    },
    |bench| {
        let visit = bench.up_to_the_question(1, "王秀英");
        bench.touch(Touch::Confirm(visit, bench.choice()));
        bench.tell(Event::Settled { entry: entry(visit), reply: Err(NotSettled::Changed) });
        (Touch::Home, "idle")
    },
];

#[test]
fn a_tap_that_was_meant_for_the_screen_before_does_nothing_and_a_moment_later_the_same_touch_counts() {
    for (number, arrival) in ARRIVALS.into_iter().enumerate() {
        let mut bench = Bench::at_lunch();
        bench.wait(1_000);
        let (touch, next) = arrival(&mut bench);
        let fresh = bench.screen();
        for ms in [0, 150, 250] {
            bench.now = bench.now.plus(ms);
            bench.tap(touch.clone());
            assert_eq!(bench.screen(), fresh, "{number}: {touch:?}");
        }
        bench.now = bench.now.plus(100);
        bench.tap(touch.clone());
        assert_eq!(bench.screen(), next, "{number}: {touch:?} on {fresh}");
    }
}

#[test]
fn who_taps_confirm_again_still_reads_that_they_were_served() {
    for second_tap_ms in [10, 150, 400, 1_900] {
        let mut bench = Bench::at_lunch();
        bench.serve(1, "王秀英");
        bench.wait(second_tap_ms);
        bench.tap(Touch::Home);
        assert_eq!(bench.screen(), "settled", "after {second_tap_ms} ms");
        bench.wait(2_000 - second_tap_ms);
        bench.tap(Touch::Home);
        assert_eq!(bench.screen(), "idle", "who has read it may go on");
    }
}

#[test]
fn the_staff_type_their_pin_and_leave_as_fast_as_they_like() {
    let mut bench = Bench::at_lunch();
    bench.touch(Touch::Staff);
    for digit in [2, 4, 6, 8, 1, 0] {
        bench.tap(Touch::Digit(digit));
    }
    assert!(bench.effects.iter().any(|effect| matches!(effect, Effect::StaffEnter { .. })));
    let mut bench = Bench::at_lunch();
    bench.touch(Touch::Staff);
    bench.tap(Touch::Home);
    assert_eq!(bench.screen(), "idle");
    bench.tap(Touch::Staff);
    assert_eq!(bench.screen(), "idle", "the second tap on 返回首页 lies on 工作人员");
}
