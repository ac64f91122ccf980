//! Subsidies as dated rules: programmes, what each asks and gives, and the engine that quotes a meal.
//!
//! A district's practice is data ([`Programme`]), read from `kiosk-config/subsidies`; no practice is code.
//! [`RuleBook::new`] refuses what two people could read in two ways. [`quote`] then splits a price between the elder
//! and the payers, a line a rule.
//!
//! Every amount is whole fen. A share is rounded once, as its programme says; a split between payers is rounded down
//! part by part, and a payer named by the programme bears what is left over. What comes off the price is never more than the elder
//! would still pay, so that nothing is ever paid out.

mod amount;
mod book;
mod check;
mod programme;
mod purse;
mod quote;
mod split;
mod who;

pub(crate) use amount::{Given, Window, Withheld};
pub use book::{RuleBook, RuleError};
pub use programme::{
    Base, Coin, ExcludesWhen, Give, Limits, Lines, MinimumSpend, Percent, Place, Programme, Rounding, RoundingMode,
    Tier, TierChoice,
};
pub use purse::{Cycle, LastUnit, Purse, PurseUnit};
pub use quote::{QuoteError, QuoteRequest, quote, quote_said_on};
pub use split::{LostIn, Part, PartSize, Split};
pub use who::{AgeStart, ClassName, ELDER_AGE, OLDEST_AGE, Residence, Scope, Who};
