//! The session: what happens between an elder and the screen, as a pure state machine with its own simulated time.
//!
//! Events in ([`Event`]), effects out ([`Effect`]), a [`View`] to draw. No clock, no thread, no I/O, no randomness: every
//! flow, timeout and fault is tested by feeding events.
//!
//! What it promises, and the simulator checks: a meal is settled only after the elder's own touch on a confirmation that
//! showed this price, while this elder was the nearest person and had just been recognised; one visit settles at most once, under one name; every
//! visit that does not settle is released, and what was released is not written afterwards; and whatever happens, the
//! screen comes back to rest.

mod answers;
mod deadlines;
mod effects;
mod events;
mod looks;
mod staff;
#[cfg(test)]
pub(crate) mod tests;
mod timings;
mod touches;
mod view;
mod visit;

pub use effects::{Attention, Effect, Settlement};
pub use events::{
    AskId, CameraFault, ChoiceId, Declined, Event, Hint, Identity, Look, Millis, Nearest, NextMeal, NotQuoted,
    NotSettled, Offer, Service, StoreFault, Touch, Track, VisitId,
};
pub use staff::{DayStage, NotClosed, PinStage, StaffDay, StaffRefused};
pub use timings::Timings;
pub use view::{ConfirmStage, Message, Order, Screen, View};

use crate::domain::{ElderId, Evidence};
use looks::{Dismissed, Health};
use staff::{Desk, Tries};
use timings::{ARM_MS, CONFIRM_SEEN_MS, VERIFIED_MS};
use visit::{Pending, Presence, Visit};

/// What a canteen may set about the session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// How long things last.
    pub timings: Timings,
    /// Several dishes may be taken at once; otherwise each dish is a whole meal.
    pub several_dishes: bool,
}

/// The state machine.
#[derive(Debug)]
pub struct Session {
    options: SessionOptions,
    now: Millis,
    state: State,
    /// When `state` was entered.
    since: Millis,
    screens: u64,
    /// When the screen took the place of another one.
    shown: Millis,
    camera: Health,
    vision: Health,
    store: Result<(), StoreFault>,
    /// Not known before the kiosk is ready.
    service: Option<Service>,
    several_faces: bool,
    /// When anybody was last seen.
    face_seen: Millis,
    /// Since when the looks have shown nobody. Without looks nothing is known, and nobody is said to have gone.
    nobody_since: Option<Millis>,
    /// Who was nearest in the last look that showed anybody.
    nearest: Option<Track>,
    /// People who are not to be addressed again for a while.
    dismissed: Vec<Dismissed>,
    /// Whose visit ended or was confirmed last, and as whom the tracker followed them. `None` once they said that they are
    /// somebody else, or asked to be looked at again.
    known: Option<(Track, ElderId)>,
    /// How often the identification was begun anew. Looks from before are not believed.
    attempt: u64,
    /// Settlements of which it was unsure until their sentence ended whether they are written.
    late: Vec<Pending>,
    /// Who was served lately, the last one last.
    served: Vec<(ElderId, Millis)>,
    visits: u64,
    settled: u64,
    attention: Attention,
    /// Whom the watcher passes over.
    passed_over: Vec<Track>,
    store_checked: Millis,
    /// The books were asked whether they are back, and owe the answer.
    checking: bool,
    tries: Tries,
    /// Questions the staff asked so far.
    staff_asks: u64,
}

#[derive(Debug)]
enum State {
    /// Nobody is being served.
    Idle,
    /// This person is being recognised, until then.
    Looking { track: Track, hint: Option<Hint>, until: Millis },
    /// Recognised, last at `verified`; the books are asked what can be offered.
    Opening { visit: VisitId, track: Track, elder: ElderId, evidence: Evidence, verified: Millis },
    /// The greeting.
    Recognised(Box<Visit>),
    /// The menu.
    Dishes { visit: Box<Visit>, touched: Millis },
    /// The question.
    Confirm(Box<Visit>),
    /// Confirmed; the ledger is writing, and was last asked to then.
    Settling { pending: Pending, settlement: Box<Settlement>, tries: u32, asked: Millis },
    /// Written.
    Settled { order: Box<Order>, track: Track },
    /// A sentence that ends by itself; a late answer for `unsure` still turns it into what was answered.
    Message { message: Message, track: Option<Track>, unsure: Option<Pending> },
    /// The staff, last touched then.
    Staff { desk: Desk, touched: Millis },
}

impl Session {
    /// A session that waits to be told whether a meal is served.
    pub fn new(options: SessionOptions) -> Self {
        Self {
            options,
            now: Millis(0),
            state: State::Idle,
            since: Millis(0),
            screens: 0,
            shown: Millis(0),
            camera: Health::default(),
            vision: Health::default(),
            store: Ok(()),
            service: None,
            several_faces: false,
            face_seen: Millis(0),
            nobody_since: None,
            nearest: None,
            dismissed: Vec::new(),
            known: None,
            attempt: 0,
            late: Vec::new(),
            served: Vec::new(),
            visits: 0,
            settled: 0,
            attention: Attention::Off,
            passed_over: Vec::new(),
            store_checked: Millis(0),
            checking: false,
            tries: Tries::default(),
            staff_asks: 0,
        }
    }

    /// Takes `event`, which happened at `at`, and says what is to be done.
    pub fn handle(&mut self, at: Millis, event: Event) -> Vec<Effect> {
        self.now = self.now.max(at);
        let mut effects = Vec::new();
        let before = self.view().screen.name();
        self.hear(&event);
        match event {
            Event::Tick => {}
            Event::Look(look) => self.on_look(look, &mut effects),
            Event::Touch(touch) => self.on_touch(touch, &mut effects),
            Event::Camera(health) => self.camera.note(self.now, health),
            Event::Vision { works } => self.vision.note(self.now, works.then_some(()).ok_or(CameraFault::Vision)),
            Event::Service(service) => self.on_service(service),
            Event::Store(health) => (self.store, self.store_checked, self.checking) = (health, self.now, false),
            Event::Opened { visit, reply } => self.on_opened(visit, reply, &mut effects),
            Event::Quoted { visit, choice, reply } => self.on_quoted(visit, choice, reply, &mut effects),
            Event::Settled { entry, reply } => self.on_settled(entry, reply, &mut effects),
            Event::StaffEntered { ask, reply } => self.on_staff_entered(ask, reply),
            Event::DayClosed { ask, reply } => self.on_day_closed(ask, reply),
        }
        self.on_deadlines(&mut effects);
        self.release_refused(&mut effects);
        let passed_over = self.served_or_let_go();
        if passed_over != self.passed_over {
            self.passed_over.clone_from(&passed_over);
            effects.insert(0, Effect::PassOver(passed_over));
        }
        let attention = self.wanted_attention();
        if attention != self.attention {
            self.attention = attention;
            effects.push(Effect::Attend(attention));
        }
        if self.view().screen.name() != before {
            self.screens += 1;
            self.shown = self.now;
        }
        effects
    }

    /// Meals settled since the start.
    pub const fn settled_meals(&self) -> u64 {
        self.settled
    }

    /// What is on the screen.
    pub fn view(&self) -> View {
        let screen = match &self.state {
            State::Idle => self.resting_screen(),
            State::Looking { hint, .. } => Screen::Looking { hint: *hint, found: false },
            State::Opening { .. } => Screen::Looking { hint: None, found: true },
            State::Recognised(visit) => Screen::Recognised(visit.order()),
            State::Dishes { visit, .. } => Screen::Dishes(visit.order()),
            State::Confirm(visit) => Screen::Confirm { order: visit.order(), stage: self.confirm_stage(visit) },
            State::Settling { pending, .. } => {
                Screen::Confirm { order: pending.visit.order(), stage: ConfirmStage::Writing }
            }
            State::Settled { order, .. } => Screen::Settled(Order::clone(order)),
            State::Message { message, .. } => Screen::Message(message.clone()),
            State::Staff { desk, .. } => self.staff_screen(desk),
        };
        View {
            number: self.screens,
            screen,
            several_faces: self.several_faces,
            ends_in_s: self.ends_in_s(),
            face_needed: self.misses_elder(),
        }
    }

    fn resting_screen(&self) -> Screen {
        match (self.store, self.service, self.camera.shown().and(self.vision.shown())) {
            (Err(fault), _, _) => Screen::StoreFault(fault),
            (Ok(()), None, _) => Screen::Starting,
            (Ok(()), Some(Service::Closed(next)), _) => Screen::Closed { next },
            (Ok(()), Some(Service::Open(_)), Err(fault)) => Screen::CameraFault(fault),
            (Ok(()), Some(Service::Open(period)), Ok(())) => Screen::Idle { period, again: self.may_come_back() },
        }
    }

    fn confirm_stage(&self, visit: &Visit) -> ConfirmStage {
        let seen = self.now.since(visit.seen) <= CONFIRM_SEEN_MS;
        let verified = visit.verified.is_some_and(|at| self.now.since(at) <= VERIFIED_MS);
        match visit.presence {
            Presence::Displaced(_) => ConfirmStage::FaceNeeded(None),
            Presence::Here | Presence::Away if !seen || !verified => ConfirmStage::FaceNeeded(visit.hint),
            _ if self.now.since(self.since) < ARM_MS => ConfirmStage::Arming,
            Presence::Here | Presence::Away => ConfirmStage::Ready,
        }
    }

    fn wanted_attention(&self) -> Attention {
        match &self.state {
            State::Idle | State::Message { .. } | State::Settled { .. } => match self.resting_screen() {
                Screen::Starting | Screen::Closed { .. } | Screen::StoreFault(_) => Attention::Off,
                _ => Attention::Resting,
            },
            State::Staff { .. } => Attention::Off,
            _ => Attention::Full,
        }
    }

    fn go(&mut self, state: State) {
        if let State::Message { unsure: Some(pending), .. } = std::mem::replace(&mut self.state, state) {
            self.late.push(pending);
        }
        self.since = self.now;
    }

    fn say(&mut self, message: Message, track: Option<Track>) {
        self.go(State::Message { message, track, unsure: None });
    }

    /// Ends the visit under way without a settlement. Never called while the ledger writes.
    fn drop_visit(&mut self, message: Message, effects: &mut Vec<Effect>) {
        if let Some(visit) = self.open_visit() {
            effects.push(Effect::Release { visit });
        }
        self.known = self.elder();
        let track = self.track();
        self.say(message, track);
    }

    /// The visit that is open and not yet confirmed.
    fn open_visit(&self) -> Option<VisitId> {
        match &self.state {
            State::Opening { visit, .. } => Some(*visit),
            State::Recognised(visit) | State::Dishes { visit, .. } | State::Confirm(visit) => Some(visit.id),
            _ => None,
        }
    }

    /// The same, to look at.
    fn offered(&self) -> Option<&Visit> {
        match &self.state {
            State::Recognised(visit) | State::Dishes { visit, .. } | State::Confirm(visit) => Some(visit),
            _ => None,
        }
    }

    /// The visit that is open and not yet confirmed, once something is offered.
    fn offered_visit(&mut self) -> Option<&mut Visit> {
        match &mut self.state {
            State::Recognised(visit) | State::Dishes { visit, .. } | State::Confirm(visit) => Some(visit),
            _ => None,
        }
    }

    /// Who is offered a meal, and as whom the tracker follows them.
    fn elder(&self) -> Option<(Track, ElderId)> {
        match &self.state {
            State::Opening { track, elder, .. } => Some((*track, elder.clone())),
            State::Recognised(visit) | State::Dishes { visit, .. } | State::Confirm(visit) => {
                Some((visit.track, visit.offer.elder.id.clone()))
            }
            _ => None,
        }
    }

    /// The person the state belongs to.
    fn track(&self) -> Option<Track> {
        match &self.state {
            State::Idle | State::Staff { .. } => None,
            State::Looking { track, .. } | State::Opening { track, .. } | State::Settled { track, .. } => Some(*track),
            State::Recognised(visit) | State::Dishes { visit, .. } | State::Confirm(visit) => Some(visit.track),
            State::Settling { pending, .. } => Some(pending.visit.track),
            State::Message { track, .. } => *track,
        }
    }
}
