//! The rules, pure: no I/O, no clock, no threads, no floats for money. Imports nobody.

mod balance;
mod calibration;
pub mod clock;
pub mod decision;
mod draft;
mod elder;
pub mod encoding;
mod entry;
mod id;
mod meal;
mod money;
mod pin;
mod quality;
mod quote;
#[cfg(test)]
pub(crate) mod sample;
pub mod statement;
pub mod subsidy;
mod template;
mod text;
mod usage;

pub use balance::{DueCause, DueMovement, PurseState, granted_later, movements_due};
pub use calibration::{Calibration, CalibrationError, Population};
pub use clock::{BookTime, ClockReading, ClockState};
pub use draft::{Credit, DraftError, MealDraft};
pub use elder::{Absence, CareLevel, Elder, ElderClass, ElderStatus, Household, Sex};
pub use entry::{
    ClockEntry, Dish, Entry, EntryBody, EntryHash, Evidence, HashError, IdentifiedBy, MealEntry, ModelDigest,
    MovementCause, MovementEntry, RestartEntry, ReversalEntry,
};
pub use id::{CanteenId, DishId, ElderId, EntryId, IdError, KioskId, Payer, ProgrammeId, StaffId};
pub use meal::{MealDay, MealMoment, MealPeriod};
pub use money::{Fen, MAX_FEN, MoneyError};
pub use pin::{PIN_DIGITS, Pin, PinError};
pub use quality::{Quality, QualityReason};
pub use quote::{LineKind, PayerShare, Quote, QuoteLine, QuoteNote, Remaining, RuleVersion};
pub use subsidy::PurseUnit;
pub use template::{Template, TemplateError};
pub use text::{has_hidden, is_hidden};
pub use usage::{Drawn, Tally, Usage};
