//! What comes back to a purse from a cycle that has expired since.

use rusqlite::OptionalExtension;

use super::balance::{draws, post};
use super::read;
use super::write::{Fault, Writing};
use crate::domain::{ElderId, EntryBody, MealDay, MovementCause, MovementEntry, ProgrammeId, QuoteLine};

/// What came back from a meal of a cycle that has expired since expires at once, as it would have then: `units` > 0 of one
/// purse, for a meal of `day`. Where the cycle ended in debt, what came back repays it first, and the rest expires.
pub(super) fn clear_what_had_expired(
    writing: &mut Writing<'_>,
    elder: &ElderId,
    programme: &ProgrammeId,
    units: i64,
    day: MealDay,
) -> Result<(), Fault> {
    let cleared: Option<String> = writing
        .tx
        .prepare_cached("SELECT cleared_on FROM purse WHERE elder = ?1 AND programme = ?2")?
        .query_row((elder.as_str(), programme.as_str()), |row| row.get(0))
        .optional()?
        .flatten();
    let Some(cleared) = cleared.map(|day| read::parse_day(&day)).transpose()? else { return Ok(()) };
    if cleared < day || units <= 0 {
        return Ok(());
    }
    let units = units.min(left_on(writing, elder, programme, cleared)?);
    if units <= 0 {
        return Ok(());
    }
    let movement = MovementEntry {
        elder: elder.clone(),
        programme: programme.clone(),
        version: None,
        cause: MovementCause::Clearing,
        day: cleared,
        units: -units,
        staff: None,
        reason: String::new(),
    };
    post(writing, Writing::new_id(), movement).map(|_| ())
}

/// What all entries that count for days up to `end` leave in one purse, in its unit; below zero where they leave a debt.
fn left_on(writing: &Writing<'_>, elder: &ElderId, programme: &ProgrammeId, end: MealDay) -> Result<i64, Fault> {
    let sql = "SELECT content FROM entry WHERE elder = ?1 ORDER BY number";
    let entries = read::entries(&writing.tx, sql, [elder.as_str()])?;
    let taken = |lines: &[QuoteLine]| draws(lines).get(programme).copied().unwrap_or(0);
    let units = entries.iter().map(|entry| match &entry.body {
        EntryBody::Meal(meal) if meal.day <= end => -taken(&meal.lines),
        EntryBody::Reversal(back) if back.day <= end => -taken(&back.lines),
        EntryBody::Movement(movement) if movement.day <= end && movement.programme == *programme => movement.units,
        _ => 0,
    });
    Ok(units.sum())
}
