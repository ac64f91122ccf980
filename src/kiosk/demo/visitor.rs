//! The drawn visitor: looks at the screen like everybody, touches what leads on after the time a person needs to read,
//! and leaves. Pure: told what is on the screen and when, says what to do.

use crate::domain::MealPeriod;
use crate::kiosk::session::{ConfirmStage, Millis, Screen, Touch, View};

/// Who comes in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Meals with those who have not eaten at them, by place in the cast.
    pub hungry: Vec<(MealPeriod, Vec<usize>)>,
    /// Meals after which the demo ends; `None`: it goes on until everybody has eaten.
    pub meals: Option<u64>,
    /// Somebody who is not enrolled comes once, so that this is seen too.
    pub stranger: usize,
}

/// What the visitor does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Walk up to the kiosk.
    WalkUp(usize),
    /// Let somebody stand behind.
    StandBehind(usize),
    /// Touch the screen.
    Touch(Touch),
    /// Go.
    Leave,
    /// The canteen serves this meal from now on.
    Serve(MealPeriod),
    /// Everybody has eaten, the meals are settled, or nobody can be served any more.
    End,
}

/// Who is at the kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guest {
    Nobody,
    Elder,
    Stranger,
}

/// The drawn visitors, one after another.
#[derive(Debug)]
pub struct Visitor {
    script: Script,
    guest: Guest,
    /// Elders who have come.
    came: u64,
    stranger_came: bool,
    /// This guest has tried once more already.
    tried: bool,
    leaving: bool,
    settled: u64,
    /// The screen that stands, and since when.
    screen: u64,
    since: Millis,
    /// What was done on this screen already.
    steps: u32,
}

/// Reading times, ms.
const PAUSE_MS: u64 = 1_200;
const READ_MS: u64 = 1_800;
const LOOK_AROUND_MS: u64 = 2_500;
/// Whoever gets nowhere for so long goes.
const PATIENCE_MS: u64 = 15_000;

impl Visitor {
    /// Visitors who follow `script`.
    pub const fn new(script: Script) -> Self {
        Self {
            script,
            guest: Guest::Nobody,
            came: 0,
            stranger_came: false,
            tried: false,
            leaving: false,
            settled: 0,
            screen: u64::MAX,
            since: Millis(0),
            steps: 0,
        }
    }

    /// What to do now that `view` is on the screen and `settled` meals are settled. `alone`: nobody is in the picture.
    pub fn act(&mut self, now: Millis, view: &View, settled: u64, alone: bool) -> Vec<Act> {
        if view.number != self.screen {
            (self.screen, self.since, self.steps) = (view.number, now, 0);
        }
        self.settled = settled;
        let waited = now.since(self.since);
        if self.leaving {
            if alone && waited >= PAUSE_MS {
                (self.leaving, self.guest) = (false, Guest::Nobody);
            }
            return Vec::new();
        }
        match &view.screen {
            Screen::Starting | Screen::Idle { .. } if self.guest == Guest::Nobody => self.call_next(waited),
            Screen::Idle { .. } | Screen::Looking { .. } if waited >= PATIENCE_MS => self.leave(),
            Screen::Recognised(_) | Screen::Dishes(_) | Screen::Confirm { .. } if self.guest == Guest::Stranger => {
                // Taken for somebody else: an honest stranger goes.
                self.leave()
            }
            Screen::Recognised(order) if waited >= READ_MS => self.once(Touch::ChooseDishes(order.visit)),
            // Every second visitor takes another dish.
            Screen::Dishes(order) if self.came.is_multiple_of(2) && order.dishes.len() > 1 && self.steps == 0 => {
                if waited >= READ_MS {
                    self.once(Touch::Dish(order.visit, 1))
                } else {
                    Vec::new()
                }
            }
            Screen::Dishes(order) if waited >= READ_MS + PAUSE_MS && order.quote.is_some() => {
                self.steps = self.steps.max(1);
                if self.steps == 1 { self.step(Touch::Review(order.visit)) } else { Vec::new() }
            }
            Screen::Confirm { order, stage: ConfirmStage::Ready } if waited >= READ_MS => {
                self.once(Touch::Confirm(order.visit, order.choice))
            }
            Screen::Message(message)
                if message.can_retry() && self.guest == Guest::Elder && !self.tried && waited >= LOOK_AROUND_MS =>
            {
                self.tried = true;
                self.step(Touch::TryAgain)
            }
            Screen::Settled(_) | Screen::Message(_) if waited >= LOOK_AROUND_MS && self.steps == 0 => self.leave(),
            Screen::Closed { .. } | Screen::CameraFault(_) | Screen::StoreFault(_)
                if self.script.meals.is_some() && waited >= PATIENCE_MS =>
            {
                vec![Act::End]
            }
            _ => Vec::new(),
        }
    }

    fn once(&mut self, touch: Touch) -> Vec<Act> {
        if self.steps == 0 { self.step(touch) } else { Vec::new() }
    }

    fn step(&mut self, touch: Touch) -> Vec<Act> {
        self.steps += 1;
        vec![Act::Touch(touch)]
    }

    fn leave(&mut self) -> Vec<Act> {
        self.leaving = true;
        vec![Act::Leave]
    }

    fn call_next(&mut self, waited: u64) -> Vec<Act> {
        if self.script.meals.is_some_and(|meals| self.settled >= meals) {
            return vec![Act::End];
        }
        // The first one stands there when the kiosk is switched on.
        if self.came > 0 && waited < LOOK_AROUND_MS {
            return Vec::new();
        }
        if self.came == 2 && !self.stranger_came {
            self.stranger_came = true;
            self.guest = Guest::Stranger;
            return vec![Act::WalkUp(self.script.stranger)];
        }
        let mut acts = Vec::new();
        while let Some((_, hungry)) = self.script.hungry.first_mut() {
            if hungry.is_empty() {
                self.script.hungry.remove(0);
                if let Some((period, _)) = self.script.hungry.first() {
                    acts.push(Act::Serve(*period));
                }
                continue;
            }
            let person = hungry.remove(0);
            self.came += 1;
            self.guest = Guest::Elder;
            self.tried = false;
            acts.push(Act::WalkUp(person));
            if self.came == 3 {
                acts.push(Act::StandBehind(self.script.stranger));
            }
            return acts;
        }
        // Without a number of meals the kiosk stays open for whoever looks at it.
        if self.script.meals.is_some() { vec![Act::End] } else { acts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::session::{Message, Screen};

    fn view(number: u64, screen: Screen) -> View {
        View { number, screen, several_faces: false, ends_in_s: None, face_needed: false }
    }

    fn idle() -> Screen {
        Screen::Idle { period: MealPeriod::Lunch, again: false }
    }

    fn script(meals: u64) -> Script {
        Script {
            hungry: vec![(MealPeriod::Lunch, vec![4]), (MealPeriod::Supper, vec![0, 1])],
            meals: Some(meals),
            stranger: 9,
        }
    }

    #[test]
    fn the_first_comes_at_once_the_next_after_a_while_and_the_next_meal_begins_when_all_have_eaten() {
        let mut visitor = Visitor::new(script(9));
        assert_eq!(visitor.act(Millis(0), &view(1, idle()), 0, true), [Act::WalkUp(4)]);
        let message = view(2, Screen::Message(Message::Unsure));
        assert_eq!(visitor.act(Millis(1_000), &message, 0, false), []);
        assert_eq!(visitor.act(Millis(4_000), &message, 0, false), [Act::Leave]);
        assert_eq!(visitor.act(Millis(5_000), &view(3, idle()), 0, false), [], "still in the picture");
        assert_eq!(visitor.act(Millis(7_000), &view(3, idle()), 0, true), []);
        let next = visitor.act(Millis(8_000), &view(3, idle()), 0, true);
        assert_eq!(next, [Act::Serve(MealPeriod::Supper), Act::WalkUp(0)]);
    }

    #[test]
    fn an_elder_who_is_not_recognised_tries_once_more_and_then_goes_and_a_stranger_goes_at_once() {
        let lost = |number| view(number, Screen::Message(Message::NotRecognised { hint: None }));
        let mut visitor = Visitor::new(script(9));
        visitor.act(Millis(0), &view(1, idle()), 0, true);
        assert_eq!(visitor.act(Millis(1_000), &lost(2), 0, false), []);
        assert_eq!(visitor.act(Millis(4_000), &lost(2), 0, false), [Act::Touch(Touch::TryAgain)]);
        assert_eq!(visitor.act(Millis(8_000), &lost(2), 0, false), [], "the touch is still on its way");
        assert_eq!(visitor.act(Millis(9_000), &lost(4), 0, false), []);
        assert_eq!(visitor.act(Millis(12_000), &lost(4), 0, false), [Act::Leave]);
        let mut stranger = Visitor { guest: Guest::Stranger, ..Visitor::new(script(9)) };
        stranger.act(Millis(0), &lost(2), 0, false);
        assert_eq!(stranger.act(Millis(4_000), &lost(2), 0, false), [Act::Leave]);
    }

    #[test]
    fn a_demo_of_some_meals_ends_where_nobody_can_be_served_any_more_and_an_endless_one_waits() {
        let closed = || view(1, Screen::Closed { next: None });
        let mut visitor = Visitor::new(script(3));
        assert_eq!(visitor.act(Millis(0), &closed(), 0, true), []);
        assert_eq!(visitor.act(Millis(20_000), &closed(), 0, true), [Act::End]);
        let mut patient = Visitor::new(Script { meals: None, ..script(3) });
        patient.act(Millis(0), &closed(), 0, true);
        assert_eq!(patient.act(Millis(20_000), &closed(), 0, true), []);
    }

    #[test]
    fn the_demo_ends_when_the_meals_are_settled_or_everybody_has_eaten() {
        let mut visitor = Visitor::new(script(0));
        assert_eq!(visitor.act(Millis(0), &view(1, idle()), 0, true), [Act::End]);
        let mut visitor = Visitor::new(Script { hungry: vec![], meals: Some(1), stranger: 9 });
        assert_eq!(visitor.act(Millis(0), &view(1, idle()), 0, true), [Act::End]);
    }
}
