//! The staff's PIN.

use std::fmt;

use zeroize::Zeroizing;

/// Digits of a PIN.
pub const PIN_DIGITS: usize = 6;

/// Why a text is no PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Not six digits.
    #[error("a PIN is six digits")]
    Digits,
    /// One of the first that anybody would try.
    #[error("this PIN is one of the first that anybody would try; remedy: choose one that is no row of digits")]
    Obvious,
}

/// Six digits that only one member of the staff knows. Wiped from memory when it is dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes six digits, white space around them left out.
    ///
    /// # Errors
    /// [`PinError::Digits`].
    pub fn entered(text: &str) -> Result<Self, PinError> {
        let text = text.trim();
        let digits = text.len() == PIN_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(PinError::Digits) }
    }

    /// As [`Pin::entered`], for a PIN that is being chosen.
    ///
    /// # Errors
    /// [`PinError::Digits`]; [`PinError::Obvious`] for the same digit six times and rows such as 123456 or 654321.
    pub fn chosen(text: &str) -> Result<Self, PinError> {
        let pin = Self::entered(text)?;
        let steps = |by: i16| {
            let bytes = pin.bytes();
            bytes.iter().zip(bytes.iter().skip(1)).all(|(a, b)| i16::from(*b) - i16::from(*a) == by)
        };
        if [0, 1, -1].into_iter().any(steps) { Err(PinError::Obvious) } else { Ok(pin) }
    }

    /// The digits, for the hash.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits_and_a_chosen_one_is_not_obvious() {
        for text in ["", "12345", "1234567", "12 456", "１２３４５６", "-12345"] {
            assert_eq!(Pin::entered(text), Err(PinError::Digits), "{text}");
        }
        for text in ["000000", "999999", "123456", "456789", "654321"] {
            assert_eq!(Pin::chosen(text), Err(PinError::Obvious), "{text}");
        }
        assert_eq!(Pin::chosen(" 246810\n").expect("a PIN").bytes(), b"246810");
        assert!(!format!("{:?}", Pin::entered("246810")).contains("246810"));
    }
}
