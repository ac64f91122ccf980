//! `mealpoint draw`: pictures of drawn people with their truth.

use std::fs::{File, create_dir_all, rename};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::ValueEnum;
use serde::Serialize;

use super::Context;
use super::size::size_within;
use crate::camera::drawn::{Album, MASKED, Portrait, Shot, Studio};
use crate::many::{in_order, processors};

/// What to draw.
#[derive(clap::Args)]
pub struct Arguments {
    /// How many people
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    people: u32,
    /// How many pictures a person
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    frames: u32,
    /// Whoever uses the same number gets the same people and the same pictures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the pictures, `truth.jsonl` and `people.jsonl`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many pictures with nobody in them besides
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    empty: u32,
    /// Width and height in pixels
    #[arg(long, default_value = "640x480", value_parser = size_within(64..=4096), value_name = "WxH")]
    size: (u16, u16),
    /// In what share of the pictures somebody wears a mask, 0 to 1
    #[arg(long, default_value_t = MASKED, value_parser = share, value_name = "SHARE")]
    masks: f32,
    /// Only the surroundings of each face, 208x208: what an embedder is trained on, in a third of the time
    #[arg(long, conflicts_with = "size")]
    close_up: bool,
    /// File format of the pictures
    #[arg(long, value_enum, default_value_t = Format::Png)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Png,
    Jpg,
}

/// Reads a share.
fn share(text: &str) -> Result<f32, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("{text:?} is no share; write a number from 0 to 1 such as 0.08"))
}

/// The file that says who the people are.
const PEOPLE: &str = "people.jsonl";

/// One line of `truth.jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    /// Relative to the folder.
    file: &'a str,
    width: u32,
    height: u32,
    /// Index of the person it was made of; none in an empty picture.
    person: Option<usize>,
    #[serde(flatten)]
    shot: &'a Shot,
}

/// One line of `people.jsonl`.
#[derive(Serialize)]
struct Person {
    /// The index that `truth.jsonl` gives as `identity`.
    person: usize,
    portrait: Portrait,
}

/// What is printed at the end with `--json`.
#[derive(Serialize)]
struct Summary {
    out: PathBuf,
    people: u32,
    pictures: u64,
    faces: u64,
}

/// What one job came to: its lines and how many faces they hold.
type Drawn = anyhow::Result<(String, u64)>;

/// Draws the pictures into the folder with `truth.jsonl`, a JSON line a picture in the order of people and frames, and
/// `people.jsonl`, a JSON line a person with everything that makes them that person. `truth.jsonl` comes last: where it is, the
/// album is whole.
///
/// # Errors
/// When the folder holds an album, or cannot be made or written.
pub fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let out = &arguments.out;
    create_dir_all(out).map_err(|error| not_written(out, &error))?;
    let (truth, begun) = (out.join("truth.jsonl"), out.join("truth.jsonl.part"));
    if let Some(other) = [&truth, &begun, &out.join(PEOPLE)].into_iter().find(|file| file.exists()) {
        bail!("{} is of another album, which would mix with this one; remedy: name an empty folder", other.display());
    }
    let mut lines = BufWriter::new(File::create(&begun).map_err(|error| not_written(&begun, &error))?);
    let (width, height) = arguments.size;
    let album = Album::new(arguments.seed, arguments.people as usize, u32::from(width), u32::from(height))
        .masked(arguments.masks);

    write_people(&album, arguments)?;

    // A job a person, and the empty pictures by the frame's worth.
    let people = arguments.people as usize;
    let jobs = people + arguments.empty.div_ceil(arguments.frames) as usize;
    let mut studios: Vec<Studio> = (0..processors(jobs)).map(|_| Studio::new(album.camera())).collect();
    let mut faces = 0;
    let work = |studio: &mut Studio, job: usize| draw(&album, studio, arguments, job);
    in_order(&mut studios, jobs, work, |(text, count)| {
        faces += count;
        lines.write_all(text.as_bytes()).map_err(|error| not_written(&begun, &error))
    })?;
    lines.flush().map_err(|error| not_written(&begun, &error))?;
    rename(&begun, &truth).map_err(|error| not_written(&truth, &error))?;

    let pictures = u64::from(arguments.people) * u64::from(arguments.frames) + u64::from(arguments.empty);
    if context.json {
        let summary = Summary { out: out.clone(), people: arguments.people, pictures, faces };
        say!("{}", serde_json::to_string(&summary)?);
    } else {
        say!("{pictures} pictures of {} people, {faces} faces: {}", arguments.people, truth.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn not_written(place: &Path, error: &dyn std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("{}: {error}; remedy: name a folder that may be written and has room with --out", place.display())
}

/// Writes who the people are.
fn write_people(album: &Album, arguments: &Arguments) -> anyhow::Result<()> {
    let path = arguments.out.join(PEOPLE);
    let mut lines = BufWriter::new(File::create(&path).map_err(|error| not_written(&path, &error))?);
    for person in 0..arguments.people as usize {
        let line = serde_json::to_string(&Person { person, portrait: album.portrait(person) })?;
        writeln!(lines, "{line}").map_err(|error| not_written(&path, &error))?;
    }
    lines.flush().map_err(|error| not_written(&path, &error))
}

/// Draws one person's pictures, or one lot of empty ones.
fn draw(album: &Album, studio: &mut Studio, arguments: &Arguments, job: usize) -> Drawn {
    let (people, frames) = (arguments.people as usize, arguments.frames as usize);
    let person = (job < people).then_some(job);
    let folder = match person {
        Some(person) => format!("person-{person:06}"),
        None => "empty".to_owned(),
    };
    let place = arguments.out.join(&folder);
    create_dir_all(&place).map_err(|error| not_written(&place, &error))?;
    let range = match person {
        Some(_) => 0..frames,
        None => (job - people) * frames..((job - people + 1) * frames).min(arguments.empty as usize),
    };
    let (mut text, mut faces) = (String::new(), 0);
    for frame in range {
        let shot = match person {
            Some(person) if arguments.close_up => album.close_up(studio, person, frame),
            Some(person) => album.shot(studio, person, frame),
            None => album.empty(studio, frame),
        };
        let file = format!(
            "{folder}/{frame:05}.{}",
            match arguments.format {
                Format::Png => "png",
                Format::Jpg => "jpg",
            }
        );
        save(&shot, &arguments.out.join(&file))?;
        let line =
            Line { file: &file, width: shot.picture.width(), height: shot.picture.height(), person, shot: &shot };
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
        faces += shot.faces.len() as u64;
    }
    Ok((text, faces))
}

fn save(shot: &Shot, path: &Path) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path).map_err(|error| not_written(path, &error))?);
    if path.extension().is_some_and(|e| e == "jpg") {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 92);
        shot.picture.write_with_encoder(encoder)
    } else {
        use image::codecs::png::{CompressionType, FilterType, PngEncoder};
        let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Sub);
        shot.picture.write_with_encoder(encoder)
    }
    .map_err(|error| not_written(path, &error))?;
    file.flush().map_err(|error| not_written(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_and_nonsense_is_refused_with_an_example() {
        assert_eq!((share("0"), share("0.25"), share("1")), (Ok(0.0), Ok(0.25), Ok(1.0)));
        for bad in ["", "-0.1", "1.1", "NaN", "inf", "8%", "half"] {
            let error = share(bad).expect_err(bad);
            assert!(error.contains("0 to 1") && error.contains("0.08"), "{error}");
        }
    }
}
