//! Movements of a purse that were ordered a moment ago: an order given again after its answer was lost has a new id.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::write::Fault;
use super::{Ledger, Result, balance, read};
use crate::domain::{Entry, EntryBody, EntryId, MovementEntry};

impl Ledger {
    /// The last movement of the same purse, with the cause, units and reason of `movement`, that was booked no longer than
    /// `within` ago by the books' own time.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn moved_lately(&self, movement: &MovementEntry, within: SignedDuration) -> Result<Option<Entry>> {
        let now = self.now()?.now;
        find(&self.connection, now, movement, within).map_err(|fault| self.failed(fault))
    }

    /// As [`Ledger::move_purse`], unless the same was booked lately ([`Ledger::moved_lately`]): that is looked at in the
    /// transaction that books it, so that of two orders given at once one is booked. Gives the entry, and whether it is new.
    ///
    /// # Errors
    /// As [`Ledger::move_purse`].
    pub fn move_purse_once(
        &mut self,
        id: EntryId,
        movement: MovementEntry,
        within: SignedDuration,
    ) -> Result<(Entry, bool)> {
        self.write(|writing| {
            if let Some(known) = find(&writing.tx, writing.time.now, &movement, within)? {
                return Ok((known, false));
            }
            Ok((balance::move_in(writing, id, movement)?, true))
        })
    }
}

/// See [`Ledger::moved_lately`].
fn find(
    connection: &Connection,
    now: Timestamp,
    movement: &MovementEntry,
    within: SignedDuration,
) -> Result<Option<Entry>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT content FROM entry WHERE elder = ?1 AND kind = 'movement' ORDER BY number DESC")?;
    let mut rows = statement.query([movement.elder.as_str()])?;
    while let Some(row) = rows.next()? {
        let content: String = row.get(0)?;
        let entry = read::decode(&content)?.into_entry();
        let age = now.duration_since(entry.recorded_at);
        if age > within {
            break;
        }
        // What bears a later time was written before the clock was put back, and nobody knows how long ago.
        if !age.is_negative() && matches!(&entry.body, EntryBody::Movement(known) if is_same(known, movement)) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Whether both are the same order, whoever of the staff gave it and on whichever day.
fn is_same(known: &MovementEntry, movement: &MovementEntry) -> bool {
    let MovementEntry { elder, programme, cause, units, reason, .. } = known;
    (elder, programme) == (&movement.elder, &movement.programme)
        && (*cause, *units) == (movement.cause, movement.units)
        && reason == movement.reason.trim()
}
