//! Long random lunches: people come, go, swap places, touch everything, books and camera fail; a seed replays any
//! failure. The observer knows what the session does not: who truly stands in front.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::bench::{accepted, entry, offer, quote};
use crate::domain::MealPeriod;
use crate::kiosk::session::*;

const PEOPLE: [&str; 4] = ["王秀英", "李桂芳", "张建国", "陈玉兰"];

/// What the world does next.
#[derive(Debug, Clone)]
enum Step {
    /// Time passes without a frame.
    Wait(u16),
    /// A frame, with what the decision says of whoever is nearest.
    Frame(Verdict),
    /// Somebody (or nobody) is nearest from now on; the tracker gives a new number.
    Nearest(Option<usize>),
    /// Somebody takes the nearest one's place and the tracker notices nothing. Their looks are too poor to tell.
    Slip(usize),
    /// The tracker loses the same person and finds them again.
    Blink,
    /// The elder has seen what leads on, and touches it.
    Forward,
    /// A finger hits what is on the screen, or what was there some touches ago.
    Touch(u8),
    /// The oldest question to the books is answered.
    Answer(Answer),
    /// The books stop answering, or go on.
    Hang(bool),
    Camera(bool),
    Vision(bool),
    Serving(bool),
    Store(bool),
}

#[derive(Debug, Clone, Copy)]
enum Verdict {
    Right,
    Undecided,
    Poor,
    Unknown,
    NotLive,
    Ambiguous,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Good,
    Refused,
    Busy,
    Fault,
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![
        50 => Just(Verdict::Right),
        4 => Just(Verdict::Undecided),
        1 => Just(Verdict::Poor),
        1 => Just(Verdict::Unknown),
        1 => Just(Verdict::NotLive),
        1 => Just(Verdict::Ambiguous),
    ];
    let answer = prop_oneof![8 => Just(Answer::Good), 1 => Just(Answer::Refused), 1 => Just(Answer::Busy), 1 => Just(Answer::Fault)];
    prop_oneof![
        8 => (0..500u16).prop_map(Step::Wait),
        1 => (0..12_000u16).prop_map(Step::Wait),
        24 => verdict.prop_map(Step::Frame),
        2 => proptest::option::of(0..PEOPLE.len()).prop_map(Step::Nearest),
        1 => (0..PEOPLE.len()).prop_map(Step::Slip),
        1 => Just(Step::Blink),
        10 => Just(Step::Forward),
        6 => any::<u8>().prop_map(Step::Touch),
        14 => answer.prop_map(Step::Answer),
        1 => prop_oneof![2 => Just(false), 1 => Just(true)].prop_map(Step::Hang),
        1 => prop_oneof![4 => Just(true), 1 => Just(false)].prop_map(Step::Camera),
        1 => prop_oneof![6 => Just(true), 1 => Just(false)].prop_map(Step::Vision),
        1 => prop_oneof![6 => Just(true), 1 => Just(false)].prop_map(Step::Serving),
        1 => prop_oneof![6 => Just(true), 1 => Just(false)].prop_map(Step::Store),
    ]
}

/// The world around the session, and the judge of what it does.
struct World {
    session: Session,
    now: Millis,
    nearest: Option<usize>,
    track: u64,
    /// Who was nearest in the last frame that showed anybody, and when.
    last_seen: Option<(usize, Millis)>,
    /// In how many frames the tracker notices that the nearest one took another's place; 0 where nobody did.
    slipped: u8,
    /// In the last frame that showed anybody they stood on another's track.
    seen_slipped: bool,
    /// When the frames last named each of them.
    named: [Option<Millis>; PEOPLE.len()],
    touches: Vec<Touch>,
    questions: Vec<Effect>,
    hanging: bool,
    opened: BTreeMap<u64, String>,
    released: BTreeSet<u64>,
    settlements: BTreeMap<u64, Settlement>,
    written: BTreeSet<u64>,
    /// Since when the settled screen stands.
    settled_at: Option<Millis>,
    confirms: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            session: Session::new(SessionOptions::default()),
            now: Millis(0),
            nearest: None,
            track: 0,
            last_seen: None,
            slipped: 0,
            seen_slipped: false,
            named: [None; PEOPLE.len()],
            touches: Vec::new(),
            questions: Vec::new(),
            hanging: false,
            opened: BTreeMap::new(),
            released: BTreeSet::new(),
            settlements: BTreeMap::new(),
            written: BTreeSet::new(),
            settled_at: None,
            confirms: 0,
        };
        world.tell(Event::Service(Service::Open(MealPeriod::Lunch)));
        world
    }

    fn tell(&mut self, event: Event) {
        let confirm = match &event {
            Event::Touch(Touch::Confirm(visit, choice)) => Some((*visit, *choice, self.session.view().screen)),
            _ => None,
        };
        let before = self.session.view().screen;
        for effect in self.session.handle(self.now, event) {
            match &effect {
                Effect::Open { visit, elder, .. } => {
                    assert!(self.opened.insert(visit.0, elder.to_string()).is_none(), "a visit is opened once");
                }
                Effect::Settle(settlement) => self.judge(settlement, confirm.as_ref()),
                Effect::Release { visit } => {
                    assert!(self.opened.contains_key(&visit.0), "only what was opened is released");
                    assert!(self.released.insert(visit.0), "a visit is released once");
                    assert!(!self.written.contains(&visit.0), "what was written is not released");
                }
                _ => {}
            }
            if let Effect::CloseDay { .. } = effect {
                let asked = matches!(&before, Screen::StaffDay { stage: DayStage::Asking, .. });
                assert!(asked, "closed from {}", before.name());
            }
            let asks = matches!(effect, Effect::Open { .. } | Effect::Quote { .. } | Effect::Settle(_));
            let staff = matches!(effect, Effect::StaffEnter { .. } | Effect::CloseDay { .. });
            if asks || staff || matches!(effect, Effect::CheckStore) {
                self.questions.push(effect);
            }
        }
        let view = self.session.view();
        if let Screen::Settled(order) = &view.screen {
            assert!(self.written.contains(&order.visit.0), "the settled screen came before the ledger's word");
            self.settled_at.get_or_insert(self.now);
        } else if let Some(at) = self.settled_at.take() {
            assert!(self.now.since(at) >= 2_000, "who was served cannot have read it");
        }
        assert!(self.session.settled_meals() <= self.written.len() as u64);
    }

    fn judge(&mut self, settlement: &Settlement, confirm: Option<&(VisitId, ChoiceId, Screen)>) {
        let visit = settlement.visit.0;
        assert_eq!(settlement.entry, entry(settlement.visit));
        if let Some(earlier) = self.settlements.get(&visit) {
            assert_eq!(earlier, settlement, "a retry is the same record");
            return;
        }
        let (touched, choice, screen) = confirm.expect("settled without the elder's touch");
        assert_eq!(touched.0, visit);
        // Time may have made an arming confirmation ready between drawing and touch; a missing face never.
        let Screen::Confirm { order, stage: ConfirmStage::Ready | ConfirmStage::Arming } = screen else {
            panic!("settled from {}", screen.name())
        };
        assert_eq!((order.choice, order.quote.as_ref()), (*choice, Some(&settlement.quote)), "another price was shown");
        assert_eq!(order.chosen_dishes().cloned().collect::<Vec<_>>(), settlement.dishes);
        assert_eq!(self.opened.get(&visit).map(String::as_str), Some(settlement.elder.as_str()));
        let (person, at) = self.last_seen.expect("settled for somebody never seen");
        assert!(self.seen_slipped || PEOPLE[person] == settlement.elder.as_str(), "charged on somebody else's name");
        let elder = PEOPLE.iter().position(|name| *name == settlement.elder.as_str()).expect("one of them");
        let named = self.named[elder].expect("charged and never recognised");
        assert!(self.now.since(named) <= crate::kiosk::session::timings::VERIFIED_MS, "recognised too long ago");
        assert!(self.now.since(at) <= crate::kiosk::session::timings::CONFIRM_SEEN_MS);
        assert!(!self.released.contains(&visit));
        self.confirms += 1;
        self.settlements.insert(visit, settlement.clone());
        assert_eq!(self.settlements.len(), self.confirms);
    }

    /// Everything a finger could hit on this screen.
    fn buttons(&self) -> Vec<Touch> {
        let of = |order: &Order| {
            let visit = order.visit;
            vec![
                Touch::Cancel(visit),
                Touch::ChooseDishes(visit),
                Touch::Dish(visit, 0),
                Touch::Dish(visit, 2),
                Touch::Page(visit),
                Touch::Review(visit),
                Touch::Back(visit),
                Touch::Confirm(visit, order.choice),
                Touch::Confirm(visit, order.choice),
            ]
        };
        match &self.session.view().screen {
            Screen::Recognised(order) | Screen::Dishes(order) | Screen::Confirm { order, .. } => of(order),
            Screen::StaffPin { .. } => vec![Touch::Digit(7), Touch::Digit(0), Touch::Erase, Touch::Home],
            Screen::StaffDay { day, .. } => {
                vec![Touch::AskClose, Touch::CloseDay(day.day), Touch::CloseDay(day.day), Touch::KeepOpen, Touch::Home]
            }
            _ => vec![Touch::OtherWay, Touch::Home, Touch::TryAgain, Touch::Staff],
        }
    }

    fn run(&mut self, step: Step) {
        self.now = self.now.plus(40);
        match step {
            Step::Wait(ms) => {
                self.now = self.now.plus(u64::from(ms));
                self.tell(Event::Tick);
            }
            Step::Frame(verdict) => {
                let verdict = if self.slipped > 0 { Verdict::Poor } else { verdict };
                if let (Some(person), Verdict::Right) = (self.nearest, verdict) {
                    self.named[person] = Some(self.now);
                }
                let identity = |name: &str| match verdict {
                    Verdict::Right => accepted(name),
                    Verdict::Undecided => Identity::Undecided(None),
                    Verdict::Poor => Identity::TooPoor(Hint::HoldStill),
                    Verdict::Unknown => Identity::Unknown,
                    Verdict::NotLive => Identity::NotLive,
                    Verdict::Ambiguous => Identity::Ambiguous,
                };
                let nearest =
                    self.nearest.map(|person| Nearest { track: Track(self.track), identity: identity(PEOPLE[person]) });
                if let Some(person) = self.nearest {
                    self.last_seen = Some((person, self.now));
                    self.seen_slipped = self.slipped > 0;
                    self.slipped = self.slipped.saturating_sub(1);
                    self.track += u64::from(self.seen_slipped && self.slipped == 0);
                }
                self.tell(Event::Look(Look {
                    faces: usize::from(nearest.is_some()),
                    nearest,
                    attempt: self.session.attempt,
                }));
            }
            Step::Nearest(person) => {
                self.track += u64::from(person != self.nearest || self.slipped > 0);
                (self.nearest, self.slipped) = (person, 0);
            }
            Step::Slip(person) if self.nearest.is_some_and(|before| before != person) => {
                (self.nearest, self.slipped) = (Some(person), 5);
            }
            Step::Slip(_) => {}
            Step::Blink => {
                self.track += 1;
                self.slipped = 0;
            }
            Step::Forward => {
                let touch = match self.session.view().screen {
                    Screen::Recognised(order) => Touch::ChooseDishes(order.visit),
                    Screen::Dishes(order) => Touch::Review(order.visit),
                    Screen::Confirm { order, .. } => Touch::Confirm(order.visit, order.choice),
                    Screen::Settled(_) | Screen::Message(_) => Touch::Home,
                    Screen::StaffPin { .. } => Touch::Digit(7),
                    Screen::StaffDay { stage: DayStage::Looking, .. } => Touch::AskClose,
                    Screen::StaffDay { day, stage: DayStage::Asking } => Touch::CloseDay(day.day),
                    _ => return,
                };
                self.now = self.now.max(self.session.takes_touches_from());
                self.touches.push(touch.clone());
                self.tell(Event::Touch(touch));
            }
            Step::Touch(which) => {
                let mut buttons = self.buttons();
                buttons.extend(self.touches.iter().rev().take(4).cloned());
                let touch = buttons.swap_remove(usize::from(which) % buttons.len());
                self.touches.push(touch.clone());
                self.tell(Event::Touch(touch));
            }
            Step::Answer(answer) if !self.hanging => self.answer(answer),
            Step::Answer(_) => {}
            Step::Hang(hanging) => self.hanging = hanging,
            Step::Camera(works) => self.tell(Event::Camera(if works { Ok(()) } else { Err(CameraFault::Failing) })),
            Step::Vision(works) => self.tell(Event::Vision { works }),
            Step::Serving(open) => {
                self.tell(Event::Service(if open { Service::Open(MealPeriod::Lunch) } else { Service::Closed(None) }))
            }
            Step::Store(works) => self.tell(Event::Store(if works { Ok(()) } else { Err(StoreFault::DiskFull) })),
        }
    }

    fn answer(&mut self, answer: Answer) {
        if self.questions.is_empty() {
            return;
        }
        let event = match self.questions.remove(0) {
            Effect::Open { visit, elder, .. } => Event::Opened {
                visit,
                reply: match answer {
                    Answer::Good | Answer::Busy => Ok(offer(visit, elder.as_str(), 3)),
                    Answer::Refused => Err(Declined::NotActive),
                    Answer::Fault => Err(Declined::Fault(StoreFault::Other)),
                },
            },
            Effect::Quote { visit, choice, dishes } => Event::Quoted {
                visit,
                choice,
                reply: match answer {
                    Answer::Refused => Err(NotQuoted::AlreadyServed),
                    Answer::Fault => Err(NotQuoted::Fault(StoreFault::Damaged)),
                    Answer::Good | Answer::Busy => Ok(quote(&dishes)),
                },
            },
            Effect::Settle(settlement) => {
                let visit = settlement.visit.0;
                let reply = match answer {
                    _ if self.written.contains(&visit) => Ok(visit),
                    Answer::Good => Ok(visit),
                    Answer::Refused => Err(NotSettled::Changed),
                    Answer::Busy => Err(NotSettled::Busy),
                    Answer::Fault => Err(NotSettled::Fault(StoreFault::DiskFull)),
                };
                if reply.is_ok() {
                    assert!(!self.released.contains(&visit), "written after the elder was told that nothing was taken");
                    self.written.insert(visit);
                }
                Event::Settled { entry: settlement.entry, reply }
            }
            Effect::CheckStore => Event::Store(Ok(())),
            Effect::StaffEnter { ask, .. } => Event::StaffEntered {
                ask,
                reply: match answer {
                    Answer::Good | Answer::Busy => Ok(super::staff::day(false)),
                    Answer::Refused => Err(StaffRefused::Wrong),
                    Answer::Fault => Err(StaffRefused::Fault(StoreFault::Other)),
                },
            },
            Effect::CloseDay { ask, .. } => Event::DayClosed {
                ask,
                reply: match answer {
                    Answer::Good | Answer::Busy => Ok(super::staff::day(true)),
                    Answer::Refused => Err(NotClosed::Over),
                    Answer::Fault => Err(NotClosed::Fault(StoreFault::Other)),
                },
            },
            other => unreachable!("{other:?} asks nothing"),
        };
        self.tell(event);
    }

    /// Everybody goes home and everything works again.
    fn rest(&mut self) {
        self.run(Step::Nearest(None));
        for ok in [Step::Camera(true), Step::Vision(true), Step::Serving(true), Step::Store(true)] {
            self.run(ok);
        }
        for _ in 0..120 {
            self.run(Step::Frame(Verdict::Undecided));
            self.run(Step::Wait(1_000));
            self.answer(Answer::Good);
        }
        assert_eq!(self.session.view().screen.name(), "idle", "the kiosk does not come back to rest");
        for visit in self.opened.keys() {
            let ended = self.released.contains(visit) || self.written.contains(visit);
            assert!(ended, "visit {visit} was neither released nor written");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_nobody_pays_without_their_own_word_and_nobody_pays_twice(
        steps in proptest::collection::vec(step(), 200..600),
    ) {
        let mut world = World::new();
        for step in steps {
            world.run(step);
        }
        world.rest();
    }
}

#[test]
fn the_simulated_lunches_do_settle_meals() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut written = 0;
    for _ in 0..80 {
        let steps = proptest::collection::vec(step(), 400..600).new_tree(&mut runner).expect("steps").current();
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.run(step));
        written += world.written.len();
    }
    assert!(written >= 20, "only {written} meals: the simulator proves nothing");
}
