//! Whether an entry fits into the day's books.

use super::super::entry::{Entry, EntryBody, EntryHash};
use super::super::money::{Fen, MAX_FEN};
use super::totals::movement;
use super::{ChainPoint, DayBooks};

/// The first entry that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {position} of the day: {fault}")]
pub struct StatementError {
    /// Its place among the day's entries, from 1.
    pub position: usize,
    /// What is wrong with it.
    pub fault: EntryFault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// The number does not follow.
    #[error("number {expected} should stand here, not {found}")]
    Number {
        /// The number that follows.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// The link to the entry before does not hold.
    #[error("it should follow the hash {expected}, not {found}")]
    Link {
        /// The hash of the entry before.
        expected: EntryHash,
        /// The hash that it names.
        found: EntryHash,
    },
    /// It belongs to other books.
    #[error("{what} should be {expected}, not {found}")]
    Elsewhere {
        /// `canteen`, `kiosk` or `day`.
        what: &'static str,
        /// Of these books.
        expected: String,
        /// Of the entry.
        found: String,
    },
    /// The payers do not bear the price.
    #[error("{what} should add up to {expected}, not {found}")]
    Sum {
        /// `the payers`, `the dishes`, …
        what: &'static str,
        /// The amount.
        expected: Fen,
        /// The sum.
        found: Fen,
    },
    /// An amount is beyond what a canteen takes, or has the wrong sign.
    #[error("the amount {0} cannot be")]
    Amount(Fen),
    /// A number of units has the wrong sign or is beyond all bounds.
    #[error("the number of units {0} cannot be")]
    Units(i64),
    /// A reversal names an entry that is not before it.
    #[error("it takes back number {0}, which is not before it")]
    Reverses(u64),
}

/// It follows the entry before and belongs to these books.
pub(super) fn check_place(books: &DayBooks, before: ChainPoint, entry: &Entry) -> Result<(), EntryFault> {
    let expected = before.number.saturating_add(1);
    if entry.number != expected {
        return Err(EntryFault::Number { expected, found: entry.number });
    }
    let elsewhere = |what, expected: &dyn ToString, found: &dyn ToString| {
        Err(EntryFault::Elsewhere { what, expected: expected.to_string(), found: found.to_string() })
    };
    if entry.canteen != books.canteen {
        return elsewhere("canteen", &books.canteen, &entry.canteen);
    }
    if entry.kiosk != books.kiosk {
        return elsewhere("kiosk", &books.kiosk, &entry.kiosk);
    }
    if entry.day != books.day {
        return elsewhere("day", &books.day, &entry.day);
    }
    if entry.previous != before.hash {
        return Err(EntryFault::Link { expected: before.hash, found: entry.previous });
    }
    Ok(())
}

/// Amounts are within bounds, of one sign, and add up.
pub(super) fn check_amounts(entry: &Entry) -> Result<(), EntryFault> {
    let Some(moved) = movement(&entry.body) else { return Ok(()) };
    let within = |amount: Fen| {
        let size = amount.get().checked_mul(moved.direction).unwrap_or(-1);
        if (0..=MAX_FEN).contains(&size) { Ok(()) } else { Err(EntryFault::Amount(amount)) }
    };
    let adds_up = |what, expected: Fen, amounts: &mut dyn Iterator<Item = Fen>| {
        let mut found = Fen::ZERO;
        for amount in amounts {
            within(amount)?;
            found = found.checked_add(amount).ok_or(EntryFault::Amount(amount))?;
        }
        if found == expected { Ok(()) } else { Err(EntryFault::Sum { what, expected, found }) }
    };
    within(moved.price)?;
    adds_up("the payers", moved.price, &mut moved.payers.iter().map(|share| share.amount))?;
    for line in moved.lines {
        within(line.amount)?;
        adds_up("the payers of a line", line.amount, &mut line.payers.iter().map(|share| share.amount))?;
        if line.units.checked_mul(moved.direction).is_none_or(|units| units < 0) {
            return Err(EntryFault::Units(line.units));
        }
    }
    match &entry.body {
        EntryBody::Meal(meal) => adds_up("the dishes", meal.price, &mut meal.dishes.iter().map(|dish| dish.price)),
        EntryBody::Reversal(back) if back.of_number == 0 || back.of_number >= entry.number => {
            Err(EntryFault::Reverses(back.of_number))
        }
        _ => Ok(()),
    }
}
