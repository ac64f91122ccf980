//! A session with a simulated clock, and what elders, dishes and looks it is fed with.

use crate::domain::sample::evidence;
use crate::domain::{
    CanteenId, Dish, DishId, Elder, ElderId, ElderStatus, EntryId, Fen, Household, MealDay, MealMoment, MealPeriod,
    Quote,
};
use crate::kiosk::session::*;

/// A session with its clock, and what it asked for.
pub struct Bench {
    pub session: Session,
    pub now: Millis,
    pub effects: Vec<Effect>,
}

pub fn elder(name: &str) -> Elder {
    Elder {
        id: ElderId::new(name).expect("an id"),
        name: name.to_owned(),
        birth_date: "1943-05-02".parse().expect("a date"),
        sex: None,
        classes: Default::default(),
        household: Household { district: "武侯区".to_owned(), town: "玉林街道".to_owned() },
        care_level: None,
        status: ElderStatus::Active,
        absences: vec![],
    }
}

pub fn dish(number: i64) -> Dish {
    Dish {
        id: DishId::new(format!("D-{number}")).expect("an id"),
        name: format!("套餐{number}"),
        price: Fen::new(1200 + 100 * number),
    }
}

/// Two yuan off, for the sake of the session only.
pub fn quote(dishes: &[Dish]) -> Quote {
    let price: Fen = dishes.iter().map(|dish| dish.price).sum();
    Quote { price, lines: Vec::new(), own_share: price - Fen::new(200), remaining: Vec::new(), notes: Vec::new() }
}

pub fn offer(visit: VisitId, name: &str, dishes: i64) -> Box<Offer> {
    let dishes: Vec<Dish> = (0..dishes).map(dish).collect();
    let first = dishes.first().cloned().into_iter().collect::<Vec<_>>();
    Box::new(Offer {
        elder: elder(name),
        moment: MealMoment {
            day: MealDay("2026-11-22".parse().expect("a date")),
            period: MealPeriod::Lunch,
            canteen: CanteenId::new("CT-001").expect("an id"),
            district: "武侯区".to_owned(),
            town: "玉林街道".to_owned(),
            zone: jiff::tz::TimeZone::UTC,
        },
        quote: quote(&first),
        dishes,
        entry: entry(visit),
    })
}

pub fn entry(visit: VisitId) -> EntryId {
    EntryId::from_uuid(uuid::Uuid::from_u128(u128::from(visit.0)))
}

pub fn accepted(name: &str) -> Identity {
    Identity::Accepted { elder: ElderId::new(name).expect("an id"), evidence: evidence() }
}

impl Bench {
    /// A session at lunch.
    pub fn at_lunch() -> Self {
        Self::with(SessionOptions::default())
    }

    pub fn with(options: SessionOptions) -> Self {
        let mut bench = Self { session: Session::new(options), now: Millis(0), effects: Vec::new() };
        bench.tell(Event::Service(Service::Open(MealPeriod::Lunch)));
        bench
    }

    pub fn tell(&mut self, event: Event) {
        self.effects.extend(self.session.handle(self.now, event));
    }

    /// A touch of somebody who has seen what they touch: where the screen is new, a moment later.
    pub fn touch(&mut self, touch: Touch) {
        self.now = self.now.max(self.session.takes_touches_from());
        self.tap(touch);
    }

    /// A finger that comes down at once, whatever is on the screen by now.
    pub fn tap(&mut self, touch: Touch) {
        self.tell(Event::Touch(touch));
    }

    /// One frame after another, ten a second, for `ms`.
    pub fn look_for(&mut self, ms: u64, look: impl Fn() -> Look) {
        for _ in 0..ms / 100 {
            self.now = self.now.plus(100);
            self.tell(Event::Look(look()));
        }
    }

    pub fn see(&mut self, ms: u64, track: u64, identity: Identity) {
        let attempt = self.attempt();
        self.look_for(ms, || Look {
            faces: 1,
            nearest: Some(Nearest { track: Track(track), identity: identity.clone() }),
            attempt,
        });
    }

    pub fn see_nobody(&mut self, ms: u64) {
        let attempt = self.attempt();
        self.look_for(ms, || Look { faces: 0, nearest: None, attempt });
    }

    /// How often the watcher was told to begin anew.
    pub fn attempt(&self) -> u64 {
        self.effects.iter().filter(|effect| matches!(effect, Effect::Forget(_))).count() as u64
    }

    pub fn wait(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
        self.tell(Event::Tick);
    }

    pub fn openings(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::Open { .. })).count()
    }

    pub fn screen(&self) -> &'static str {
        self.session.view().screen.name()
    }

    pub fn visit(&self) -> VisitId {
        self.effects
            .iter()
            .rev()
            .find_map(|effect| match effect {
                Effect::Open { visit, .. } => Some(*visit),
                _ => None,
            })
            .expect("no visit was opened")
    }

    pub fn released(&self) -> bool {
        self.effects.contains(&Effect::Release { visit: self.visit() })
    }

    pub fn settlements(&self) -> Vec<&Settlement> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Settle(settlement) => Some(&**settlement),
                _ => None,
            })
            .collect()
    }

    pub fn choice(&self) -> ChoiceId {
        match self.session.view().screen {
            Screen::Recognised(order) | Screen::Dishes(order) | Screen::Confirm { order, .. } => order.choice,
            other => panic!("no order on {}", other.name()),
        }
    }

    pub fn recognise(&mut self, track: u64, name: &str, dishes: i64) -> VisitId {
        self.see(300, track, Identity::Undecided(None));
        assert_eq!(self.screen(), "looking");
        self.see(100, track, accepted(name));
        let visit = self.visit();
        self.tell(Event::Opened { visit, reply: Ok(offer(visit, name, dishes)) });
        assert_eq!(self.screen(), "recognised");
        visit
    }

    /// A whole meal; the settled screen stands.
    pub fn serve(&mut self, track: u64, name: &str) {
        let visit = self.up_to_the_question(track, name);
        self.touch(Touch::Confirm(visit, self.choice()));
        self.tell(Event::Settled { entry: entry(visit), reply: Ok(1) });
        assert_eq!(self.screen(), "settled");
    }

    pub fn up_to_the_question(&mut self, track: u64, name: &str) -> VisitId {
        let visit = self.recognise(track, name, 3);
        self.touch(Touch::ChooseDishes(visit));
        assert_eq!(self.screen(), "dishes");
        self.touch(Touch::Review(visit));
        assert_eq!(self.screen(), "confirm");
        self.see(1000, track, accepted(name));
        visit
    }
}
