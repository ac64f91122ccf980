//! The staff's part: a PIN, the day's totals, and closing the day by hand. Nobody is served meanwhile.
//!
//! What it promises: nothing of the books is shown before the counter has recognised the PIN that was typed last, and a
//! wrong one counts whenever it is answered; a day is closed only after two touches of which the second stood beside what
//! closing means; and a staff screen that is left alone ends by itself.

use jiff::civil::DateTime;
use zeroize::Zeroize;

use super::events::{AskId, Millis, StoreFault, Touch};
use super::timings::{ANSWER_MS, ARM_MS, CLOSING_MS, PIN_LOCK_MS, PIN_MS, PIN_TRIES, STAFF_MS};
use super::view::{Message, Screen};
use super::{Effect, Session, State};
use crate::domain::statement::Totals;
use crate::domain::{MealDay, PIN_DIGITS, Pin, StaffId};

/// What the staff see of the day, as it was when they were let in or closed it.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffDay {
    /// Who looks.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// Today, by the books' time.
    pub day: MealDay,
    /// Totals a meal period, in the order of [`MealPeriod::ALL`](crate::domain::MealPeriod::ALL).
    pub periods: [Totals; 3],
    /// The day's totals.
    pub total: Totals,
    /// When the day was closed, local time; `None` while it is open.
    pub closed_at: Option<DateTime>,
    /// It is closed, and its files are not all written yet.
    pub unwritten: bool,
    /// The computer's clock was set wrong; the books go on by themselves.
    pub clock_is_off: bool,
    /// The latest day that is closed, and when that was, local time.
    pub last_close: Option<(MealDay, DateTime)>,
    /// Serving hours of today are still to come: once closed, nobody can be served in them.
    pub still_serving: bool,
    /// Days before today that are not closed yet; closing today closes them too.
    pub open_before: usize,
}

impl StaffDay {
    /// Whether the staff may ask to close it: not what is closed, and not while it may be being closed.
    pub fn may_ask_to_close(&self, stage: DayStage) -> bool {
        self.closed_at.is_none() && !matches!(stage, DayStage::Closing | DayStage::Failed(NotClosed::Unknown))
    }
}

/// Why the staff were not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaffRefused {
    /// Nobody has this PIN.
    Wrong,
    /// No member of the staff was entered yet.
    Nobody,
    /// The books cannot be read.
    Fault(StoreFault),
}

/// Why a day was not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotClosed {
    /// The day that stood on the screen is over.
    Over,
    /// Whoever said so is none of the staff any more.
    NotStaff,
    /// There is no answer yet: it may be closed.
    Unknown,
    /// It is still open.
    Fault(StoreFault),
}

/// What is to be done with the PIN that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinStage {
    /// Digits are taken.
    Typing(Option<StaffRefused>),
    /// The counter compares it.
    Checking,
    /// Too many wrong ones; digits are taken again after this many seconds.
    Locked(u64),
}

/// What the staff do with the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayStage {
    /// They look at it.
    Looking,
    /// They are asked whether to close it.
    Asking,
    /// It is being closed.
    Closing,
    /// It was not closed, as far as is known.
    Failed(NotClosed),
}

/// Where the staff are.
#[derive(Debug)]
pub(super) enum Desk {
    Typing { digits: String, refused: Option<StaffRefused> },
    Checking,
    Day { day: Box<StaffDay>, stage: DayStage },
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Self::Typing { digits, .. } = self {
            digits.zeroize();
        }
    }
}

/// Wrong PINs in a row, kept from one visit of the staff to the next.
#[derive(Debug, Default)]
pub(super) struct Tries {
    wrong: u32,
    locked_until: Option<Millis>,
}

impl Session {
    /// The touches of the staff's screens; the others are void there.
    pub(super) fn on_staff_touch(&mut self, touch: &Touch, effects: &mut Vec<Effect>) {
        let locked = self.locked_s().is_some();
        let armed = self.now.since(self.since) >= ARM_MS;
        let (now, State::Staff { desk, touched }) = (self.now, &mut self.state) else { return };
        *touched = now;
        match (touch, desk) {
            (Touch::Home, Desk::Typing { .. } | Desk::Day { stage: DayStage::Looking | DayStage::Failed(_), .. }) => {
                self.go(State::Idle);
            }
            (Touch::Digit(digit), Desk::Typing { digits, refused }) if !locked && *digit <= 9 => {
                *refused = None;
                digits.push(char::from(b'0' + *digit));
                if digits.len() >= PIN_DIGITS {
                    let pin = Pin::entered(digits);
                    self.go(State::Staff { desk: Desk::Checking, touched: now });
                    let ask = self.next_ask();
                    // Six digits always are one.
                    effects.extend(pin.ok().map(|pin| Effect::StaffEnter { ask, pin }));
                }
            }
            (Touch::Erase, Desk::Typing { digits, .. }) => {
                digits.pop();
            }
            (Touch::AskClose, Desk::Day { day, stage }) if day.may_ask_to_close(*stage) => {
                *stage = DayStage::Asking;
                self.since = now;
            }
            (Touch::KeepOpen, Desk::Day { stage, .. }) if *stage == DayStage::Asking => *stage = DayStage::Looking,
            (Touch::CloseDay(asked), Desk::Day { day, stage })
                if *stage == DayStage::Asking && *asked == day.day && armed =>
            {
                *stage = DayStage::Closing;
                let (staff, day) = (day.staff.clone(), day.day);
                self.since = now;
                effects.push(Effect::CloseDay { ask: self.next_ask(), staff, day });
            }
            _ => {}
        }
    }

    /// The number of the next question; answers to the ones before are late.
    const fn next_ask(&mut self) -> AskId {
        self.staff_asks += 1;
        AskId(self.staff_asks)
    }

    /// Asks for the PIN, from a screen on which nobody is served.
    pub(super) fn enter_staff(&mut self) {
        match self.state {
            State::Idle if matches!(self.resting_screen(), Screen::Starting) => {}
            State::Idle | State::Message { message: Message::OtherWay, .. } => self.ask_pin(None),
            _ => {}
        }
    }

    fn ask_pin(&mut self, refused: Option<StaffRefused>) {
        let desk = Desk::Typing { digits: String::with_capacity(PIN_DIGITS), refused };
        self.go(State::Staff { desk, touched: self.now });
    }

    pub(super) fn on_staff_entered(&mut self, ask: AskId, reply: Result<Box<StaffDay>, StaffRefused>) {
        if let Err(StaffRefused::Wrong) = reply {
            self.count_wrong();
        }
        if !self.is_awaited(ask) || !matches!(&self.state, State::Staff { desk: Desk::Checking, .. }) {
            return;
        }
        match reply {
            // Earlier ones were found wrong while this one was compared, and now none is taken.
            Ok(_) if self.locked_s().is_some() => self.ask_pin(None),
            Ok(day) => {
                self.tries = Tries::default();
                let desk = Desk::Day { day, stage: DayStage::Looking };
                self.go(State::Staff { desk, touched: self.now });
            }
            Err(refused) => self.ask_pin(Some(refused)),
        }
    }

    /// Whether `ask` is the last question; the answers to others came too late to be of use.
    const fn is_awaited(&self, ask: AskId) -> bool {
        ask.0 == self.staff_asks
    }

    fn count_wrong(&mut self) {
        self.tries.wrong += 1;
        if !self.tries.wrong.is_multiple_of(PIN_TRIES) {
            return;
        }
        self.tries.locked_until = Some(self.now.plus(PIN_LOCK_MS));
        if let State::Staff { desk: Desk::Typing { digits, .. }, .. } = &mut self.state {
            digits.zeroize();
        }
    }

    pub(super) fn on_day_closed(&mut self, ask: AskId, reply: Result<Box<StaffDay>, NotClosed>) {
        if self.is_awaited(ask) {
            self.end_closing(reply);
        }
    }

    fn end_closing(&mut self, reply: Result<Box<StaffDay>, NotClosed>) {
        let now = self.now;
        let State::Staff { desk: Desk::Day { day, stage }, touched } = &mut self.state else { return };
        // An answer that comes late is told as well.
        if !matches!(*stage, DayStage::Closing | DayStage::Failed(NotClosed::Unknown)) {
            return;
        }
        *touched = now;
        match reply {
            Ok(closed) => (*day, *stage) = (closed, DayStage::Looking),
            Err(reason) => *stage = DayStage::Failed(reason),
        }
        self.since = now;
    }

    pub(super) fn staff_deadlines(&mut self) {
        let (now, passed) = (self.now, self.now.since(self.since));
        let State::Staff { desk, touched } = &mut self.state else { return };
        let idle = now.since(*touched);
        match desk {
            Desk::Typing { .. } if idle >= PIN_MS => self.go(State::Idle),
            Desk::Checking if passed >= ANSWER_MS => {
                self.ask_pin(Some(StaffRefused::Fault(StoreFault::Silent)));
            }
            Desk::Day { stage: DayStage::Closing, .. } if passed >= CLOSING_MS => {
                self.end_closing(Err(NotClosed::Unknown));
            }
            Desk::Day { stage: DayStage::Closing, .. } => {}
            Desk::Day { .. } if idle >= STAFF_MS => self.go(State::Idle),
            _ => {}
        }
    }

    pub(super) fn staff_screen(&self, desk: &Desk) -> Screen {
        match desk {
            Desk::Typing { digits, refused } => {
                let stage = self.locked_s().map_or(PinStage::Typing(*refused), PinStage::Locked);
                Screen::StaffPin { digits: digits.len(), stage }
            }
            Desk::Checking => Screen::StaffPin { digits: PIN_DIGITS, stage: PinStage::Checking },
            Desk::Day { day, stage } => Screen::StaffDay { day: day.clone(), stage: *stage },
        }
    }

    /// Seconds until PINs are taken again, while they are not.
    fn locked_s(&self) -> Option<u64> {
        let left = self.tries.locked_until?.since(self.now);
        (left > 0).then(|| left.div_ceil(1000))
    }
}
