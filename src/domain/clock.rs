//! The books' own time: what to believe when the clock on the wall is set back or forward.
//!
//! A meal day and the once-a-meal rule rest on the date, so a clock set back by a day during lunch would let everybody eat
//! twice, and one set forward would close the day under the queue. The books therefore keep, with every entry, two
//! readings: the wall clock and the time since the computer started, which nobody can set. While the computer runs,
//! the second tells how much time has really passed. When the wall clock disagrees by more than [`TOLERANCE_MS`], the
//! books go on with the last entry's time plus the time that passed, so that lunch stays today's lunch, and the doctor
//! and the staff screen say so until the clock is put right or a member of the staff vouches for it (a
//! [`super::ClockEntry`]). Across a restart of the computer only one thing is certain: time does not run backwards.
//! A clock behind the last entry is then not believed either, and the books stand still at that entry's time: the kiosk
//! serves nobody until the clock is put right or vouched for. A clock that is ahead cannot be told from a kiosk that was
//! switched off, and is believed.

use jiff::{SignedDuration, Timestamp};

/// How far the wall clock may be off before it is no longer believed: more than a time server corrects in a running
/// system, less than would move a meal to another period unnoticed.
pub const TOLERANCE_MS: i64 = 120_000;

/// No honest clock is earlier: the first day of the year this program was written in.
pub const FLOOR: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// Both clocks, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReading {
    /// The clock on the wall.
    pub wall: Timestamp,
    /// Milliseconds since the computer started, sleep included.
    pub since_boot_ms: i64,
    /// Names this run of the computer; another after every restart.
    pub boot: String,
}

/// What the books make of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// The wall clock is believed.
    Steady,
    /// The wall clock was set by `by_ms` (forward > 0) while the computer ran; it is not believed.
    Stepped {
        /// How far the wall clock is from the books' time.
        by_ms: i64,
    },
    /// The wall clock is `by_ms` > 0 behind the last entry; it is not believed.
    Behind {
        /// How far.
        by_ms: i64,
    },
    /// The wall clock is earlier than [`FLOOR`]; it is not believed.
    Absurd,
}

impl ClockState {
    /// Whether the wall clock is believed.
    pub const fn is_steady(self) -> bool {
        matches!(self, Self::Steady)
    }

    /// Whether the books know what time it is, by the wall clock or without it. Otherwise they stand still, and which meal
    /// is being served cannot be told.
    pub const fn is_known(self) -> bool {
        matches!(self, Self::Steady | Self::Stepped { .. })
    }
}

/// The books' time at a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookTime {
    /// The time to write, whole milliseconds, never earlier than the last entry's.
    pub now: Timestamp,
    /// Whether that is the wall clock's.
    pub state: ClockState,
}

/// Decides what time it is, given the `last` entry's time with the other clock at that moment (`None` for empty books).
pub fn book_time(last: Option<&ClockReading>, reading: &ClockReading) -> BookTime {
    let wall = whole_ms(reading.wall);
    let Some(last) = last else {
        let absurd = wall < FLOOR;
        return BookTime {
            now: if absurd { FLOOR } else { wall },
            state: if absurd { ClockState::Absurd } else { ClockState::Steady },
        };
    };
    let last_wall = whole_ms(last.wall);
    let same_boot = last.boot == reading.boot && reading.since_boot_ms >= last.since_boot_ms;
    if same_boot {
        let passed = reading.since_boot_ms.saturating_sub(last.since_boot_ms);
        let expected = last_wall.saturating_add(SignedDuration::from_millis(passed)).unwrap_or(Timestamp::MAX);
        let by_ms = wall.duration_since(expected).as_millis();
        let by_ms = i64::try_from(by_ms).unwrap_or(i64::MAX);
        if by_ms.abs() > TOLERANCE_MS {
            return BookTime { now: expected, state: ClockState::Stepped { by_ms } };
        }
    } else {
        let by_ms = i64::try_from(last_wall.duration_since(wall).as_millis()).unwrap_or(i64::MAX);
        if by_ms > TOLERANCE_MS {
            return BookTime { now: last_wall, state: ClockState::Behind { by_ms } };
        }
    }
    BookTime { now: wall.max(last_wall), state: ClockState::Steady }
}

/// Cuts to whole milliseconds.
pub fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn reading(wall: &str, since_boot_ms: i64, boot: &str) -> ClockReading {
        ClockReading { wall: wall.parse().expect("a timestamp"), since_boot_ms, boot: boot.to_owned() }
    }

    #[test]
    fn a_clock_set_by_a_day_in_a_running_kiosk_is_not_believed_and_time_goes_on() {
        let last = reading("2026-11-22T04:00:00Z", 1_000, "a");
        for (wall, by_ms) in [("2026-11-21T04:01:00Z", -DAY_MS), ("2026-11-23T04:01:00Z", DAY_MS)] {
            let time = book_time(Some(&last), &reading(wall, 61_000, "a"));
            assert_eq!(time.now, "2026-11-22T04:01:00Z".parse().expect("a timestamp"));
            assert_eq!(time.state, ClockState::Stepped { by_ms });
        }
    }

    #[test]
    fn a_time_server_that_corrects_a_second_is_believed_but_never_backwards() {
        let last = reading("2026-11-22T04:00:00Z", 1_000, "a");
        let time = book_time(Some(&last), &reading("2026-11-22T03:59:59Z", 1_010, "a"));
        assert_eq!((time.now, time.state), (last.wall, ClockState::Steady));
    }

    #[test]
    fn two_minutes_off_are_believed_and_a_second_more_is_not() {
        let last = reading("2026-11-22T04:00:00Z", 1_000, "a");
        // A minute passes while the computer runs, so that 04:01:00 is right.
        let state = |wall| book_time(Some(&last), &reading(wall, 61_000, "a")).state;
        assert_eq!(state("2026-11-22T04:03:00Z"), ClockState::Steady);
        assert_eq!(state("2026-11-22T03:59:00Z"), ClockState::Steady);
        assert_eq!(state("2026-11-22T04:03:01Z"), ClockState::Stepped { by_ms: 121_000 });
        assert_eq!(state("2026-11-22T03:58:59Z"), ClockState::Stepped { by_ms: -121_000 });
        // After a restart of the computer the last entry's time is all that is known.
        let state = |wall| book_time(Some(&last), &reading(wall, 500, "b")).state;
        assert_eq!(state("2026-11-22T03:58:00Z"), ClockState::Steady);
        assert_eq!(state("2026-11-22T03:57:59Z"), ClockState::Behind { by_ms: 121_000 });
    }

    #[test]
    fn after_a_restart_a_clock_behind_the_books_is_not_believed_and_one_ahead_is() {
        let last = reading("2026-11-22T04:00:00Z", 9_000_000, "a");
        let behind = book_time(Some(&last), &reading("2026-11-21T04:00:00Z", 5_000, "b"));
        assert_eq!((behind.now, behind.state), (last.wall, ClockState::Behind { by_ms: DAY_MS }));
        let ahead = reading("2026-11-25T04:00:00Z", 5_000, "b");
        assert_eq!(book_time(Some(&last), &ahead), BookTime { now: ahead.wall, state: ClockState::Steady });
    }

    #[test]
    fn empty_books_refuse_the_clock_of_an_empty_battery() {
        let time = book_time(None, &reading("1970-01-01T00:00:10Z", 10_000, "a"));
        assert_eq!((time.now, time.state), (FLOOR, ClockState::Absurd));
    }
}
