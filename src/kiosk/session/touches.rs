//! What touches change. A touch names the visit and the choice it was drawn for; anything else on the screen by now
//! makes it void, and so does a screen that has only just taken the place of the one it was meant for.

use super::events::{ChoiceId, Millis, Touch, VisitId};
use super::timings::{FRESH_MS, SETTLED_LEAST_MS};
use super::view::{ConfirmStage, Message, Screen};
use super::visit::{Pending, Visit};
use super::{Effect, Session, State};

impl Session {
    pub(super) fn on_touch(&mut self, touch: Touch, effects: &mut Vec<Effect>) {
        if matches!(self.state, State::Staff { .. }) {
            return self.on_staff_touch(&touch, effects);
        }
        // 确认 has a longer time of its own.
        if !matches!(touch, Touch::Confirm(..)) && self.now < self.takes_touches_from() {
            return;
        }
        let now = self.now;
        if let State::Recognised(visit) | State::Dishes { visit, .. } = &mut self.state {
            visit.touched = now;
        }
        match touch {
            Touch::Staff => self.enter_staff(),
            Touch::Digit(_) | Touch::Erase | Touch::AskClose | Touch::KeepOpen | Touch::CloseDay(_) => {}
            Touch::OtherWay => self.other_way(),
            Touch::Home => self.home(),
            Touch::TryAgain => self.try_again(effects),
            Touch::Cancel(visit) if self.open_visit() == Some(visit) => {
                let track = self.track();
                // 不是我 stands on the greeting alone: whoever bears that name has touched nothing.
                let disowned = matches!(self.state, State::Recognised(_));
                self.drop_visit(Message::Cancelled, effects);
                if disowned {
                    self.known = None;
                }
                self.dismiss(track);
            }
            Touch::Cancel(_) => {}
            Touch::ChooseDishes(visit) if matches!(self.state, State::Recognised(_)) => self.show_dishes(visit),
            Touch::Back(visit) if matches!(self.state, State::Confirm(_)) => self.show_dishes(visit),
            Touch::Review(visit) if matches!(&self.state, State::Dishes { visit, .. } if visit.quote.is_some()) => {
                self.show_question(visit);
            }
            Touch::ChooseDishes(_) | Touch::Back(_) | Touch::Review(_) => {}
            Touch::Page(id) => {
                if let State::Dishes { visit, touched } = &mut self.state
                    && visit.id == id
                {
                    *touched = now;
                }
            }
            Touch::Dish(visit, place) => self.choose(visit, place, effects),
            Touch::Confirm(visit, choice) => self.confirm(visit, choice, effects),
        }
    }

    /// From when on a touch is meant for this screen, and not for the one that stood in its place. Who has confirmed is told
    /// how it ended, however often they tap.
    pub(super) fn takes_touches_from(&self) -> Millis {
        self.shown.plus(match self.state {
            State::Settled { .. } => SETTLED_LEAST_MS,
            State::Staff { .. } => 0,
            _ => FRESH_MS,
        })
    }

    fn other_way(&mut self) {
        match self.state {
            State::Idle | State::Looking { .. } | State::Message { unsure: None, .. } => {
                let track = self.track().or_else(|| self.who_is_there());
                self.say(Message::OtherWay, track);
                self.dismiss(track);
            }
            _ => {}
        }
    }

    fn home(&mut self) {
        if matches!(self.state, State::Settled { .. } | State::Message { .. }) {
            let track = self.track();
            self.dismiss(track);
            self.go(State::Idle);
        }
    }

    fn try_again(&mut self, effects: &mut Vec<Effect>) {
        let can_help = match &self.state {
            State::Message { message, unsure: None, .. } => message.can_retry(),
            State::Idle => matches!(self.resting_screen(), Screen::Idle { again: true, .. }),
            _ => false,
        };
        if can_help {
            // Who the message is for, should the tracker have lost them since.
            let asking = [self.nearest, self.track()];
            self.dismissed.retain(|gone| !asking.contains(&Some(gone.track)));
            self.known = None;
            self.attempt += 1;
            effects.push(Effect::Forget(self.attempt));
            self.go(State::Idle);
        }
    }

    /// The menu; where there is only one dish there is nothing to choose, and the question follows at once.
    pub(super) fn show_dishes(&mut self, id: VisitId) {
        let Some(visit) = self.take_visit(id) else { return };
        if visit.offer.dishes.len() == 1 {
            self.go(State::Confirm(visit));
        } else {
            self.go(State::Dishes { visit, touched: self.now });
        }
    }

    fn show_question(&mut self, id: VisitId) {
        if let Some(visit) = self.take_visit(id) {
            self.go(State::Confirm(visit));
        }
    }

    /// Takes the offered visit `id` out of the state, to be put into the next one.
    fn take_visit(&mut self, id: VisitId) -> Option<Box<Visit>> {
        self.offered_visit().filter(|visit| visit.id == id)?;
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Recognised(visit) | State::Dishes { visit, .. } | State::Confirm(visit) => Some(visit),
            _ => None,
        }
    }

    fn choose(&mut self, id: VisitId, place: usize, effects: &mut Vec<Effect>) {
        let now = self.now;
        if let State::Dishes { visit, touched } = &mut self.state
            && visit.id == id
        {
            *touched = now;
            if let Some(dishes) = visit.choose(place, now) {
                effects.push(Effect::Quote { visit: id, choice: visit.choice, dishes });
            }
        }
    }

    /// The elder's own word. It counts only for what is on the screen, and only while this elder stands in front.
    fn confirm(&mut self, id: VisitId, choice: ChoiceId, effects: &mut Vec<Effect>) {
        let State::Confirm(visit) = &self.state else { return };
        if visit.id != id || visit.choice != choice || self.confirm_stage(visit) != ConfirmStage::Ready {
            return;
        }
        let Some(settlement) = visit.settlement().map(Box::new) else { return };
        let visit = visit.clone();
        effects.push(Effect::Settle(settlement.clone()));
        self.known = self.elder();
        let pending = Pending { visit, waiting: 1 };
        self.go(State::Settling { pending, settlement, tries: 1, asked: self.now });
    }
}
