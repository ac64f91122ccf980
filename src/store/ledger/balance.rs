//! Sums over the entries, kept in the same transaction as the entries: what was drawn, what is in the purses, and what is
//! held for elders who are deciding.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::meals::{self, refuse_second_meal, same_again};
use super::read;
use super::write::{Fault, Writing, date};
use super::{Ledger, LedgerError, Result};
use crate::domain::{
    Credit, DueCause, DueMovement, ElderId, Entry, EntryBody, EntryId, MealDay, MealDraft, MealEntry, MealPeriod,
    MovementCause, MovementEntry, ProgrammeId, PurseState, QuoteLine,
};

/// Whether a meal takes or a reversal gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// A meal.
    Out,
    /// A reversal; its lines are negative.
    Back,
}

/// The span of one meal period, as the table of draws names it.
pub(super) fn period_span(day: MealDay, period: MealPeriod) -> String {
    format!("{day}/{}", period.as_str())
}

/// The span of one month.
pub(super) fn month_span(day: MealDay) -> String {
    format!("{:04}-{:02}", day.0.year(), day.0.month())
}

/// Adds the lines of a meal or a reversal to what was drawn and takes them from the purses.
pub(super) fn count(
    writing: &mut Writing<'_>,
    elder: &ElderId,
    day: MealDay,
    period: MealPeriod,
    lines: &[QuoteLine],
    direction: Direction,
) -> Result<(), Fault> {
    let times = match direction {
        Direction::Out => 1,
        Direction::Back => -1,
    };
    for line in lines {
        let programme = &line.rule.programme;
        for span in [period_span(day, period), month_span(day)] {
            writing
                .tx
                .prepare_cached(
                    "INSERT INTO drawn (elder, span, programme, times, amount_fen, units)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT DO UPDATE SET times = times + excluded.times,
                         amount_fen = amount_fen + excluded.amount_fen, units = units + excluded.units",
                )?
                .execute((elder.as_str(), span, programme.as_str(), times, line.amount.get(), line.units))?;
        }
        if let Some(draw) = line.purse_draw().filter(|draw| *draw != 0) {
            move_purse(&writing.tx, elder, programme, -draw, day)?;
        }
    }
    Ok(())
}

/// What these lines take from each purse, in its unit; what they give back, below zero, where they are a reversal's.
pub(super) fn draws(lines: &[QuoteLine]) -> BTreeMap<&ProgrammeId, i64> {
    let mut draws = BTreeMap::new();
    for line in lines {
        if let Some(draw) = line.purse_draw() {
            *draws.entry(&line.rule.programme).or_default() += draw;
        }
    }
    draws
}

/// Changes a purse's sum. `day` is the day that the change counts for.
fn move_purse(
    tx: &Transaction<'_>,
    elder: &ElderId,
    programme: &ProgrammeId,
    units: i64,
    day: MealDay,
) -> Result<(), Fault> {
    tx.prepare_cached(
        "INSERT INTO purse (elder, programme, balance, touched_on) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET balance = balance + excluded.balance,
             touched_on = max(touched_on, excluded.touched_on)",
    )?
    .execute((elder.as_str(), programme.as_str(), units, date(day.0)))?;
    Ok(())
}

/// Appends a movement and changes the purse.
pub(super) fn post(writing: &mut Writing<'_>, id: EntryId, movement: MovementEntry) -> Result<Entry, Fault> {
    let MovementEntry { elder, programme, cause, day, units, .. } = movement.clone();
    let entry = writing.append(id, writing.today, EntryBody::Movement(movement))?;
    move_purse(&writing.tx, &elder, &programme, units, day)?;
    match cause {
        MovementCause::Grant => remember(&writing.tx, "granted_on", &elder, &programme, day)?,
        MovementCause::Clearing => remember(&writing.tx, "cleared_on", &elder, &programme, day)?,
        MovementCause::TopUp | MovementCause::Refund | MovementCause::Adjustment => {}
    }
    Ok(entry)
}

/// Notes up to which day a purse was granted or cleared.
fn remember(
    tx: &Transaction<'_>,
    column: &str,
    elder: &ElderId,
    programme: &ProgrammeId,
    day: MealDay,
) -> Result<(), Fault> {
    tx.prepare_cached(&format!(
        "UPDATE purse SET {column} = max(coalesce({column}, ?3), ?3) WHERE elder = ?1 AND programme = ?2"
    ))?
    .execute((elder.as_str(), programme.as_str(), date(day.0)))?;
    Ok(())
}

/// Every purse of an elder.
pub(super) fn purses(connection: &Connection, elder: &ElderId) -> Result<BTreeMap<ProgrammeId, PurseState>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT programme, balance, touched_on, granted_on, cleared_on FROM purse WHERE elder = ?1")?;
    let mut rows = statement.query([elder.as_str()])?;
    let mut purses = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let programme: String = row.get(0)?;
        let (touched, granted): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        let cleared: Option<String> = row.get(4)?;
        let state = PurseState {
            balance: row.get(1)?,
            touched_on: Some(read::parse_day(&touched)?),
            granted_on: granted.map(|day| read::parse_day(&day)).transpose()?,
            cleared_on: cleared.map(|day| read::parse_day(&day)).transpose()?,
        };
        purses.insert(read::id(&programme, ProgrammeId::try_from)?, state);
    }
    Ok(purses)
}

/// What an elder's other undecided quotes hold.
pub(super) struct Held {
    pub day: MealDay,
    pub lines: Vec<QuoteLine>,
}

/// The holds on an elder's purses that are alive at `now_ms`, except that under `own` and those for the very meal that is
/// asked about: an elder has it once, so that what is held for it is never taken beside it.
pub(super) fn holds(
    connection: &Connection,
    elder: &ElderId,
    (day, period): (MealDay, MealPeriod),
    now_ms: i64,
    own: Option<EntryId>,
) -> Result<Vec<Held>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT day, lines FROM hold
         WHERE elder = ?1 AND made_ms <= ?2 AND expires_ms > ?2 AND id IS NOT ?3 AND NOT (day = ?4 AND period = ?5)",
    )?;
    let own = own.map(|id| id.uuid().into_bytes());
    let mut rows = statement.query((elder.as_str(), now_ms, own, date(day.0), period.as_str()))?;
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        let (day, lines): (String, String) = (row.get(0)?, row.get(1)?);
        let lines = serde_json::from_str(&lines).map_err(|error| Fault::Corrupt(format!("a hold: {error}")))?;
        held.push(Held { day: read::parse_day(&day)?, lines });
    }
    Ok(held)
}

/// The purse of every line of `meal` holds enough, what is held for other meals left alone and credit included.
pub(super) fn check_purses(
    writing: &Writing<'_>,
    own: EntryId,
    meal: &MealEntry,
    credit: &Credit,
) -> Result<(), Fault> {
    let wanted: Vec<(&ProgrammeId, i64)> = draws(&meal.lines).into_iter().filter(|(_, wanted)| *wanted > 0).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let purses = purses(&writing.tx, &meal.elder)?;
    let now_ms = writing.time.now.as_millisecond();
    let held = holds(&writing.tx, &meal.elder, (meal.day, meal.period), now_ms, Some(own))?;
    for (programme, wanted) in wanted {
        let balance = purses.get(programme).map_or(0, |purse| purse.balance);
        let held: i64 = held.iter().filter_map(|hold| draws(&hold.lines).get(programme).copied()).sum();
        let credit = credit.get(programme).copied().unwrap_or(0).max(0);
        let spendable = balance.saturating_sub(held).saturating_add(credit);
        if wanted > spendable {
            let programme = programme.clone();
            return Err(LedgerError::Short { programme, spendable: spendable.max(0), wanted }.into());
        }
    }
    Ok(())
}

pub(super) fn drop_hold(tx: &Transaction<'_>, id: EntryId) -> Result<(), Fault> {
    tx.prepare_cached("DELETE FROM hold WHERE id = ?1")?.execute([id.uuid().as_bytes()])?;
    Ok(())
}

/// Frees what else is held for the slot of `meal`, which is taken by now.
pub(super) fn drop_holds_of(tx: &Transaction<'_>, meal: &MealEntry) -> Result<(), Fault> {
    tx.prepare_cached("DELETE FROM hold WHERE elder = ?1 AND day = ?2 AND period = ?3")?.execute((
        meal.elder.as_str(),
        date(meal.day.0),
        meal.period.as_str(),
    ))?;
    Ok(())
}

impl Ledger {
    /// Reserves what `draft` takes while the elder decides, for `time` at most. Another call with the same id
    /// replaces it (the elder chose another dish); settling under that id posts it; [`Ledger::release`] frees it.
    ///
    /// # Errors
    /// As [`Ledger::settle`], so that an elder learns before deciding.
    pub fn hold(&mut self, draft: &MealDraft, time: SignedDuration) -> Result<()> {
        let (id, credit) = (draft.id, draft.credit.clone());
        let meal = draft.clone().into_entry()?;
        self.write(|writing| {
            refuse_second_meal(writing, &meal)?;
            check_purses(writing, id, &meal, &credit)?;
            let lines = serde_json::to_string(&meal.lines).map_err(|error| Fault::Corrupt(error.to_string()))?;
            let made_ms = writing.time.now.as_millisecond();
            let time_ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(0);
            writing
                .tx
                .prepare_cached(
                    "INSERT OR REPLACE INTO hold (id, elder, day, period, lines, made_ms, expires_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute((
                    id.uuid().as_bytes(),
                    meal.elder.as_str(),
                    date(meal.day.0),
                    meal.period.as_str(),
                    lines,
                    made_ms,
                    made_ms.saturating_add(time_ms),
                ))?;
            // Those that ran out, or were made in a future that did not come.
            writing.tx.execute("DELETE FROM hold WHERE expires_ms <= ?1 OR made_ms > ?1", [made_ms])?;
            Ok(())
        })
    }

    /// Frees what is held under `id`; nothing happens where there is nothing.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn release(&mut self, id: EntryId) -> Result<()> {
        self.write(|writing| drop_hold(&writing.tx, id))
    }

    /// Frees everything that is held: nobody is deciding when a kiosk starts.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn release_all(&mut self) -> Result<()> {
        self.write(|writing| Ok(writing.tx.execute("DELETE FROM hold", []).map(|_| ())?))
    }

    /// What is in an elder's purses, held amounts included.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    pub fn purses(&self, elder: &ElderId) -> Result<BTreeMap<ProgrammeId, PurseState>> {
        purses(&self.connection, elder).map_err(|fault| self.failed(fault))
    }

    /// Posts what the rules ask for ([`crate::domain::movements_due`]), all of it or nothing. What was posted before is
    /// not posted again.
    ///
    /// # Errors
    /// [`LedgerError::Movement`] and [`LedgerError::Store`].
    pub fn post_due(&mut self, elder: &ElderId, due: &[DueMovement]) -> Result<Vec<Entry>> {
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.write(|writing| {
            let mut posted = Vec::new();
            for due in due {
                // Nothing is left, or a debt: no entry, but the cycle has expired.
                if due.cause == DueCause::Clearing && due.units == 0 {
                    remember(&writing.tx, "cleared_on", elder, &due.programme, due.day)?;
                    continue;
                }
                let cause = match due.cause {
                    DueCause::Grant => MovementCause::Grant,
                    DueCause::Clearing => MovementCause::Clearing,
                };
                let movement = MovementEntry {
                    elder: elder.clone(),
                    programme: due.programme.clone(),
                    version: Some(due.version),
                    cause,
                    day: due.day,
                    units: due.units,
                    staff: None,
                    reason: String::new(),
                };
                if !posted_before(writing, &movement)? {
                    check_movement(writing, &movement)?;
                    posted.push(post(writing, Writing::new_id(), movement)?);
                }
            }
            Ok(posted)
        })
    }

    /// Fills, empties or puts right a purse by hand. The same call again (the same id) gives the same entry.
    /// `movement.day` is set to the books' day.
    ///
    /// # Errors
    /// [`LedgerError::Movement`], [`LedgerError::Short`] for a refund or clearing of more than is there,
    /// [`LedgerError::Reason`], [`LedgerError::IdTaken`] and [`LedgerError::Store`].
    pub fn move_purse(&mut self, id: EntryId, movement: MovementEntry) -> Result<Entry> {
        self.write(|writing| move_in(writing, id, movement))
    }
}

/// See [`Ledger::move_purse`].
pub(super) fn move_in(writing: &mut Writing<'_>, id: EntryId, movement: MovementEntry) -> Result<Entry, Fault> {
    let reason = meals::checked_reason(&movement.reason)?;
    let movement = MovementEntry { day: writing.today, reason, ..movement };
    let same = |body: &EntryBody| match body {
        EntryBody::Movement(known) => *known == MovementEntry { day: known.day, ..movement.clone() },
        _ => false,
    };
    if let Some(entry) = same_again(writing, id, same)? {
        return Ok(entry);
    }
    check_movement(writing, &movement)?;
    post(writing, id, movement)
}

fn posted_before(writing: &Writing<'_>, movement: &MovementEntry) -> Result<bool, Fault> {
    let MovementEntry { elder, programme, cause, day, .. } = movement;
    let column = if *cause == MovementCause::Grant { "granted_on" } else { "cleared_on" };
    let found: Option<Option<String>> = writing
        .tx
        .prepare_cached(&format!("SELECT {column} FROM purse WHERE elder = ?1 AND programme = ?2"))?
        .query_row((elder.as_str(), programme.as_str()), |row| row.get(0))
        .optional()?;
    Ok(found.flatten().is_some_and(|last| last >= date(day.0)))
}

fn check_movement(writing: &Writing<'_>, movement: &MovementEntry) -> Result<(), Fault> {
    let MovementEntry { elder, programme, cause, units, .. } = movement;
    let (name, fits) = match cause {
        MovementCause::Grant => ("grant", *units > 0),
        MovementCause::TopUp => ("top-up", *units > 0),
        MovementCause::Clearing => ("clearing", *units < 0),
        MovementCause::Refund => ("refund", *units < 0),
        MovementCause::Adjustment => ("adjustment", *units != 0),
    };
    // As bounded as amounts of money are; sums of them then stay far from the limits of an i64.
    if !fits || units.unsigned_abs() > crate::domain::MAX_FEN.unsigned_abs() {
        return Err(LedgerError::Movement { cause: name, units: *units }.into());
    }
    if matches!(cause, MovementCause::Clearing | MovementCause::Refund) {
        let balance = purses(&writing.tx, elder)?.get(programme).map_or(0, |purse| purse.balance);
        if balance.saturating_add(*units) < 0 {
            let programme = programme.clone();
            return Err(LedgerError::Short { programme, spendable: balance.max(0), wanted: -units }.into());
        }
    }
    Ok(())
}
