//! One elder's attempt at a meal.

use super::effects::Settlement;
use super::events::{ChoiceId, Hint, Millis, Offer, Track, VisitId};
use super::view::Order;
use crate::domain::{Dish, Evidence, Quote};

/// One elder's attempt at a meal, from the offer on.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub id: VisitId,
    /// The person this visit belongs to, as the tracker follows them.
    pub track: Track,
    pub presence: Presence,
    /// When the elder was last the nearest person.
    pub seen: Millis,
    /// When the elder was last recognised; `None` since the face may not be a living one.
    pub verified: Option<Millis>,
    /// What would help the camera to recognise them again.
    pub hint: Option<Hint>,
    /// When the elder last touched a screen on which nothing can be charged.
    pub touched: Millis,
    pub evidence: Evidence,
    pub offer: Offer,
    /// Places in `offer.dishes`, ascending.
    pub chosen: Vec<usize>,
    pub choice: ChoiceId,
    /// The quote of `choice`, once it is known.
    pub quote: Option<Quote>,
    /// When the last quote was asked for.
    pub quote_asked: Millis,
    /// Several dishes may be taken; otherwise each is a whole meal.
    pub several_dishes: bool,
}

/// A confirmed visit whose settlement is not decided yet.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub visit: Box<Visit>,
    /// How many times the books were asked to write it and have not answered; each of these may still write it.
    pub waiting: u32,
}

/// Whether the elder stands in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nearest in the last look.
    Here,
    /// Nobody in the last looks.
    Away,
    /// Somebody else, or somebody not yet recognised, is nearest since then.
    Displaced(Millis),
}

impl Visit {
    pub fn new(
        id: VisitId,
        track: Track,
        evidence: Evidence,
        offer: Offer,
        seen: Millis,
        verified: Millis,
        several_dishes: bool,
    ) -> Self {
        let quote = Some(offer.quote.clone());
        Self {
            id,
            track,
            presence: Presence::Here,
            seen,
            verified: Some(verified),
            hint: None,
            touched: seen,
            evidence,
            offer,
            chosen: vec![0],
            choice: ChoiceId(0),
            quote,
            quote_asked: seen,
            several_dishes,
        }
    }

    /// Takes the dish at `place` instead of the others, or, where several may be taken, adds or removes it.
    /// Returns the dishes to quote, `None` when nothing changed or nothing is chosen.
    pub fn choose(&mut self, place: usize, now: Millis) -> Option<Vec<Dish>> {
        if place >= self.offer.dishes.len() {
            return None;
        }
        let before = self.chosen.clone();
        if self.several_dishes {
            match self.chosen.binary_search(&place) {
                Ok(at) => drop(self.chosen.remove(at)),
                Err(at) => self.chosen.insert(at, place),
            }
        } else {
            self.chosen = vec![place];
        }
        if self.chosen == before {
            return None;
        }
        self.choice = ChoiceId(self.choice.0 + 1);
        self.quote = None;
        self.quote_asked = now;
        (!self.chosen.is_empty()).then(|| self.dishes())
    }

    /// Whether the books owe a quote of what is chosen.
    pub const fn waits_for_quote(&self) -> bool {
        self.quote.is_none() && !self.chosen.is_empty()
    }

    /// The chosen dishes.
    pub fn dishes(&self) -> Vec<Dish> {
        self.chosen.iter().filter_map(|place| self.offer.dishes.get(*place)).cloned().collect()
    }

    /// The settlement of what is chosen, once it is quoted.
    pub fn settlement(&self) -> Option<Settlement> {
        Some(Settlement {
            entry: self.offer.entry,
            visit: self.id,
            elder: self.offer.elder.id.clone(),
            moment: self.offer.moment.clone(),
            dishes: self.dishes(),
            quote: self.quote.clone()?,
            evidence: self.evidence.clone(),
        })
    }

    pub fn order(&self) -> Order {
        Order {
            visit: self.id,
            name: self.offer.elder.name.clone(),
            period: self.offer.moment.period,
            dishes: self.offer.dishes.clone(),
            chosen: self.chosen.clone(),
            choice: self.choice,
            quote: self.quote.clone(),
            several_dishes: self.several_dishes,
        }
    }
}
