//! What the session asks for. The engine carries it out and answers with an event where one is named.

use super::events::{AskId, ChoiceId, Track, VisitId};
use crate::domain::{Dish, ElderId, EntryId, Evidence, MealDay, MealMoment, Pin, Quote, StaffId};

/// Something is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Look up what this elder can be offered now; answered by [`Event::Opened`](super::Event::Opened).
    Open {
        /// Whose answer it will be.
        visit: VisitId,
        /// Who.
        elder: ElderId,
        /// What the identification rests on.
        evidence: Evidence,
    },
    /// Begin the identification of whoever stands there anew: the elder asked for another try. Looks judged from then on
    /// carry this number as their attempt.
    Forget(u64),
    /// Quote these dishes; answered by [`Event::Quoted`](super::Event::Quoted).
    Quote {
        /// Whose answer it will be.
        visit: VisitId,
        /// For which choice.
        choice: ChoiceId,
        /// The dishes, at least one.
        dishes: Vec<Dish>,
    },
    /// Write this settlement durably; answered by [`Event::Settled`](super::Event::Settled). A retry is equal in
    /// every field.
    Settle(Box<Settlement>),
    /// The visit ended without a settlement: free whatever was held for it.
    Release {
        /// Which visit.
        visit: VisitId,
    },
    /// See whether the books can be written again; answered by [`Event::Store`](super::Event::Store).
    CheckStore,
    /// Let the member of the staff in whose PIN this is; answered by
    /// [`Event::StaffEntered`](super::Event::StaffEntered).
    StaffEnter {
        /// Whose answer it will be.
        ask: AskId,
        /// What was typed.
        pin: Pin,
    },
    /// Close today's books by hand; answered by [`Event::DayClosed`](super::Event::DayClosed).
    CloseDay {
        /// Whose answer it will be.
        ask: AskId,
        /// By whose word.
        staff: StaffId,
        /// The day that stood on the screen.
        day: MealDay,
    },
    /// These have been served or let go, and nobody else: whoever else is about as near comes first.
    PassOver(Vec<Track>),
    /// How closely the camera's frames are to be looked at from now on.
    Attend(Attention),
}

/// A meal the elder has confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Its name, the same on every retry.
    pub entry: EntryId,
    /// The visit it ends.
    pub visit: VisitId,
    /// Who eats.
    pub elder: ElderId,
    /// Which meal.
    pub moment: MealMoment,
    /// What was chosen.
    pub dishes: Vec<Dish>,
    /// The quote that stood on the screen when the elder confirmed.
    pub quote: Quote,
    /// What the identification rests on.
    pub evidence: Evidence,
}

/// How closely the frames are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attention {
    /// Not at all: nobody can be served now.
    Off,
    /// Now and then, until somebody comes.
    Resting,
    /// Every frame the worker can take.
    Full,
}
