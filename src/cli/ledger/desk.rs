//! Where the staff order something of the books: with their PIN, and noted.

use anyhow::Context as _;
use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::Context;
use crate::cli::out::booked;
use crate::cli::staff::{ask_pin, warn_unnoted};
use crate::config::CanteenConfig;
use crate::domain::{Elder, ElderId, Entry, EntryBody, EntryId, MealEntry, StaffId};
use crate::store::ledger::{Books, LedgerError};
use crate::store::people::StaffAct;
use crate::store::{Home, Ledger, People, PeopleError, StoreError};

/// The open books and people, after the PIN was found to be that of who orders.
pub(super) struct Desk {
    pub canteen: CanteenConfig,
    pub people: People,
    pub ledger: Ledger,
    pub staff: StaffId,
}

impl Desk {
    /// Asks for the PIN of `staff` and opens everything. The books begin where there never were any: a meal is entered by
    /// hand before a kiosk has run, too.
    ///
    /// # Errors
    /// That it is not theirs; or what keeps the books or the people from being opened.
    pub fn open(context: &Context, staff: StaffId) -> anyhow::Result<Self> {
        let canteen = CanteenConfig::read(&context.config)?;
        let home = Home::at(&context.data);
        let people = People::open(&home)?;
        ask_pin(&people, &staff)?;
        let books = Books::from(&canteen);
        let ledger = match Ledger::open(&home, &books) {
            Err(LedgerError::Store(StoreError::Absent { .. })) => Ledger::create(&home, &books)?,
            opened => opened?,
        };
        Ok(Self { canteen, people, ledger, staff })
    }

    /// Carries out `order` and notes `what` was ordered, by whom, and what came of it.
    ///
    /// # Errors
    /// Why it was refused.
    pub fn carry_out<T>(
        &mut self,
        what: &str,
        order: impl FnOnce(&mut Self) -> anyhow::Result<(Entry, T)>,
    ) -> anyhow::Result<(Entry, T)> {
        let done = order(self);
        if let Ok((entry, _)) = &done {
            booked(entry.number);
        }
        let at = self.ledger.now().map_or_else(|_| Timestamp::now(), |time| time.now);
        note(&mut self.people, at, &self.staff, what, done.as_ref().ok().map(|(entry, _)| entry));
        done
    }

    /// The meal of this number, with its id.
    ///
    /// # Errors
    /// That there is none.
    pub fn meal(&self, number: u64) -> anyhow::Result<(EntryId, MealEntry)> {
        let entry = self.ledger.entry_numbered(number)?;
        let Entry { id, body, .. } = entry.with_context(|| {
            format!("there is no entry number {number}; remedy: `mealpoint ledger print` shows all entries")
        })?;
        match body {
            EntryBody::Meal(meal) => Ok((id, meal)),
            _ => Err(LedgerError::NotAMeal(number).into()),
        }
    }

    /// Who has this number on the roster.
    ///
    /// # Errors
    /// That nobody has.
    pub fn elder(&self, id: &ElderId) -> anyhow::Result<Elder> {
        Ok(self.people.elder(id)?.ok_or_else(|| PeopleError::NoElder(id.clone()))?)
    }
}

/// Notes what `staff` ordered, with the entry that came of it; without one it was refused.
pub(super) fn note(people: &mut People, at: Timestamp, staff: &StaffId, what: &str, entry: Option<&Entry>) {
    let outcome = entry.map_or_else(|| "refused".to_owned(), |entry| format!("number {}", entry.number));
    let act = StaffAct { at, staff: staff.clone(), act: format!("{what}: {outcome}") };
    warn_unnoted(people.note_act(&act));
}

/// The id of an entry that a person orders.
pub(super) fn new_id() -> EntryId {
    EntryId::from_uuid(Uuid::now_v7())
}
