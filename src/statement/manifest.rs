//! The manifest: what a day's files are, in one JSON document whose bytes are signed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::names::{FileKind, Names};
use super::signature::PublicKey;
use super::tables::Letterhead;
use crate::domain::statement::{ChainPoint, MovementTotals, ProgrammeTotals, Statement, Totals};
use crate::domain::{CanteenId, EntryHash, KioskId, MealDay, MealPeriod};

/// Names this form of the manifest.
pub const FORMAT: &str = "mealpoint-statement/1";

/// What the signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The canteen.
    pub canteen: CanteenId,
    /// Its name.
    pub canteen_name: String,
    /// The kiosk.
    pub kiosk: KioskId,
    /// The day.
    pub day: MealDay,
    /// The zone in which the CSV shows times.
    pub zone: String,
    /// Whether the day has no entry.
    pub empty: bool,
    /// Where the chain stood before the day.
    pub before: ChainPoint,
    /// Where it stands after the day: the chain's head when the day was closed.
    pub after: ChainPoint,
    /// The day's totals.
    pub totals: Totals,
    /// Everything before the day.
    pub opening: Totals,
    /// Everything up to the day's end.
    pub closing: Totals,
    /// Totals a meal period.
    pub periods: Vec<PeriodTotals>,
    /// Totals a programme's version.
    pub programmes: Vec<ProgrammeTotals>,
    /// Movements of purses.
    pub movements: Vec<MovementTotals>,
    /// The day's other files.
    pub files: Vec<FileDigest>,
    /// How the manifest is signed.
    pub signature: SignatureNote,
}

/// Totals of one meal period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodTotals {
    /// The period.
    pub period: MealPeriod,
    /// Its totals.
    pub totals: Totals,
}

/// A statement's totals a meal period, in the order of the day.
pub fn periods_of(statement: &Statement) -> Vec<PeriodTotals> {
    statement.periods().map(|(period, totals)| PeriodTotals { period, totals: totals.clone() }).collect()
}

/// SHA-256 of a file's bytes.
pub fn digest(bytes: &[u8]) -> EntryHash {
    EntryHash(Sha256::digest(bytes).into())
}

/// A file's name and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its name, without a folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: EntryHash,
}

impl FileDigest {
    /// Of these bytes.
    pub fn of(name: String, bytes: &[u8]) -> Self {
        Self { name, bytes: bytes.len() as u64, sha256: digest(bytes) }
    }

    /// Whether these are the bytes.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        *self == Self::of(self.name.clone(), bytes)
    }
}

/// How the manifest is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureNote {
    /// `Ed25519`
    pub algorithm: String,
    /// The file with the 64 bytes of the signature over this manifest's bytes.
    pub file: String,
    /// The key it verifies under, 64 hex digits. A reader that must know who signed compares it with the key that the
    /// kiosk was registered with.
    pub public_key: PublicKey,
}

/// Why bytes are not a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ManifestError(String);

impl Manifest {
    /// Of a statement and its files.
    pub fn new(statement: &Statement, head: &Letterhead, files: Vec<FileDigest>, public_key: PublicKey) -> Self {
        let books = statement.books();
        Self {
            format: FORMAT.to_owned(),
            canteen: books.canteen.clone(),
            canteen_name: head.canteen_name.clone(),
            kiosk: books.kiosk.clone(),
            day: books.day,
            zone: head.zone_name.clone(),
            empty: books.entries.is_empty(),
            before: books.before,
            after: statement.after(),
            totals: statement.day_totals().clone(),
            opening: books.opening.clone(),
            closing: statement.closing().clone(),
            periods: periods_of(statement),
            programmes: statement.programmes().to_vec(),
            movements: statement.movements().to_vec(),
            files,
            signature: SignatureNote {
                algorithm: "Ed25519".to_owned(),
                file: Names::new(&books.canteen, &books.kiosk, books.day).file(FileKind::Signature),
                public_key,
            },
        }
    }

    /// The bytes that are signed: JSON with two spaces of indent, members in this order, a line feed at the end.
    pub fn bytes(&self) -> Vec<u8> {
        // Structs with text keys always become JSON; empty bytes would fail every check that follows.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] says what is not as [`Manifest::bytes`] writes it.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| ManifestError(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(ManifestError(format!("its format is {:?}, this program reads {FORMAT}", manifest.format)));
        }
        Ok(manifest)
    }

    /// The names of the day's files.
    pub fn names(&self) -> Names {
        Names::new(&self.canteen, &self.kiosk, self.day)
    }

    /// What stands above the figures, `None` when the zone is unknown here.
    pub fn letterhead(&self) -> Option<Letterhead> {
        Letterhead::new(&self.canteen_name, &self.zone)
    }

    /// What it says of a file.
    pub fn digest(&self, kind: FileKind) -> Option<&FileDigest> {
        let name = self.names().file(kind);
        self.files.iter().find(|file| file.name == name)
    }

    /// The day as a date.
    pub fn date(&self) -> Date {
        self.day.0
    }
}
