//! `mealpoint bench settle`: what a durable settlement costs beside a bare fsync, and whether long books are as quick as
//! empty ones.
//!
//! Everything happens in a folder of its own within the data folder, so on the disk that the kiosk uses; it is removed
//! afterwards.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::figures::{Percentiles, peak_memory_mib};
use crate::cli::Context;
use crate::domain::{
    CanteenId, Dish, DishId, ElderId, EntryId, Evidence, Fen, IdentifiedBy, KioskId, LineKind, MealDay, MealDraft,
    MealMoment, MealPeriod, ModelDigest, Payer, PayerShare, ProgrammeId, Quote, QuoteLine, RuleVersion,
};
use crate::store::ledger::{Books, HandClock};
use crate::store::{Database, Home, Ledger};

/// Elders of the canteen of the books.
const ELDERS: u64 = 2500;

/// Entries a transaction while the long books are built.
const CHUNK: u64 = 5000;

/// When the books begin.
const BEGIN: Timestamp = Timestamp::constant(1_767_240_000, 0);

/// What is measured.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Settlements that are timed, one by one
    #[arg(long, default_value_t = 2000)]
    settlements: u64,
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
    /// Entries of the long books.
    entries: u64,
    /// Their file.
    database_mib: f64,
    /// Opening them, their end checked.
    open_ms: f64,
    /// What an elder has drawn, from books in which nobody has.
    usage_empty_ms: Percentiles,
    /// The same from books of one day, in which everybody has drawn the same as in the long books' last.
    usage_one_day_ms: Percentiles,
    /// The same from the long books.
    usage_full_ms: Percentiles,
    /// The medians' ratio: what the length of the books costs.
    usage_full_to_one_day: f64,
    /// The most memory this process had.
    peak_memory_mib: Option<f64>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = Folder::within(&context.data)?;
    let (settle, fsync, beyond) = settlements(&folder.0.join("settle"), arguments.settlements)?;
    let long = folder.0.join("long");
    let (one_day, empty) = (folder.0.join("one-day"), folder.0.join("empty"));
    build(&long, arguments.entries)?;
    build(&one_day, 2 * ELDERS)?;
    build(&empty, 0)?;
    let started = Instant::now();
    let opened = open(&long, arguments.entries)?;
    let open_ms = started.elapsed().as_secs_f64() * 1e3;
    let usage_empty = usages(&open(&empty, 0)?)?;
    let usage_one_day = usages(&open(&one_day, 2 * ELDERS)?)?;
    let usage_full = usages(&opened)?;
    let file = Home::with_keys(&long, long.join("keys")).file(Database::Ledger);
    let report = Report {
        settlements: arguments.settlements,
        settle_to_fsync: settle.median() / fsync.median(),
        settle_ms: settle,
        fsync_ms: fsync,
        beyond_fsync_ms: beyond,
        entries: arguments.entries,
        database_mib: fs::metadata(&file).map(|about| about.len() as f64 / f64::from(1 << 20))?,
        open_ms,
        usage_full_to_one_day: usage_full.median() / usage_one_day.median(),
        usage_empty_ms: usage_empty,
        usage_one_day_ms: usage_one_day,
        usage_full_ms: usage_full,
        peak_memory_mib: peak_memory_mib(),
    };
    if context.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report) {
    println!("settle, {} times     {}", report.settlements, report.settle_ms);
    println!("  a bare fsync         {}", report.fsync_ms);
    println!("  beyond the fsync     {}", report.beyond_fsync_ms);
    println!("books of {} entries, {:.0} MiB", report.entries, report.database_mib);
    println!("  opened in            {:.1} ms", report.open_ms);
    println!("  usage                {}", report.usage_full_ms);
    println!("  usage, a day's books {}", report.usage_one_day_ms);
    println!("  usage, empty books   {}", report.usage_empty_ms);
    if let Some(memory) = report.peak_memory_mib {
        println!("peak memory {memory:.0} MiB");
    }
}

/// A folder that is removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn within(data: &Path) -> anyhow::Result<Self> {
        let folder = data.join(format!("bench-{}", Uuid::now_v7()));
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the benchmark's folder is left behind");
        }
    }
}

/// Times of settlements, of the bare syncs between them, and of their differences.
fn settlements(folder: &Path, count: u64) -> anyhow::Result<(Percentiles, Percentiles, Percentiles)> {
    let clock = HandClock::at(BEGIN);
    let mut ledger = Ledger::create_with(&home(folder), &books()?, Box::new(clock.clone()))?;
    let mut bare = OpenOptions::new().create(true).append(true).open(folder.join("bare"))?;
    let (mut settle, mut fsync, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        let sync = timed(|| sync(&mut bare))?;
        let draft = meal(number, &clock, &ledger)?;
        let time = timed(|| Ok(ledger.settle(draft)?))?;
        settle.push(time);
        fsync.push(sync);
        beyond.push(time.saturating_sub(sync));
    }
    let percentiles = |times: &[Duration]| Percentiles::in_ms(times).context("--settlements must be at least 1");
    Ok((percentiles(&settle)?, percentiles(&fsync)?, percentiles(&beyond)?))
}

fn sync(bare: &mut File) -> anyhow::Result<()> {
    bare.write_all(&[0x5a; 4096])?;
    Ok(bare.sync_data()?)
}

fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

/// Builds books of `entries` meals, as fast as the disk takes them.
fn build(folder: &Path, entries: u64) -> anyhow::Result<()> {
    let clock = HandClock::at(BEGIN);
    let mut ledger = Ledger::create_with(&home(folder), &books()?, Box::new(clock.clone()))?;
    let mut number = 0;
    while number < entries {
        let chunk = CHUNK.min(entries - number);
        let drafts = (number..number + chunk).map(|number| meal(number, &clock, &ledger)).collect::<Result<_, _>>()?;
        ledger.settle_all(drafts)?;
        number += chunk;
        if number.is_multiple_of(100_000) {
            tracing::info!(number, entries, "building the long books");
        }
    }
    Ok(())
}

fn open(folder: &Path, entries: u64) -> anyhow::Result<Ledger> {
    let clock = HandClock::at(BEGIN + SignedDuration::from_hours(24) * days(entries));
    Ok(Ledger::open_with(&home(folder), &books()?, Box::new(clock))?)
}

/// Times of asking what elders have drawn, one elder after the other.
fn usages(ledger: &Ledger) -> anyhow::Result<Percentiles> {
    let day = ledger.today()?;
    let canteen = ledger.books().canteen.clone();
    let mut times = Vec::new();
    for number in 0..2000_u64 {
        let elder = elder(number * 37)?;
        let (canteen, district, town) = (canteen.clone(), "district".to_owned(), "town".to_owned());
        let moment = MealMoment { day, period: MealPeriod::Supper, canteen, district, town };
        times.push(timed(|| Ok(ledger.usage(&elder, &moment)?))?);
    }
    Percentiles::in_ms(&times).context("there were no usages")
}

fn home(folder: &Path) -> Home {
    Home::with_keys(folder, folder.join("keys"))
}

fn books() -> anyhow::Result<Books> {
    let (kiosk, canteen) = (KioskId::new("K-BENCH")?, CanteenId::new("CT-BENCH")?);
    Ok(Books { kiosk, canteen, zone: TimeZone::get("Asia/Shanghai")? })
}

fn elder(number: u64) -> anyhow::Result<ElderId> {
    Ok(ElderId::new(format!("E-{:05}", number % ELDERS))?)
}

/// The days that so many meals take: two meals a day for everybody.
fn days(meals: u64) -> i32 {
    i32::try_from(meals.saturating_sub(1) / (2 * ELDERS)).unwrap_or(i32::MAX)
}

/// The meal of this number, on the day whose turn it is.
fn meal(number: u64, clock: &HandClock, ledger: &Ledger) -> anyhow::Result<MealDraft> {
    let day_number = SignedDuration::from_hours(24) * days(number + 1);
    let due = BEGIN + day_number;
    let now = ledger.now()?.now;
    if now < due {
        clock.pass(due.duration_since(now));
    }
    let period = if (number / ELDERS).is_multiple_of(2) { MealPeriod::Lunch } else { MealPeriod::Supper };
    let day = MealDay(due.to_zoned(ledger.books().zone.clone()).date());
    let price = Fen::new(1500);
    let lines = vec![
        line("discount", LineKind::Discount, 150, "canteen")?,
        line("senior", LineKind::Subsidy, 300, "district")?,
    ];
    let own_share = price - lines.iter().map(|line| line.amount).sum();
    Ok(MealDraft {
        id: EntryId::from_uuid(Uuid::now_v7()),
        elder: elder(number)?,
        day,
        period,
        dishes: vec![Dish { id: DishId::new("D-1")?, name: "set meal".to_owned(), price }],
        quote: Quote { lines, own_share, ..Quote::full_price(price) },
        identified_by: IdentifiedBy::Face,
        staff: None,
        evidence: Some(Evidence {
            similarity_e4: 6500,
            margin_e4: 3000,
            liveness_e4: Some(9900),
            quality_e4: 8700,
            frames: 3,
            models: vec![ModelDigest("ab".repeat(32)), ModelDigest("cd".repeat(32)), ModelDigest("ef".repeat(32))],
        }),
        credit: Default::default(),
    })
}

fn line(programme: &str, kind: LineKind, fen: i64, payer: &str) -> anyhow::Result<QuoteLine> {
    Ok(QuoteLine {
        rule: RuleVersion { programme: ProgrammeId::new(programme)?, name: "a programme".to_owned(), version: 1 },
        kind,
        amount: Fen::new(fen),
        payers: vec![PayerShare { payer: Payer::new(payer)?, amount: Fen::new(fen) }],
        units: 0,
        sentence: "what the elder reads about this line".to_owned(),
    })
}
