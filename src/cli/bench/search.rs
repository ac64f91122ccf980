//! `mealpoint bench search`: the most similar of thousands, beside comparing everybody in 32 bits and beside reading the
//! memory that the search must read.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

use super::crowd::Crowd;
use super::figures::{Percentiles, peak_memory_mib};
use crate::cli::Context;
use crate::domain::{ElderId, ModelDigest};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// People in the gallery
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    people: u32,
    /// Templates a person
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    templates: u32,
    /// Numbers in a template
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(2..=4_096))]
    dimension: u32,
    /// Searches to measure
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    searches: u32,
}

#[derive(Serialize)]
struct Report {
    people: u32,
    templates: usize,
    dimension: u32,
    searches: u32,
    /// A stranger looked up, on one thread.
    search_ms: Percentiles,
    /// The same answer by comparing everybody in 32 bits.
    everybody_ms: Percentiles,
    /// Reading as many bytes as the first pass of the search reads, and nothing else.
    bare_memory_ms: Percentiles,
    /// Medians.
    ratio_to_everybody: f64,
    ratio_to_bare_memory: f64,
    peak_memory_mib: Option<f64>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (model, dimension) = (ModelDigest("bench".to_owned()), arguments.dimension as usize);
    let nobody = ElderId::new("nobody")?;
    let mut crowd = Crowd::new();
    let gallery = crowd.gallery(&model, dimension, arguments.people, arguments.templates)?;
    let first_pass = vec![1_u8; gallery.templates() * dimension];
    let (mut search, mut everybody, mut memory): (Vec<Duration>, Vec<Duration>, Vec<Duration>) = Default::default();
    for _ in 0..arguments.searches {
        let stranger = crowd.stranger(&model, dimension)?;
        let started = Instant::now();
        black_box(gallery.search(&stranger)?);
        search.push(started.elapsed());
        let started = Instant::now();
        black_box(gallery.lookalikes(&nobody, std::slice::from_ref(&stranger), 2.0)?);
        everybody.push(started.elapsed());
        let started = Instant::now();
        black_box(read(&first_pass));
        memory.push(started.elapsed());
    }
    let of = |times: &[Duration]| Percentiles::in_ms(times).context("nothing was measured");
    let (search, everybody, memory) = (of(&search)?, of(&everybody)?, of(&memory)?);
    let report = Report {
        people: arguments.people,
        templates: gallery.templates(),
        dimension: arguments.dimension,
        searches: arguments.searches,
        ratio_to_everybody: search.median() / everybody.median(),
        ratio_to_bare_memory: search.median() / memory.median(),
        search_ms: search,
        everybody_ms: everybody,
        bare_memory_ms: memory,
        peak_memory_mib: peak_memory_mib(),
    };
    if context.json {
        say!("{}", serde_json::to_string(&report)?);
    } else {
        say!("{} people, {} templates of {} numbers", report.people, report.templates, report.dimension);
        say!("search      {search}");
        say!("everybody   {everybody}");
        say!("bare memory {memory}");
        say!("{:.2} x everybody, {:.2} x bare memory", report.ratio_to_everybody, report.ratio_to_bare_memory);
    }
    Ok(ExitCode::SUCCESS)
}

/// Touches every byte once, as fast as the processor adds.
fn read(bytes: &[u8]) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().fold(0, |sum: u64, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}
