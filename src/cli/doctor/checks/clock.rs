//! The computer's clock, beside the books where there are any.

use crate::cli::doctor::Finding;
use crate::domain::clock::book_time;
use crate::domain::{BookTime, ClockState};
use crate::store::Ledger;
use crate::store::ledger::{Clock as _, SystemClock};

const SET_IT: &str = "set the computer's clock (timedatectl); where it is right and the books still go on without it, vouch for \
                      it with `mealpoint ledger trust-clock`";
const YEARS_BEHIND: &str = "is years behind; nobody is served and nothing is booked";
const KEEP_IT: &str =
    "let a time server keep it (timedatectl set-ntp true), or compare it with a good clock every month";

/// By the books that could be opened; without any, whether the time can be true at all.
pub(super) fn check(ledger: Option<&Ledger>) -> Finding {
    let time = ledger.map_or_else(|| Ok(book_time(None, &SystemClock::new().read())), Ledger::now);
    match time {
        Ok(time) => told(&time, is_synchronised()),
        Err(error) => Finding::failed("clock", &error),
    }
}

/// `synchronised`: whether a time server keeps the clock, where that is known.
fn told(time: &BookTime, synchronised: Option<bool>) -> Finding {
    let now = time.now;
    match time.state {
        ClockState::Steady => match synchronised {
            None => Finding::good("clock", now.to_string()),
            Some(true) => Finding::good("clock", format!("{now}, kept by a time server")),
            Some(false) => Finding::warning("clock", format!("{now}, kept by no time server"), KEEP_IT),
        },
        ClockState::Stepped { by_ms } => Finding::warning(
            "clock",
            format!("was set by {} s while the kiosk ran; the books go on with {now}", by_ms / 1000),
            SET_IT,
        ),
        ClockState::Behind { by_ms } => Finding::warning(
            "clock",
            format!("is {} s behind the last entry, of {now}; nobody is served and nothing is booked", by_ms / 1000),
            SET_IT,
        ),
        ClockState::Absurd => Finding::warning("clock", YEARS_BEHIND, SET_IT),
    }
}

/// Whether a time server keeps the kernel's clock; `None` where the kernel does not say.
fn is_synchronised() -> Option<bool> {
    // SAFETY: `timex` holds nothing but numbers, for which zeros will do.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills the `timex` that it is lent; with `modes` 0 it sets nothing.
    let state = unsafe { libc::adjtimex(&raw mut timex) };
    (state >= 0).then_some(state != libc::TIME_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;
    use crate::domain::ClockReading;

    #[test]
    fn a_clock_that_no_time_server_keeps_or_that_cannot_be_true_is_warned_of_with_the_remedy() {
        let at = |wall: &str| {
            let wall = wall.parse().expect("a timestamp");
            book_time(None, &ClockReading { wall, since_boot_ms: 0, boot: "a".to_owned() })
        };
        let (good, years_behind) = (at("2026-11-22T04:00:00Z"), at("1970-01-01T00:00:10Z"));
        for (time, synchronised, state, detail, remedy) in [
            (&good, Some(true), State::Good, "2026-11-22T04:00:00Z, kept by a time server", None),
            (&good, None, State::Good, "2026-11-22T04:00:00Z", None),
            (&good, Some(false), State::Warning, "2026-11-22T04:00:00Z, kept by no time server", Some(KEEP_IT)),
            (&years_behind, Some(true), State::Warning, YEARS_BEHIND, Some(SET_IT)),
        ] {
            let found = told(time, synchronised);
            assert_eq!((found.state, found.detail.as_str(), found.remedy.as_deref()), (state, detail, remedy));
        }
    }
}
