//! What the camera's frames change.

use super::events::{CameraFault, Identity, Look, Millis, Nearest, Service, Track};
use super::timings::{
    CAMERA_GRACE_MS, CONFIRM_SEEN_MS, DISMISSED_MS, JUST_SERVED_MS, SETTLED_LEAST_MS, SHORT_MESSAGE_MS,
};
use super::view::{Message, Screen};
use super::visit::Presence;
use super::{Effect, Session, State, VisitId};
use crate::domain::ElderId;

/// The health of the camera, or of the recognition: each fails and recovers for itself.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// What is wrong, and since when.
    lost: Option<(CameraFault, Millis)>,
    /// What the screen says is wrong.
    shown: Option<CameraFault>,
}

impl Health {
    pub(super) fn note(&mut self, now: Millis, health: Result<(), CameraFault>) {
        self.lost = match (health, self.lost) {
            (Ok(()), _) => None,
            (Err(fault), None) => Some((fault, now)),
            (Err(fault), Some((_, since))) => Some((fault, since)),
        };
        if health.is_ok() {
            self.shown = None;
        }
    }

    /// What the screen says.
    pub(super) fn shown(&self) -> Result<(), CameraFault> {
        self.shown.map_or(Ok(()), Err)
    }

    /// Whether a fault has lasted and is now to be shown.
    fn is_missed(&mut self, now: Millis) -> bool {
        let lasting = self.lost.filter(|(_, since)| now.since(*since) >= CAMERA_GRACE_MS).map(|(fault, _)| fault);
        let missed = lasting.is_some() && lasting != self.shown;
        if missed {
            self.shown = lasting;
        }
        missed
    }
}

/// Somebody who is not to be addressed again for a while, as long as they stay.
#[derive(Debug, Clone)]
pub(super) struct Dismissed {
    pub(super) track: Track,
    /// Who it is, where that is known: they stay themselves when the tracker loses them.
    elder: Option<ElderId>,
    until: Millis,
    /// They have their meal, or may have it.
    served: bool,
    /// They were not seen well enough, and told what helps. Once they are recognised, they are let go no longer.
    unclear: bool,
}

impl Session {
    pub(super) fn on_look(&mut self, look: Look, effects: &mut Vec<Effect>) {
        // It was judged by the looks that the elder asked to forget.
        if look.attempt < self.attempt {
            return;
        }
        self.several_faces = look.faces > 1;
        let Some(nearest) = look.nearest else {
            self.nobody_since.get_or_insert(self.now);
            if let Some(visit) = self.offered_visit()
                && visit.presence == Presence::Here
            {
                visit.presence = Presence::Away;
            }
            return;
        };
        self.face_seen = self.now;
        self.nobody_since = None;
        self.nearest = Some(nearest.track);
        let now = self.now;
        match &mut self.state {
            State::Idle => self.greet(nearest, effects),
            State::Looking { track, .. } if *track == nearest.track => self.recognise(nearest, effects),
            State::Looking { .. } => self.greet(nearest, effects),
            State::Opening { track, .. } if *track == nearest.track && nearest.identity == Identity::Ambiguous => {
                self.drop_visit(Message::Ambiguous, effects);
            }
            State::Opening { track, elder, verified, .. } => {
                let named = match &nearest.identity {
                    Identity::Accepted { elder: seen, .. } => Some(seen == elder),
                    _ => None,
                };
                match named {
                    Some(true) => *verified = now,
                    None if *track == nearest.track => {}
                    Some(false) | None => self.drop_visit(Message::PersonChanged, effects),
                }
            }
            State::Recognised(_) | State::Dishes { .. } | State::Confirm(_) => self.watch(&nearest, effects),
            State::Settled { track, .. } => {
                let track = *track;
                self.make_way(track, SETTLED_LEAST_MS, nearest, effects);
            }
            State::Message { track: Some(track), unsure: None, .. } => {
                let track = *track;
                self.make_way(track, SHORT_MESSAGE_MS, nearest, effects);
            }
            // Confirmed, or the staff are called: the next person waits for the screen to end.
            State::Settling { .. } | State::Message { .. } | State::Staff { .. } => {}
        }
    }

    /// Somebody is there while nobody is being served.
    fn greet(&mut self, nearest: Nearest, effects: &mut Vec<Effect>) {
        if !matches!(self.resting_screen(), Screen::Idle { .. }) || self.is_dismissed(&nearest) {
            if matches!(self.state, State::Looking { .. }) {
                self.go(State::Idle);
            }
            return;
        }
        let looking_ms = self.options.timings.looking_ms;
        if let State::Looking { track, hint, until } = &mut self.state {
            // Whoever stepped up has some time of their own; but a tracker that keeps losing somebody must not keep them.
            let at_most = self.since.plus(2 * looking_ms);
            *until = (*until).max(self.now.plus(looking_ms / 2).min(at_most));
            (*track, *hint) = (nearest.track, None);
        } else {
            self.go(State::Looking { track: nearest.track, hint: None, until: self.now.plus(looking_ms) });
        }
        self.recognise(nearest, effects);
    }

    /// What `track` was to be told has been on the screen for `least_ms`. The next elder in the queue must neither take it
    /// for theirs nor wait for it to end. Nor must who was not seen well enough, did what helps and is recognised now.
    fn make_way(&mut self, track: Track, least_ms: u64, nearest: Nearest, effects: &mut Vec<Effect>) {
        let Identity::Accepted { elder, .. } = &nearest.identity else { return };
        let known = self.known.as_ref().is_some_and(|(of, known)| *of == track && known == elder);
        let told = nearest.track == track || known;
        let goes_on = (!told || self.says_what_helps()) && self.in_peace_until(elder).is_none();
        if goes_on && self.now.since(self.since) >= least_ms && !self.is_dismissed(&nearest) {
            if !told && self.message_dismisses() {
                self.dismiss(Some(track));
            }
            self.go(State::Idle);
            self.greet(nearest, effects);
        }
    }

    /// A face that was clear and nobody's is another thing: who stands there is judged again only where they ask for it.
    const fn says_what_helps(&self) -> bool {
        matches!(self.state, State::Message { message: Message::NotRecognised { hint: Some(_) }, .. })
    }

    fn is_dismissed(&mut self, nearest: &Nearest) -> bool {
        let now = self.now;
        if let Identity::Accepted { elder, .. } = &nearest.identity {
            self.dismissed.retain(|gone| {
                let them = gone.track == nearest.track || gone.elder.as_ref() == Some(elder);
                !(gone.unclear && them)
            });
            if let Some(gone) = self.dismissed.iter_mut().find(|gone| gone.elder.as_ref() == Some(elder)) {
                gone.track = nearest.track;
            }
            if let Some(until) = self.in_peace_until(elder) {
                let until = until.min(now.plus(DISMISSED_MS));
                let (track, elder) = (nearest.track, Some(elder.clone()));
                self.leave_alone(Dismissed { track, elder, until, served: true, unclear: false });
            }
        }
        self.dismissed.iter().any(|gone| gone.track == nearest.track && now < gone.until)
    }

    /// Until when an elder who was just served is not addressed; `None` for anybody else.
    fn in_peace_until(&self, elder: &ElderId) -> Option<Millis> {
        let served = self.served.iter().rev().find(|(served, _)| served == elder);
        served.map(|(_, at)| at.plus(JUST_SERVED_MS)).filter(|until| self.now < *until)
    }

    /// The person being looked at may now be known.
    fn recognise(&mut self, nearest: Nearest, effects: &mut Vec<Effect>) {
        let track = nearest.track;
        if self.is_dismissed(&nearest) {
            return self.go(State::Idle);
        }
        match nearest.identity {
            Identity::Accepted { elder, evidence } => {
                self.visits += 1;
                let visit = VisitId(self.visits);
                effects.push(Effect::Open { visit, elder: elder.clone(), evidence: evidence.clone() });
                self.go(State::Opening { visit, track, elder, evidence, verified: self.now });
            }
            Identity::Ambiguous => self.say(Message::Ambiguous, Some(track)),
            Identity::Unknown => self.say(Message::NotRecognised { hint: None }, Some(track)),
            Identity::NotLive => self.say(Message::NotLive, Some(track)),
            Identity::Undecided(found) => self.hint(found),
            Identity::TooPoor(found) => self.hint(Some(found)),
        }
    }

    fn hint(&mut self, found: Option<super::Hint>) {
        if let State::Looking { hint, .. } = &mut self.state
            && found.is_some()
        {
            *hint = found;
        }
    }

    /// Keeps the visit with its elder: whoever else becomes the nearest is never charged on this name.
    fn watch(&mut self, nearest: &Nearest, effects: &mut Vec<Effect>) {
        let now = self.now;
        let Some(visit) = self.offered_visit() else { return };
        let same = nearest.track == visit.track && !matches!(visit.presence, Presence::Displaced(_));
        match &nearest.identity {
            Identity::Accepted { elder, .. } if *elder == visit.offer.elder.id => {
                visit.track = nearest.track;
                visit.presence = Presence::Here;
                visit.seen = now;
                (visit.verified, visit.hint) = (Some(now), None);
                return;
            }
            // The looks that named the elder and those since name two people: neither is charged.
            Identity::Ambiguous if same => return self.drop_visit(Message::Ambiguous, effects),
            // The tracker says it is the same person. A face that reads the screen or looks for the button resembles itself
            // less: it stays, and for a short while it still counts as recognised.
            Identity::Undecided(_) | Identity::TooPoor(_) | Identity::Unknown | Identity::NotLive if same => {
                match nearest.identity {
                    Identity::Undecided(hint) => visit.hint = hint,
                    Identity::TooPoor(hint) => visit.hint = Some(hint),
                    // Nothing is charged before a living face is recognised again.
                    Identity::NotLive => (visit.verified, visit.hint) = (None, None),
                    _ => visit.hint = None,
                }
                visit.presence = Presence::Here;
                visit.seen = now;
                return;
            }
            // The tracker says it is the same person, the face says it is not: the face counts.
            _ => {}
        }
        if !matches!(visit.presence, Presence::Displaced(_)) {
            visit.presence = Presence::Displaced(now);
        }
    }

    /// A camera or a recognition that did not come back by itself at once is out of order, and who touches the screen
    /// cannot be told. The elder who is served reads first that nothing was taken.
    pub(super) fn miss_camera(&mut self, effects: &mut Vec<Effect>) {
        let (camera, vision) = (self.camera.is_missed(self.now), self.vision.is_missed(self.now));
        if !camera && !vision {
            return;
        }
        self.several_faces = false;
        if self.open_visit().is_some() {
            self.drop_visit(Message::NoPicture, effects);
        } else if matches!(self.state, State::Looking { .. }) {
            self.go(State::Idle);
        }
    }

    pub(super) fn on_service(&mut self, service: Service) {
        self.service = Some(service);
        // A visit under way may be finished: its meal was fixed when it was offered.
        if matches!((service, &self.state), (Service::Closed(_), State::Looking { .. })) {
            self.go(State::Idle);
        }
    }

    /// This person, for whom the state is or was, is not to be addressed again while they stay; who chose to be served
    /// without the face, not before that can have been done.
    pub(super) fn dismiss(&mut self, track: Option<Track>) {
        let Some(track) = track else { return };
        let (served, unclear, other_way) = match &self.state {
            State::Settled { .. } => (true, false, false),
            State::Message { message, .. } => (
                // They have it already, or perhaps; the staff look.
                matches!(message, Message::AlreadyServed { .. } | Message::Unsure),
                matches!(message, Message::NotRecognised { hint: Some(_) }),
                *message == Message::OtherWay,
            ),
            _ => (false, false, false),
        };
        let elder = self.known.as_ref().filter(|(known, _)| *known == track).map(|(_, elder)| elder.clone());
        let until = self.now.plus(if other_way { JUST_SERVED_MS } else { DISMISSED_MS });
        self.leave_alone(Dismissed { track, elder, until, served, unclear });
    }

    fn leave_alone(&mut self, mut person: Dismissed) {
        let now = self.now;
        self.dismissed.retain(|gone| {
            let same = gone.track == person.track || (gone.elder.is_some() && gone.elder == person.elder);
            // Whoever has their meal has it still, whatever they touch.
            if same && now < gone.until && (person.elder.is_none() || person.elder == gone.elder) {
                person.elder.clone_from(&gone.elder);
                person.served |= gone.served;
                // Nor does a face that was not seen well undo another reason.
                person.unclear &= gone.unclear;
            }
            !same && now < gone.until
        });
        self.dismissed.push(person);
    }

    /// Those who have their meal or were let go, and may still stand there; by track.
    pub(super) fn served_or_let_go(&self) -> Vec<Track> {
        let let_go = self.dismissed.iter().filter(|gone| self.now < gone.until).map(|gone| gone.track);
        let served = match &self.state {
            State::Settled { track, .. } => Some(*track),
            _ => None,
        };
        let mut tracks: Vec<Track> = let_go.chain(served).collect();
        tracks.sort_unstable();
        tracks.dedup();
        tracks
    }

    /// Who stands there. Bending to the screen may hide them shortly.
    pub(super) fn who_is_there(&self) -> Option<Track> {
        let there = self.nobody_since.is_none_or(|since| self.now.since(since) <= CONFIRM_SEEN_MS);
        self.nearest.filter(|_| there)
    }

    /// Whether somebody who was let go without a meal stands there and may ask to be looked at again.
    pub(super) fn may_come_back(&self) -> bool {
        let there = self.who_is_there();
        self.dismissed.iter().any(|gone| !gone.served && self.now < gone.until && there == Some(gone.track))
    }
}
