//! What the books' answers change. An answer for a visit that is over is void; it was released.

use super::events::{ChoiceId, Declined, Event, NotQuoted, NotSettled, Offer, StoreFault, VisitId};
use super::timings::{JUST_SERVED_MS, SETTLE_TRIES};
use super::view::Message;
use super::visit::Visit;
use super::{Effect, Session, State};
use crate::domain::{ElderId, EntryId, Quote};

impl Session {
    pub(super) fn on_opened(&mut self, id: VisitId, reply: Result<Box<Offer>, Declined>, effects: &mut Vec<Effect>) {
        let State::Opening { visit, track, elder, evidence, verified } = &self.state else { return };
        if *visit != id {
            return;
        }
        match reply {
            Ok(offer) if offer.elder.id == *elder && !offer.dishes.is_empty() => {
                // Seen when a frame last showed them, not when the books answered.
                let several = self.options.several_dishes;
                let visit = Visit::new(id, *track, evidence.clone(), *offer, self.face_seen, *verified, several);
                self.go(State::Recognised(Box::new(visit)));
            }
            Ok(_) => self.drop_visit(Message::NoMenu, effects),
            Err(declined) => {
                let track = *track;
                let message = match declined {
                    Declined::AlreadyServed { name, period } => Message::AlreadyServed { name, period },
                    Declined::NotActive | Declined::NotOnRoster => Message::AskStaff,
                    Declined::NoMenu => Message::NoMenu,
                    Declined::Closed => Message::MealOver,
                    Declined::Changed => Message::PriceChanged,
                    Declined::Fault(fault) => Message::Fault(self.fail(fault)),
                };
                self.drop_visit(message, effects);
                self.dismiss(Some(track));
            }
        }
    }

    pub(super) fn on_quoted(
        &mut self,
        id: VisitId,
        choice: ChoiceId,
        reply: Result<Quote, NotQuoted>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(visit) = self.offered_visit() else { return };
        if visit.id != id || visit.choice != choice {
            return;
        }
        match reply {
            Ok(quote) => visit.quote = Some(quote),
            Err(refused) => {
                let message = match refused {
                    NotQuoted::AlreadyServed => {
                        let (name, period) = (visit.offer.elder.name.clone(), visit.offer.moment.period);
                        Message::AlreadyServed { name, period }
                    }
                    NotQuoted::Changed => Message::PriceChanged,
                    NotQuoted::NotActive => Message::AskStaff,
                    NotQuoted::Fault(fault) => Message::Fault(self.fail(fault)),
                };
                self.drop_visit(message, effects);
            }
        }
    }

    pub(super) fn on_settled(&mut self, entry: EntryId, reply: Result<u64, NotSettled>, effects: &mut Vec<Effect>) {
        let (pending, tried_again) = match &mut self.state {
            State::Settling { pending, tries, .. } if pending.visit.offer.entry == entry => {
                (pending, *tries < SETTLE_TRIES)
            }
            State::Message { unsure: Some(pending), .. } if pending.visit.offer.entry == entry => (pending, false),
            _ => return self.on_settled_late(entry, reply.is_ok()),
        };
        pending.waiting = pending.waiting.saturating_sub(1);
        let (undecided, visit) = (pending.waiting > 0, pending.visit.clone());
        let track = visit.track;
        let message = match reply {
            Ok(_) => {
                self.count_settled(visit.offer.elder.id.clone());
                // It is unsure no more, and not to be answered late.
                self.state = State::Idle;
                return self.go(State::Settled { order: Box::new(visit.order()), track });
            }
            // The same settlement lies before the books once more, and they may write it yet.
            Err(_) if undecided => return,
            // It is tried again when its time has come.
            Err(NotSettled::Busy) if tried_again => return,
            // No try is left, each was answered, and nothing was written.
            Err(NotSettled::Busy) => Message::Fault(self.fail(StoreFault::Silent)),
            Err(NotSettled::AlreadyServed) => {
                let (name, period) = (visit.offer.elder.name.clone(), visit.offer.moment.period);
                Message::AlreadyServed { name, period }
            }
            Err(NotSettled::Changed) => Message::PriceChanged,
            Err(NotSettled::NotActive) => Message::AskStaff,
            Err(NotSettled::Over) => Message::MealOver,
            Err(NotSettled::Fault(fault)) => Message::Fault(self.fail(fault)),
        };
        effects.push(Effect::Release { visit: visit.id });
        self.state = State::Idle;
        self.say(message, Some(track));
    }

    /// The answer came after the elder was told that it is not known and the sentence had ended.
    fn on_settled_late(&mut self, entry: EntryId, written: bool) {
        let Some(place) = self.late.iter().position(|pending| pending.visit.offer.entry == entry) else { return };
        if written {
            let pending = self.late.swap_remove(place);
            self.count_settled(pending.visit.offer.elder.id);
        } else if let Some(pending) = self.late.get_mut(place) {
            pending.waiting = pending.waiting.saturating_sub(1);
        }
    }

    /// What no answer is awaited for any more is not written: what is held for it is freed.
    pub(super) fn release_refused(&mut self, effects: &mut Vec<Effect>) {
        let refused = self.late.extract_if(.., |pending| pending.waiting == 0);
        effects.extend(refused.map(|pending| Effect::Release { visit: pending.visit.id }));
    }

    fn count_settled(&mut self, elder: ElderId) {
        self.settled += 1;
        let now = self.now;
        self.served.retain(|(_, at)| now.since(*at) < JUST_SERVED_MS);
        self.served.push((elder, now));
    }

    /// Books that were silent and now have done what they were asked are back.
    pub(super) fn hear(&mut self, event: &Event) {
        let done = matches!(
            event,
            Event::Opened { reply: Ok(_), .. }
                | Event::Quoted { reply: Ok(_), .. }
                | Event::Settled { reply: Ok(_), .. }
                | Event::StaffEntered { reply: Ok(_), .. }
                | Event::DayClosed { reply: Ok(_), .. }
        );
        if done && self.store == Err(StoreFault::Silent) {
            self.store = Ok(());
        }
    }

    /// The books failed: after the message the kiosk stays out of service until they are back.
    pub(super) fn fail(&mut self, fault: StoreFault) -> StoreFault {
        self.store = Err(fault);
        self.store_checked = self.now;
        fault
    }
}
