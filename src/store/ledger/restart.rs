//! Going on after the books were lost: by order of the staff alone, with the old numbering continued.

use super::anchor::Anchor;
use super::clock::Clock;
use super::write::{Fault, FirstDay, Writing};
use super::{Beginning, Books, Ledger, Result, begin, examined, meals, statements};
use crate::domain::clock::{FLOOR, book_time};
use crate::domain::statement::{ChainPoint, Totals};
use crate::domain::{ClockEntry, Entry, EntryBody, MealDay, RestartEntry, StaffId};
use crate::store::home::Description;
use crate::store::{Database, Home, InUse, database, quarantine};

use super::LedgerError;

/// The order to go on.
#[derive(Debug, Clone)]
pub struct Restart {
    /// Who orders it.
    pub staff: StaffId,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// The last closed day whose file is at hand, with the chain and the totals at its end.
    pub last_closed: Option<(MealDay, ChainPoint, Totals)>,
}

/// Moves what is left of the old database to the quarantine and begins new books after the last entry that is known, from
/// the anchor or the last closed day. Their first entry, a [`RestartEntry`], says so in the books of their first day,
/// which may be days ago: in that day's statement the chain begins behind the gap.
///
/// # Errors
/// [`LedgerError::Reason`], [`LedgerError::ClockUnknown`], and [`LedgerError::Store`] while a kiosk has the books open
/// ([`StoreError::KioskRuns`](crate::store::StoreError::KioskRuns)) or when files cannot be moved or created; ordered
/// again, it goes on from where it stopped.
pub fn restart(home: &Home, books: &Books, clock: Box<dyn Clock>, order: &Restart) -> Result<(Ledger, Entry)> {
    let reason = meals::checked_reason(&order.reason)?;
    let time = book_time(None, &clock.read());
    if !time.state.is_known() {
        return Err(LedgerError::ClockUnknown);
    }
    let _no_kiosk = InUse::alone(home)?;
    let anchored = Anchor::known(home)?;
    let closed = order.last_closed.as_ref();
    let known = [anchored, closed.map(|(_, point, _)| *point)].into_iter().flatten().max_by_key(|point| point.number);
    let today = books.day(time.now);
    // A closed day stays closed, today among them, and one whose file is not relied on for the numbers: what is entered
    // meanwhile stands in the books of the day after it.
    let signed = statements::newest(home, books)?.map(|signed| signed.day);
    let last = closed.map(|(day, ..)| *day).max(signed);
    let first_day = last.and_then(|day| day.0.tomorrow().ok()).map_or(today, MealDay);
    let beginning = Beginning {
        base: known.unwrap_or(ChainPoint::START),
        totals: closed.map(|(.., totals)| totals.clone()).unwrap_or_default(),
        first_day,
    };
    {
        let _alone = database::lock(home)?;
        if let Some(folder) = quarantine::move_aside(home, Database::Ledger)? {
            tracing::warn!(folder = %folder.display(), "the old books were moved to the quarantine");
        }
        Description::remove(home, Database::Ledger)?;
    }
    let connection = begin(home, books, &beginning)?;
    let head = examined(home, books, &connection)?;
    let mut ledger = Ledger::anchored(home, books, clock, connection, head)?;
    let entry = ledger.write_from(FirstDay::Fixed, |writing| {
        let body = RestartEntry { known_to: beginning.base.number, staff: order.staff.clone(), reason };
        writing.append(Writing::new_id(), writing.open_from, EntryBody::Restart(body))
    })?;
    Ok((ledger, entry))
}

impl Ledger {
    /// The staff looked at the clock and vouch for it: the books go on with the wall clock's time, even backwards. Days
    /// and numbers still only go forward.
    ///
    /// # Errors
    /// [`LedgerError::ClockSteady`] when it is believed anyway, [`LedgerError::ClockUnknown`] when it shows a time that
    /// cannot be ([`FLOOR`]), and [`LedgerError::Store`].
    pub fn trust_clock(&mut self, staff: &StaffId) -> Result<Entry> {
        self.write(|writing| -> Result<Entry, Fault> {
            if writing.time.state.is_steady() {
                return Err(LedgerError::ClockSteady.into());
            }
            let (from, to) = (writing.time.now, writing.wall());
            if to < FLOOR {
                return Err(LedgerError::ClockUnknown.into());
            }
            let day = writing.books.day(to);
            let body = EntryBody::Clock(ClockEntry { from, to, staff: staff.clone() });
            writing.append_at(Writing::new_id(), day, to, body)
        })
    }
}
