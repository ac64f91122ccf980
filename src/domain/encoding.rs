//! The canonical encoding of an entry, and the chain of hashes over it.
//!
//! Anybody can check the chain with a JSON parser and SHA-256:
//!
//! 1. An entry is the JSON object `{"body", "canteen", "day", "id", "kiosk", "number", "previous", "recorded_at", "v"}`;
//!    `v` is the version of this description, 1. `previous` is the hash of the entry numbered one less as 64
//!    lower-case hex digits, or 64 zeros for entry 1.
//! 2. It is written canonically: the members of every object in ascending order of their (ASCII) names, no white space
//!    outside strings, numbers always integers in plain decimal, strings in UTF-8 with only the escapes that JSON
//!    demands: `\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t` and, for the other characters below U+0020, `\u00xx` in
//!    lower-case hex. This is RFC 8785 without floats, and what Python's
//!    `json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()` writes.
//! 3. The hash is the SHA-256 of these bytes.
//!
//! `mealpoint ledger print` prints each entry in this form with one more member, `hash`: take it out, encode the rest
//! again, compare; then compare `previous` with the `hash` of the line before. Times are UTC to the millisecond,
//! amounts integer fen, scores integers × 10 000.
//!
//! A field that joins an entry later is left out where it is empty, so that old entries keep their bytes; a change that
//! breaks this gets a new `v`.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::entry::{Entry, EntryBody, EntryHash};

/// The version of the encoding described above.
const VERSION: u32 = 1;

/// An entry as it is hashed.
#[derive(Serialize)]
struct Hashed<'a> {
    v: u32,
    id: &'a super::EntryId,
    number: u64,
    kiosk: &'a super::KioskId,
    canteen: &'a super::CanteenId,
    recorded_at: &'a jiff::Timestamp,
    day: &'a super::MealDay,
    body: &'a EntryBody,
    previous: &'a EntryHash,
}

/// The bytes that `entry.hash` is the SHA-256 of. `entry.hash` itself has no part in them.
pub fn canonical(entry: &Entry) -> Vec<u8> {
    let Entry { id, number, kiosk, canteen, recorded_at, day, body, previous, hash: _ } = entry;
    let hashed = Hashed { v: VERSION, id, number: *number, kiosk, canteen, recorded_at, day, body, previous };
    // Plain structs with text keys always become JSON; `Null` would hash like no entry and fail every check.
    write_canonical(&serde_json::to_value(hashed).unwrap_or(Value::Null))
}

/// The SHA-256 of `bytes`.
pub fn hash(bytes: &[u8]) -> EntryHash {
    EntryHash(Sha256::digest(bytes).into())
}

/// The hash that `entry` should carry.
pub fn hash_of(entry: &Entry) -> EntryHash {
    hash(&canonical(entry))
}

/// Why a stored text is not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an entry in its canonical encoding: {0}")]
pub struct DecodeError(String);

/// Reads back what [`canonical`] wrote; the hash is computed from `bytes`.
///
/// # Errors
/// [`DecodeError`] when the bytes are not an entry of version 1, or not in canonical form.
pub fn decode(bytes: &[u8]) -> Result<Entry, DecodeError> {
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
    let entry = Entry { id, number, kiosk, canteen, recorded_at, day, body, previous, hash: hash(bytes) };
    if canonical(&entry) != bytes {
        return Err(DecodeError("it does not encode to the same bytes".to_owned()));
    }
    Ok(entry)
}

/// Writes `value` as described at the top of this file.
fn write_canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            // Sorted here: whether serde_json's map keeps an order depends on the features of unrelated crates.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push(b'{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(out, name);
                out.push(b':');
                write_value(out, member);
            }
            out.push(b'}');
        }
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            control if control < ' ' => out.extend_from_slice(format!("\\u{:04x}", u32::from(control)).as_bytes()),
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}
