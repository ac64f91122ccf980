//! What the staff ask of the books.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Counter;
use super::books::{Open, disk_fault, ledger_fault, people_fault, told};
use crate::config::CanteenConfig;
use crate::domain::statement::Statement;
use crate::domain::{MealDay, Pin, StaffId};
use crate::kiosk::session::{NotClosed, StaffDay, StaffRefused, StoreFault};
use crate::statement::close::{self, CloseError, Closer};
use crate::store::people::{Staff, StaffAct};
use crate::store::{Home, LedgerError, PeopleError};

impl Counter {
    /// Lets the member of the staff in whose PIN this is, and shows them the day.
    ///
    /// # Errors
    /// [`StaffRefused`].
    pub fn enter_staff(&mut self, pin: &Pin) -> Result<Box<StaffDay>, StaffRefused> {
        self.use_books().map_err(StaffRefused::Fault)?;
        let reply = self.look_at_day(pin);
        if let Err(StaffRefused::Fault(fault)) = reply {
            self.note(fault);
        }
        reply
    }

    fn look_at_day(&self, pin: &Pin) -> Result<Box<StaffDay>, StaffRefused> {
        let canteen = self.hours.canteen();
        let open = self.open.as_ref().ok_or(StaffRefused::Fault(StoreFault::Other))?;
        let fault = |error: PeopleError| StaffRefused::Fault(told(&error, people_fault(&error)));
        match open.people.staff_of(pin).map_err(fault)? {
            Some(staff) => day_of(open, &self.home, canteen, staff).map(Box::new).map_err(StaffRefused::Fault),
            None if open.people.staff().map_err(fault)?.is_empty() => Err(StaffRefused::Nobody),
            None => Err(StaffRefused::Wrong),
        }
    }

    /// Closes `day`, which must be today by the books' time, and the days before it that are open, however many: the staff see
    /// the date and how many. It is noted first who said so. A day that was closed and whose files could not be written is closed.
    ///
    /// # Errors
    /// [`NotClosed`]; the log has the details.
    pub fn close_by_hand(&mut self, staff: &StaffId, day: MealDay) -> Result<Box<StaffDay>, NotClosed> {
        self.use_books().map_err(NotClosed::Fault)?;
        let reply = self.close(staff, day);
        if let Err(NotClosed::Fault(fault)) = reply {
            self.note(fault);
        }
        reply
    }

    fn close(&mut self, staff: &StaffId, day: MealDay) -> Result<Box<StaffDay>, NotClosed> {
        let canteen = self.hours.canteen();
        let open = self.open.as_mut().ok_or(NotClosed::Fault(StoreFault::Other))?;
        let people = |error: PeopleError| NotClosed::Fault(told(&error, people_fault(&error)));
        let books = |error: LedgerError| NotClosed::Fault(told(&error, ledger_fault(&error)));
        let known = open.people.staff().map_err(people)?;
        let staff = known.into_iter().find(|known| known.id == *staff).ok_or(NotClosed::NotStaff)?;
        let now = open.ledger.now().map_err(books)?.now;
        if canteen.day(now) != day {
            tracing::warn!("{day} was to be closed by hand and is over");
            return Err(NotClosed::Over);
        }
        let act = StaffAct { at: now, staff: staff.id.clone(), act: format!("close {day}") };
        open.people.note_act(&act).map_err(people)?;
        let closing = close_through(open, &self.home, canteen, day);
        let fault = closing.err().map(|error| told(&error, close_fault(&error)));
        // The ledger closes before the files are written, so what came of it stands there alone.
        let unknown = |error: LedgerError| told(&error, NotClosed::Unknown);
        let is_closed = open.ledger.closed_day(day).map_err(unknown)?.is_some();
        match fault {
            Some(fault) if !is_closed => Err(NotClosed::Fault(fault)),
            _ => {
                let shown = day_of(open, &self.home, canteen, staff).map_err(|_| NotClosed::Unknown)?;
                Ok(Box::new(StaffDay { unwritten: fault.is_some(), ..shown }))
            }
        }
    }
}

fn close_through(open: &mut Open, home: &Home, canteen: &CanteenConfig, day: MealDay) -> Result<(), CloseError> {
    Closer::new(&mut open.ledger, home, canteen)?.close_through(day).map(|_| ())
}

fn day_of(open: &Open, home: &Home, canteen: &CanteenConfig, staff: Staff) -> Result<StaffDay, StoreFault> {
    let ledger = &open.ledger;
    let books = |error: LedgerError| told(&error, ledger_fault(&error));
    let day = ledger.today().map_err(books)?;
    let statement = Statement::new(ledger.day_books(day).map_err(books)?);
    let statement = statement.map_err(|error| told(&error, StoreFault::Damaged))?;
    let last = ledger.last_closed().map_err(books)?;
    let closed_at = ledger.closed_day(day).map_err(books)?.map(|closed| local(closed.closed_at, canteen));
    let open_before = ledger.days_to_close().map_err(books)?.len();
    Ok(StaffDay {
        staff: staff.id,
        name: staff.name,
        day,
        clock_is_off: !ledger.now().map_err(books)?.state.is_steady(),
        unwritten: closed_at.is_some() && close::lacks_files(ledger, home, day),
        periods: statement.period_totals().clone(),
        total: statement.day_totals().clone(),
        closed_at,
        last_close: last.map(|closed| (closed.day, local(closed.closed_at, canteen))),
        still_serving: close::still_serving(ledger, canteen, day).map_err(books)?,
        open_before,
    })
}

fn local(at: Timestamp, canteen: &CanteenConfig) -> DateTime {
    at.to_zoned(canteen.zone.clone()).datetime()
}

fn close_fault(error: &CloseError) -> StoreFault {
    match error {
        CloseError::Ledger(error) => ledger_fault(error),
        CloseError::File(error) => disk_fault(&error.source),
        CloseError::Books { .. } | CloseError::Unsound { .. } => StoreFault::Damaged,
        _ => StoreFault::Other,
    }
}
