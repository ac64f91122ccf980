//! What is on the screen: plain data, computed from the session and drawn by `screens`, which decides nothing.

use super::events::{CameraFault, ChoiceId, Hint, NextMeal, StoreFault, VisitId};
use super::staff::{DayStage, PinStage, StaffDay};
use crate::domain::{Dish, Fen, MealPeriod, Quote};

/// The screen and what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Grows whenever another screen is shown.
    pub number: u64,
    /// What is shown.
    pub screen: Screen,
    /// Several people stand in front of the camera; the nearest is served.
    pub several_faces: bool,
    /// Seconds until this screen ends by itself, where that matters to the elder.
    pub ends_in_s: Option<u64>,
    /// The elder who is served has not been seen for a while: the screen ends unless they look into the camera.
    pub face_needed: bool,
}

/// One of the kiosk's screens.
#[derive(Debug, Clone, PartialEq)]
pub enum Screen {
    /// The kiosk was switched on and is not ready yet.
    Starting,
    /// Nobody is being served.
    Idle {
        /// The meal being served.
        period: MealPeriod,
        /// Somebody who was let go is still there; only their touch brings them back at once.
        again: bool,
    },
    /// Nothing is served now.
    Closed {
        /// The next meal, where there is one.
        next: Option<NextMeal>,
    },
    /// Somebody is there and is being recognised.
    Looking {
        /// What would help.
        hint: Option<Hint>,
        /// Recognised; the offer is being looked up.
        found: bool,
    },
    /// An elder is recognised.
    Recognised(Order),
    /// The elder chooses.
    Dishes(Order),
    /// The elder is asked to confirm, or has confirmed and the ledger writes.
    Confirm {
        /// What is to be confirmed.
        order: Order,
        /// Whether a touch on 确认 counts now.
        stage: ConfirmStage,
    },
    /// The ledger holds the meal.
    Settled(Order),
    /// One sentence and what to do next.
    Message(Message),
    /// There is no picture.
    CameraFault(CameraFault),
    /// The books cannot be written; nobody can be served.
    StoreFault(StoreFault),
    /// The staff type their PIN.
    StaffPin {
        /// Digits typed so far.
        digits: usize,
        /// Whether more are taken.
        stage: PinStage,
    },
    /// The staff look at the day's totals.
    StaffDay {
        /// The day.
        day: Box<StaffDay>,
        /// What they do with it.
        stage: DayStage,
    },
}

impl Screen {
    /// A short name for files and summaries.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Idle { .. } => "idle",
            Self::Closed { .. } => "closed",
            Self::Looking { .. } => "looking",
            Self::Recognised(_) => "recognised",
            Self::Dishes(_) => "dishes",
            Self::Confirm { .. } => "confirm",
            Self::Settled(_) => "settled",
            Self::Message(message) => message.name(),
            Self::CameraFault(_) => "camera-fault",
            Self::StoreFault(_) => "store-fault",
            Self::StaffPin { .. } => "staff-pin",
            Self::StaffDay { stage: DayStage::Asking | DayStage::Closing, .. } => "staff-close",
            Self::StaffDay { .. } => "staff-day",
        }
    }

    /// Whose attempt at a meal it shows, where it shows one.
    pub const fn visit(&self) -> Option<VisitId> {
        match self {
            Self::Recognised(order) | Self::Dishes(order) | Self::Confirm { order, .. } | Self::Settled(order) => {
                Some(order.visit)
            }
            _ => None,
        }
    }
}

/// What an elder has before them.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The visit, to be carried by touches.
    pub visit: VisitId,
    /// The elder's name.
    pub name: String,
    /// The meal.
    pub period: MealPeriod,
    /// The menu.
    pub dishes: Vec<Dish>,
    /// The chosen dishes' places in `dishes`, ascending.
    pub chosen: Vec<usize>,
    /// The choice, to be carried by a confirmation.
    pub choice: ChoiceId,
    /// What the choice costs whom; `None` while it is being worked out or nothing is chosen.
    pub quote: Option<Quote>,
    /// Several dishes may be taken; otherwise each is a whole meal, and another one takes its place.
    pub several_dishes: bool,
}

impl Order {
    /// What others than the elder bear of the price.
    pub fn reduction(&self) -> Fen {
        self.quote.as_ref().map_or(Fen::ZERO, Quote::reduction)
    }

    /// The chosen dishes.
    pub fn chosen_dishes(&self) -> impl Iterator<Item = &Dish> {
        self.chosen.iter().filter_map(|place| self.dishes.get(*place))
    }
}

/// Whether a touch on 确认 counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfirmStage {
    /// The screen has only just appeared; a second tap meant for the one before does not count.
    Arming,
    /// It counts.
    Ready,
    /// The elder must be recognised again first; what would help, where that is known.
    FaceNeeded(Option<Hint>),
    /// It was touched; the ledger is writing.
    Writing,
}

/// A sentence that ends by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Nobody who is enrolled, or no decision in time; or an elder at the question was not recognised again, and nothing was
    /// taken.
    NotRecognised {
        /// What would help.
        hint: Option<Hint>,
    },
    /// Two people look too much alike.
    Ambiguous,
    /// A picture, not a person.
    NotLive,
    /// This meal was settled before.
    AlreadyServed {
        /// The elder's name.
        name: String,
        /// Which meal.
        period: MealPeriod,
    },
    /// The roster does not allow it; staff must help.
    AskStaff,
    /// No menu was entered.
    NoMenu,
    /// How to be served without the face.
    OtherWay,
    /// The elder cancelled; nothing was taken.
    Cancelled,
    /// No touch in time; nothing was taken.
    TimedOut,
    /// The elder went away; nothing was taken.
    WentAway,
    /// Somebody else stepped in front; nothing was taken.
    PersonChanged,
    /// The price changed while the elder decided; nothing was taken.
    PriceChanged,
    /// The meal is no longer served, or its day is closed; nothing was taken.
    MealOver,
    /// The books failed; nothing was taken.
    Fault(StoreFault),
    /// The camera or the recognition failed while the elder was served; nothing was taken.
    NoPicture,
    /// The ledger has not answered: staff must look whether the meal was written.
    Unsure,
}

impl Message {
    /// A short name for files and summaries.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotRecognised { .. } => "not-recognised",
            Self::Ambiguous => "ambiguous",
            Self::NotLive => "not-live",
            Self::AlreadyServed { .. } => "already-served",
            Self::AskStaff => "ask-staff",
            Self::NoMenu => "no-menu",
            Self::OtherWay => "other-way",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed-out",
            Self::WentAway => "went-away",
            Self::PersonChanged => "person-changed",
            Self::PriceChanged => "price-changed",
            Self::MealOver => "meal-over",
            Self::Fault(_) => "fault",
            Self::NoPicture => "no-picture",
            Self::Unsure => "unsure",
        }
    }

    /// Whether trying the face again can help.
    pub const fn can_retry(&self) -> bool {
        matches!(
            self,
            Self::NotRecognised { .. }
                | Self::Ambiguous
                | Self::NotLive
                | Self::PriceChanged
                | Self::PersonChanged
                | Self::TimedOut
                | Self::WentAway
                | Self::Cancelled
        )
    }
}
