//! What the ledger holds: one settlement, reversal or movement an entry. How it is hashed: [`super::encoding`].

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{CanteenId, DishId, ElderId, EntryId, KioskId, ProgrammeId, StaffId};
use super::meal::{MealDay, MealPeriod};
use super::money::Fen;
use super::quote::{PayerShare, QuoteLine};

/// One line of the ledger, never changed once written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Made before the write; a retry carries the same id.
    pub id: EntryId,
    /// Gap-free within the kiosk, from 1.
    pub number: u64,
    /// The kiosk that wrote it.
    pub kiosk: KioskId,
    /// The canteen it stands in.
    pub canteen: CanteenId,
    /// When it was written, to the millisecond, by the books' own time ([`super::clock`]).
    pub recorded_at: Timestamp,
    /// The day whose books it belongs to; never earlier than that of the entry before.
    pub day: MealDay,
    /// What happened.
    pub body: EntryBody,
    /// The hash of entry `number - 1`, zeros for the first.
    pub previous: EntryHash,
    /// SHA-256 over the canonical encoding of all of the above ([`super::encoding`]).
    pub hash: EntryHash,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryBody {
    /// A meal was settled.
    Meal(MealEntry),
    /// An earlier meal was taken back.
    Reversal(ReversalEntry),
    /// A purse was filled, cleared or put right.
    Movement(MovementEntry),
    /// The staff told the books to believe the clock again.
    Clock(ClockEntry),
    /// The books go on after their database was lost.
    Restart(RestartEntry),
}

impl EntryBody {
    /// The word in files and the database: `meal`, `reversal`, `movement`, `clock`, `restart`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Meal(_) => "meal",
            Self::Reversal(_) => "reversal",
            Self::Movement(_) => "movement",
            Self::Clock(_) => "clock",
            Self::Restart(_) => "restart",
        }
    }

    /// Whose entry it is, where it is somebody's.
    pub const fn elder(&self) -> Option<&ElderId> {
        match self {
            Self::Meal(meal) => Some(&meal.elder),
            Self::Reversal(reversal) => Some(&reversal.elder),
            Self::Movement(movement) => Some(&movement.elder),
            Self::Clock(_) | Self::Restart(_) => None,
        }
    }
}

/// A settled meal. `Σ payers.amount = price`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MealEntry {
    /// Who ate.
    pub elder: ElderId,
    /// The day it was eaten: the day of its once-a-meal slot and of its caps. The same as [`Entry::day`] except for a
    /// meal entered again after a later day's books had begun.
    pub day: MealDay,
    /// The meal of that day.
    pub period: MealPeriod,
    /// What was taken.
    pub dishes: Vec<Dish>,
    /// The sum of the dishes.
    pub price: Fen,
    /// What each rule did, with its version and sentence.
    pub lines: Vec<QuoteLine>,
    /// The price split by payer, the elder's own share included (last).
    pub payers: Vec<PayerShare>,
    /// How the elder was identified.
    pub identified_by: IdentifiedBy,
    /// Who of the staff took part, where somebody did.
    pub staff: Option<StaffId>,
    /// What the face showed; only with [`IdentifiedBy::Face`].
    pub evidence: Option<Evidence>,
    /// The reversed meal that this one enters again with the right rules.
    pub corrects: Option<EntryId>,
}

/// Takes back one meal; amounts and units are the negatives of that meal's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReversalEntry {
    /// The meal taken back.
    pub of: EntryId,
    /// That entry's number.
    pub of_number: u64,
    /// Whose meal it was.
    pub elder: ElderId,
    /// The day it was eaten; its books may be closed, which is why [`Entry::day`] may be a later one.
    pub day: MealDay,
    /// Which meal it was.
    pub period: MealPeriod,
    /// The negative price.
    pub price: Fen,
    /// The meal's lines with negative amounts and units.
    pub lines: Vec<QuoteLine>,
    /// The negative shares.
    pub payers: Vec<PayerShare>,
    /// Who took it back.
    pub staff: StaffId,
    /// Why, in the staff's words.
    pub reason: String,
}

/// Changes what is in one purse of an elder without a meal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementEntry {
    /// Whose purse.
    pub elder: ElderId,
    /// The programme whose purse it is.
    pub programme: ProgrammeId,
    /// The version of the rule that asks for it, where a rule does.
    pub version: Option<u32>,
    /// Why it moves.
    pub cause: MovementCause,
    /// The day it counts for: the last day of a cleared cycle, the day of entitlement of a grant, otherwise the day of
    /// the entry.
    pub day: MealDay,
    /// What comes in (> 0) or goes out (< 0), in the purse's units; fen for purses of money.
    pub units: i64,
    /// Who of the staff did it; nobody for what the rules do by themselves.
    pub staff: Option<StaffId>,
    /// Why, in words; empty for what the rules do by themselves.
    pub reason: String,
}

/// Why a purse changes without a meal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementCause {
    /// The district or a programme gave it.
    Grant,
    /// The elder or the family paid it in.
    TopUp,
    /// It expired (清零).
    Clearing,
    /// It was paid back to the elder.
    Refund,
    /// The staff put an error right.
    Adjustment,
}

/// The staff looked at the clock and vouch for it. Before it, times ran on from the last entry; after it they follow
/// the clock again, even backwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockEntry {
    /// The time the books would have gone on with.
    pub from: Timestamp,
    /// The time they go on with.
    pub to: Timestamp,
    /// Who vouches.
    pub staff: StaffId,
}

/// The database was lost or damaged and new books continue the old numbering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartEntry {
    /// The last entry that is known of the old books; later ones may exist in the quarantined file.
    pub known_to: u64,
    /// Who ordered it.
    pub staff: StaffId,
    /// Why, in the staff's words.
    pub reason: String,
}

/// A dish as it was sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dish {
    /// The menu's id.
    pub id: DishId,
    /// Its name on that day.
    pub name: String,
    /// Its list price on that day.
    pub price: Fen,
}

/// How an elder was identified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum IdentifiedBy {
    /// 刷脸
    Face,
    /// 刷卡
    Card,
    /// Number and PIN.
    Code,
    /// 工作人员 looked the elder up.
    Staff,
    /// 代领: a carer collected the meal.
    Carer {
        /// Name and relation of the carer.
        carer: String,
    },
    /// 送餐
    Delivered,
}

/// What the decision rested on. Integers, so that the canonical encoding has no floats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Comparison score to the accepted person, × 10 000.
    pub similarity_e4: i32,
    /// Lead over the runner-up, a difference of scores × 10 000.
    pub margin_e4: i32,
    /// Probability of a live person × 10 000, where it was measured.
    pub liveness_e4: Option<i32>,
    /// Quality of the best frame, 0..1 × 10 000.
    pub quality_e4: i32,
    /// Frames the decision rests on.
    pub frames: u32,
    /// Digests of the models in use (detector, embedder, liveness).
    pub models: Vec<ModelDigest>,
}

/// SHA-256 of a model file, lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelDigest(pub String);

/// A SHA-256 in the ledger's chain; 64 lower-case hex digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryHash(pub [u8; 32]);

impl EntryHash {
    /// What the first entry of a kiosk names as its predecessor.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Twenty thousand of them are written at the close of a busy day; a formatter a byte would show there.
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let text: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        f.write_str(&text)
    }
}

/// A text that is not 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 lower-case hex digits")]
pub struct HashError;

impl FromStr for EntryHash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(HashError),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(HashError);
        }
        let mut hash = [0; 32];
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(hash))
    }
}

impl TryFrom<String> for EntryHash {
    type Error = HashError;
    fn try_from(text: String) -> Result<Self, HashError> {
        text.parse()
    }
}

impl From<EntryHash> for String {
    fn from(hash: EntryHash) -> Self {
        hash.to_string()
    }
}
