//! The staff, each with a PIN that is kept as an Argon2id hash alone, and what they did.
//!
//! Six digits can be tried out by whoever holds both the database and its key; the hash makes that slow, the encryption of
//! the database keeps them from it. At the kiosk the session allows few tries.

use argon2::{Algorithm, Argon2, Params, Version};
use jiff::Timestamp;
use rusqlite::Connection;

use super::{People, PeopleError, Result};
use crate::domain::{Pin, StaffId, is_hidden};
use crate::store::StoreError;

/// KiB of memory and passes over them: what OWASP's Password Storage Cheat Sheet names as the least for Argon2id.
const COST: (u32, u32) = (19 * 1024, 2);

/// Most members that one kiosk knows: each is one hash when a PIN is entered.
const MOST: usize = 12;

const HASH_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// A member of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The number that stands in the books.
    pub id: StaffId,
    /// The name.
    pub name: String,
}

impl Staff {
    /// The same without white space around the name.
    ///
    /// # Errors
    /// [`PeopleError::StaffName`] and [`PeopleError::StaffNameHidden`].
    pub fn checked(&self) -> Result<Self> {
        let name = self.name.trim();
        if let Some(character) = name.chars().find(|c| is_hidden(*c)) {
            return Err(PeopleError::StaffNameHidden { character });
        }
        if name.is_empty() || name.chars().count() > 40 {
            return Err(PeopleError::StaffName);
        }
        Ok(Self { id: self.id.clone(), name: name.to_owned() })
    }
}

/// What a member of the staff did at the kiosk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffAct {
    /// When, by the books' time.
    pub at: Timestamp,
    /// Who.
    pub staff: StaffId,
    /// What, such as `close 2026-11-22`.
    pub act: String,
}

impl People {
    /// Adds a member of the staff, or gives one that is known another name and PIN.
    ///
    /// # Errors
    /// As [`Staff::checked`]; [`PeopleError::StaffMost`], [`PeopleError::PinTaken`] and [`PeopleError::Store`].
    pub fn save_staff(&mut self, staff: &Staff, pin: &Pin) -> Result<()> {
        let staff = staff.checked()?;
        let known = self.staff()?;
        if known.len() >= MOST && !known.iter().any(|other| other.id == staff.id) {
            return Err(PeopleError::StaffMost(MOST));
        }
        if self.staff_of(pin)?.is_some_and(|other| other.id != staff.id) {
            return Err(PeopleError::PinTaken);
        }
        let mut salt = [0_u8; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| self.unexpected(error))?;
        let hash = self.hash(pin, &salt)?;
        self.connection
            .execute(
                "INSERT INTO staff (id, name, salt, pin_hash) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET name = excluded.name, salt = excluded.salt, pin_hash = excluded.pin_hash",
                (staff.id.as_str(), &staff.name, salt, hash),
            )
            .map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// Takes a member of the staff off; whether there was one.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn remove_staff(&mut self, id: &StaffId) -> Result<bool> {
        let removed = self.connection.execute("DELETE FROM staff WHERE id = ?1", [id.as_str()]);
        removed.map(|rows| rows > 0).map_err(|error| self.failed(error))
    }

    /// All members of the staff by id.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn staff(&self) -> Result<Vec<Staff>> {
        Ok(self.hashes()?.into_iter().map(|stored| stored.staff).collect())
    }

    /// Who of the staff has this PIN. It takes as long for a wrong one as for the last member's.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn staff_of(&self, pin: &Pin) -> Result<Option<Staff>> {
        let mut found = None;
        for stored in self.hashes()? {
            let hash = self.hash(pin, &stored.salt)?;
            let differing = hash.iter().zip(&stored.hash).fold(0, |differing, (a, b)| differing | (a ^ b));
            if differing == 0 {
                found = Some(stored.staff);
            }
        }
        Ok(found)
    }

    /// Notes what a member of the staff did. Notes are only ever added.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn note_act(&mut self, act: &StaffAct) -> Result<()> {
        note(&self.connection, act).map_err(|error| self.failed(error))
    }

    /// The latest acts of the staff, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn acts(&self, limit: u32) -> Result<Vec<StaffAct>> {
        let mut acts = vec![];
        self.each_act(None, |act| {
            let wanted = acts.len() < limit as usize;
            if wanted {
                acts.push(act);
            }
            wanted
        })?;
        Ok(acts)
    }

    /// The acts of the staff, newest first, until `each` says `false`; those since then, where that is said.
    ///
    /// # Errors
    /// [`PeopleError::Store`].
    pub fn each_act(&self, since: Option<Timestamp>, mut each: impl FnMut(StaffAct) -> bool) -> Result<()> {
        let sql = "SELECT at_ms, staff, act FROM staff_act WHERE at_ms >= ?1 ORDER BY number DESC";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(1)?, row.get::<_, String>(2)?));
        self.each_since(sql, since, read, |at, (staff, act)| {
            Ok(each(StaffAct { at, staff: self.staff_id(staff)?, act }))
        })
    }

    fn staff_id(&self, text: String) -> Result<StaffId> {
        StaffId::try_from(text).map_err(|error| self.corrupt(format!("a member of the staff: {error}")))
    }

    fn hashes(&self) -> Result<Vec<Stored>> {
        let rows = || -> rusqlite::Result<Vec<Row>> {
            let sql = "SELECT id, name, salt, pin_hash FROM staff ORDER BY id";
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            rows.collect()
        };
        let rows = rows().map_err(|error| self.failed(error))?;
        rows.into_iter()
            .map(|(id, name, salt, hash)| Ok(Stored { staff: Staff { id: self.staff_id(id)?, name }, salt, hash }))
            .collect()
    }

    fn hash(&self, pin: &Pin, salt: &[u8; SALT_BYTES]) -> Result<[u8; HASH_BYTES]> {
        let mut hash = [0; HASH_BYTES];
        let (memory_kib, passes) = COST;
        Params::new(memory_kib, passes, 1, Some(HASH_BYTES))
            .and_then(|params| {
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                    pin.bytes(),
                    salt,
                    &mut hash,
                )
            })
            .map_err(|error| self.unexpected(std::io::Error::other(error.to_string())))?;
        Ok(hash)
    }

    fn unexpected(&self, error: impl std::error::Error + Send + Sync + 'static) -> PeopleError {
        StoreError::Failed { file: self.file.clone(), source: Box::new(error) }.into()
    }
}

/// Adds `act` to the list.
pub(super) fn note(connection: &Connection, act: &StaffAct) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO staff_act (at_ms, staff, act) VALUES (?1, ?2, ?3)",
            (act.at.as_millisecond(), act.staff.as_str(), &act.act),
        )
        .map(|_| ())
}

/// Id, name, salt and hash.
type Row = (String, String, [u8; SALT_BYTES], [u8; HASH_BYTES]);

/// A member of the staff with what the PIN is compared with.
struct Stored {
    staff: Staff,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}
