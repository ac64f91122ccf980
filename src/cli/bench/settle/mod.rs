//! `mealpoint bench settle`: what a durable settlement costs beside a bare fsync, what the close of a busy day costs
//! beside writing its files, and whether long books are as quick as empty ones.
//!
//! Everything happens in a folder of its own within the data folder, so on the disk that the kiosk uses; it is removed
//! afterwards, and by the next benchmark where this one was ended before. The rules are those of the configuration.

mod books;
mod folder;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::figures::{Percentiles, peak_memory_mib};
use crate::cli::Context;
use crate::domain::{MealPeriod, Usage};
use crate::statement::close::Closer;
use crate::store::{Database, Ledger};
use books::{Canteen, Shelf};
use folder::Folder;

/// Elders of a canteen.
const ELDERS: u64 = 2500;

/// Quotes that are timed, one by one.
const QUOTES: u64 = 5000;

/// What is measured.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Settlements that are timed, one by one
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    settlements: u64,
    /// Meals of the day that is closed
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    day: u64,
    /// How often the day is closed, each time in books of its own
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    closings: u32,
    /// Entries of the long books that are opened and asked
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
}

#[derive(Debug, Serialize)]
struct Report {
    /// Settlements that were timed.
    settlements: u64,
    /// A durable settlement.
    settle_ms: Percentiles,
    /// Four KiB appended to a file and synced, in turn with the settlements.
    fsync_ms: Percentiles,
    /// What each settlement took longer than the sync before it.
    beyond_fsync_ms: Percentiles,
    /// Median settlement to median sync.
    settle_to_fsync: f64,
    /// Meals of the day that was closed.
    day: u64,
    /// Opening its books, closing the day, writing its files and verifying what was written.
    close_ms: Percentiles,
    /// The bytes of its files written and synced alone.
    files_ms: Percentiles,
    /// The medians' ratio.
    close_to_files: f64,
    /// Entries of the long books.
    entries: u64,
    /// Their file.
    database_mib: f64,
    /// Opening them, their end checked.
    open_ms: f64,
    /// Opening empty books.
    open_empty_ms: f64,
    /// What the rules alone take for a quote.
    rules_ms: Percentiles,
    /// A quote, with what the elder has drawn, from books in which nobody has drawn anything.
    quote_empty_ms: Percentiles,
    /// The same from books of one day, in which everybody has drawn the same as in the long books' last.
    quote_one_day_ms: Percentiles,
    /// The same from the long books.
    quote_full_ms: Percentiles,
    /// The medians' ratio, long to one day: what the length of the books costs.
    quote_full_to_one_day: f64,
    /// The medians' ratio, long to empty.
    quote_full_to_empty: f64,
    /// The most memory this process had.
    peak_memory_mib: Option<f64>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let canteen = Canteen::read(&context.config)?;
    let folder = Folder::within(&context.data)?;
    let shelf = |name: &str, elders| Shelf { canteen: &canteen, folder: folder.path().join(name), elders };
    let (settle, fsync, beyond) = settlements(&shelf("settle", ELDERS), arguments.settlements)?;
    // Lunch and supper, so twice as many meals as elders.
    let (close, files) =
        closings(&shelf("day", arguments.day.div_ceil(2)), arguments.day, arguments.closings, folder.path())?;

    let (long, one_day, empty) = (shelf("long", ELDERS), shelf("one-day", ELDERS), shelf("empty", ELDERS));
    long.build(arguments.entries)?;
    one_day.build(2 * ELDERS)?;
    empty.build(0)?;
    let (opened_empty, open_empty_ms) = opened(&empty, 0)?;
    let (opened_long, open_ms) = opened(&long, arguments.entries)?;
    let quote_empty = quotes(&canteen, &opened_empty)?;
    let quote_one_day = quotes(&canteen, &opened(&one_day, 2 * ELDERS)?.0)?;
    let quote_full = quotes(&canteen, &opened_long)?;
    let file = long.home().file(Database::Ledger);
    let report = Report {
        settlements: arguments.settlements,
        settle_to_fsync: settle.median() / fsync.median(),
        settle_ms: settle,
        fsync_ms: fsync,
        beyond_fsync_ms: beyond,
        day: arguments.day,
        close_to_files: close.median() / files.median(),
        close_ms: close,
        files_ms: files,
        entries: arguments.entries,
        database_mib: fs::metadata(&file).map(|about| about.len() as f64 / f64::from(1 << 20))?,
        open_ms,
        open_empty_ms,
        rules_ms: rules_alone(&canteen)?,
        quote_full_to_one_day: quote_full.median() / quote_one_day.median(),
        quote_full_to_empty: quote_full.median() / quote_empty.median(),
        quote_empty_ms: quote_empty,
        quote_one_day_ms: quote_one_day,
        quote_full_ms: quote_full,
        peak_memory_mib: peak_memory_mib(),
    };
    if context.json {
        say!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report) {
    say!("settle, {} times     {}", report.settlements, report.settle_ms);
    say!("  a bare fsync         {}", report.fsync_ms);
    say!("  beyond the fsync     {}", report.beyond_fsync_ms);
    say!("close of {} meals   {}", report.day, report.close_ms);
    say!("  its files alone      {}", report.files_ms);
    say!("a quote, rules alone   {}", report.rules_ms);
    say!("books of {} entries, {:.0} MiB", report.entries, report.database_mib);
    say!("  opened in            {:.1} ms, empty ones in {:.1} ms", report.open_ms, report.open_empty_ms);
    say!("  quote                {}", report.quote_full_ms);
    say!("  quote, a day's books {}", report.quote_one_day_ms);
    say!("  quote, empty books   {}", report.quote_empty_ms);
    if let Some(memory) = report.peak_memory_mib {
        say!("peak memory {memory:.0} MiB");
    }
}

/// Times of settlements, of the bare syncs between them, and of their differences.
fn settlements(shelf: &Shelf<'_>, count: u64) -> anyhow::Result<(Percentiles, Percentiles, Percentiles)> {
    let (mut ledger, clock) = shelf.create()?;
    let mut bare = OpenOptions::new().create(true).append(true).open(shelf.folder.join("bare"))?;
    let (mut settle, mut fsync, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        let sync = timed(|| append(&mut bare, &[0x5a; 4096]))?;
        let draft = shelf.meal(number)?;
        shelf.turn(&clock, &ledger, number + 1)?;
        let time = timed(|| Ok(ledger.settle(draft)?))?;
        settle.push(time);
        fsync.push(sync);
        beyond.push(time.saturating_sub(sync));
    }
    let percentiles = |times: &[Duration]| Percentiles::in_ms(times).context("nothing was settled");
    Ok((percentiles(&settle)?, percentiles(&fsync)?, percentiles(&beyond)?))
}

/// Times of closing a day of `meals` from unopened books, and of writing the same files alone.
fn closings(shelf: &Shelf<'_>, meals: u64, count: u32, folder: &Path) -> anyhow::Result<(Percentiles, Percentiles)> {
    shelf.build(meals)?;
    let (mut close, mut bare) = (Vec::new(), Vec::new());
    for run in 0..count {
        let copy = shelf.copy_to(folder.join(format!("day-{run}")))?;
        let mut files = Vec::new();
        close.push(timed(|| {
            let mut ledger = copy.open(meals)?;
            let day = ledger.today()?;
            let closed = Closer::new(&mut ledger, &copy.home(), &shelf.canteen.config)?.catch_up(day)?;
            files.extend(closed.into_iter().flat_map(|day| day.files));
            Ok(())
        })?);
        let bytes: Vec<Vec<u8>> = files.iter().map(fs::read).collect::<Result<_, _>>()?;
        let mut alone: Vec<File> = (0..bytes.len())
            .map(|index| File::create(copy.folder.join(format!("bare-{index}"))))
            .collect::<Result<_, _>>()?;
        bare.push(timed(|| alone.iter_mut().zip(&bytes).try_for_each(|(file, bytes)| append(file, bytes)))?);
        fs::remove_dir_all(&copy.folder)?;
    }
    let percentiles = |times: &[Duration]| Percentiles::in_ms(times).context("nothing was closed");
    Ok((percentiles(&close)?, percentiles(&bare)?))
}

fn append(file: &mut File, bytes: &[u8]) -> anyhow::Result<()> {
    file.write_all(bytes)?;
    Ok(file.sync_data()?)
}

fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

fn opened(shelf: &Shelf<'_>, entries: u64) -> anyhow::Result<(Ledger, f64)> {
    let started = Instant::now();
    let ledger = shelf.open(entries)?;
    Ok((ledger, started.elapsed().as_secs_f64() * 1e3))
}

/// Times of quotes for one elder after the other: what the elder has drawn, then the rules.
fn quotes(canteen: &Canteen, ledger: &Ledger) -> anyhow::Result<Percentiles> {
    let moment = canteen.config.moment_of(ledger.today()?, MealPeriod::Supper);
    let mut times = Vec::new();
    for number in 0..QUOTES {
        let elder = canteen.elder(number * 37 % ELDERS)?;
        times.push(timed(|| canteen.quote(&elder, &moment, &ledger.usage(&elder.id, &moment)?))?);
    }
    Percentiles::in_ms(&times).context("there were no quotes")
}

/// Times of the rules alone, for elders who have drawn nothing yet.
fn rules_alone(canteen: &Canteen) -> anyhow::Result<Percentiles> {
    let day = jiff::civil::Date::constant(2026, 1, 1);
    let moment = canteen.config.moment_of(crate::domain::MealDay(day), MealPeriod::Lunch);
    let usage = Usage::default();
    let mut times = Vec::new();
    for number in 0..QUOTES {
        let elder = canteen.elder(number % ELDERS)?;
        times.push(timed(|| canteen.quote(&elder, &moment, &usage))?);
    }
    Percentiles::in_ms(&times).context("there were no quotes")
}
