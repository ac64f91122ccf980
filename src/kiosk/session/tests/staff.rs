//! The staff behind their PIN.

use super::bench::Bench;
use crate::domain::statement::Totals;
use crate::domain::{MealDay, MealPeriod, Pin, StaffId};
use crate::kiosk::session::*;

pub fn day(closed: bool) -> Box<StaffDay> {
    let at = "2026-11-22T20:31:00".parse().expect("a moment");
    let today = MealDay("2026-11-22".parse().expect("a day"));
    Box::new(StaffDay {
        staff: StaffId::new("S-1").expect("an id"),
        name: "张丽".to_owned(),
        day: today,
        periods: [Totals::default(), Totals::default(), Totals::default()],
        total: Totals::default(),
        closed_at: closed.then_some(at),
        unwritten: false,
        clock_is_off: false,
        last_close: closed.then_some((today, at)),
        still_serving: true,
        open_before: 0,
    })
}

impl Bench {
    fn type_pin(&mut self, pin: &str) {
        for digit in pin.bytes() {
            self.touch(Touch::Digit(digit - b'0'));
        }
    }

    fn let_in(&mut self) {
        self.touch(Touch::Staff);
        self.type_pin("246810");
        self.entered(Ok(day(false)));
        assert_eq!(self.screen(), "staff-day");
    }

    fn pins(&self) -> Vec<&Pin> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::StaffEnter { pin, .. } => Some(pin),
                _ => None,
            })
            .collect()
    }

    /// The last question of the staff.
    fn ask(&self) -> AskId {
        let asked = |effect: &Effect| match effect {
            Effect::StaffEnter { ask, .. } | Effect::CloseDay { ask, .. } => Some(*ask),
            _ => None,
        };
        self.effects.iter().rev().find_map(asked).expect("the staff asked nothing")
    }

    /// The counter's answer to the last PIN.
    fn entered(&mut self, reply: Result<Box<StaffDay>, StaffRefused>) {
        self.tell(Event::StaffEntered { ask: self.ask(), reply });
    }

    /// The counter's answer to the last close.
    fn closed(&mut self, reply: Result<Box<StaffDay>, NotClosed>) {
        self.tell(Event::DayClosed { ask: self.ask(), reply });
    }

    /// The staff's word that the day is to be closed.
    fn close(&mut self) -> AskId {
        self.touch(Touch::AskClose);
        self.wait(1_000);
        self.touch(Touch::CloseDay(day(false).day));
        self.ask()
    }

    fn closings(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::CloseDay { .. })).count()
    }
}

#[test]
fn a_pin_lets_the_staff_in_and_two_touches_close_the_day_once() {
    let mut bench = Bench::at_lunch();
    bench.touch(Touch::Staff);
    assert_eq!(bench.screen(), "staff-pin");
    bench.type_pin("99");
    bench.touch(Touch::Erase);
    bench.touch(Touch::Erase);
    bench.type_pin("246810");
    assert_eq!(bench.pins(), [&Pin::entered("246810").expect("a PIN")]);
    assert_eq!(bench.screen(), "staff-pin", "nothing is shown before the counter has answered");
    bench.entered(Ok(day(false)));
    assert_eq!(bench.screen(), "staff-day");
    let today = day(false).day;
    bench.wait(1_000);
    bench.touch(Touch::CloseDay(today));
    assert_eq!(bench.closings(), 0, "closed without being asked");
    bench.touch(Touch::AskClose);
    bench.tap(Touch::CloseDay(today));
    assert_eq!(bench.closings(), 0, "a second tap meant for the first button closes nothing");
    bench.wait(1_000);
    bench.touch(Touch::CloseDay(today));
    bench.touch(Touch::CloseDay(today));
    assert_eq!((bench.closings(), bench.screen()), (1, "staff-close"));
    bench.closed(Ok(day(true)));
    assert_eq!(bench.screen(), "staff-day");
    bench.touch(Touch::AskClose);
    assert_eq!(bench.screen(), "staff-day", "a closed day is not closed again");
    bench.touch(Touch::Home);
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn who_does_not_want_to_close_or_another_day_than_was_shown_closes_nothing() {
    let mut bench = Bench::at_lunch();
    bench.let_in();
    bench.touch(Touch::AskClose);
    bench.wait(1_000);
    bench.touch(Touch::CloseDay(MealDay("2026-11-21".parse().expect("a day"))));
    bench.touch(Touch::KeepOpen);
    assert_eq!((bench.closings(), bench.screen()), (0, "staff-day"));
}

#[test]
fn five_wrong_pins_lock_the_keys_and_leaving_does_not_unlock_them() {
    let mut bench = Bench::at_lunch();
    bench.touch(Touch::Staff);
    for _ in 0..5 {
        bench.type_pin("135790");
        bench.entered(Err(StaffRefused::Wrong));
    }
    bench.touch(Touch::Home);
    bench.touch(Touch::Staff);
    bench.type_pin("246810");
    assert_eq!(bench.pins().len(), 5, "a locked key took a digit");
    let Screen::StaffPin { digits: 0, stage: PinStage::Locked(300) } = bench.session.view().screen else {
        panic!("{:?}", bench.session.view().screen)
    };
    bench.touch(Touch::Home);
    bench.wait(300_000);
    bench.touch(Touch::Staff);
    bench.type_pin("246810");
    assert_eq!(bench.pins().len(), 6);
}

#[test]
fn a_late_answer_to_an_earlier_pin_does_not_let_in_whoever_typed_the_next() {
    let mut bench = Bench::at_lunch();
    bench.touch(Touch::Staff);
    bench.type_pin("246810");
    let first = bench.ask();
    bench.wait(5_000);
    bench.type_pin("135790");
    bench.tell(Event::StaffEntered { ask: first, reply: Ok(day(false)) });
    assert_eq!(bench.screen(), "staff-pin");
    bench.entered(Err(StaffRefused::Wrong));
    let Screen::StaffPin { stage: PinStage::Typing(Some(StaffRefused::Wrong)), .. } = bench.session.view().screen
    else {
        panic!("{:?}", bench.session.view().screen)
    };
}

/// Five wrong PINs whose answers came only after `typed`.
fn five_answers_late(typed: &str) -> Bench {
    let mut bench = Bench::at_lunch();
    let mut asked = Vec::new();
    bench.touch(Touch::Staff);
    for _ in 0..5 {
        bench.type_pin("135790");
        asked.push(bench.ask());
        bench.wait(5_000);
    }
    bench.type_pin(typed);
    for ask in asked {
        bench.tell(Event::StaffEntered { ask, reply: Err(StaffRefused::Wrong) });
    }
    bench
}

fn assert_locked(bench: &Bench) {
    let Screen::StaffPin { digits: 0, stage: PinStage::Locked(300) } = bench.session.view().screen else {
        panic!("{:?}", bench.session.view().screen)
    };
}

#[test]
fn wrong_pins_count_however_late_they_are_found_wrong() {
    assert_locked(&five_answers_late("24"));
}

#[test]
fn a_pin_that_was_sent_before_the_lock_does_not_open_it() {
    let mut bench = five_answers_late("246810");
    bench.entered(Ok(day(false)));
    assert_locked(&bench);
}

#[test]
fn a_late_answer_to_an_earlier_close_does_not_answer_the_next() {
    let mut bench = Bench::at_lunch();
    bench.let_in();
    let first = bench.close();
    bench.wait(60_000);
    bench.touch(Touch::Home);
    bench.let_in();
    let second = bench.close();
    bench.tell(Event::DayClosed { ask: first, reply: Err(NotClosed::Fault(StoreFault::DiskFull)) });
    assert_eq!(bench.screen(), "staff-close", "the second is under way");
    bench.tell(Event::DayClosed { ask: second, reply: Ok(day(true)) });
    assert_eq!(bench.screen(), "staff-day");
    bench.touch(Touch::AskClose);
    assert_eq!(bench.screen(), "staff-day", "the day is closed");
}

#[test]
fn a_close_without_an_answer_in_time_is_not_known_nor_asked_for_again_and_its_late_answer_is_told() {
    let mut bench = Bench::at_lunch();
    bench.let_in();
    bench.close();
    bench.wait(60_000);
    let Screen::StaffDay { stage: DayStage::Failed(NotClosed::Unknown), .. } = bench.session.view().screen else {
        panic!("{:?}", bench.session.view().screen)
    };
    bench.touch(Touch::AskClose);
    assert_eq!(bench.screen(), "staff-day", "it may be being closed");
    bench.wait(20_000);
    bench.closed(Ok(day(true)));
    let Screen::StaffDay { day, stage: DayStage::Looking } = bench.session.view().screen else {
        panic!("{:?}", bench.session.view().screen)
    };
    assert!(day.closed_at.is_some());
}

#[test]
fn staff_screens_that_are_left_alone_end_by_themselves_and_answers_after_that_show_nothing() {
    let mut bench = Bench::at_lunch();
    bench.touch(Touch::Staff);
    bench.type_pin("246810");
    bench.wait(10_000);
    let Screen::StaffPin { stage: PinStage::Typing(Some(StaffRefused::Fault(StoreFault::Silent))), .. } =
        bench.session.view().screen
    else {
        panic!("{:?}", bench.session.view().screen)
    };
    bench.wait(30_000);
    assert_eq!(bench.screen(), "idle");
    bench.entered(Ok(day(false)));
    assert_eq!(bench.screen(), "idle", "an answer came after the staff had left");
    bench.let_in();
    bench.wait(61_000);
    assert_eq!(bench.screen(), "idle");
}

#[test]
fn a_day_that_could_not_be_closed_is_said_and_stays_open() {
    let mut bench = Bench::at_lunch();
    bench.let_in();
    bench.close();
    bench.wait(30_000);
    assert_eq!(bench.screen(), "staff-close", "a close under way is waited for");
    let full = NotClosed::Fault(StoreFault::DiskFull);
    bench.closed(Err(full));
    let Screen::StaffDay { stage: DayStage::Failed(told), .. } = bench.session.view().screen else {
        panic!("{:?}", bench.session.view().screen)
    };
    assert_eq!(told, full);
    bench.touch(Touch::AskClose);
    assert_eq!(bench.screen(), "staff-close", "it can be tried again");
}

#[test]
fn nobody_is_greeted_while_the_staff_look_and_the_staff_are_not_let_in_while_somebody_is_served() {
    let mut bench = Bench::at_lunch();
    bench.let_in();
    bench.see(2_000, 1, super::bench::accepted("王秀英"));
    assert_eq!(bench.screen(), "staff-day");
    let attends = bench.effects.iter().rfind(|effect| matches!(effect, Effect::Attend(_)));
    assert_eq!(attends, Some(&Effect::Attend(Attention::Off)));
    bench.touch(Touch::Home);
    bench.recognise(2, "王秀英", 3);
    bench.touch(Touch::Staff);
    assert_eq!(bench.screen(), "recognised");
    let mut other = Bench::with(SessionOptions::default());
    other.tell(Event::Service(Service::Open(MealPeriod::Lunch)));
    other.touch(Touch::OtherWay);
    other.touch(Touch::Staff);
    assert_eq!(other.screen(), "staff-pin", "the counter's way leads on to the staff's");
}
