//! What a meal costs whom: the answer of the subsidy engine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Payer, ProgrammeId};
use super::money::Fen;

/// The price of one meal split between payers, explained a line a rule.
///
/// `own_share + Σ lines.amount = price`, and every amount is at least zero. While the elder decides, a quote reserves
/// [`QuoteLine::purse_draw`] of each line's purse and one draw of each line's programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The sum of the dishes' list prices.
    pub price: Fen,
    /// One line a rule that applied, in the order of application.
    pub lines: Vec<QuoteLine>,
    /// What the elder pays.
    pub own_share: Fen,
    /// What is left of each programme after this meal, in the order of the rules.
    pub remaining: Vec<Remaining>,
    /// Why a programme the elder is entitled to pays nothing at this meal, in the order of the rules.
    #[serde(default)]
    pub notes: Vec<QuoteNote>,
}

impl Quote {
    /// A meal that nobody but the elder pays.
    pub fn full_price(price: Fen) -> Self {
        Self { price, lines: Vec::new(), own_share: price, remaining: Vec::new(), notes: Vec::new() }
    }

    /// What others than the elder bear of the price.
    pub fn reduction(&self) -> Fen {
        self.price - self.own_share - self.prepaid()
    }

    /// What comes from the elder's own prepaid balance.
    pub fn prepaid(&self) -> Fen {
        let shares = self.lines.iter().flat_map(|line| &line.payers);
        shares.filter(|share| share.payer.is_elder()).map(|share| share.amount).sum()
    }

    /// The price by payer: the others by name, the elder last. The shares add up to the price; a payer without a share is
    /// missing, the elder never is. What the elder pays from a prepaid balance counts as the elder's.
    pub fn payers(&self) -> Vec<PayerShare> {
        let own = self.own_share + self.prepaid();
        let mut others = BTreeMap::<&Payer, Fen>::new();
        for share in self.lines.iter().flat_map(|line| &line.payers) {
            if !share.payer.is_elder() {
                *others.entry(&share.payer).or_default() += share.amount;
            }
        }
        let others = others.into_iter().filter(|(_, amount)| *amount != Fen::ZERO);
        others
            .map(|(payer, amount)| PayerShare { payer: payer.clone(), amount })
            .chain(std::iter::once(PayerShare { payer: Payer::elder(), amount: own }))
            .collect()
    }
}

/// Why a programme pays nothing at a meal although the elder is entitled to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteNote {
    /// The rule and its version.
    pub rule: RuleVersion,
    /// One plain Chinese sentence for the elder.
    pub sentence: String,
}

/// What one rule does to the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// The rule and its version.
    pub rule: RuleVersion,
    /// How the amount comes off the price.
    pub kind: LineKind,
    /// What comes off the elder's share, ≥ 0 (≤ 0 in a reversal, as are the shares and units).
    pub amount: Fen,
    /// Who bears `amount`; the shares add up to it. The canteen bears a discount.
    pub payers: Vec<PayerShare>,
    /// Units taken from the elder's purse (points, vouchers, time coins), 0 where the rule has none.
    pub units: i64,
    /// One plain Chinese sentence for the elder.
    pub sentence: String,
}

impl QuoteLine {
    /// What the line takes from the elder's purse, in the purse's unit, and so what a hold must reserve; nothing where
    /// the programme has no purse. Against the programme's caps a line counts once, with its amount and units.
    pub fn purse_draw(&self) -> Option<i64> {
        match self.kind {
            LineKind::Discount | LineKind::Subsidy => None,
            LineKind::Points | LineKind::Voucher | LineKind::TimeCoin => Some(self.units),
            LineKind::Allowance | LineKind::Prepaid => Some(self.amount.get()),
        }
    }
}

/// How an amount comes off the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A cheaper price, borne by the canteen.
    Discount,
    /// A subsidy borne by public payers.
    Subsidy,
    /// 积分
    Points,
    /// 服务券
    Voucher,
    /// A monthly allowance in yuan.
    Allowance,
    /// 时间币
    TimeCoin,
    /// The elder's own prepaid balance.
    Prepaid,
}

/// One payer's share of an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerShare {
    /// Who pays.
    pub payer: Payer,
    /// How much, ≥ 0 in a quote and a meal, ≤ 0 in a reversal.
    pub amount: Fen,
}

/// The rule a line rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleVersion {
    /// The programme's id in the rule file.
    pub programme: ProgrammeId,
    /// Its Chinese name at the time.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// What is left of a programme after a meal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remaining {
    /// The programme.
    pub programme: ProgrammeId,
    /// One plain Chinese sentence, such as 「本月积分还剩 285 分」.
    pub sentence: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_elders_own_balance_is_no_reduction_and_counts_as_the_elders() {
        let line = |payer: Payer, amount: i64| QuoteLine {
            rule: RuleVersion { programme: ProgrammeId::new("p").expect("an id"), name: String::new(), version: 1 },
            kind: if payer.is_elder() { LineKind::Prepaid } else { LineKind::Subsidy },
            amount: Fen::new(amount),
            payers: vec![PayerShare { payer, amount: Fen::new(amount) }],
            units: 0,
            sentence: String::new(),
        };
        let district = Payer::new("district").expect("a payer");
        let quote = Quote {
            lines: vec![line(district.clone(), 200), line(Payer::elder(), 900)],
            own_share: Fen::new(300),
            ..Quote::full_price(Fen::new(1_400))
        };
        assert_eq!((quote.reduction(), quote.prepaid()), (Fen::new(200), Fen::new(900)));
        let shares: Vec<_> = quote.payers().into_iter().map(|share| (share.payer, share.amount)).collect();
        assert_eq!(shares, [(district, Fen::new(200)), (Payer::elder(), Fen::new(1_200))]);
    }
}
