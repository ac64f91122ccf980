//! Names of things. Text ids are short, printable and safe in a path, a CSV cell and a URL.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest text id in bytes.
const MAX_ID_BYTES: usize = 64;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("an id is empty")]
    Empty,
    /// The text is longer than [`MAX_ID_BYTES`].
    #[error("an id is longer than 64 bytes")]
    TooLong,
    /// A character that is neither a letter, a digit, `_`, `-` nor an inner `.`.
    #[error("an id may hold letters, digits, '_', '-' and inner dots, not {0:?}")]
    Character(char),
    /// A full-width character, or a digit other than 0 to 9.
    #[error(
        "an id may not hold {0:?}, which looks like a half-width character and is another: two ids would look like one; \
         remedy: type the id anew with half-width letters and marks and the digits 0 to 9"
    )]
    Lookalike(char),
    /// The text is not a UUID.
    #[error("not a UUID")]
    Uuid,
}

fn check_text_id(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > MAX_ID_BYTES {
        return Err(IdError::TooLong);
    }
    if text.starts_with('.') || text.ends_with('.') {
        return Err(IdError::Character('.'));
    }
    match text.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))) {
        Some(c) => Err(IdError::Character(c)),
        None => Ok(()),
    }
}

/// Whether a character only looks like one of an id: the full-width forms of ASCII, and digits of other scripts. An elder
/// with two ids that look the same would get two subsidies for one lunch. The Chinese zero is a character like any other.
fn is_lookalike(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff5e}') || (c.is_numeric() && !c.is_ascii() && c != '\u{3007}')
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 64 bytes of letters, the digits 0 to 9, `_`, `-` and inner dots; nothing full-width.
            ///
            /// # Errors
            /// [`IdError`] says what the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                match text.chars().find(|c| is_lookalike(*c)) {
                    Some(c) => Err(IdError::Lookalike(c)),
                    None => Self::try_from(text),
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        /// Reads an id back, as serde does it. Books and closed days may hold an id that [`Self::new`] once took and now
        /// refuses as a lookalike; their hashes rest on it, and they are not damaged by it.
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                check_text_id(&text)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

text_id!(
    /// An elder, as the district's roster numbers them.
    ElderId
);
text_id!(
    /// A canteen (长寿食堂).
    CanteenId
);
text_id!(
    /// One kiosk; entry numbers run gap-free within it.
    KioskId
);
text_id!(
    /// A member of the canteen's staff.
    StaffId
);
text_id!(
    /// A dish on the menu.
    DishId
);
text_id!(
    /// A subsidy programme.
    ProgrammeId
);
text_id!(
    /// Who bears a share of the price: `elder`, or a payer named by a programme (`city`, `district`, `town`, …).
    Payer
);

impl Payer {
    /// The elder's own share.
    pub fn elder() -> Self {
        Self("elder".to_owned())
    }

    /// Whether this is the elder's own share.
    pub fn is_elder(&self) -> bool {
        self.0 == "elder"
    }
}

/// A ledger entry's name, made before it is written, so that a retry is the same record (UUIDv7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(Uuid);

impl EntryId {
    /// Wraps a UUID; make it with `Uuid::now_v7()` outside the domain.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID within.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::parse_str(text).map(Self).map_err(|_| IdError::Uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_takes_letters_of_any_script_and_refuses_paths_and_formulas() {
        for good in ["E-00001", "George_W_Bush", "王秀英", "a.b"] {
            assert_eq!(ElderId::new(good).map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "..", "a/b", "=1+1", "a b", "x\n", &"长".repeat(22)] {
            assert!(ElderId::new(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn an_id_that_only_looks_like_another_is_refused_from_people_and_read_back_from_the_books() {
        for good in ["二〇二六-1", "甲1", "É-1"] {
            assert_eq!(DishId::new(good).map(String::from), Ok(good.to_owned()));
        }
        for (bad, odd) in
            [("Ａ1", 'Ａ'), ("E-００００１", '０'), ("E－1", '－'), ("E-١", '١'), ("E-①", '①'), ("Ⅷ", 'Ⅷ')]
        {
            let refused = ElderId::new(bad).expect_err(bad);
            assert_eq!(refused, IdError::Lookalike(odd));
            assert_eq!(bad.parse::<StaffId>(), Err(refused.clone()));
            let said = refused.to_string();
            assert!(said.contains(odd) && said.contains("; remedy: ") && said.contains("half-width"), "{said}");
        }
        let stored: ElderId = serde_json::from_str("\"E-００００１\"").expect("an id of the books");
        assert_eq!(stored.as_str(), "E-００００１");
        assert!(serde_json::from_str::<ElderId>("\"a／b\"").is_err(), "what was never an id is none");
    }
}
