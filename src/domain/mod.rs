//! The rules, pure: no I/O, no clock, no threads, no floats for money. Imports nobody.

mod elder;
mod entry;
mod id;
mod meal;
mod money;
mod quote;

pub use elder::{CareLevel, Elder, ElderClass, ElderStatus, Household, Sex};
pub use entry::{Dish, Entry, EntryBody, EntryHash, Evidence, IdentifiedBy, MealEntry, ModelDigest, ReversalEntry};
pub use id::{CanteenId, DishId, ElderId, EntryId, IdError, KioskId, Payer, ProgrammeId, StaffId};
pub use meal::{MealDay, MealMoment, MealPeriod};
pub use money::{Fen, MoneyError};
pub use quote::{LineKind, PayerShare, Quote, QuoteLine, Remaining, RuleVersion};
