//! `mealpoint bench vision`: one face in a 640×480 frame, from the frame to the two best candidates among thousands:
//! detect, align, embed and search. Liveness, which the kiosk measures besides, is left out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use image::RgbImage;
use image::imageops::{self, FilterType};
use serde::Serialize;

use super::crowd::Crowd;
use super::figures::{Percentiles, peak_memory_mib};
use crate::camera::drawn::{DrawnSource, Stage};
use crate::camera::{Frame, read_still};
use crate::cli::Context;
use crate::cli::picture_files::files_below;
use crate::cli::recognition::{ModelArguments, Recognition};
use crate::config::RecognitionConfig;
use crate::gallery::Gallery;
use crate::vision::{PackName, Vision, check_runtime};

const FRAME: (u32, u32) = (640, 480);
/// Runs before the clock starts: pages, caches and buffers find their places.
const WARM_UP: usize = 20;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Take the first picture of this folder that shows a face, instead of a drawn person
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// People in the gallery
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    people: u32,
    /// Templates a person
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    templates: u32,
    /// Frames to measure
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    frames: u32,
    /// Threads a model run may use [default: what recognition.toml says]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: Option<u16>,
    #[command(flatten)]
    models: ModelArguments,
}

#[derive(Serialize)]
struct Report {
    /// The pack in use.
    models: PackName,
    picture: String,
    frame: (u32, u32),
    face_px: f32,
    people: u32,
    templates: usize,
    frames: usize,
    threads: usize,
    /// From nothing to the first answer: library, models, first frame, in sessions that never ran before.
    cold_start_ms: f64,
    ms: Stages,
    /// The models of the frame run again on the same inputs and nothing else.
    bare_models_ms: Percentiles,
    /// Each frame against its own bare runs just after it, so that a busy machine is busy for both: the median.
    ratio_to_bare_models: f64,
    peak_memory_mib: Option<f64>,
}

#[derive(Serialize)]
struct Stages {
    detect: Percentiles,
    align: Percentiles,
    embed: Percentiles,
    search: Percentiles,
    total: Percentiles,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut config = RecognitionConfig::read(&context.config)?;
    config.liveness.enabled = false;
    if let Some(threads) = arguments.threads {
        config.models.threads = usize::from(threads);
    }
    let started = Instant::now();
    check_runtime()?;
    let recognition = Recognition::of(&config, arguments.models)?;
    let opened = started.elapsed();
    // Other eyes choose the picture, for those that are timed must not have seen anything.
    let (picture, pixels) = {
        let mut eyes = recognition.vision(false)?;
        match &arguments.pictures {
            Some(folder) => first_face(&mut eyes, folder)?,
            None => drawn_face(&mut eyes)?,
        }
    };
    let started = Instant::now();
    let vision = recognition.vision(false)?;
    let loaded = opened + started.elapsed();
    let (people, templates) = (arguments.people, arguments.templates);
    let gallery = Crowd::new().gallery(vision.embedder(), vision.dimension(), people, templates)?;
    let mut bench = Bench { vision, gallery, pixels, sequence: 0 };
    let started = Instant::now();
    bench
        .frame()?
        .context("no template came of the frame: the face is not fit for recognition; name other --pictures")?;
    let cold_start = loaded + started.elapsed();
    for _ in 0..WARM_UP {
        bench.frame()?;
    }
    let mut series = Series::default();
    for _ in 0..arguments.frames {
        let Some(times) = bench.frame()? else { bail!("the face was lost on the way; name other --pictures") };
        series.push(&times);
        series.bare.push(bench.vision.repeat_models()?);
    }
    let report = series.report(&bench, picture, arguments, &recognition, cold_start)?;
    if context.json {
        say!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report);
    }
    Ok(ExitCode::SUCCESS)
}

struct Bench {
    vision: Vision,
    gallery: Gallery,
    pixels: RgbImage,
    sequence: u64,
}

/// One frame's times.
struct Times {
    detect: Duration,
    align: Duration,
    embed: Duration,
    search: Duration,
    total: Duration,
    face_px: f32,
}

impl Bench {
    /// The frame once more, as the kiosk does it but for liveness. `None` when no template came of it.
    fn frame(&mut self) -> anyhow::Result<Option<Times>> {
        self.sequence += 1;
        let captured_at = Instant::now();
        let pixels = std::mem::take(&mut self.pixels);
        let frame = Frame { pixels, sequence: self.sequence, captured_at, name: None };
        let started = Instant::now();
        let seen = self.vision.follow(&frame);
        let looked = started.elapsed();
        self.pixels = frame.pixels;
        let seen = seen?;
        let Some((face, template)) = seen.nearest().and_then(|face| Some((face, face.template.as_ref()?))) else {
            return Ok(None);
        };
        let started = Instant::now();
        let candidates = self.gallery.search(template)?;
        let search = started.elapsed();
        std::hint::black_box(candidates);
        let timings = seen.timings;
        let (detect, align, embed) = (timings.detect, timings.align, timings.embed);
        Ok(Some(Times { detect, align, embed, search, total: looked + search, face_px: face.quality.face_px }))
    }
}

#[derive(Default)]
struct Series {
    detect: Vec<Duration>,
    align: Vec<Duration>,
    embed: Vec<Duration>,
    search: Vec<Duration>,
    total: Vec<Duration>,
    bare: Vec<Duration>,
    face_px: f32,
}

impl Series {
    fn push(&mut self, times: &Times) {
        self.detect.push(times.detect);
        self.align.push(times.align);
        self.embed.push(times.embed);
        self.search.push(times.search);
        self.total.push(times.total);
        self.face_px = times.face_px;
    }

    fn ratio(&self) -> Option<f64> {
        let pairs = self.total.iter().zip(&self.bare);
        let mut ratios: Vec<f64> = pairs.map(|(total, bare)| total.as_secs_f64() / bare.as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    }

    fn report(
        &self,
        bench: &Bench,
        picture: String,
        arguments: &Arguments,
        recognition: &Recognition,
        cold_start: Duration,
    ) -> anyhow::Result<Report> {
        let of = |times: &[Duration]| Percentiles::in_ms(times).context("nothing was measured");
        let (total, bare) = (of(&self.total)?, of(&self.bare)?);
        Ok(Report {
            models: recognition.pack(),
            picture,
            frame: bench.pixels.dimensions(),
            face_px: self.face_px,
            people: arguments.people,
            templates: bench.gallery.templates(),
            frames: self.total.len(),
            threads: recognition.config.models.threads,
            cold_start_ms: cold_start.as_secs_f64() * 1e3,
            ms: Stages {
                detect: of(&self.detect)?,
                align: of(&self.align)?,
                embed: of(&self.embed)?,
                search: of(&self.search)?,
                total,
            },
            bare_models_ms: bare,
            ratio_to_bare_models: self.ratio().context("nothing was measured")?,
            peak_memory_mib: peak_memory_mib(),
        })
    }
}

/// The first picture of `folder`, or of the folders in it, that shows a face; in a frame of 640×480, nothing cut off.
fn first_face(vision: &mut Vision, folder: &Path) -> anyhow::Result<(String, RgbImage)> {
    for path in files_below(folder)? {
        let Ok(picture) = read_still(&path) else { continue };
        let frame = into_frame(&picture);
        if vision.look(&frame)?.nearest().is_some_and(|face| face.quality.is_sufficient()) {
            return Ok((path.display().to_string(), frame));
        }
    }
    bail!("{}: no picture with a face that is fit for recognition", folder.display())
}

/// A drawn person who has walked up.
fn drawn_face(vision: &mut Vision) -> anyhow::Result<(String, RgbImage)> {
    let stage = Stage::stepped(1);
    let mut source = DrawnSource::new(stage.clone());
    stage.walk_up(0);
    for _ in 0..200 {
        let (picture, _) = source.shoot();
        let frame = into_frame(&picture);
        if vision.look(&frame)?.nearest().is_some_and(|face| face.quality.is_sufficient()) {
            return Ok(("drawn".to_owned(), frame));
        }
    }
    bail!("the drawn person was not recognised as a face; remedy: name a folder with --pictures")
}

/// `picture` as large as fits into a frame of 640×480, black around.
fn into_frame(picture: &RgbImage) -> RgbImage {
    let (width, height) = FRAME;
    if picture.dimensions() == FRAME {
        return picture.clone();
    }
    let (wide, high) = (f64::from(picture.width()), f64::from(picture.height()));
    let scale = (f64::from(width) / wide).min(f64::from(height) / high);
    let side = |length: f64, most: u32| ((length * scale).round() as u32).clamp(1, most);
    let small = imageops::resize(picture, side(wide, width), side(high, height), FilterType::Triangle);
    let mut frame = RgbImage::new(width, height);
    let middle = |most: u32, part: u32| i64::from((most - part) / 2);
    imageops::replace(&mut frame, &small, middle(width, small.width()), middle(height, small.height()));
    frame
}

fn print(report: &Report) {
    let (width, height) = report.frame;
    say!("{}: a face of {:.0} px in {width}×{height}, {} frames", report.picture, report.face_px, report.frames);
    let Report { people, templates, threads, models, .. } = report;
    say!("{people} people, {templates} templates, {threads} threads, the {models} models");
    let stages = [
        ("detect", &report.ms.detect),
        ("align", &report.ms.align),
        ("embed", &report.ms.embed),
        ("search", &report.ms.search),
        ("total", &report.ms.total),
        ("bare models", &report.bare_models_ms),
    ];
    for (name, times) in stages {
        say!("{name:<12} {times}");
    }
    say!("ratio to the bare models {:.3}, cold start {:.0} ms", report.ratio_to_bare_models, report.cold_start_ms);
    if let Some(memory) = report.peak_memory_mib {
        say!("peak memory {memory:.0} MiB");
    }
}
