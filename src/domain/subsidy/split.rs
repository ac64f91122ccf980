//! Several payers of one amount.

use super::programme::Percent;
use super::who::{same_district, same_town};
use crate::domain::{Fen, Household, MealMoment, Payer, PayerShare};

/// Who bears an amount, in this order.
///
/// Each payer takes a part as long as something is left. Either the parts are percents that add up to 100, or exactly
/// one payer takes the rest. The fen that rounding leaves over go to the one who takes the rest, else to the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split(pub Vec<Part>);

/// One payer of a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Who pays.
    pub payer: Payer,
    /// How much of the amount.
    pub size: PartSize,
    /// Where the payer does not pay; the elder bears that part.
    pub lost: LostIn,
}

/// How much of an amount one payer bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartSize {
    /// A share of the whole amount, rounded down to the fen.
    Percent(Percent),
    /// A fixed sum a meal, less where less is left.
    Amount(Fen),
    /// What the others leave.
    Rest,
}

/// Where a payer's part is lost, as seen from the elder's household.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LostIn {
    /// Nowhere.
    #[default]
    Nowhere,
    /// In any town but the elder's own (and so in any other district).
    AnotherTown,
    /// In any district but the elder's own.
    AnotherDistrict,
}

impl LostIn {
    fn away(self, home: &Household, moment: &MealMoment) -> bool {
        match self {
            Self::Nowhere => false,
            Self::AnotherTown => !same_town(home, moment),
            Self::AnotherDistrict => !same_district(home, moment),
        }
    }
}

/// An amount split between its payers. `Σ paid + lost = amount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shares {
    /// What each payer pays, in the order of the split, payers without a share left out.
    pub paid: Vec<PayerShare>,
    /// What the elder has to bear because payers do not pay away from home.
    pub lost: Fen,
}

impl Split {
    /// All of it by one payer.
    pub fn single(payer: Payer) -> Self {
        Self(vec![Part { payer, size: PartSize::Rest, lost: LostIn::Nowhere }])
    }

    /// Splits `amount`, ≥ 0 and at most [`MAX_FEN`](crate::domain::MAX_FEN), then takes out the parts of payers that do
    /// not pay away from home.
    pub(super) fn share(&self, amount: Fen, home: &Household, moment: &MealMoment) -> Shares {
        let mut left = amount;
        let mut sizes: Vec<Fen> = self
            .0
            .iter()
            .map(|part| {
                let size = part.size.of(amount).min(left);
                left -= size;
                size
            })
            .collect();
        let bears_the_rest = self.0.iter().position(|part| part.size == PartSize::Rest).unwrap_or(0);
        if let Some(size) = sizes.get_mut(bears_the_rest) {
            *size += left;
        }
        let mut shares = Shares { paid: Vec::with_capacity(self.0.len()), lost: Fen::ZERO };
        for (part, size) in self.0.iter().zip(sizes) {
            if part.lost.away(home, moment) {
                shares.lost += size;
            } else if size > Fen::ZERO {
                shares.paid.push(PayerShare { payer: part.payer.clone(), amount: size });
            }
        }
        shares
    }
}

impl PartSize {
    fn of(self, amount: Fen) -> Fen {
        match self {
            Self::Percent(percent) => {
                let whole = i64::from(Percent::WHOLE.hundredths());
                Fen::new(amount.get() * i64::from(percent.hundredths()) / whole)
            }
            Self::Amount(sum) => sum,
            Self::Rest => Fen::ZERO,
        }
    }
}
