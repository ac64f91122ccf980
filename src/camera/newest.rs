//! A slot that holds the newest value only: a slow taker misses values, it never lags behind.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One value between a producer and a taker. Putting replaces what was not taken.
#[derive(Debug)]
pub struct Newest<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    value: Option<T>,
    takers: usize,
    closed: bool,
}

/// What [`Newest::take`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// The newest value; the slot is empty now.
    Value(T),
    /// Nothing was put in time.
    Nothing,
    /// Nothing will be put any more.
    Closed,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { value: None, takers: 0, closed: false }), changed: Condvar::new() }
    }
}

impl<T> Newest<T> {
    /// Puts `value` and hands back the one it replaces, whose buffers may be used again.
    pub fn put(&self, value: T) -> Option<T> {
        let replaced = self.lock().value.replace(value);
        self.changed.notify_all();
        replaced
    }

    /// Takes the newest value, waiting for one up to `wait`. What was put before [`Self::close`] can still be taken.
    pub fn take(&self, wait: Duration) -> Taken<T> {
        let deadline = Instant::now() + wait;
        let mut state = self.lock();
        state.takers += 1;
        self.changed.notify_all();
        let taken = loop {
            if let Some(value) = state.value.take() {
                break Taken::Value(value);
            }
            if state.closed {
                break Taken::Closed;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Taken::Nothing;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.takers -= 1;
        taken
    }

    /// Waits until somebody waits in [`Self::take`] with nothing to take, so that a producer works only when asked.
    /// `false` once the slot is closed.
    pub fn wait_for_taker(&self) -> bool {
        let mut state = self.lock();
        while !state.closed && (state.takers == 0 || state.value.is_some()) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.closed
    }

    /// Ends it: takers and producers that wait are woken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    // A panic elsewhere cannot leave the state half-changed: every change above is a single assignment.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn a_slow_taker_gets_the_newest_and_never_a_queue() {
        let slot = Newest::default();
        assert_eq!(slot.put(1), None);
        assert_eq!(slot.put(2), Some(1), "the replaced value comes back for its buffers");
        assert_eq!(slot.put(3), Some(2));
        assert_eq!(slot.take(Duration::ZERO), Taken::Value(3));
        assert_eq!(slot.take(Duration::ZERO), Taken::Nothing);
    }

    #[test]
    fn a_producer_that_waits_for_a_taker_works_only_when_asked() {
        let slot = Arc::new(Newest::default());
        let producer = std::thread::spawn({
            let slot = Arc::clone(&slot);
            move || {
                let mut made = 0_u32;
                while slot.wait_for_taker() {
                    made += 1;
                    slot.put(made);
                }
                made
            }
        });
        for expected in 1..=3 {
            assert_eq!(slot.take(LONG), Taken::Value(expected));
        }
        slot.close();
        assert_eq!(producer.join().ok(), Some(3), "nothing is made for nobody");
    }

    #[test]
    fn closing_wakes_a_taker_but_first_gives_what_is_there() {
        let slot = Arc::new(Newest::default());
        slot.put(7);
        slot.close();
        assert_eq!(slot.take(LONG), Taken::Value(7));
        assert_eq!(slot.take(LONG), Taken::Closed);
        assert!(!slot.wait_for_taker());
    }
}
