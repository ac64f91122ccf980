//! The engine: threads and channels that carry frames, looks, touches and answers. It decides nothing.
//!
//! ```text
//! camera ─newest frame→ watcher ─looks→ ┐
//! window ─touches→                      ├→ session ─view→ window
//! counter ─answers→                     ┘      └─questions→ counter
//! ```

mod counter;
mod hours;
mod identity;
mod watcher;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use rustix::time::{ClockId, clock_gettime};

pub use counter::{Counter, Rules};
pub use hours::ServingHours;
pub use watcher::{Orders, Watcher};

use super::link::Link;
use super::session::{
    CameraFault, Declined, Effect, Event, Millis, Offer, Screen, Service, Session, SessionOptions, StoreFault, VisitId,
};
use super::vital;
use crate::camera::{CameraError, FeedStatus};
use crate::domain::{ElderId, Evidence, ModelDigest};
use crate::gallery::Gallery;
use crate::store::people::TemplateMark;
use crate::words::screens as words;

/// Between two ticks of the session.
const TICK: Duration = Duration::from_millis(100);
/// Between two looks at the hours, the books' time and the rules.
const HOURS: Duration = Duration::from_secs(1);
/// Between two looks whether a day is to be closed, and whether people were enrolled.
const MINUTE: Duration = Duration::from_secs(60);

/// What the counter is asked.
#[derive(Debug)]
enum Question {
    Effect(Effect),
    Stop,
}

/// The running threads.
pub struct Engine {
    stop: Arc<AtomicBool>,
    orders: Arc<Orders>,
    questions: Sender<Question>,
    threads: Vec<JoinHandle<()>>,
}

/// Is told of every event that the session takes.
pub trait Witness: Send {
    /// The session took `event`, asked for `effects`, which are not carried out yet, and is now as it is here.
    fn saw(&mut self, session: &Session, event: &Event, effects: &[Effect]);
}

/// Who is enrolled, shared by the watcher that searches and the counter that reads the books.
pub struct Enrolled {
    /// The gallery.
    pub gallery: Arc<Mutex<Gallery>>,
    /// Numbers in a template.
    pub dimension: usize,
    /// The model whose templates count.
    pub model: ModelDigest,
}

/// What the engine is made of.
pub struct Parts {
    /// What a canteen set about the session.
    pub options: SessionOptions,
    /// The books.
    pub counter: Counter,
    /// The models and the frames.
    pub watcher: Watcher,
    /// Who is enrolled.
    pub enrolled: Enrolled,
    /// The hours, for what the screens say of them.
    pub hours: ServingHours,
    /// Settled meals after which the kiosk ends.
    pub meals: Option<u64>,
}

impl Engine {
    /// Starts the threads. `events` is the channel that `link` and the camera's feed send to.
    ///
    /// # Errors
    /// What the system says when it gives no thread.
    pub fn start(
        parts: Parts,
        link: &Arc<Link>,
        (events, received): (Sender<Event>, Receiver<Event>),
        started: Instant,
        witness: Box<dyn Witness>,
    ) -> std::io::Result<Self> {
        let Parts { options, counter, watcher, enrolled, hours, meals } = parts;
        let (orders, stop) = (Arc::new(Orders::default()), Arc::new(AtomicBool::new(false)));
        let (questions, asked) = mpsc::channel();
        let mut threads = Vec::new();
        let mut spawn = |name: &str, work: Box<dyn FnOnce() + Send>| -> std::io::Result<()> {
            threads.push(vital::spawn(name, link, work)?);
            Ok(())
        };
        spawn("watcher", {
            let (orders, link, events) = (Arc::clone(&orders), Arc::clone(link), events.clone());
            Box::new(move || watcher.run(&orders, &link, &events))
        })?;
        spawn("counter", {
            let (link, events) = (Arc::clone(link), events.clone());
            Box::new(move || Desk { counter, enrolled, known: None, hours, link, events }.run(&asked))
        })?;
        spawn("session", {
            let (orders, link, questions) = (Arc::clone(&orders), Arc::clone(link), questions.clone());
            let session = Session::new(options);
            let stage = Stage { session, started, orders, link, questions, witness, meals, stop: Arc::clone(&stop) };
            Box::new(move || stage.run(&received))
        })?;
        Ok(Self { stop, orders, questions, threads })
    }

    /// Ends all threads and waits for them.
    pub fn stop(self) {
        let Self { stop, orders, questions, threads } = self;
        stop.store(true, Ordering::Release);
        orders.stop();
        // Where the counter has ended already there is nothing to stop.
        let _ = questions.send(Question::Stop);
        for thread in threads {
            // Its panic was told of when it happened.
            drop(thread.join());
        }
    }
}

/// What a change of the camera's feed means to the session.
pub fn camera_event(status: &FeedStatus) -> Option<Event> {
    let health = match status {
        FeedStatus::Running(_) | FeedStatus::Recovered(_) => Ok(()),
        // A camera takes seconds to wake; one that does not is told of as stalled.
        FeedStatus::Lost(CameraError::Starting(_)) => return None,
        FeedStatus::Lost(error) => {
            tracing::warn!("camera: {error}");
            Err(match error {
                CameraError::Absent(_) | CameraError::Unplugged(_) => CameraFault::Absent,
                CameraError::Busy(_) => CameraFault::Busy,
                CameraError::Denied(_) => CameraFault::Denied,
                _ => CameraFault::Failing,
            })
        }
        FeedStatus::Ended => return None,
    };
    Some(Event::Camera(health))
}

/// How long this computer has slept since it was started, ms: what one clock of the kernel counts and the other does not.
fn slept_ms() -> u64 {
    let ms = |clock| {
        let time = clock_gettime(clock);
        time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
    };
    u64::try_from(ms(ClockId::Boottime).saturating_sub(ms(ClockId::Monotonic))).unwrap_or(0)
}

/// The session's thread.
struct Stage {
    session: Session,
    started: Instant,
    orders: Arc<Orders>,
    link: Arc<Link>,
    questions: Sender<Question>,
    witness: Box<dyn Witness>,
    meals: Option<u64>,
    stop: Arc<AtomicBool>,
}

impl Stage {
    fn run(mut self, received: &Receiver<Event>) {
        let mut shown = None;
        let slept_before_ms = slept_ms();
        loop {
            let event = match received.recv_timeout(TICK) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Tick,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            let awake_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            // Whoever stood there before the computer was put to sleep does not stand there now.
            let now = Millis(awake_ms).plus(slept_ms().saturating_sub(slept_before_ms));
            let effects = self.session.handle(now, event.clone());
            self.witness.saw(&self.session, &event, &effects);
            for effect in effects {
                match effect {
                    Effect::Attend(attention) => self.orders.attend(attention),
                    Effect::Forget(attempt) => self.orders.forget(attempt),
                    Effect::PassOver(tracks) => self.orders.pass_over(tracks),
                    // The counter ends after this thread; were it gone, the session's own deadlines tell the elder.
                    question => drop(self.questions.send(Question::Effect(question))),
                }
            }
            self.link.count_settled(self.session.settled_meals());
            let view = self.session.view();
            let done = self.meals.is_some_and(|meals| self.session.settled_meals() >= meals);
            if done && matches!(view.screen, Screen::Idle { .. } | Screen::Closed { .. }) {
                self.link.finish();
            }
            if shown.as_ref() != Some(&view) {
                let mirror = matches!(view.screen, Screen::Looking { .. });
                self.orders.mirror.store(mirror, Ordering::Relaxed);
                if !mirror {
                    self.link.mirror(None);
                }
                self.link.show(view.clone());
                shown = Some(view);
            }
        }
    }
}

/// The counter's thread.
struct Desk {
    counter: Counter,
    enrolled: Enrolled,
    /// Which templates the gallery was read from.
    known: Option<TemplateMark>,
    hours: ServingHours,
    link: Arc<Link>,
    events: Sender<Event>,
}

impl Desk {
    fn run(mut self, asked: &Receiver<Question>) {
        let mut service = None;
        self.check();
        let (mut hours_at, mut minute_at) = (None::<Instant>, None::<Instant>);
        let due = |at: Option<Instant>, every: Duration| at.is_none_or(|at| at.elapsed() >= every);
        loop {
            if due(hours_at, HOURS) {
                hours_at = Some(Instant::now());
                let now = self.counter.service();
                if service.replace(now) != Some(now) {
                    self.note_hours(now);
                    self.tell(Event::Service(now));
                }
                self.counter.renew_rules();
                self.note_clock_and_rules();
            }
            if due(minute_at, MINUTE) {
                minute_at = Some(Instant::now());
                // Drawn people come at any hour; their day is closed by hand.
                if !self.hours.is_demo() {
                    self.counter.close_due();
                }
                self.counter.tidy();
                // The next who is offered a meal asks again, and is told.
                let _ = self.enrol();
            }
            match asked.recv_timeout(HOURS) {
                Ok(Question::Effect(effect)) => self.answer(effect),
                Ok(Question::Stop) | Err(RecvTimeoutError::Disconnected) => return self.counter.end_visit(),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn answer(&mut self, effect: Effect) {
        match effect {
            Effect::Open { visit, elder, evidence } => {
                let reply = self.offer(visit, &elder, evidence).map(Box::new);
                self.tell(Event::Opened { visit, reply });
            }
            Effect::Quote { visit, choice, dishes } => {
                let reply = self.counter.quote(visit, &dishes);
                self.tell(Event::Quoted { visit, choice, reply });
            }
            Effect::Settle(settlement) => {
                let reply = self.counter.settle(&settlement);
                self.tell(Event::Settled { entry: settlement.entry, reply });
            }
            Effect::Release { visit } => self.counter.release(visit),
            Effect::StaffEnter { ask, pin } => {
                let reply = self.counter.enter_staff(&pin);
                self.tell(Event::StaffEntered { ask, reply });
            }
            Effect::CloseDay { ask, staff, day } => {
                let reply = self.counter.close_by_hand(&staff, day);
                self.tell(Event::DayClosed { ask, reply });
            }
            Effect::CheckStore => self.check(),
            // These are the watcher's.
            Effect::Attend(_) | Effect::Forget(_) | Effect::PassOver(_) => {}
        }
    }

    /// What `elder`, whom the face has named, is offered. Whoever took the consent back a moment ago is not served by the face
    /// any more, though the books may have been shut then.
    fn offer(&mut self, visit: VisitId, elder: &ElderId, evidence: Evidence) -> Result<Offer, Declined> {
        self.counter.use_books().and_then(|()| self.enrol()).map_err(Declined::Fault)?;
        if !self.enrolled.gallery.lock().unwrap_or_else(PoisonError::into_inner).contains(elder) {
            return Err(Declined::NotActive);
        }
        self.counter.offer(visit, elder, evidence)
    }

    /// Looks whether the books can be used. Who is enrolled in them is read before anybody is invited.
    fn check(&mut self) {
        let books = self.counter.check().and_then(|()| self.enrol());
        self.tell(Event::Store(books));
    }

    /// Reads the templates again where they are not the ones that were last read.
    fn enrol(&mut self) -> Result<(), StoreFault> {
        let Enrolled { gallery, dimension, model } = &self.enrolled;
        let Some((mark, stored)) = self.counter.enrolled(model, self.known)? else { return Ok(()) };
        let stored = stored.into_iter().map(|template| (template.elder, template.components));
        let (read, left_out) = Gallery::of_sound(model.clone(), *dimension, stored);
        for (_, error) in left_out {
            tracing::warn!("a template is left out: {error}");
        }
        *gallery.lock().unwrap_or_else(PoisonError::into_inner) = read;
        self.known = Some(mark);
        Ok(())
    }

    fn note_hours(&self, service: Service) {
        let serving = match service {
            Service::Open(period) => {
                self.hours.hours(period).map(|hours| words::serving_hours(period, hours.from, hours.to))
            }
            Service::Closed(_) => None,
        };
        self.link.note(|notes| notes.serving = serving);
    }

    /// Tells the window how far the books' time is from the clock on the wall, and of rules that were not taken. It is woken
    /// only where that has changed: two readings of the clocks differ by moments.
    fn note_clock_and_rules(&self) {
        let (noted, refused) = (self.link.notes(), self.counter.rules().are_refused());
        let ahead = self.counter.ahead_of_wall().unwrap_or(noted.ahead);
        let moved = ahead.saturating_sub(noted.ahead).abs() >= SignedDuration::from_secs(1);
        if moved || refused != noted.rules_refused {
            self.link.note(|notes| (notes.ahead, notes.rules_refused) = (ahead, refused));
        }
    }

    fn tell(&self, event: Event) {
        // The session ended first; then nobody needs an answer.
        let _ = self.events.send(event);
    }
}

#[cfg(test)]
mod tests;
