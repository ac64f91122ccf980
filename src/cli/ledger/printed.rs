//! What the commands of the books print in JSON: every amount of money with its unit in its name, which the hashed forms
//! do not have.

use jiff::Zoned;
use serde::Serialize;

use super::corrections::Split;
use super::loss::Forgotten;
use crate::domain::{
    Entry, EntryHash, LineKind, MealDay, Payer, PayerShare, Quote, QuoteLine, QuoteNote, Remaining, RuleVersion,
};

/// An entry that was written.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    number: u64,
    day: MealDay,
    hash: EntryHash,
}

impl From<&Entry> for Written {
    fn from(entry: &Entry) -> Self {
        Self { number: entry.number, day: entry.day, hash: entry.hash }
    }
}

/// A clock that was vouched for.
#[derive(Debug, Serialize)]
pub(super) struct Vouched {
    #[serde(flatten)]
    entry: Written,
    /// What it showed, in the canteen's zone.
    vouched_time: String,
}

impl Vouched {
    pub fn new(entry: &Entry, time: &Zoned) -> Self {
        Self { entry: entry.into(), vouched_time: time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string() }
    }
}

/// Books that were begun anew.
#[derive(Debug, Serialize)]
pub(super) struct Restarted {
    #[serde(flatten)]
    entry: Written,
    /// What they do not know any more.
    forgotten: &'static [Forgotten],
}

impl Restarted {
    pub fn new(entry: &Entry, forgotten: &'static [Forgotten]) -> Self {
        Self { entry: entry.into(), forgotten }
    }
}

/// A meal that was entered.
#[derive(Debug, Serialize)]
pub(super) struct Entered<'a> {
    #[serde(flatten)]
    entry: Written,
    quote: Priced<'a>,
}

impl<'a> Entered<'a> {
    pub fn new(entry: &Entry, quote: &'a Quote) -> Self {
        Self { entry: entry.into(), quote: Priced::of(quote) }
    }
}

#[derive(Debug, Serialize)]
struct Priced<'a> {
    price_fen: i64,
    /// What others than the elder bear.
    reduction_fen: i64,
    /// Taken from the elder's prepaid money.
    prepaid_fen: i64,
    /// In cash.
    own_share_fen: i64,
    lines: Vec<Line<'a>>,
    remaining: &'a [Remaining],
    notes: &'a [QuoteNote],
}

impl<'a> Priced<'a> {
    fn of(quote: &'a Quote) -> Self {
        Self {
            price_fen: quote.price.get(),
            reduction_fen: quote.reduction().get(),
            prepaid_fen: quote.prepaid().get(),
            own_share_fen: quote.own_share.get(),
            lines: quote.lines.iter().map(Line::of).collect(),
            remaining: &quote.remaining,
            notes: &quote.notes,
        }
    }
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    rule: &'a RuleVersion,
    kind: LineKind,
    amount_fen: i64,
    payers: Vec<Share<'a>>,
    /// Points, vouchers or coins taken from the purse.
    units: i64,
    sentence: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a QuoteLine) -> Self {
        let QuoteLine { rule, kind, amount, payers, units, sentence } = line;
        Self { rule, kind: *kind, amount_fen: amount.get(), payers: shares(payers), units: *units, sentence }
    }
}

#[derive(Debug, Serialize)]
struct Share<'a> {
    payer: &'a Payer,
    amount_fen: i64,
}

fn shares(shares: &[PayerShare]) -> Vec<Share<'_>> {
    shares.iter().map(|PayerShare { payer, amount }| Share { payer, amount_fen: amount.get() }).collect()
}

/// A meal that was taken back and entered again.
#[derive(Debug, Serialize)]
pub(super) struct Corrected<'a> {
    reversal: Written,
    meal: Written,
    payers_before: Vec<Share<'a>>,
    payers: Vec<Share<'a>>,
    /// In cash.
    own_share_before_fen: i64,
    own_share_fen: i64,
    /// Taken from the elder's prepaid money.
    prepaid_before_fen: i64,
    prepaid_fen: i64,
}

impl<'a> Corrected<'a> {
    pub fn new(reversal: &Entry, meal: &Entry, before: &'a Split, now: &'a Split) -> Self {
        Self {
            reversal: reversal.into(),
            meal: meal.into(),
            payers_before: shares(&before.payers),
            payers: shares(&now.payers),
            own_share_before_fen: before.own_share.get(),
            own_share_fen: now.own_share.get(),
            prepaid_before_fen: before.prepaid.get(),
            prepaid_fen: now.prepaid.get(),
        }
    }
}

/// A purse that was changed.
#[derive(Debug, Serialize)]
pub(super) struct Moved {
    #[serde(flatten)]
    entry: Written,
    #[serde(flatten)]
    purse: Amounts,
}

/// What came in or, below zero, went out, and what the purse then holds.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Amounts {
    Money { amount_fen: i64, balance_fen: i64 },
    Others { units: i64, balance_units: i64 },
}

impl Moved {
    pub fn new(entry: &Entry, is_money: bool, amount: i64, balance: i64) -> Self {
        let purse = if is_money {
            Amounts::Money { amount_fen: amount, balance_fen: balance }
        } else {
            Amounts::Others { units: amount, balance_units: balance }
        };
        Self { entry: entry.into(), purse }
    }
}
