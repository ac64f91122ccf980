//! What a meal costs whom: the answer of the subsidy engine.

use serde::{Deserialize, Serialize};

use super::id::{Payer, ProgrammeId};
use super::money::Fen;

/// The price of one meal split between payers, explained a line a rule.
///
/// `own_share + Σ lines.amount = price`, and every amount is at least zero.
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
}

/// What one rule does to the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// The rule and its version.
    pub rule: RuleVersion,
    /// How the amount comes off the price.
    pub kind: LineKind,
    /// What comes off the elder's share, ≥ 0.
    pub amount: Fen,
    /// Who bears `amount`; the shares add up to it. The canteen bears a discount.
    pub payers: Vec<PayerShare>,
    /// Units taken from the elder's purse (points, vouchers, time coins), 0 where the rule has none.
    pub units: i64,
    /// One plain Chinese sentence for the elder.
    pub sentence: String,
}

/// How an amount comes off the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
