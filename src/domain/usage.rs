//! What an elder has already drawn, as the subsidy engine needs to see it.

use std::collections::BTreeMap;

use super::id::ProgrammeId;
use super::money::Fen;
use super::quote::QuoteLine;

/// What one elder has drawn before a meal, and what stands in the elder's purses.
///
/// The ledger fills it for one [`MealMoment`](super::MealMoment): settled meals count, reversed ones do not, and what
/// another quote holds counts as drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// By programme, whatever its version. A programme that is missing has not been drawn.
    pub drawn: BTreeMap<ProgrammeId, Drawn>,
    /// What may be spent of each purse, in the purse's unit: points, vouchers or coins by count, money in fen
    /// (see [`PurseUnit`](super::PurseUnit)). A purse that is missing is empty; where only people fill it, its elder is
    /// not told of it.
    pub purses: BTreeMap<ProgrammeId, i64>,
    /// What of it is credit, which the elder does not have.
    pub credit: BTreeMap<ProgrammeId, i64>,
}

/// What was drawn from one programme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drawn {
    /// In the same meal period of the same day.
    pub period: Tally,
    /// On the same day, the period included.
    pub day: Tally,
    /// In the same calendar month, the day included.
    pub month: Tally,
}

/// Draws added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Meals at which the programme paid.
    pub times: u32,
    /// What it paid, ≥ 0.
    pub amount: Fen,
    /// Units taken from the purse, ≥ 0; 0 where the programme has none.
    pub units: i64,
}

impl Tally {
    /// Counts one more line of a settled or held quote.
    pub fn add(&mut self, line: &QuoteLine) {
        self.times = self.times.saturating_add(1);
        self.amount = Fen::new(self.amount.get().saturating_add(line.amount.get()));
        self.units = self.units.saturating_add(line.units);
    }
}

impl Tally {
    /// Counts one line less.
    fn take_out(&mut self, line: &QuoteLine) {
        self.times = self.times.saturating_sub(1);
        self.amount = Fen::new(self.amount.get().saturating_sub(line.amount.get()));
        self.units = self.units.saturating_sub(line.units);
    }
}

impl Usage {
    /// What was drawn from a programme.
    pub fn drawn_from(&self, programme: &ProgrammeId) -> Drawn {
        self.drawn.get(programme).copied().unwrap_or_default()
    }

    /// What may be spent of a programme's purse, in its unit.
    pub fn purse(&self, programme: &ProgrammeId) -> i64 {
        self.purses.get(programme).copied().unwrap_or(0)
    }

    /// What is in a programme's purse without any credit, in its unit; below zero where credit was drawn before.
    pub fn balance(&self, programme: &ProgrammeId) -> i64 {
        self.purse(programme).saturating_sub(self.credit.get(programme).copied().unwrap_or(0))
    }

    /// Lets purses that the elder has go below zero: for a quote while the district cannot be asked, with
    /// [`RuleBook::offline_credit`](super::subsidy::RuleBook::offline_credit).
    pub fn with_credit(mut self, credit: &BTreeMap<ProgrammeId, i64>) -> Self {
        for (programme, purse) in &mut self.purses {
            let credit = credit.get(programme).copied().unwrap_or(0);
            *purse = purse.saturating_add(credit);
            *self.credit.entry(programme.clone()).or_default() += credit;
        }
        self
    }

    /// Takes out what these lines of a settled meal drew at the same moment: what a quote in that meal's place must see.
    pub fn without(mut self, lines: &[QuoteLine]) -> Self {
        for line in lines {
            let drawn = self.drawn.entry(line.rule.programme.clone()).or_default();
            for tally in [&mut drawn.period, &mut drawn.day, &mut drawn.month] {
                tally.take_out(line);
            }
            if let Some(taken) = line.purse_draw() {
                let purse = self.purses.entry(line.rule.programme.clone()).or_default();
                *purse = purse.saturating_add(taken);
            }
        }
        self
    }
}
