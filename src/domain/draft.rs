//! A meal as the elder confirmed it, before the books give it a number.

use std::collections::BTreeMap;

use super::entry::{Dish, Evidence, IdentifiedBy, MealEntry};
use super::id::{ElderId, EntryId, ProgrammeId, StaffId};
use super::meal::{MealDay, MealPeriod};
use super::money::{Fen, MAX_FEN};
use super::quote::Quote;

/// How far each purse may go below zero, in its unit; empty while the district can be asked.
pub type Credit = BTreeMap<ProgrammeId, i64>;

/// What the ledger is asked to settle.
#[derive(Debug, Clone, PartialEq)]
pub struct MealDraft {
    /// Made when the elder is recognised; a retry carries the same id and is the same meal.
    pub id: EntryId,
    /// Who eats.
    pub elder: ElderId,
    /// The day of the meal, by the books' time.
    pub day: MealDay,
    /// The meal of that day.
    pub period: MealPeriod,
    /// What is taken.
    pub dishes: Vec<Dish>,
    /// What the elder confirmed.
    pub quote: Quote,
    /// How the elder was identified.
    pub identified_by: IdentifiedBy,
    /// Who of the staff took part, where somebody did.
    pub staff: Option<StaffId>,
    /// What the face showed; only with [`IdentifiedBy::Face`].
    pub evidence: Option<Evidence>,
    /// How far purses may be overdrawn.
    pub credit: Credit,
}

/// Why a draft cannot be a meal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// A meal without a dish.
    #[error("a meal needs at least one dish")]
    NoDish,
    /// A sum that does not come out.
    #[error("{what} add up to {found} instead of {expected}")]
    Sum {
        /// Which sum.
        what: &'static str,
        /// What it should be.
        expected: Fen,
        /// What it is.
        found: Fen,
    },
    /// A negative amount or one beyond what a canteen takes.
    #[error("the amount {0} cannot be")]
    Amount(Fen),
    /// A negative number of units.
    #[error("the number of units {0} cannot be")]
    Units(i64),
    /// A face without evidence, or evidence without a face.
    #[error("evidence belongs to a face and to nothing else")]
    Evidence,
}

impl MealDraft {
    /// What the books will hold of it, once its sums are found right.
    ///
    /// # Errors
    /// [`DraftError`] says which sum or amount is wrong.
    pub fn into_entry(self) -> Result<MealEntry, DraftError> {
        check(&self)?;
        let payers = self.quote.payers();
        Ok(MealEntry {
            elder: self.elder,
            day: self.day,
            period: self.period,
            dishes: self.dishes,
            price: self.quote.price,
            lines: self.quote.lines,
            payers,
            identified_by: self.identified_by,
            staff: self.staff,
            evidence: self.evidence,
            corrects: None,
        })
    }
}

fn check(draft: &MealDraft) -> Result<(), DraftError> {
    let quote = &draft.quote;
    if draft.dishes.is_empty() {
        return Err(DraftError::NoDish);
    }
    if (draft.identified_by == IdentifiedBy::Face) != draft.evidence.is_some() {
        return Err(DraftError::Evidence);
    }
    let lines = || quote.lines.iter();
    adds_up("the dishes", quote.price, draft.dishes.iter().map(|dish| dish.price))?;
    adds_up("the shares", quote.price, lines().map(|line| line.amount).chain([quote.own_share]))?;
    for line in lines() {
        adds_up("the payers of a line", line.amount, line.payers.iter().map(|share| share.amount))?;
        if line.units < 0 {
            return Err(DraftError::Units(line.units));
        }
    }
    Ok(())
}

fn adds_up(what: &'static str, expected: Fen, amounts: impl Iterator<Item = Fen>) -> Result<(), DraftError> {
    let mut found = 0_i64;
    for amount in amounts {
        if !(0..=MAX_FEN).contains(&amount.get()) {
            return Err(DraftError::Amount(amount));
        }
        found = found.saturating_add(amount.get());
    }
    if found == expected.get() { Ok(()) } else { Err(DraftError::Sum { what, expected, found: Fen::new(found) }) }
}
