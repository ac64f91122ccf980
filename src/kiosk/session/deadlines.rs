//! What passing time changes.

use super::events::{Hint, StoreFault};
use super::timings::{ANSWER_MS, CHECK_STORE_MS, CONFIRM_SEEN_MS, GONE_MS, RETRY_MS, SETTLE_TRIES, SHORT_MESSAGE_MS};
use super::view::{ConfirmStage, Message};
use super::visit::{Presence, Visit};
use super::{Effect, Session, State};

impl Session {
    pub(super) fn on_deadlines(&mut self, effects: &mut Vec<Effect>) {
        // Books that do not answer are asked once: what waits for them does not grow.
        if self.store.is_err() && !self.checking && self.now.since(self.store_checked) >= CHECK_STORE_MS {
            (self.store_checked, self.checking) = (self.now, true);
            effects.push(Effect::CheckStore);
        }
        self.miss_camera(effects);
        let passed = self.now.since(self.since);
        let timings = self.options.timings;
        match &mut self.state {
            State::Idle => {}
            State::Staff { .. } => self.staff_deadlines(),
            State::Looking { track, hint, until } => {
                let (track, hint, until) = (*track, *hint, *until);
                if self.nobody_since.is_some_and(|since| self.now.since(since) >= GONE_MS) {
                    self.go(State::Idle);
                } else if self.now >= until {
                    self.say(Message::NotRecognised { hint }, Some(track));
                }
            }
            State::Opening { .. } if passed >= ANSWER_MS => {
                let silent = self.fail(StoreFault::Silent);
                self.drop_visit(Message::Fault(silent), effects);
            }
            State::Opening { .. } => {}
            State::Recognised(_) | State::Dishes { .. } | State::Confirm(_) => self.visit_deadlines(passed, effects),
            State::Settling { .. } => self.settle_again(effects),
            State::Settled { track, .. } => {
                let track = *track;
                if passed >= timings.settled_ms {
                    self.dismiss(Some(track));
                    self.go(State::Idle);
                }
            }
            State::Message { track, .. } => {
                let track = *track;
                if passed >= self.message_ms() {
                    if self.message_dismisses() {
                        self.dismiss(track);
                    }
                    self.go(State::Idle);
                }
            }
        }
    }

    /// The ledger has not written the confirmed meal yet: it is asked again, until the staff must look.
    fn settle_again(&mut self, effects: &mut Vec<Effect>) {
        let State::Settling { pending, settlement, tries, asked } = &mut self.state else { return };
        let waited = self.now.since(*asked);
        let silent = pending.waiting > 0 && waited >= ANSWER_MS;
        let refused = pending.waiting == 0 && waited >= RETRY_MS;
        if !silent && !refused {
            return;
        }
        if *tries < SETTLE_TRIES {
            (*tries, *asked) = (*tries + 1, self.now);
            pending.waiting += 1;
            effects.push(Effect::Settle(settlement.clone()));
        } else {
            // Not where every try was answered: then the last answer has ended it.
            let (track, unsure) = (pending.visit.track, pending.clone());
            self.go(State::Message { message: Message::Unsure, track: Some(track), unsure: Some(unsure) });
        }
        if silent {
            self.fail(StoreFault::Silent);
        }
    }

    fn visit_deadlines(&mut self, passed: u64, effects: &mut Vec<Effect>) {
        let (now, timings) = (self.now, self.options.timings);
        let Some(visit) = self.offered() else { return };
        let silent = visit.waits_for_quote() && now.since(visit.quote_asked) >= ANSWER_MS;
        let ended = match self.without_elder(visit) {
            Some((0, Presence::Displaced(_))) => Some(Message::PersonChanged),
            Some((0, _)) => Some(Message::WentAway),
            _ if silent => Some(Message::Fault(StoreFault::Silent)),
            _ => None,
        };
        if silent {
            self.fail(StoreFault::Silent);
        }
        if let Some(message) = ended {
            return self.drop_visit(message, effects);
        }
        match &self.state {
            State::Recognised(visit) if passed >= timings.recognised_ms && visit.presence == Presence::Here => {
                let id = visit.id;
                self.show_dishes(id);
            }
            State::Dishes { touched, .. } if now.since(*touched) >= timings.dishes_ms => {
                self.drop_visit(Message::TimedOut, effects);
            }
            State::Confirm(visit) if passed >= timings.confirm_ms => {
                let message = match self.confirm_stage(visit) {
                    // However often they pressed: no touch counts without their face. The screen asked them to look.
                    ConfirmStage::FaceNeeded(hint) => Message::NotRecognised { hint: hint.or(Some(Hint::FaceCamera)) },
                    _ => Message::TimedOut,
                };
                self.drop_visit(message, effects);
            }
            _ => {}
        }
    }

    fn message_ms(&self) -> u64 {
        let State::Message { message, .. } = &self.state else { return 0 };
        match message {
            Message::Cancelled | Message::WentAway | Message::PersonChanged => SHORT_MESSAGE_MS,
            Message::OtherWay | Message::Unsure => self.options.timings.message_ms * 2,
            _ => self.options.timings.message_ms,
        }
    }

    /// Whether the person the message was for is left alone afterwards. Whoever stepped in is looked at, and so is who lost
    /// their visit to a fault of the kiosk.
    pub(super) fn message_dismisses(&self) -> bool {
        !matches!(
            &self.state,
            State::Message { message: Message::PersonChanged | Message::WentAway | Message::NoPicture, .. }
        )
    }

    /// Seconds until the screen ends by itself without the elder's meal, where they should know. The greeting does so only
    /// when they are missed.
    pub(super) fn ends_in_s(&self) -> Option<u64> {
        let timings = self.options.timings;
        let left = |from, ms: u64| ms.saturating_sub(self.now.since(from));
        let (untouched, visit) = match &self.state {
            State::Recognised(visit) => (None, visit),
            State::Dishes { touched, visit } => (Some(left(*touched, timings.dishes_ms)), visit),
            State::Confirm(visit) => (Some(left(self.since, timings.confirm_ms)), visit),
            _ => return None,
        };
        let alone = self.without_elder(visit).filter(|_| self.misses_elder()).map(|(ms, _)| ms);
        untouched.into_iter().chain(alone).min().map(|ms| ms.div_ceil(1000))
    }

    /// Milliseconds until `visit` ends unless its elder is seen again, and how they are missed; `None` while they are there.
    /// A touch says that they are there with their face hidden, but not where somebody else's face is seen.
    fn without_elder(&self, visit: &Visit) -> Option<(u64, Presence)> {
        let timings = self.options.timings;
        let (since, ms) = match visit.presence {
            Presence::Here => return None,
            Presence::Displaced(at) => (at, timings.reverify_ms),
            Presence::Away => (visit.seen.max(visit.touched), timings.away_ms),
        };
        Some((ms.saturating_sub(self.now.since(since)), visit.presence))
    }

    /// Whether the elder who is served is missed for longer than bending to the screen takes.
    pub(super) fn misses_elder(&self) -> bool {
        let missed = |visit: &Visit| match visit.presence {
            Presence::Here => false,
            Presence::Displaced(_) => true,
            Presence::Away => self.now.since(visit.seen) > CONFIRM_SEEN_MS,
        };
        self.offered().is_some_and(missed)
    }
}
