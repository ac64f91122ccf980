//! What the books' answers change. An answer for a visit that is over is void; it was released.

use super::events::{ChoiceId, Declined, NotSettled, Offer, StoreFault, VisitId};
use super::view::Message;
use super::visit::Visit;
use super::{Effect, Session, State};
use crate::domain::{EntryId, Quote};

impl Session {
    pub(super) fn on_opened(&mut self, id: VisitId, reply: Result<Box<Offer>, Declined>, effects: &mut Vec<Effect>) {
        let State::Opening { visit, track, elder, evidence } = &self.state else { return };
        if *visit != id {
            return;
        }
        match reply {
            Ok(offer) if offer.elder.id == *elder && !offer.dishes.is_empty() => {
                // Seen when a frame last showed them, not when the books answered.
                let visit = Visit::new(id, *track, evidence.clone(), *offer, self.face_seen);
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
        reply: Result<Quote, StoreFault>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(visit) = self.offered_visit() else { return };
        if visit.id != id || visit.choice != choice {
            return;
        }
        match reply {
            Ok(quote) => visit.quote = Some(quote),
            Err(fault) => {
                let fault = self.fail(fault);
                self.drop_visit(Message::Fault(fault), effects);
            }
        }
    }

    pub(super) fn on_settled(&mut self, entry: EntryId, reply: Result<u64, NotSettled>, effects: &mut Vec<Effect>) {
        let visit = match &mut self.state {
            State::Settling { visit, .. } if visit.offer.entry == entry => visit.clone(),
            State::Message { unsure: Some(visit), .. } if visit.offer.entry == entry => visit.clone(),
            _ => return,
        };
        let (id, track) = (visit.id, visit.track);
        let release = Effect::Release { visit: id };
        match reply {
            Ok(_) => {
                self.settled += 1;
                self.served = Some((visit.offer.elder.id.clone(), self.now));
                self.go(State::Settled { order: Box::new(visit.order()), track });
            }
            Err(NotSettled::Busy) => {
                if let State::Settling { retry, .. } = &mut self.state {
                    *retry = true;
                }
            }
            Err(NotSettled::AlreadyServed) => {
                effects.push(release);
                let (name, period) = (visit.offer.elder.name.clone(), visit.offer.moment.period);
                self.say(Message::AlreadyServed { name, period }, Some(track));
            }
            Err(NotSettled::Changed) => {
                effects.push(release);
                self.say(Message::PriceChanged, Some(track));
            }
            Err(NotSettled::Over) => {
                effects.push(release);
                self.say(Message::MealOver, Some(track));
            }
            Err(NotSettled::Fault(fault)) => {
                effects.push(release);
                let fault = self.fail(fault);
                self.say(Message::Fault(fault), Some(track));
            }
        }
    }

    /// The books failed: after the message the kiosk stays out of service until they are back.
    fn fail(&mut self, fault: StoreFault) -> StoreFault {
        self.store = Err(fault);
        self.store_checked = self.now;
        fault
    }
}
