//! What the rules themselves do to an elder's purses: grants and clearings.
//!
//! Pure: the ledger tells what stands in the purses, [`movements_due`] says what has to be posted before the next quote.
//! Once posted, what is answered to the same question on the same day has been posted before, and the ledger posts it once.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::elder::{Elder, ElderStatus};
use super::id::ProgrammeId;
use super::meal::{MealDay, MealMoment};
use super::subsidy::{Programme, RuleBook};

/// One purse of an elder, as the ledger knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PurseState {
    /// What is in it, in the purse's unit, held amounts included. May be below zero after meals on offline credit.
    pub balance: i64,
    /// The day of the latest entry that touched it: grant, clearing, top-up or meal.
    pub touched_on: Option<MealDay>,
    /// The day of the latest grant.
    pub granted_on: Option<MealDay>,
    /// The last day of the latest cycle that has expired.
    pub cleared_on: Option<MealDay>,
}

/// An entry that the rules ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMovement {
    /// Whose purse.
    pub programme: ProgrammeId,
    /// The version of the rule that asks for it.
    pub version: u32,
    /// Grant or clearing.
    pub cause: DueCause,
    /// The cycle's day it counts for: the last day of a cleared cycle, the day of entitlement of a grant. Never after the
    /// day that was asked about.
    pub day: MealDay,
    /// What comes in (> 0) or goes out (< 0), in the purse's unit. Zero of a clearing that finds nothing or a debt: the
    /// cycle has expired all the same, and what comes back to it later repays the debt and expires at once.
    pub units: i64,
}

/// Why the rules move a purse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueCause {
    /// What is left of a past cycle expires (清零).
    Clearing,
    /// The elder is entitled to a grant and has not had it this cycle.
    Grant,
}

/// The most past months that are looked at for grants to make up for. A longer absence is for people to settle.
const MOST_MONTHS: usize = 120;

/// What has to be posted for `elder` before a quote at `moment`, in this order.
///
/// - What is left in a purse that clears is cleared once a cycle has ended since it was last touched; where nothing is left,
///   that cycle has expired all the same. A debt is not cleared: what comes in next, or comes back, repays it first.
/// - Whether it clears, and when, says the version of the rules that was in force when the purse was last touched: a later
///   version changes nothing of what was left under an earlier one. From the first entry under it on, it counts for all that
///   is in the purse.
/// - A grant is due on the first day within a cycle on which an active elder meets a tier that grants, once a cycle and
///   in full; a later change of tier within the cycle gives nothing more. Grants of past cycles are made up for, by the
///   conditions and the version on those cycles' last days, unless that version would have cleared them since; a cycle that
///   its version did not see to the end is not, nor one on whose last day the elder was not active. An elder never granted
///   before starts with the present cycle.
/// - Nothing is due for a day before the one the purse was last touched on, so that a clock set back moves no money.
///
/// Where an elder lives or eats is looked at from this canteen, as in a quote.
pub fn movements_due(
    book: &RuleBook,
    elder: &Elder,
    moment: &MealMoment,
    purses: &BTreeMap<ProgrammeId, PurseState>,
) -> Vec<DueMovement> {
    let mut due = Vec::new();
    for programme in book.latest_versions(moment.day.0) {
        let state = purses.get(&programme.id).copied().unwrap_or_default();
        if state.touched_on.max(state.granted_on).is_some_and(|last| last > moment.day) {
            continue;
        }
        due.extend(clearing_due(book, programme, &state, moment.day.0));
        if elder.status == ElderStatus::Active {
            due.extend(grants_due(book, &programme.id, elder, moment, state.granted_on.map(|day| day.0)));
        }
    }
    due
}

/// The purses that were granted only for a cycle which begins after `day`, as the version of that day has it or the one that
/// granted: a meal of that day, entered late, draws nothing of them.
pub fn granted_later(book: &RuleBook, day: MealDay, purses: &BTreeMap<ProgrammeId, PurseState>) -> Vec<ProgrammeId> {
    let is_later = |programme: &&Programme| {
        let of_day: &Programme = programme;
        let Some(granted) = purses.get(&of_day.id).and_then(|purse| purse.granted_on) else { return false };
        let granting = book.latest_version(&of_day.id, granted.0).unwrap_or(of_day);
        let mut cycles = [of_day, granting].into_iter().filter_map(|version| version.purse.as_ref()?.cleared_every);
        cycles.any(|cycle| cycle.start(granted.0) > day.0)
    };
    book.latest_versions(day.0).into_iter().filter(is_later).map(|programme| programme.id.clone()).collect()
}

/// The clearing of what is left of a cycle that has ended, by the version in force when the purse was last touched. Where
/// it was touched before there was any, the `latest` has to do.
fn clearing_due(book: &RuleBook, latest: &Programme, state: &PurseState, today: Date) -> Option<DueMovement> {
    let touched = state.touched_on?.0;
    let programme = book.latest_version(&latest.id, touched).unwrap_or(latest);
    let end = programme.purse.as_ref()?.cleared_every?.end(touched);
    let known = state.cleared_on.is_some_and(|cleared| cleared.0 >= end);
    (end < today && (state.balance > 0 || !known)).then(|| DueMovement {
        programme: programme.id.clone(),
        version: programme.version,
        cause: DueCause::Clearing,
        day: MealDay(end),
        units: -state.balance.max(0),
    })
}

/// The grants not yet given, oldest first: on the last days of the months since the latest one, which are those of the
/// years too, then today.
fn grants_due(
    book: &RuleBook,
    programme: &ProgrammeId,
    elder: &Elder,
    moment: &MealMoment,
    granted_on: Option<Date>,
) -> Vec<DueMovement> {
    let today = moment.day.0;
    let mut days = vec![today];
    if let Some(granted_on) = granted_on {
        let earlier =
            std::iter::successors(today.first_of_month().yesterday().ok(), |end| end.first_of_month().yesterday().ok());
        days.extend(earlier.take_while(|end| *end > granted_on).take(MOST_MONTHS));
    }
    let mut latest = granted_on;
    let mut due = Vec::new();
    for day in days.into_iter().rev() {
        if let Some(grant) = grant_on(book, programme, elder, moment, day, latest) {
            latest = Some(day);
            due.push(grant);
        }
    }
    due
}

/// The grant to which the elder is entitled on `day` by the version in force that day, after the latest on `granted_on`; none
/// within a cycle of this version that has had its grant, nor on a `day` that an absence holds. None is made up for on a past
/// `day` that does not end such a cycle, or whose grant this version would have cleared since.
fn grant_on(
    book: &RuleBook,
    programme: &ProgrammeId,
    elder: &Elder,
    moment: &MealMoment,
    day: Date,
    granted_on: Option<Date>,
) -> Option<DueMovement> {
    let today = moment.day.0;
    let programme = book.in_force(day).find(|p| p.id == *programme)?;
    let purse = programme.purse.as_ref()?;
    let grants = purse.granted_every?;
    let had = granted_on.is_some_and(|latest| grants.start(latest) >= grants.start(day));
    let was_away = elder.absences.iter().any(|absence| absence.holds(day, &moment.zone));
    let ends_later = grants.end(day) != day;
    let cleared_since = purse.cleared_every.is_some_and(|clears| clears.end(day) < today);
    if had || was_away || day < today && (ends_later || cleared_since) {
        return None;
    }
    let at = MealMoment { day: MealDay(day), ..moment.clone() };
    let units = programme.tiers_for(elder, &at).filter_map(|tier| tier.grant).max()?;
    Some(DueMovement {
        programme: programme.id.clone(),
        version: programme.version,
        cause: DueCause::Grant,
        day: MealDay(day),
        units,
    })
}
