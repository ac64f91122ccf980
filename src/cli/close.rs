//! `mealpoint close`: the day's books closed and its files written.

use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::staff::{warn_unnoted, who_orders};
use super::{Context, print_json};
use crate::config::CanteenConfig;
use crate::domain::{MealDay, StaffId};
use crate::statement::close::{self, Closed, Closer};
use crate::statement::manifest::PeriodTotals;
use crate::store::ledger::Books;
use crate::store::people::StaffAct;
use crate::store::{Home, Ledger, People};

/// Which day.
#[derive(clap::Args)]
pub struct Args {
    /// Close this day, and every open day before it [default: today; while its serving hours are not over: before its first
    /// meal, unless it is the first day of books that go on after no others, and while an earlier day is open, the days before
    /// it alone]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    date: Option<Date>,
    /// Who of the staff does it; their PIN is asked for, and the list of what the staff did names them
    #[arg(long, value_name = "ID")]
    staff: Option<StaffId>,
}

/// A day as the help says it; other writings, with a time or without dashes, are more likely slips.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let as_said = text.len() == "2026-11-30".len() && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = text.parse().ok().filter(|_| as_said);
    date.ok_or_else(|| format!("{text:?} is no day; write it as 2026-11-30"))
}

#[derive(Serialize)]
struct Report {
    /// Whether meals would still be served on the last closed day; its books take none any more.
    still_serving: bool,
    /// The days.
    closed: Vec<Closed>,
    /// Today, where no date was named and it was left open: its serving hours are not over.
    left_open: Option<MealDay>,
}

pub fn run(context: &Context, args: &Args) -> anyhow::Result<ExitCode> {
    let canteen = CanteenConfig::read(&context.config)?;
    let home = Home::at(&context.data);
    let staff = who_orders(&home, args.staff.clone())?;
    let mut ledger = Ledger::open_or_create(&home, &Books::from(&canteen))?;
    let (day, left_open) = match args.date {
        Some(date) => (Some(MealDay(date)), None),
        None => without_date(&ledger, &canteen)?,
    };
    let still_serving = day.map_or(Ok(false), |day| close::still_serving(&ledger, &canteen, day))?;
    let before = last_closed(&ledger)?;
    let closing = {
        let mut closer = Closer::new(&mut ledger, &home, &canteen)?;
        match day {
            Some(day) if args.date.is_some() => closer.close_through(day),
            Some(day) => closer.catch_up(day),
            None => Ok(vec![]),
        }
    };
    let wrote = |closed: &Vec<Closed>| closed.iter().any(|closed| closed.outcome != close::Outcome::Unchanged);
    // What is closed stays closed, even where its files could not be written.
    let changed = closing.as_ref().is_ok_and(wrote) || last_closed(&ledger).is_ok_and(|last| last != before);
    if let Some(day) = day.filter(|_| changed) {
        let at = ledger.now().map_or_else(|_| Timestamp::now(), |time| time.now);
        let amiss = if closing.is_ok() { "" } else { ", and not all of it was done" };
        let act = StaffAct { at, staff, act: format!("close {day}{amiss}") };
        warn_unnoted(People::open(&home).and_then(|mut people| people.note_act(&act)));
    }
    let closed = closing?;
    if context.json {
        print_json(&Report { still_serving, closed, left_open })?;
    } else {
        closed.iter().for_each(print_day);
        if let Some(day) = day.filter(|_| still_serving) {
            say!(
                "the serving hours of {day} are not over, but its books are closed: no more meals can be settled on it"
            );
        }
        if let Some(today) = left_open {
            say!(
                "{today} stays open: its serving hours are not over, and once closed it takes no more meals; if it is to be \
                 closed all the same: `mealpoint close --date {today}`"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn last_closed(ledger: &Ledger) -> anyhow::Result<Option<MealDay>> {
    Ok(ledger.last_closed()?.map(|closed| closed.day))
}

/// The last day to close where nobody named one, and today, where it is left open. There is none to close where the books go on
/// from today after others that were lost.
fn without_date(ledger: &Ledger, canteen: &CanteenConfig) -> anyhow::Result<(Option<MealDay>, Option<MealDay>)> {
    let today = ledger.today()?;
    if !close::leaves_open(ledger, canteen, today)? {
        return Ok((Some(today), None));
    }
    if ledger.open_from()? == today && ledger.last_closed()?.is_none() {
        return Ok((None, Some(today)));
    }
    let yesterday = today.0.yesterday().with_context(|| format!("there is no day before {today}"))?;
    Ok((Some(MealDay(yesterday)), Some(today)))
}

fn print_day(closed: &Closed) {
    let outcome = match closed.outcome {
        close::Outcome::Written => "closed",
        close::Outcome::Unchanged => "was closed, its files are unchanged",
        close::Outcome::Completed => "was closed, missing files were made again",
    };
    say!("{}: {outcome}", closed.day);
    if closed.empty {
        say!("  no entry on this day");
    } else {
        let totals = &closed.totals;
        let first = closed.first.unwrap_or(closed.last);
        say!(
            "  {} meals, {} reversals, {} yuan; numbers {first} to {}",
            totals.meals,
            totals.reversals,
            totals.price,
            closed.last
        );
    }
    for PeriodTotals { period, totals } in closed.periods.iter().filter(|of| of.totals.entries > 0) {
        say!("  {}: {} meals, {} reversals, {} yuan", period.as_str(), totals.meals, totals.reversals, totals.price);
    }
    closed.files.iter().for_each(|file| say!("  {}", file.display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_taken_as_the_help_writes_it_and_in_no_other_way() {
        assert_eq!(date("2026-11-30"), Ok(Date::constant(2026, 11, 30)));
        for bad in ["20261130", "2026-11-30T00:00", "2026-02-30", "2026-11-3", "30-11-2026", "2026/11/30", "", "今天"]
        {
            let error = date(bad).expect_err(bad);
            assert!(error.contains(bad) && error.contains("2026-11-30"), "{error}");
        }
    }
}
