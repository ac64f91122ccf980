//! Counts and sums.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::entry::{Entry, EntryBody, MovementCause, MovementEntry};
use super::super::id::{Payer, ProgrammeId};
use super::super::meal::MealPeriod;
use super::super::money::Fen;
use super::super::quote::{LineKind, PayerShare, QuoteLine, RuleVersion};
use super::check::EntryFault;

/// Counts and sums of a set of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Entries of any kind.
    pub entries: u64,
    /// Meals settled.
    pub meals: u64,
    /// Meals taken back.
    pub reversals: u64,
    /// Prices of meals less those taken back.
    #[serde(rename = "price_fen")]
    pub price: Fen,
    /// The same by payer; the amounts add up to `price`.
    #[serde(rename = "payers_fen")]
    pub payers: BTreeMap<Payer, Fen>,
}

/// What one version of one programme bore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeTotals {
    /// The programme's version.
    pub rule: RuleVersion,
    /// How it comes off the price.
    pub kind: LineKind,
    /// Times it was used less times that was taken back.
    pub uses: i64,
    /// Points, vouchers or time coins used.
    pub units: i64,
    /// What came off the elders' shares.
    #[serde(rename = "amount_fen")]
    pub amount: Fen,
    /// Who bore it.
    #[serde(rename = "payers_fen")]
    pub payers: BTreeMap<Payer, Fen>,
}

/// What moved in the purses of one programme without a meal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovementTotals {
    /// The programme.
    pub programme: ProgrammeId,
    /// Why it moved.
    pub cause: MovementCause,
    /// Entries.
    pub movements: u64,
    /// What came in (> 0) or went out (< 0), in the purse's units; fen for purses of money.
    pub units: i64,
}

/// What an entry moves between payers.
pub(super) struct Movement<'a> {
    pub(super) period: MealPeriod,
    /// 1 for a meal, -1 for one taken back.
    pub(super) direction: i64,
    pub(super) price: Fen,
    pub(super) lines: &'a [QuoteLine],
    pub(super) payers: &'a [PayerShare],
}

pub(super) fn movement(body: &EntryBody) -> Option<Movement<'_>> {
    match body {
        EntryBody::Meal(meal) => Some(Movement {
            period: meal.period,
            direction: 1,
            price: meal.price,
            lines: &meal.lines,
            payers: &meal.payers,
        }),
        EntryBody::Reversal(back) => Some(Movement {
            period: back.period,
            direction: -1,
            price: back.price,
            lines: &back.lines,
            payers: &back.payers,
        }),
        EntryBody::Movement(_) | EntryBody::Clock(_) | EntryBody::Restart(_) => None,
    }
}

#[derive(Default)]
pub(super) struct Summing {
    pub(super) day: Totals,
    pub(super) closing: Totals,
    pub(super) periods: [Totals; 3],
    pub(super) programmes: BTreeMap<(RuleVersion, LineKind), ProgrammeTotals>,
    pub(super) movements: BTreeMap<(ProgrammeId, u8), MovementTotals>,
}

impl Summing {
    pub(super) fn take(&mut self, entry: &Entry) -> Result<(), EntryFault> {
        if let EntryBody::Movement(movement) = &entry.body {
            self.take_movement(movement)?;
        }
        let moved = movement(&entry.body);
        self.day.take(moved.as_ref())?;
        self.closing.take(moved.as_ref())?;
        let Some(moved) = moved else { return Ok(()) };
        if let Some(totals) = self.periods.get_mut(moved.period as usize) {
            totals.take(Some(&moved))?;
        }
        for line in moved.lines {
            let totals = self.programmes.entry((line.rule.clone(), line.kind)).or_insert_with(|| ProgrammeTotals {
                rule: line.rule.clone(),
                kind: line.kind,
                uses: 0,
                units: 0,
                amount: Fen::ZERO,
                payers: BTreeMap::new(),
            });
            totals.uses += moved.direction;
            totals.units = totals.units.checked_add(line.units).ok_or(EntryFault::Units(line.units))?;
            add(&mut totals.amount, line.amount)?;
            add_shares(&mut totals.payers, &line.payers)?;
        }
        Ok(())
    }

    fn take_movement(&mut self, movement: &MovementEntry) -> Result<(), EntryFault> {
        let MovementEntry { programme, cause, units, .. } = movement;
        let totals = self.movements.entry((programme.clone(), *cause as u8)).or_insert_with(|| MovementTotals {
            programme: programme.clone(),
            cause: *cause,
            movements: 0,
            units: 0,
        });
        totals.movements += 1;
        totals.units = totals.units.checked_add(*units).ok_or(EntryFault::Units(*units))?;
        Ok(())
    }
}

impl Totals {
    /// Counts one more entry of the chain.
    ///
    /// # Errors
    /// [`EntryFault::Amount`] when a sum leaves the range of amounts.
    pub fn count(&mut self, body: &EntryBody) -> Result<(), EntryFault> {
        self.take(movement(body).as_ref())
    }

    fn take(&mut self, moved: Option<&Movement<'_>>) -> Result<(), EntryFault> {
        // Opening counts come from a file that may claim anything; saturating, they then differ from what it signs.
        self.entries = self.entries.saturating_add(1);
        let Some(moved) = moved else { return Ok(()) };
        let count = if moved.direction > 0 { &mut self.meals } else { &mut self.reversals };
        *count = count.saturating_add(1);
        add(&mut self.price, moved.price)?;
        add_shares(&mut self.payers, moved.payers)
    }
}

fn add(sum: &mut Fen, amount: Fen) -> Result<(), EntryFault> {
    *sum = sum.checked_add(amount).ok_or(EntryFault::Amount(amount))?;
    Ok(())
}

fn add_shares(sums: &mut BTreeMap<Payer, Fen>, shares: &[PayerShare]) -> Result<(), EntryFault> {
    shares.iter().try_for_each(|share| match sums.get_mut(&share.payer) {
        Some(sum) => add(sum, share.amount),
        None => {
            sums.insert(share.payer.clone(), share.amount);
            Ok(())
        }
    })
}
