//! The canonical encoding of an entry, and the chain of hashes over it.
//!
//! `src/statement/FILES.md` describes both for whoever checks them with a JSON parser and SHA-256 alone; its example is the one
//! of the tests here. `mealpoint ledger print` and the `….entries.jsonl` of a day hold one entry a line, in exactly these bytes.
//!
//! A field that joins an entry later is left out where it is empty, so that old entries keep their bytes; a change that
//! breaks this gets a new `v`.

mod sorted;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::entry::{Entry, EntryBody, EntryHash};

/// An entry together with the bytes that were hashed. Its hash is theirs: neither can be changed without the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    entry: Entry,
    bytes: Vec<u8>,
}

impl Sealed {
    /// Encodes and hashes `entry`, whatever hash it carries.
    pub fn new(mut entry: Entry) -> Self {
        let bytes = canonical(&entry);
        entry.hash = hash(&bytes);
        Self { entry, bytes }
    }

    /// The bytes that the hash is the SHA-256 of.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The entry alone.
    pub fn into_entry(self) -> Entry {
        self.entry
    }
}

impl std::ops::Deref for Sealed {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

/// The version of the encoding.
const VERSION: u32 = 1;

/// An entry as it is hashed, its members in ascending order already: nothing of it need be moved but what the body holds.
#[derive(Serialize)]
struct Hashed<'a> {
    body: &'a EntryBody,
    canteen: &'a super::CanteenId,
    day: &'a super::MealDay,
    id: &'a super::EntryId,
    kiosk: &'a super::KioskId,
    number: u64,
    previous: &'a EntryHash,
    recorded_at: &'a jiff::Timestamp,
    v: u32,
}

/// The bytes that `entry.hash` is the SHA-256 of. `entry.hash` itself has no part in them.
fn canonical(entry: &Entry) -> Vec<u8> {
    let Entry { id, number, kiosk, canteen, recorded_at, day, body, previous, hash: _ } = entry;
    let hashed = Hashed { v: VERSION, id, number: *number, kiosk, canteen, recorded_at, day, body, previous };
    // Plain structs with text keys always become JSON; no bytes would hash like no entry and fail every check.
    // serde_json writes strings and integers as described there already; what is left is the order of members.
    sorted::sorted(&serde_json::to_vec(&hashed).unwrap_or_default())
}

/// The SHA-256 of `bytes`.
pub fn hash(bytes: &[u8]) -> EntryHash {
    EntryHash(Sha256::digest(bytes).into())
}

/// Why a stored text is not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an entry in its canonical encoding: {0}")]
pub struct DecodeError(String);

/// Reads back the bytes of a [`Sealed`] entry; the hash is computed from them.
///
/// # Errors
/// [`DecodeError`] when the bytes are not an entry of version 1, or not in canonical form.
pub fn decode(bytes: &[u8]) -> Result<Sealed, DecodeError> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Stored {
        v: u32,
        id: super::EntryId,
        number: u64,
        kiosk: super::KioskId,
        canteen: super::CanteenId,
        recorded_at: jiff::Timestamp,
        day: super::MealDay,
        body: EntryBody,
        previous: EntryHash,
    }
    let stored: Stored = serde_json::from_slice(bytes).map_err(|error| DecodeError(error.to_string()))?;
    if stored.v != VERSION {
        return Err(DecodeError(format!("version {} instead of {VERSION}", stored.v)));
    }
    let Stored { v: _, id, number, kiosk, canteen, recorded_at, day, body, previous } = stored;
    let hash = EntryHash::ZERO;
    let sealed = Sealed::new(Entry { id, number, kiosk, canteen, recorded_at, day, body, previous, hash });
    if sealed.bytes != bytes {
        return Err(DecodeError("it does not encode to the same bytes".to_owned()));
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ClockEntry, MealDay};

    /// The worked example: these bytes, this hash. `printf '%s' '…' | sha256sum` gives the same.
    const EXAMPLE: &str = concat!(
        r#"{"body":{"from":"2026-11-22T04:00:00Z","kind":"clock","staff":"S-1","to":"2026-11-22T04:00:00.5Z"},"#,
        r#""canteen":"CT-001","day":"2026-11-22","id":"019a0000-0000-7000-8000-000000000001","kiosk":"K-001","number":1,"#,
        r#""previous":"0000000000000000000000000000000000000000000000000000000000000000","#,
        r#""recorded_at":"2026-11-22T04:00:00.5Z","v":1}"#
    );
    const EXAMPLE_HASH: &str = "c643ff18b5f1fdfd3ea6b23c778d3a8f293c0b818e2da69bfb8e4e7060474e25";

    fn example() -> Sealed {
        let at = |text: &str| text.parse().expect("a timestamp");
        Sealed::new(Entry {
            id: "019a0000-0000-7000-8000-000000000001".parse().expect("an id"),
            number: 1,
            kiosk: "K-001".parse().expect("an id"),
            canteen: "CT-001".parse().expect("an id"),
            recorded_at: at("2026-11-22T04:00:00.5Z"),
            day: MealDay("2026-11-22".parse().expect("a day")),
            body: EntryBody::Clock(ClockEntry {
                from: at("2026-11-22T04:00:00Z"),
                to: at("2026-11-22T04:00:00.5Z"),
                staff: "S-1".parse().expect("an id"),
            }),
            previous: EntryHash::ZERO,
            hash: EntryHash::ZERO,
        })
    }

    #[test]
    fn the_worked_example_has_these_bytes_and_this_hash() {
        let entry = example();
        assert_eq!(std::str::from_utf8(entry.bytes()), Ok(EXAMPLE));
        assert_eq!(entry.hash.to_string(), EXAMPLE_HASH);
        assert_eq!(decode(EXAMPLE.as_bytes()), Ok(entry));
        let description = include_str!("../statement/FILES.md");
        assert!(description.contains(EXAMPLE) && description.contains(EXAMPLE_HASH), "the description shows another");
    }

    #[test]
    fn another_order_a_blank_another_number_form_or_a_field_more_is_not_canonical() {
        for (from, to) in [
            (r#""number":1,"#, r#""number": 1,"#),
            (r#""number":1,"#, r#""number":1.0,"#),
            (r#""day":"2026-11-22","#, ""),
            (r#","v":1}"#, r#","v":2}"#),
            (r#","v":1}"#, r#","v":1,"x":0}"#),
            (r#"{"body""#, r#"{"v":1,"body""#),
            ("S-1", "S\\u002d1"),
            (".5Z\"}", ".500Z\"}"),
        ] {
            assert!(EXAMPLE.contains(from), "{from} is not in the example");
            let text = EXAMPLE.replacen(from, to, 1);
            assert!(decode(text.as_bytes()).is_err(), "{text} was taken");
        }
    }

    #[test]
    fn strings_carry_only_the_escapes_that_json_demands() {
        let text = "\u{1}\u{8}\t\n\u{c}\r\u{1f} \"\\/\u{7f}é汉\u{2028}😀";
        let expected = "\"\\u0001\\b\\t\\n\\f\\r\\u001f \\\"\\\\/\u{7f}é汉\u{2028}😀\"";
        let written = sorted::sorted(&serde_json::to_vec(text).expect("JSON"));
        assert_eq!(String::from_utf8(written).expect("text"), expected);
    }
}
