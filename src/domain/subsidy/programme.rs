//! A programme: one dated version of one rule.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::purse::Purse;
use super::split::Split;
use super::who::{Scope, Who};
use crate::domain::{Fen, LineKind, ProgrammeId, RuleVersion};

/// One version of a programme. [`RuleBook::new`](super::RuleBook::new) checks it, alone and against its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// The same through all versions.
    pub id: ProgrammeId,
    /// The Chinese name that elders and districts read.
    pub name: String,
    /// Counts up from 1 with the dates.
    pub version: u32,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none while no end is decided.
    pub until: Option<Date>,
    /// Smaller comes first.
    pub order: u32,
    /// How its amount comes off the price.
    pub kind: LineKind,
    /// Where and at which meals it holds.
    pub scope: Scope,
    /// What every tier asks of the elder.
    pub who: Who,
    /// Who gets how much; at least one.
    pub tiers: Vec<Tier>,
    /// Which tier holds when several match; none when that cannot be.
    pub choice: Option<TierChoice>,
    /// How fractions of a fen are rounded, where a tier gives a share.
    pub rounding: Option<Rounding>,
    /// Caps over time.
    pub limits: Limits,
    /// Programmes that the elder does not get beside this one. Each comes later in order.
    pub excludes: Vec<ProgrammeId>,
    /// When `excludes` takes effect.
    pub excludes_when: ExcludesWhen,
    /// Who bears the amount, unless the tier says otherwise.
    pub payers: Split,
    /// The elder's purse; there is one exactly for points, vouchers, allowances, time coins and prepaid money.
    pub purse: Option<Purse>,
    /// Where it is written.
    pub lines: Lines,
}

impl Programme {
    /// Whether the version is in force on `day`.
    pub fn in_force_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// What a settlement records of the rule.
    pub fn rule(&self) -> RuleVersion {
        RuleVersion { programme: self.id.clone(), name: self.name.clone(), version: self.version }
    }

    /// A line of the file the programme is written in.
    pub fn place(&self, line: usize) -> Place {
        Place { file: Arc::clone(&self.lines.file), line }
    }
}

/// One row of a programme: who gets how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// What it asks of the elder beside the programme's own conditions.
    pub who: Who,
    /// How much.
    pub give: Give,
    /// The most it gives at a meal.
    pub at_most: Option<Fen>,
    /// What the meal must cost at least.
    pub minimum_spend: Option<MinimumSpend>,
    /// Who bears the amount, where it differs from the programme.
    pub payers: Option<Split>,
    /// What is put into the purse each cycle, in the purse's unit.
    pub grant: Option<i64>,
    /// The line it starts at.
    pub line: usize,
}

/// How much a tier gives at a meal, before caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Give {
    /// A fixed amount.
    Amount(Fen),
    /// A share.
    Share {
        /// How much of it.
        percent: Percent,
        /// Of what.
        of: Base,
    },
    /// What is above the elder's fixed price.
    ElderPays {
        /// What the elder pays.
        price: Fen,
        /// The price of the standard meal; what a dearer meal costs more is the elder's. None: any price.
        standard_price: Option<Fen>,
    },
    /// All the elder would still pay.
    Rest,
}

/// What a share or a minimum spend is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The sum of the dishes' list prices.
    Price,
    /// The price after the discounts that come before.
    DiscountedPrice,
    /// What the elder would still pay after all the rules that come before.
    OwnShare,
}

/// A share in hundredths of a percent, 1 (0.01 %) to 10 000 (100 %).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// The whole.
    pub const WHOLE: Self = Self(10_000);

    /// Takes hundredths of a percent, 1 to 10 000.
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths == 0 || hundredths > Self::WHOLE.0 { None } else { Some(Self(hundredths)) }
    }

    /// Hundredths of a percent.
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

/// `25`, `12.5`, `33.34`: percent without the sign and without idle zeros.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole}"),
            r if r.is_multiple_of(10) => write!(f, "{whole}.{}", r / 10),
            r => write!(f, "{whole}.{r:02}"),
        }
    }
}

/// What the meal must cost at least for a tier to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumSpend {
    /// The amount that must be reached.
    pub amount: Fen,
    /// Measured on the list price or on the discounted one.
    pub on: Base,
}

/// Which tier holds when several match one elder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierChoice {
    /// The first in the file.
    First,
    /// The one that gives the elder most (就高不就低); among equals the first.
    Best,
}

/// When a programme keeps those it excludes away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExcludesWhen {
    /// As soon as the elder is entitled to it here and at this meal, even if it pays nothing this time.
    #[default]
    Entitled,
    /// When it pays at this meal or has paid earlier the same day.
    PaidToday,
    /// When it pays at this meal.
    PaidThisMeal,
}

/// How an amount is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// Up, down or to the nearest.
    pub mode: RoundingMode,
    /// The smallest coin of the result.
    pub to: Coin,
}

/// Which way a fraction goes. It is the amount taken off the price that is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundingMode {
    /// The fraction is dropped: for the payer.
    Down,
    /// Any fraction counts as a whole coin: for the elder.
    Up,
    /// 四舍五入: a half counts as a whole coin.
    HalfUp,
}

/// The smallest coin of a rounded amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coin {
    /// 分
    Fen,
    /// 角
    Jiao,
    /// 元
    Yuan,
}

impl Coin {
    /// Its worth in fen.
    pub const fn fen(self) -> i64 {
        match self {
            Self::Fen => 1,
            Self::Jiao => 10,
            Self::Yuan => 100,
        }
    }
}

/// Caps of a programme. Amounts count what it pays, times the meals at which it pays, units what leaves the purse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most at one meal.
    pub per_meal: Option<Fen>,
    /// The most on one day.
    pub per_day: Option<Fen>,
    /// The most in one calendar month.
    pub per_month: Option<Fen>,
    /// Meals in one meal period of one day.
    pub times_per_period: Option<u32>,
    /// Meals on one day.
    pub times_per_day: Option<u32>,
    /// Meals in one calendar month.
    pub times_per_month: Option<u32>,
    /// Units at one meal.
    pub units_per_meal: Option<i64>,
    /// Units on one day.
    pub units_per_day: Option<i64>,
    /// Units in one calendar month.
    pub units_per_month: Option<i64>,
}

/// Where the parts of a programme are written, for messages. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The file.
    pub file: Arc<str>,
    /// `id`
    pub id: usize,
    /// `version`
    pub version: usize,
    /// `from`
    pub from: usize,
    /// `until`, else `from`
    pub until: usize,
    /// `order`
    pub order: usize,
    /// `excludes`, else `id`
    pub excludes: usize,
    /// The first payer, else `id`
    pub payers: usize,
    /// `[programme.limits]`, else `id`
    pub limits: usize,
    /// `[programme.purse]`, else `id`
    pub purse: usize,
}

/// A line of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
