//! Purses: points, vouchers, allowances, time coins and prepaid money that one elder may spend.

use jiff::civil::Date;

use crate::domain::{Fen, LineKind};

/// What a purse holds and how it fills and empties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purse {
    /// What one unit pays: the worth of a point, the most a voucher covers; 0.01 yuan for a purse of money.
    pub unit_value: Fen,
    /// Whether a last unit may go for less than it is worth.
    pub last_unit: LastUnit,
    /// How often tiers put their grant in; none when only people do.
    pub granted_every: Option<Cycle>,
    /// When what is left is cleared; none when it stays.
    pub cleared_every: Option<Cycle>,
    /// How far the kiosk lets the purse go below zero while the district cannot be asked, in the purse's unit, ≥ 0.
    pub offline_credit: i64,
}

/// What happens to a last unit that is worth more than what is left to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUnit {
    /// It stays in the purse; the elder pays the small rest.
    Kept,
    /// It is spent; its surplus is forfeited, never paid out.
    Forfeited,
}

/// A recurring span of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cycle {
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Cycle {
    /// The first day of the cycle that holds `day`.
    pub fn start(self, day: Date) -> Date {
        match self {
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// The last day of the cycle that holds `day`.
    pub fn end(self, day: Date) -> Date {
        match self {
            Self::Month => day.last_of_month(),
            Self::Year => day.last_of_year(),
        }
    }
}

/// What a purse counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurseUnit {
    /// 分 (积分)
    Point,
    /// 张 (服务券)
    Voucher,
    /// 枚 (时间币)
    TimeCoin,
    /// Money, in fen.
    Fen,
}

impl PurseUnit {
    /// The unit of a programme's purse; none for programmes without one.
    pub const fn of(kind: LineKind) -> Option<Self> {
        match kind {
            LineKind::Discount | LineKind::Subsidy => None,
            LineKind::Points => Some(Self::Point),
            LineKind::Voucher => Some(Self::Voucher),
            LineKind::TimeCoin => Some(Self::TimeCoin),
            LineKind::Allowance | LineKind::Prepaid => Some(Self::Fen),
        }
    }
}
