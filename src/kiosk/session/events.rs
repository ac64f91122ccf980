//! What the session is told.

use jiff::civil::Time;

use super::staff::{NotClosed, StaffDay, StaffRefused};
use crate::domain::{Dish, Elder, ElderId, EntryId, Evidence, MealDay, MealMoment, MealPeriod, Quote};

/// Milliseconds since the kiosk started: the session's only clock, simulated in tests. Going backwards counts as
/// standing still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// Milliseconds from `earlier` to `self`, 0 when `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `ms` milliseconds later.
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// One person's stay in front of the camera, as the tracker numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Track(pub u64);

/// One elder's attempt at a meal, from recognition to settlement or cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitId(pub u64);

/// Which choice of dishes a quote belongs to; grows with every change of the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChoiceId(pub u64);

/// One question of the staff: a PIN to be recognised, a day to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u64);

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Time passed; deadlines are looked at.
    Tick,
    /// A frame was looked at.
    Look(Look),
    /// The screen was touched.
    Touch(Touch),
    /// The camera failed or recovered.
    Camera(Result<(), CameraFault>),
    /// The recognition failed on a frame, or took one again. Whatever the camera does says nothing about it.
    Vision {
        /// It works.
        works: bool,
    },
    /// Serving hours began or ended.
    Service(Service),
    /// The books failed or recovered.
    Store(Result<(), StoreFault>),
    /// The answer to [`Effect::Open`](super::Effect::Open).
    Opened {
        /// Whose answer it is.
        visit: VisitId,
        /// What can be offered, or why nothing can.
        reply: Result<Box<Offer>, Declined>,
    },
    /// The answer to [`Effect::Quote`](super::Effect::Quote).
    Quoted {
        /// Whose answer it is.
        visit: VisitId,
        /// For which choice.
        choice: ChoiceId,
        /// What it costs whom, or why it is not to be had.
        reply: Result<Quote, NotQuoted>,
    },
    /// The ledger's durable answer to [`Effect::Settle`](super::Effect::Settle).
    Settled {
        /// Which settlement.
        entry: EntryId,
        /// The entry's number in the ledger, once it is on the disk.
        reply: Result<u64, NotSettled>,
    },
    /// The answer to [`Effect::StaffEnter`](super::Effect::StaffEnter).
    StaffEntered {
        /// Whose answer it is.
        ask: AskId,
        /// The day, or why they are not let in.
        reply: Result<Box<StaffDay>, StaffRefused>,
    },
    /// The answer to [`Effect::CloseDay`](super::Effect::CloseDay).
    DayClosed {
        /// Whose answer it is.
        ask: AskId,
        /// The day as it is now, or why it was not closed.
        reply: Result<Box<StaffDay>, NotClosed>,
    },
}

/// What one frame showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Faces in the picture.
    pub faces: usize,
    /// The nearest of them, the only one that is served.
    pub nearest: Option<Nearest>,
    /// How often the identification had begun anew ([`Effect::Forget`](super::Effect::Forget)) when it was judged.
    pub attempt: u64,
}

/// The nearest face.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Whose it is, as the tracker follows it.
    pub track: Track,
    /// Who it is, as far as the frames of this track tell.
    pub identity: Identity,
}

/// Who the nearest person is, judged over several frames of one track.
#[derive(Debug, Clone, PartialEq)]
pub enum Identity {
    /// More frames are needed; what would help, where that is known.
    Undecided(Option<Hint>),
    /// An enrolled elder.
    Accepted {
        /// Who.
        elder: ElderId,
        /// What it rests on.
        evidence: Evidence,
    },
    /// Two enrolled people look too much alike to charge either.
    Ambiguous,
    /// Nobody who is enrolled.
    Unknown,
    /// A picture or a screen, not a person.
    NotLive,
    /// The frames are too poor to tell.
    TooPoor(Hint),
}

/// What the elder can do to be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// The face is too small.
    ComeCloser,
    /// The face is cut by the edge of the picture.
    StepBack,
    /// The head is turned away.
    FaceCamera,
    /// The picture is blurred.
    HoldStill,
    /// The face is too dark.
    TooDark,
    /// The face is too bright.
    TooBright,
    /// The camera delivers no colours. Only the staff can do something about it.
    NoColours,
}

/// A touch on one of the screen's buttons, carrying what was on the screen when it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// Be served without the face.
    OtherWay,
    /// Back to rest.
    Home,
    /// Be looked at again.
    TryAgain,
    /// This is not me, or I want no meal.
    Cancel(VisitId),
    /// On from the greeting to the menu.
    ChooseDishes(VisitId),
    /// A dish of the offer, by its place in the list.
    Dish(VisitId, usize),
    /// The menu's next page.
    Page(VisitId),
    /// On from the menu to the question.
    Review(VisitId),
    /// Back from the question to the menu.
    Back(VisitId),
    /// The elder's own word that this meal at this price is wanted.
    Confirm(VisitId, ChoiceId),
    /// Ask for the staff's PIN.
    Staff,
    /// A digit of the PIN, 0 to 9.
    Digit(u8),
    /// Take the last digit back.
    Erase,
    /// Ask whether to close the day.
    AskClose,
    /// Not to close it.
    KeepOpen,
    /// The staff's word that this day is to be closed.
    CloseDay(MealDay),
}

/// Whether a meal is being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// This meal is served now.
    Open(MealPeriod),
    /// Nothing is served now; the next meal, where the canteen has one.
    Closed(Option<NextMeal>),
}

/// When food comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextMeal {
    /// Which meal.
    pub period: MealPeriod,
    /// When it begins, local time.
    pub from: Time,
    /// Not today any more.
    pub tomorrow: bool,
}

/// What an elder is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Who.
    pub elder: Elder,
    /// Which meal of which day, and where.
    pub moment: MealMoment,
    /// The menu of that meal, at least one dish, the canteen's standard meal first.
    pub dishes: Vec<Dish>,
    /// What the first dish alone costs whom.
    pub quote: Quote,
    /// The name the settlement will carry, made now so that every retry is the same record.
    pub entry: EntryId,
}

/// Why a recognised elder is offered nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declined {
    /// This meal was already settled.
    AlreadyServed {
        /// The elder's name.
        name: String,
        /// Which meal.
        period: MealPeriod,
    },
    /// The roster says suspended, moved or deceased; staff must help.
    NotActive,
    /// Enrolled, but no longer on the roster.
    NotOnRoster,
    /// No menu was entered for this meal.
    NoMenu,
    /// Serving hours ended meanwhile, or the day's books were closed.
    Closed,
    /// What the elder's purses hold changed while the offer was made.
    Changed,
    /// The books cannot be read.
    Fault(StoreFault),
}

/// Why a choice was not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotQuoted {
    /// This meal was settled meanwhile (another kiosk, the staff).
    AlreadyServed,
    /// What the elder's purses hold changed meanwhile.
    Changed,
    /// The roster no longer lets this elder be served; staff must help.
    NotActive,
    /// The books cannot be used.
    Fault(StoreFault),
}

/// Why a settlement was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSettled {
    /// This meal was settled meanwhile (another kiosk, the staff).
    AlreadyServed,
    /// The price or the subsidy changed meanwhile; the elder must see the new one first.
    Changed,
    /// The roster no longer lets this elder be served; staff must help.
    NotActive,
    /// The meal's day is over, or its books were closed meanwhile.
    Over,
    /// The books are in use by something else; the same settlement may be tried again.
    Busy,
    /// The books cannot be written.
    Fault(StoreFault),
}

/// Why the books cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreFault {
    /// The disk is full.
    DiskFull,
    /// The data folder is read-only.
    ReadOnly,
    /// A file of the books is damaged.
    Damaged,
    /// The books did not answer in time.
    Silent,
    /// The computer's clock is behind the books, so that nobody knows which meal it is.
    Clock,
    /// Something else; the log says what.
    Other,
}

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CameraFault {
    /// No camera, or it was unplugged.
    Absent,
    /// Another program holds it.
    Busy,
    /// The kiosk's user may not open it.
    Denied,
    /// It is there and delivers nothing useful.
    Failing,
    /// The recognition itself failed.
    Vision,
}
