//! The counter: carries out what the session asks of the books, one thing after another, on a thread of its own.
//!
//! Books that cannot be opened or written are a state, not an end: the screen says so, and every few seconds the counter
//! looks whether they are back.

mod books;
mod rules;
mod staff;

use std::path::PathBuf;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub use rules::Rules;

use super::hours::ServingHours;
use crate::domain::subsidy::{self, QuoteError, QuoteRequest, RuleBook};
use crate::domain::{
    ClockState, Dish, Elder, ElderId, ElderStatus, EntryId, Evidence, IdentifiedBy, MealDraft, MealMoment, Quote,
    Usage, movements_due,
};
use crate::kiosk::session::{Declined, NotQuoted, NotSettled, Offer, Service, Settlement, StoreFault, VisitId};
use crate::statement::close::{self, CloseError};
use crate::store::{Home, Ledger, LedgerError, People, PeopleError, StoreError};
use books::{Files, Open, disk_fault, ledger_fault, people_fault, told};

/// What an elder decides on is held no longer than this, should the kiosk lose power meanwhile.
const HOLD: SignedDuration = SignedDuration::from_mins(5);
/// Room that must be left on the disk for the books to go on: a day's entries and their files.
const PROBE_BYTES: usize = 1 << 20;

/// The visit under way.
struct Visiting {
    visit: VisitId,
    elder: Elder,
    moment: MealMoment,
    evidence: Evidence,
    entry: EntryId,
    /// When the last quote was held for it.
    held: Instant,
}

/// Carries out what the session asks of the books.
pub struct Counter {
    home: Home,
    hours: ServingHours,
    rules: Rules,
    open: Option<Open>,
    visiting: Option<Visiting>,
    /// Damage was found in the books; they are read whole before they are used again.
    suspect: bool,
    /// These were read whole and are damaged; until they change they are left alone.
    unsound: Option<Files>,
}

impl Counter {
    /// A counter over the data folder of `home`; the books are opened by the first [`Counter::check`].
    pub const fn new(home: Home, hours: ServingHours, rules: Rules) -> Self {
        Self { home, hours, rules, open: None, visiting: None, suspect: false, unsound: None }
    }

    /// Opens the books where they are not, and tries whether they can be written.
    ///
    /// # Errors
    /// Why they cannot be used; the log has the details.
    pub fn check(&mut self) -> Result<(), StoreFault> {
        self.use_books()?;
        self.know_the_time()?;
        self.probe().map_err(|error| told(&error, disk_fault(&error)))
    }

    /// A meal is booked as the one that is served by the books' time, so that time must be known.
    fn know_the_time(&self) -> Result<(), StoreFault> {
        let Some(open) = &self.open else { return Ok(()) };
        let time = open.ledger.now().map_err(|error| told(&error, ledger_fault(&error)))?;
        if time.state.is_known() {
            return Ok(());
        }
        tracing::error!(
            "books: the clock is not believed ({:?}); remedy: set it, or mealpoint ledger trust-clock",
            time.state
        );
        Err(StoreFault::Clock)
    }

    /// Writes as a settlement would have to.
    fn probe(&self) -> std::io::Result<()> {
        let file: PathBuf = self.home.data().join(".kiosk-probe");
        let written = std::fs::write(&file, vec![0; PROBE_BYTES]);
        let removed = std::fs::remove_file(&file);
        written.and(removed)
    }

    /// Who may eat and who is enrolled, while the books are open.
    pub fn people(&self) -> Option<&People> {
        self.open.as_ref().map(|open| &open.people)
    }

    /// What was eaten, while the books are open.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.open.as_ref().map(|open| &open.ledger)
    }

    /// Which meal is served, by the books' time, so that a clock set wrong does not move a meal.
    /// Nothing is served any more on a day whose books are closed, at whatever hour that was done.
    pub fn service(&self) -> Service {
        let now = self.now();
        if self.is_closed(now) { Service::Closed(self.hours.first_tomorrow()) } else { self.hours.service(now) }
    }

    fn is_closed(&self, now: Timestamp) -> bool {
        let Some(open) = &self.open else { return false };
        let day = self.hours.canteen().day(now);
        // Where the books cannot be read the next question to them says so.
        open.ledger.open_from().is_ok_and(|from| day < from)
    }

    fn now(&self) -> Timestamp {
        let books = self.open.as_ref().and_then(|open| open.ledger.now().ok());
        books.map_or_else(Timestamp::now, |time| time.now)
    }

    /// How far the books' time is ahead of the clock on the wall, where they go by their own; `None` while they are shut.
    pub fn ahead_of_wall(&self) -> Option<SignedDuration> {
        let time = self.open.as_ref()?.ledger.now().ok()?;
        Some(match time.state {
            ClockState::Stepped { by_ms } => SignedDuration::from_millis(by_ms.saturating_neg()),
            // Books that stand still know no time to show.
            ClockState::Steady | ClockState::Behind { .. } | ClockState::Absurd => SignedDuration::ZERO,
        })
    }

    /// Takes up rules that were changed on the disk, once nobody is deciding: a visit keeps those it was quoted by.
    pub fn renew_rules(&mut self) {
        self.rules.renew(Instant::now(), self.visiting.is_none());
    }

    /// The rules that are applied.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What `elder` is offered now.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn offer(&mut self, visit: VisitId, elder: &ElderId, evidence: Evidence) -> Result<Offer, Declined> {
        self.use_books().and_then(|()| self.know_the_time()).map_err(Declined::Fault)?;
        self.end_visit();
        self.renew_rules();
        let reply = self.look_up(visit, elder, evidence);
        if let Err(Declined::Fault(fault)) = reply {
            self.note(fault);
        }
        reply
    }

    fn look_up(&mut self, visit: VisitId, elder: &ElderId, evidence: Evidence) -> Result<Offer, Declined> {
        let now = self.now();
        let moment = self.hours.moment(now).filter(|_| !self.is_closed(now)).ok_or(Declined::Closed)?;
        let open = self.open.as_mut().ok_or(Declined::Fault(StoreFault::Other))?;
        let elder = match open.people.elder(elder) {
            Ok(Some(elder)) if elder.status == ElderStatus::Active => elder,
            Ok(Some(_)) => return Err(Declined::NotActive),
            Ok(None) => return Err(Declined::NotOnRoster),
            Err(error) => return Err(Declined::Fault(told(&error, people_fault(&error)))),
        };
        if open.ledger.meal_of(&elder.id, moment.day, moment.period).map_err(not_offered)?.is_some() {
            return Err(Declined::AlreadyServed { name: elder.name, period: moment.period });
        }
        let menu = open.people.menu(moment.day, moment.period);
        let menu = menu.map_err(|error| Declined::Fault(told(&error, people_fault(&error))))?;
        let dishes: Vec<Dish> = menu.into_iter().map(|item| item.dish).collect();
        let first = dishes.first().cloned().ok_or(Declined::NoMenu)?;
        let purses = open.ledger.purses(&elder.id).map_err(not_offered)?;
        let due = movements_due(self.rules.book(), &elder, &moment, &purses);
        open.ledger.post_due(&elder.id, &due).map_err(not_offered)?;
        let entry = EntryId::from_uuid(Uuid::now_v7());
        let (elder_now, moment_now) = (elder.clone(), moment.clone());
        self.visiting = Some(Visiting { visit, elder, moment, evidence, entry, held: Instant::now() });
        match self.quote(visit, &[first]) {
            Ok(quote) => Ok(Offer { elder: elder_now, moment: moment_now, dishes, quote, entry }),
            Err(refused) => {
                self.end_visit();
                Err(match refused {
                    NotQuoted::AlreadyServed => {
                        Declined::AlreadyServed { name: elder_now.name, period: moment_now.period }
                    }
                    NotQuoted::Changed => Declined::Changed,
                    NotQuoted::NotActive => Declined::NotActive,
                    NotQuoted::Fault(fault) => Declined::Fault(fault),
                })
            }
        }
    }

    /// What `dishes` cost whom, by the roster and the books as they are now, held for the visit under way.
    ///
    /// # Errors
    /// [`NotQuoted`].
    pub fn quote(&mut self, visit: VisitId, dishes: &[Dish]) -> Result<Quote, NotQuoted> {
        let reply = self.quote_and_hold(visit, dishes);
        if let Err(NotQuoted::Fault(fault)) = reply {
            self.note(fault);
        }
        reply
    }

    fn quote_and_hold(&mut self, visit: VisitId, dishes: &[Dish]) -> Result<Quote, NotQuoted> {
        let (Some(open), Some(visiting)) = (&mut self.open, &mut self.visiting) else {
            return Err(NotQuoted::Fault(StoreFault::Other));
        };
        if visiting.visit != visit {
            return Err(NotQuoted::Fault(StoreFault::Other));
        }
        let elder = open.people.elder(&visiting.elder.id);
        let elder = elder.map_err(|error| NotQuoted::Fault(told(&error, people_fault(&error))))?;
        visiting.elder = elder.ok_or(NotQuoted::NotActive)?;
        let rules = self.rules.book();
        let usage = usage_of(rules, &open.ledger, visiting).map_err(not_quoted)?;
        let quote = quote_of(rules, &usage, visiting, dishes)?;
        let draft = draft_of(rules, visiting, dishes.to_vec(), quote.clone());
        open.ledger.hold(&draft, HOLD).map_err(not_quoted)?;
        visiting.held = Instant::now();
        Ok(quote)
    }

    /// Writes a confirmed meal; the number of its entry once it is durable. The same settlement again has the same answer.
    ///
    /// # Errors
    /// [`NotSettled`]; nothing is written then.
    pub fn settle(&mut self, settlement: &Settlement) -> Result<u64, NotSettled> {
        self.use_books().map_err(NotSettled::Fault)?;
        let reply = self.write(settlement);
        if let Err(NotSettled::Fault(fault)) = reply {
            self.note(fault);
        }
        reply
    }

    fn write(&mut self, settlement: &Settlement) -> Result<u64, NotSettled> {
        let open = self.open.as_mut().ok_or(NotSettled::Fault(StoreFault::Other))?;
        if let Some(entry) = open.ledger.entry(settlement.entry).map_err(not_settled)? {
            return Ok(entry.number);
        }
        let elder = match open.people.elder(&settlement.elder) {
            Ok(elder) => elder.ok_or(NotSettled::NotActive)?,
            Err(PeopleError::Store(StoreError::Busy(_))) => return Err(NotSettled::Busy),
            Err(error) => return Err(NotSettled::Fault(told(&error, people_fault(&error)))),
        };
        let visiting = Visiting {
            visit: settlement.visit,
            elder,
            moment: settlement.moment.clone(),
            evidence: settlement.evidence.clone(),
            entry: settlement.entry,
            held: Instant::now(),
        };
        // A meal that was settled meanwhile changes the price of another one too.
        let MealMoment { day, period, .. } = visiting.moment;
        if open.ledger.meal_of(&visiting.elder.id, day, period).map_err(not_settled)?.is_some() {
            return Err(NotSettled::AlreadyServed);
        }
        // What the elder saw must still hold at the moment it is written.
        let rules = self.rules.book();
        let usage = usage_of(rules, &open.ledger, &visiting).map_err(not_settled)?;
        let quote = quote_of(rules, &usage, &visiting, &settlement.dishes).map_err(|refused| match refused {
            NotQuoted::AlreadyServed => NotSettled::AlreadyServed,
            NotQuoted::Changed => NotSettled::Changed,
            NotQuoted::NotActive => NotSettled::NotActive,
            NotQuoted::Fault(fault) => NotSettled::Fault(fault),
        })?;
        if quote != settlement.quote {
            return Err(NotSettled::Changed);
        }
        let draft = draft_of(rules, &visiting, settlement.dishes.clone(), quote);
        let entry = open.ledger.settle(draft).map_err(not_settled)?;
        self.visiting.take_if(|visiting| visiting.visit == settlement.visit);
        Ok(entry.number)
    }

    /// Frees what is held for `visit`, where that is still the one under way.
    pub fn release(&mut self, visit: VisitId) {
        if self.visiting.as_ref().is_some_and(|visiting| visiting.visit == visit) {
            self.end_visit();
        }
    }

    /// Frees what is held for the visit under way, whichever it is.
    pub fn end_visit(&mut self) {
        if let (Some(visiting), Some(open)) = (self.visiting.take(), &mut self.open)
            && let Err(error) = open.ledger.release(visiting.entry)
        {
            // It runs out by itself; the next thing asked of the books fails the same way and is shown.
            tracing::warn!("release: {error}");
        }
    }

    /// Does for the books what can wait until nobody is being served.
    pub fn tidy(&self) {
        if let (Some(open), None) = (&self.open, &self.visiting)
            && let Err(error) = open.ledger.fold()
        {
            // It is tried again, and every write says for itself whether it came off.
            tracing::warn!("folding the books: {error}");
        }
    }

    /// Closes the days that are due, once nobody is deciding: their meal belongs to the day. A visit whose end was never
    /// told counts as long as what it holds.
    pub fn close_due(&mut self) {
        if self.visiting.as_ref().is_some_and(|visiting| visiting.held.elapsed() < HOLD.unsigned_abs()) {
            return;
        }
        // The session asks for them again and says so.
        if self.use_books().is_err() {
            return;
        }
        let Some(open) = &mut self.open else { return };
        match close::close_due(&mut open.ledger, &self.home, self.hours.canteen()) {
            Ok(closed) => closed.iter().for_each(|day| tracing::info!("closed {}", day.day)),
            Err(error) => {
                tracing::error!("close of day: {error}");
                if let CloseError::Ledger(error) = error {
                    self.note(ledger_fault(&error));
                }
            }
        }
    }
}

fn usage_of(rules: &RuleBook, ledger: &Ledger, visiting: &Visiting) -> Result<Usage, LedgerError> {
    let Visiting { elder, moment, entry, .. } = visiting;
    let usage = ledger.usage_beside(&elder.id, moment, Some(*entry))?;
    // The kiosk settles by itself, without asking the district: purses may go as far below zero as the rules let them.
    Ok(usage.with_credit(&rules.offline_credit(moment.day.0)))
}

fn quote_of(rules: &RuleBook, usage: &Usage, visiting: &Visiting, dishes: &[Dish]) -> Result<Quote, NotQuoted> {
    let Visiting { elder, moment, .. } = visiting;
    let price = dishes.iter().map(|dish| dish.price).sum();
    let request = QuoteRequest { elder, moment, price, usage };
    subsidy::quote(rules, &request).map_err(|error| match error {
        QuoteError::NotActive(_) => NotQuoted::NotActive,
        QuoteError::Price(_) => NotQuoted::Fault(told(&error, StoreFault::Other)),
    })
}

fn draft_of(rules: &RuleBook, visiting: &Visiting, dishes: Vec<Dish>, quote: Quote) -> MealDraft {
    MealDraft {
        id: visiting.entry,
        elder: visiting.elder.id.clone(),
        day: visiting.moment.day,
        period: visiting.moment.period,
        dishes,
        quote,
        identified_by: IdentifiedBy::Face,
        staff: None,
        evidence: Some(visiting.evidence.clone()),
        credit: rules.offline_credit(visiting.moment.day.0),
    }
}

fn not_offered(error: LedgerError) -> Declined {
    match &error {
        LedgerError::Short { .. } => Declined::Changed,
        _ => Declined::Fault(told(&error, ledger_fault(&error))),
    }
}

fn not_quoted(error: LedgerError) -> NotQuoted {
    match &error {
        LedgerError::AlreadyServed { .. } => NotQuoted::AlreadyServed,
        LedgerError::Short { .. } => NotQuoted::Changed,
        _ => NotQuoted::Fault(told(&error, ledger_fault(&error))),
    }
}

fn not_settled(error: LedgerError) -> NotSettled {
    match &error {
        LedgerError::AlreadyServed { .. } => NotSettled::AlreadyServed,
        LedgerError::Short { .. } => NotSettled::Changed,
        LedgerError::NotToday { .. } | LedgerError::DayClosed(_) => NotSettled::Over,
        LedgerError::Store(StoreError::Busy(_)) => NotSettled::Busy,
        _ => NotSettled::Fault(told(&error, ledger_fault(&error))),
    }
}

#[cfg(test)]
mod tests;
