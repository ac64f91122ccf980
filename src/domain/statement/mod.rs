//! The daily statement: what one kiosk's books hold for one day, checked and summed.
//!
//! A [`Statement`] exists only for entries that follow each other without a gap, link by hash, belong to that day and
//! whose payers bear exactly the price. Making one is therefore the same check as verifying one.

mod check;
mod totals;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::encoding::Sealed;
use super::entry::EntryHash;
use super::id::{CanteenId, KioskId, Payer};
use super::meal::{MealDay, MealPeriod};

pub use check::{EntryFault, StatementError};
pub use totals::{MovementTotals, ProgrammeTotals, Totals};

use check::{check_amounts, check_place};
use totals::Summing;

/// What a statement is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct DayBooks {
    /// The canteen.
    pub canteen: CanteenId,
    /// The kiosk whose ledger this is.
    pub kiosk: KioskId,
    /// The day.
    pub day: MealDay,
    /// Where the chain stood before the day's first entry.
    pub before: ChainPoint,
    /// Everything the ledger held before the day's first entry.
    pub opening: Totals,
    /// The day's entries in the order of their numbers; none on an empty day.
    pub entries: Vec<Sealed>,
}

/// A place in the chain: an entry's number and its hash. Number 0 with the zero hash is the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainPoint {
    /// The entry's number, 0 before the first.
    pub number: u64,
    /// The entry's hash, zeros before the first.
    pub hash: EntryHash,
}

impl ChainPoint {
    /// Before the first entry of a ledger.
    pub const START: Self = Self { number: 0, hash: EntryHash::ZERO };
}

/// A day's books, checked and summed.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    books: DayBooks,
    day: Totals,
    closing: Totals,
    periods: [Totals; 3],
    programmes: Vec<ProgrammeTotals>,
    movements: Vec<MovementTotals>,
    after: ChainPoint,
}

impl Statement {
    /// Checks and sums a day's books.
    ///
    /// # Errors
    /// [`StatementError`] names the first entry that breaks the sequence, the chain or a sum.
    pub fn new(books: DayBooks) -> Result<Self, StatementError> {
        let mut summing = Summing { closing: books.opening.clone(), ..Summing::default() };
        let mut after = books.before;
        for (index, entry) in books.entries.iter().enumerate() {
            let at = |fault| StatementError { position: index + 1, fault };
            check_place(&books, after, entry).map_err(at)?;
            check_amounts(entry).map_err(at)?;
            summing.take(entry).map_err(at)?;
            after = ChainPoint { number: entry.number, hash: entry.hash };
        }
        let Summing { day, closing, periods, programmes, movements } = summing;
        let (programmes, movements) = (programmes.into_values().collect(), movements.into_values().collect());
        Ok(Self { books, day, closing, periods, programmes, movements, after })
    }

    /// What it was made of.
    pub fn books(&self) -> &DayBooks {
        &self.books
    }

    /// The day's totals.
    pub fn day_totals(&self) -> &Totals {
        &self.day
    }

    /// Opening totals plus the day's.
    pub fn closing(&self) -> &Totals {
        &self.closing
    }

    /// Totals a meal period, in the order of [`MealPeriod::ALL`].
    pub fn period_totals(&self) -> &[Totals; 3] {
        &self.periods
    }

    /// The same, each with its period.
    pub fn periods(&self) -> impl Iterator<Item = (MealPeriod, &Totals)> {
        MealPeriod::ALL.into_iter().zip(&self.periods)
    }

    /// Totals a programme's version, in the order of programmes.
    pub fn programmes(&self) -> &[ProgrammeTotals] {
        &self.programmes
    }

    /// What moved in purses without a meal, in the order of programmes.
    pub fn movements(&self) -> &[MovementTotals] {
        &self.movements
    }

    /// Where the chain stands after the day; [`DayBooks::before`] on an empty day.
    pub fn after(&self) -> ChainPoint {
        self.after
    }

    /// Every payer of the day, its opening and its closing, the elder first.
    pub fn payers(&self) -> Vec<Payer> {
        let mut payers: Vec<Payer> = self.closing.payers.keys().cloned().collect();
        payers.sort_by_key(|payer| (!payer.is_elder(), payer.clone()));
        payers
    }
}
