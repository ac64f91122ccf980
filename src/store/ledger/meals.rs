//! Meals: settled, taken back, put right.

use jiff::SignedDuration;

use super::balance::{self, Direction};
use super::expiry;
use super::read;
use super::write::{Fault, Writing, signed};
use super::{Ledger, LedgerError, Result};
use crate::domain::{
    Credit, Entry, EntryBody, EntryId, MealDay, MealDraft, MealEntry, PayerShare, QuoteLine, ReversalEntry, StaffId,
    has_hidden,
};

/// A meal confirmed this long after midnight may still be the evening's.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// A meal of an earlier day is entered within so many days: what the staff wrote down while nothing could be booked.
pub const LATE_DAYS: i32 = 31;

/// Longest reason, in characters.
const REASON_CHARS: usize = 200;

impl Ledger {
    /// Settles a meal: durable when this returns. The same draft again (the same id) gives the same entry. A hold
    /// under this id is posted with it.
    ///
    /// # Errors
    /// [`LedgerError::AlreadyServed`], [`LedgerError::IdTaken`], [`LedgerError::NotToday`], [`LedgerError::DayClosed`],
    /// [`LedgerError::Draft`], [`LedgerError::Short`] and [`LedgerError::Store`]; nothing is written then.
    pub fn settle(&mut self, draft: MealDraft) -> Result<Entry> {
        let (id, credit) = (draft.id, draft.credit.clone());
        let meal = draft.into_entry()?;
        self.write(|writing| settle_in(writing, id, meal, &credit))
    }

    /// Settles a meal of today or an earlier day that could not be booked then, on the staff's word: it stands in the books
    /// of the first open day that is neither before its own nor before the last entry's, and every sum of its own day and
    /// month takes it in.
    ///
    /// # Errors
    /// As [`Ledger::settle`], but for [`LedgerError::DayClosed`], and as [`Ledger::check_late`].
    pub fn settle_late(&mut self, draft: MealDraft) -> Result<Entry> {
        let (id, credit) = (draft.id, draft.credit.clone());
        let meal = draft.into_entry()?;
        self.write(|writing| {
            let known = same_again(writing, id, |body| matches!(body, EntryBody::Meal(known) if *known == meal))?;
            if let Some(entry) = known {
                return Ok(entry);
            }
            check_late(meal.day, writing.today)?;
            enter(writing, id, meal, &credit)
        })
    }

    /// Whether a meal of `day` may still be entered, to be asked before anything is posted for it.
    ///
    /// # Errors
    /// [`LedgerError::NotToday`] for a day to come, [`LedgerError::TooLate`] after [`LATE_DAYS`], and
    /// [`LedgerError::Store`].
    pub fn check_late(&self, day: MealDay) -> Result<()> {
        check_late(day, self.today()?)
    }

    /// Settles many meals in one transaction: all of them or none. For benchmarks and for books brought along.
    ///
    /// # Errors
    /// As [`Ledger::settle`].
    pub fn settle_all(&mut self, drafts: Vec<MealDraft>) -> Result<()> {
        self.write(|writing| {
            for draft in drafts {
                let (id, credit) = (draft.id, draft.credit.clone());
                let meal = draft.into_entry().map_err(LedgerError::from)?;
                settle_in(writing, id, meal, &credit)?;
            }
            Ok(())
        })
    }

    /// Takes back the meal `of`: frees its slot, gives back what it drew. `id` is the reversal's own; the same call again
    /// gives the same entry. It stands in the books of the first open day that is not before today.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`], [`LedgerError::NotAMeal`], [`LedgerError::AlreadyReversed`],
    /// [`LedgerError::IdTaken`], [`LedgerError::Reason`] and [`LedgerError::Store`]; nothing is written then.
    pub fn reverse(&mut self, id: EntryId, of: EntryId, staff: &StaffId, reason: &str) -> Result<Entry> {
        let reason = checked_reason(reason)?;
        self.write(|writing| {
            let (back, fresh) = reverse_in(writing, id, of, staff, &reason)?;
            if fresh {
                expire(writing, &back, &[])?;
            }
            Ok(back)
        })
    }

    /// Puts right a meal that was settled by wrong rules: takes `of` back and enters it again as `right`, in one step.
    /// The elder, the day and the period stay; `right.id` is the new meal's, `reversal` the reversal's. What a purse that
    /// has been cleared since gets back and `right` does not take again expires.
    ///
    /// # Errors
    /// As [`Ledger::reverse`] and [`Ledger::settle`]; [`LedgerError::NotToday`] when `right` is another slot.
    pub fn correct(
        &mut self,
        reversal: EntryId,
        of: EntryId,
        right: MealDraft,
        staff: &StaffId,
        reason: &str,
    ) -> Result<(Entry, Entry)> {
        let reason = checked_reason(reason)?;
        let (id, credit) = (right.id, right.credit.clone());
        let mut meal = right.into_entry()?;
        meal.corrects = Some(of);
        self.write(|writing| {
            let wrong = meal_entry(writing, of)?.1;
            if (&wrong.elder, wrong.day, wrong.period) != (&meal.elder, meal.day, meal.period) {
                return Err(LedgerError::NotToday { day: meal.day, today: wrong.day }.into());
            }
            let (back, fresh) = reverse_in(writing, reversal, of, staff, &reason)?;
            if let Some(entry) =
                same_again(writing, id, |body| matches!(body, EntryBody::Meal(known) if *known == meal))?
            {
                return Ok((back, entry));
            }
            let entry = enter(writing, id, meal, &credit)?;
            if fresh && let EntryBody::Meal(right) = &entry.body {
                expire(writing, &back, &right.lines)?;
            }
            Ok((back, entry))
        })
    }
}

fn check_late(day: MealDay, today: MealDay) -> Result<()> {
    if day > today {
        return Err(LedgerError::NotToday { day, today });
    }
    let days = today.0.since(day.0).map_or(i32::MAX, |since| since.get_days());
    if days > LATE_DAYS { Err(LedgerError::TooLate { day, today }) } else { Ok(()) }
}

fn settle_in(writing: &mut Writing<'_>, id: EntryId, meal: MealEntry, credit: &Credit) -> Result<Entry, Fault> {
    if let Some(entry) = same_again(writing, id, |body| matches!(body, EntryBody::Meal(known) if *known == meal))? {
        return Ok(entry);
    }
    let evening = writing.books.day(writing.time.now.saturating_sub(GRACE).unwrap_or(writing.time.now));
    if meal.day != writing.today && meal.day != evening {
        return Err(LedgerError::NotToday { day: meal.day, today: writing.today }.into());
    }
    if meal.day < writing.open_from {
        return Err(LedgerError::DayClosed(meal.day).into());
    }
    enter(writing, id, meal, credit)
}

/// Appends a meal whose day is settled, with its slot, sums and purses.
fn enter(writing: &mut Writing<'_>, id: EntryId, meal: MealEntry, credit: &Credit) -> Result<Entry, Fault> {
    refuse_second_meal(writing, &meal)?;
    balance::check_purses(writing, id, &meal, credit)?;
    balance::drop_hold(&writing.tx, id)?;
    balance::drop_holds_of(&writing.tx, &meal)?;
    let entry = writing.append(id, meal.day, EntryBody::Meal(meal))?;
    if let EntryBody::Meal(meal) = &entry.body {
        balance::count(writing, &meal.elder, meal.day, meal.period, &meal.lines, Direction::Out)?;
    }
    Ok(entry)
}

/// The slot is free.
pub(super) fn refuse_second_meal(writing: &Writing<'_>, meal: &MealEntry) -> Result<(), Fault> {
    let Some(number) = read::served(&writing.tx, &meal.elder, meal.day, meal.period)? else { return Ok(()) };
    let at = read::by_number(&writing.tx, number)?.map_or(writing.time.now, |entry| entry.recorded_at);
    let (day, period) = (meal.day, meal.period);
    Err(LedgerError::AlreadyServed { number: number.unsigned_abs(), day, period, at }.into())
}

/// What `back` gives back to purses that have been cleared since expires, as far as a meal entered in its place does not
/// take it again with its lines.
fn expire(writing: &mut Writing<'_>, back: &Entry, taken_again: &[QuoteLine]) -> Result<(), Fault> {
    let EntryBody::Reversal(reversal) = &back.body else { return Ok(()) };
    let taken_again = balance::draws(taken_again);
    for (programme, draw) in balance::draws(&reversal.lines) {
        let left = -draw - taken_again.get(programme).copied().unwrap_or(0);
        expiry::clear_what_had_expired(writing, &reversal.elder, programme, left, reversal.day)?;
    }
    Ok(())
}

/// Appends the reversal of a meal; whether it was not there already.
fn reverse_in(
    writing: &mut Writing<'_>,
    id: EntryId,
    of: EntryId,
    staff: &StaffId,
    reason: &str,
) -> Result<(Entry, bool), Fault> {
    let (of_number, meal) = meal_entry(writing, of)?;
    let reversal = ReversalEntry {
        of,
        of_number,
        elder: meal.elder,
        day: meal.day,
        period: meal.period,
        price: -meal.price,
        lines: meal.lines.into_iter().map(negated).collect(),
        payers: negated_shares(meal.payers),
        staff: staff.clone(),
        reason: reason.to_owned(),
    };
    if let Some(entry) =
        same_again(writing, id, |body| matches!(body, EntryBody::Reversal(known) if *known == reversal))?
    {
        return Ok((entry, false));
    }
    let taken: i64 = writing
        .tx
        .prepare_cached("SELECT count(*) FROM entry WHERE reverses = ?1")?
        .query_row([signed(of_number)], |row| row.get(0))?;
    if taken > 0 {
        return Err(LedgerError::AlreadyReversed(of_number).into());
    }
    let entry = writing.append(id, writing.today, EntryBody::Reversal(reversal))?;
    if let EntryBody::Reversal(back) = &entry.body {
        balance::count(writing, &back.elder, back.day, back.period, &back.lines, Direction::Back)?;
    }
    Ok((entry, true))
}

/// The entry under `id`, where it is the one that is asked for again; an error where it is another.
pub(super) fn same_again(
    writing: &Writing<'_>,
    id: EntryId,
    same: impl FnOnce(&EntryBody) -> bool,
) -> Result<Option<Entry>, Fault> {
    match writing.existing(id)? {
        Some(entry) if same(&entry.body) => Ok(Some(entry)),
        Some(_) => Err(LedgerError::IdTaken(id).into()),
        None => Ok(None),
    }
}

fn meal_entry(writing: &Writing<'_>, id: EntryId) -> Result<(u64, MealEntry), Fault> {
    match writing.existing(id)? {
        Some(Entry { number, body: EntryBody::Meal(meal), .. }) => Ok((number, meal)),
        Some(other) => Err(LedgerError::NotAMeal(other.number).into()),
        None => Err(LedgerError::NoEntry(id).into()),
    }
}

pub(super) fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS || has_hidden(reason) {
        return Err(LedgerError::Reason);
    }
    Ok(reason.to_owned())
}

fn negated(line: QuoteLine) -> QuoteLine {
    QuoteLine { amount: -line.amount, units: -line.units, payers: negated_shares(line.payers), ..line }
}

fn negated_shares(shares: Vec<PayerShare>) -> Vec<PayerShare> {
    shares.into_iter().map(|share| PayerShare { amount: -share.amount, ..share }).collect()
}
