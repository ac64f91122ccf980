//! `mealpoint close`: the day's books closed and its files written.

use std::process::ExitCode;

use jiff::civil::Date;
use serde::Serialize;

use super::{Context, print_json};
use crate::config::CanteenConfig;
use crate::domain::MealDay;
use crate::statement::close::{self, Closed, Closer};
use crate::statement::manifest::PeriodTotals;
use crate::store::ledger::Books;
use crate::store::{Home, Ledger};

/// Which day.
#[derive(clap::Args)]
pub struct Args {
    /// Close this day, and every open day before it [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    date: Option<Date>,
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
}

pub fn run(context: &Context, args: &Args) -> anyhow::Result<ExitCode> {
    let canteen = CanteenConfig::read(&context.config)?;
    let home = Home::at(&context.data);
    let mut ledger = Ledger::open_or_create(&home, &Books::from(&canteen))?;
    let day = match args.date {
        Some(date) => MealDay(date),
        None => ledger.today()?,
    };
    let still_serving = close::still_serving(&ledger, &canteen, day)?;
    let mut closer = Closer::new(&mut ledger, &home, &canteen)?;
    let closed = if args.date.is_some() { closer.close_through(day)? } else { closer.catch_up(day)? };
    if context.json {
        print_json(&Report { still_serving, closed })?;
    } else {
        closed.iter().for_each(print_day);
        if still_serving {
            say!(
                "the serving hours of {day} are not over, but its books are closed: no more meals can be settled on it"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
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
