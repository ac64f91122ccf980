//! Money in integer fen (1 yuan = 100 fen).

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

/// The largest amount that is ever read from outside: ten million yuan. Sums of some 10^9 of them fit an `i64`.
pub const MAX_FEN: i64 = 1_000_000_000;

/// An amount of money in fen. May be negative (a reversal).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not of the form `12`, `12.5` or `12.50`.
    #[error("not an amount in yuan such as 12.50")]
    Form,
    /// More than ten million yuan.
    #[error("more than ten million yuan")]
    TooLarge,
}

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `fen` fen.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The amount in fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, unless it is beyond what an `i64` holds; for amounts that a file claims.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Reads yuan with at most two decimals, such as `12`, `12.5`, `12.50`, `-3.00`.
    ///
    /// # Errors
    /// [`MoneyError`] when the text has another form or is beyond ten million yuan.
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (yuan, cents) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if yuan.is_empty() || !plain(yuan) || !plain(cents) || cents.len() > 2 || digits.ends_with('.') {
            return Err(MoneyError::Form);
        }
        let yuan: i64 = yuan.parse().map_err(|_| MoneyError::TooLarge)?;
        let cents: i64 = format!("{cents:0<2}").parse().map_err(|_| MoneyError::Form)?;
        let fen = yuan.checked_mul(100).map(|y| y + cents).filter(|f| *f <= MAX_FEN).ok_or(MoneyError::TooLarge)?;
        Ok(Self(if negative { -fen } else { fen }))
    }
}

/// Yuan with two decimals: `12.50`, `-3.00`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl Add for Fen {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fen {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Fen {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Fen {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Fen {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_are_read_to_the_fen_and_written_back_the_same() {
        for (text, fen, shown) in
            [("12", 1200, "12.00"), ("12.5", 1250, "12.50"), ("-0.05", -5, "-0.05"), ("0", 0, "0.00")]
        {
            let amount = Fen::parse_yuan(text).expect(text);
            assert_eq!((amount.get(), amount.to_string().as_str()), (fen, shown));
        }
    }

    #[test]
    fn what_is_not_an_amount_in_yuan_is_refused() {
        for bad in ["", "-", ".5", "5.", "1.234", "1e3", "12元", "１２", "+3", "99999999999999999999"] {
            assert!(Fen::parse_yuan(bad).is_err(), "{bad:?} was taken");
        }
    }
}
