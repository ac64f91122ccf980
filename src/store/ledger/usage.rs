//! What an elder has drawn, as the subsidy engine needs to see it: a handful of rows found by key, however long the books.

use rusqlite::Connection;

use super::balance::{draws, holds, month_span, period_span, purses};
use super::read;
use super::write::{Fault, date};
use super::{Ledger, Result};
use crate::domain::clock::book_time;
use crate::domain::{
    Drawn, ElderId, EntryId, Fen, MealDay, MealEntry, MealMoment, MealPeriod, ProgrammeId, QuoteLine, Tally, Usage,
};

impl Ledger {
    /// What `elder` has drawn before a meal at `moment`, and what may be spent of each purse (what is held for a quote of
    /// another meal that is still open counts as drawn and spent; credit is not included).
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn usage(&self, elder: &ElderId, moment: &MealMoment) -> Result<Usage> {
        self.usage_beside(elder, moment, None)
    }

    /// What the elder of the settled meal `wrong` had drawn beside it, and what may be spent in its place: for quoting it
    /// again at `moment`, its own. Of a purse that has been cleared since, that is what the meal itself took.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn usage_in_place_of(&self, wrong: &MealEntry, moment: &MealMoment) -> Result<Usage> {
        self.usage_then(&wrong.elder, moment, &wrong.lines)
    }

    /// As [`Ledger::usage`] for a meal of an earlier day: a purse that has been cleared since holds nothing for it.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn usage_late(&self, elder: &ElderId, moment: &MealMoment) -> Result<Usage> {
        self.usage_then(elder, moment, &[])
    }

    /// What had been drawn beside `own` lines of a meal at `moment`, a purse that has been cleared since holding just them.
    fn usage_then(&self, elder: &ElderId, moment: &MealMoment, own: &[QuoteLine]) -> Result<Usage> {
        let mut usage = self.usage(elder, moment)?.without(own);
        let took = draws(own);
        let cleared = cleared_since(&self.connection, elder, moment.day).map_err(|fault| self.failed(fault))?;
        for programme in cleared {
            let units = took.get(&programme).copied().unwrap_or(0);
            usage.purses.insert(programme, units);
        }
        Ok(usage)
    }

    /// As [`Ledger::usage`], leaving out what is held under `own`: for quoting again while holding.
    ///
    /// # Errors
    /// [`super::LedgerError::Store`].
    pub fn usage_beside(&self, elder: &ElderId, moment: &MealMoment, own: Option<EntryId>) -> Result<Usage> {
        let find = || -> Result<Usage, Fault> {
            // One look at the books for all that is asked of them.
            let tx = self.connection.unchecked_transaction()?;
            let last = read::last_reading(&tx)?;
            let now_ms = book_time(last.as_ref(), &self.clock.read()).now.as_millisecond();
            let mut usage = drawn(&tx, elder, moment)?;
            for (programme, purse) in purses(&tx, elder)? {
                usage.purses.insert(programme, purse.balance);
            }
            for held in holds(&tx, elder, (moment.day, moment.period), now_ms, own)? {
                let same_month = month_span(held.day) == month_span(moment.day);
                let same_day = held.day == moment.day;
                for line in &held.lines {
                    add_held(&mut usage, line, [same_day, same_month]);
                }
            }
            tx.commit()?;
            Ok(usage)
        };
        find().map_err(|fault| self.failed(fault))
    }
}

/// What one elder drew in the periods of one day and in its month.
pub(super) const DRAWN: &str = "SELECT span, programme, times, amount_fen, units FROM drawn
    WHERE span IN (?2, ?3, ?4, ?5) AND elder = ?1";

fn drawn(connection: &Connection, elder: &ElderId, moment: &MealMoment) -> Result<Usage, Fault> {
    let own_period = period_span(moment.day, moment.period);
    let month = month_span(moment.day);
    let [breakfast, lunch, supper] = MealPeriod::ALL.map(|period| period_span(moment.day, period));
    let mut statement = connection.prepare_cached(DRAWN)?;
    let mut rows = statement.query((elder.as_str(), breakfast, lunch, supper, &month))?;
    let mut usage = Usage::default();
    while let Some(row) = rows.next()? {
        let (span, programme): (String, String) = (row.get(0)?, row.get(1)?);
        let times: i64 = row.get(2)?;
        let tally = Tally {
            times: u32::try_from(times).map_err(|_| Fault::Corrupt(format!("a draw was counted {times} times")))?,
            amount: Fen::new(row.get(3)?),
            units: row.get(4)?,
        };
        let drawn: &mut Drawn = usage.drawn.entry(read::id(&programme, ProgrammeId::try_from)?).or_default();
        if span == month {
            drawn.month = tally;
            continue;
        }
        if span == own_period {
            drawn.period = tally;
        }
        drawn.day.times = drawn.day.times.saturating_add(tally.times);
        drawn.day.amount += tally.amount;
        drawn.day.units = drawn.day.units.saturating_add(tally.units);
    }
    Ok(usage)
}

/// The purses of an elder that were cleared of what `day` could draw.
fn cleared_since(connection: &Connection, elder: &ElderId, day: MealDay) -> Result<Vec<ProgrammeId>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT programme FROM purse WHERE elder = ?1 AND cleared_on >= ?2")?;
    let rows = statement.query_map((elder.as_str(), date(day.0)), |row| row.get::<_, String>(0))?;
    rows.map(|programme| read::id(&programme?, ProgrammeId::try_from)).collect()
}

fn add_held(usage: &mut Usage, line: &QuoteLine, [day, month]: [bool; 2]) {
    let drawn = usage.drawn.entry(line.rule.programme.clone()).or_default();
    for (tally, counts) in [(&mut drawn.day, day), (&mut drawn.month, month)] {
        if counts {
            tally.add(line);
        }
    }
    if let Some(draw) = line.purse_draw() {
        let purse = usage.purses.entry(line.rule.programme.clone()).or_default();
        *purse = purse.saturating_sub(draw);
    }
}
