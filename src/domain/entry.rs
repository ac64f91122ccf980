//! What the ledger holds: one settlement, reversal or movement an entry.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{CanteenId, DishId, ElderId, EntryId, KioskId, StaffId};
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
    /// When it was written, by the kiosk's clock.
    pub recorded_at: Timestamp,
    /// The day whose books it belongs to.
    pub day: MealDay,
    /// What happened.
    pub body: EntryBody,
    /// The hash of entry `number - 1`, zeros for the first.
    pub previous: EntryHash,
    /// SHA-256 over the canonical encoding of all of the above.
    pub hash: EntryHash,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryBody {
    /// A meal was settled.
    Meal(MealEntry),
    /// An earlier entry was taken back.
    Reversal(ReversalEntry),
}

/// A settled meal. `Σ payers.amount = price`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MealEntry {
    /// Who ate.
    pub elder: ElderId,
    /// The meal of the day.
    pub period: MealPeriod,
    /// What was taken.
    pub dishes: Vec<Dish>,
    /// The sum of the dishes.
    pub price: Fen,
    /// What each rule did, with its version and sentence.
    pub lines: Vec<QuoteLine>,
    /// The price split by payer, the elder's own share included.
    pub payers: Vec<PayerShare>,
    /// How the elder was identified.
    pub identified_by: IdentifiedBy,
    /// Who of the staff took part, where somebody did.
    pub staff: Option<StaffId>,
    /// What the face showed; only with [`IdentifiedBy::Face`].
    pub evidence: Option<Evidence>,
}

/// Takes back one earlier entry; amounts are the negatives of its amounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReversalEntry {
    /// The entry taken back.
    pub of: EntryId,
    /// That entry's number.
    pub of_number: u64,
    /// Whose meal it was.
    pub elder: ElderId,
    /// Which meal it was.
    pub period: MealPeriod,
    /// The negative price.
    pub price: Fen,
    /// The negative shares.
    pub payers: Vec<PayerShare>,
    /// Who took it back.
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
    /// Comparison score to the accepted person, cosine × 10 000.
    pub similarity_e4: i32,
    /// Lead over the runner-up, cosine × 10 000.
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

/// A SHA-256 in the ledger's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryHash(pub [u8; 32]);
