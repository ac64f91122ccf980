//! Where the staff order something of the books: with their PIN, and noted.

use anyhow::{Context as _, ensure};
use uuid::Uuid;

use crate::cli::Context;
use crate::cli::staff::read_pin;
use crate::config::CanteenConfig;
use crate::domain::{Elder, ElderId, Entry, EntryBody, EntryId, MealEntry, Pin, StaffId};
use crate::store::ledger::{Books, LedgerError};
use crate::store::people::StaffAct;
use crate::store::{Home, Ledger, People, PeopleError};

/// The open books and people, after the PIN was found to be that of who orders.
pub(super) struct Desk {
    pub canteen: CanteenConfig,
    pub people: People,
    pub ledger: Ledger,
    pub staff: StaffId,
}

impl Desk {
    /// Asks for the PIN of `staff` and opens everything.
    ///
    /// # Errors
    /// That it is not theirs; or what keeps the books or the people from being opened.
    pub fn open(context: &Context, staff: StaffId) -> anyhow::Result<Self> {
        let canteen = CanteenConfig::read(&context.config)?;
        let home = Home::at(&context.data);
        let people = People::open(&home)?;
        let pin = Pin::entered(&read_pin()?)?;
        ensure!(
            people.staff_of(&pin)?.is_some_and(|owner| owner.id == staff),
            "this is not the PIN of {staff}; remedy: `mealpoint staff list` shows who is there, `mealpoint staff set` \
             gives a new PIN"
        );
        let ledger = Ledger::open(&home, &Books::from(&canteen))?;
        Ok(Self { canteen, people, ledger, staff })
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

    /// Notes what is about to be done, and who does it.
    ///
    /// # Errors
    /// What keeps it from being noted.
    pub fn note(&mut self, act: String) -> anyhow::Result<()> {
        let at = self.ledger.now()?.now;
        Ok(self.people.note_act(&StaffAct { at, staff: self.staff.clone(), act })?)
    }
}

/// The id of an entry that a person orders.
pub(super) fn new_id() -> EntryId {
    EntryId::from_uuid(Uuid::now_v7())
}
