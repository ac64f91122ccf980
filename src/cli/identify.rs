//! `mealpoint identify`: who is on these pictures? A line a picture, for tests, trials and comparisons.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::picture_files::files_below;
use super::recognition::{ModelArguments, Recognition, sound_gallery};
use super::{Context, out};
use crate::camera::read_still;
use crate::domain::decision::{Decision, Policy, Sighting, decide_still};
use crate::domain::{ElderId, Quality};
use crate::gallery::Gallery;
use crate::store::{Home, People, PeopleError, StoreError};
use crate::vision::{Face, PackName, Timings, Vision};

/// `mealpoint identify`
#[derive(Debug, Args)]
pub struct IdentifyArguments {
    /// Folders of pictures, or pictures
    #[arg(long, value_name = "DIR|FILE", num_args = 1.., required = true)]
    pictures: Vec<PathBuf>,
    #[command(flatten)]
    models: ModelArguments,
}

/// What is on one picture.
#[derive(Debug, Serialize)]
struct Line {
    /// The path below the folder that was named; where several places were named, which may hold files of one name, with it.
    file: String,
    /// The pack in use: what the drawn one says about a photo of somebody real is worth nothing.
    models: PackName,
    #[serde(flatten)]
    found: Found,
}

/// What was seen on it, or why nothing was.
#[derive(Debug, Serialize)]
struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// `None`, which is written as null, where nothing was seen.
    ms: Option<Milliseconds>,
    /// Nearest first.
    faces: Vec<IdentifiedFace>,
}

/// Where the time went.
#[derive(Debug, Serialize)]
struct Milliseconds {
    /// Reading and decoding the file; not within `total`, since a camera's frame needs none of it.
    read: f64,
    detect: f64,
    align: f64,
    embed: f64,
    liveness: f64,
    search: f64,
    /// From the decoded picture to the decisions.
    total: f64,
}

/// One face and who it is.
#[derive(Debug, Serialize)]
struct IdentifiedFace {
    /// x, y, width, height in pixels.
    #[serde(rename = "box")]
    bbox: [f32; 4],
    score: f32,
    landmarks: [[f32; 2]; 5],
    /// 0..1.
    quality: f32,
    quality_detail: Quality,
    /// Probability of a live person; null where the photo cannot tell: it is cut out tight around the face, or grey.
    live: Option<f32>,
    /// The same number from a photo that is cut out tight; it counts only where it is very low.
    #[serde(skip_serializing_if = "Option::is_none")]
    live_doubtful: Option<f32>,
    /// `passed`, `failed`, `not_judged`; null where liveness is not asked for.
    liveness: Option<&'static str>,
    /// The most similar person, whatever the decision.
    elder: Option<ElderId>,
    similarity: Option<f32>,
    /// Lead over the second most similar person.
    margin: Option<f32>,
    /// The similarity that was asked for.
    threshold: f32,
    decision: &'static str,
}

/// Runs it.
///
/// # Errors
/// What keeps the settings, the models, the gallery or the folder from being read. A picture that cannot be read is a line.
pub fn run(context: &Context, arguments: &IdentifyArguments) -> anyhow::Result<ExitCode> {
    let recognition = Recognition::open(context, arguments.models)?;
    let models = recognition.pack();
    let mut vision = recognition.vision(recognition.config.liveness.enabled)?;
    let policy = recognition.policy(&vision)?.for_stills();
    let gallery = enrolled(&Home::at(&context.data), &recognition, &vision)?;
    let alone = arguments.pictures.len() == 1;
    for place in &arguments.pictures {
        let files = files_below(place)?;
        if files.is_empty() {
            eprintln!("mealpoint: {}: there is no file in it; remedy: name a folder of pictures", place.display());
        }
        for file in files {
            let found = identify(&mut vision, &gallery, &policy, &file)?;
            let below = file.strip_prefix(place).ok().filter(|path| alone && !path.as_os_str().is_empty());
            let below = below.unwrap_or(&file);
            let line = Line { file: below.display().to_string(), models, found };
            let said = if context.json { serde_json::to_string(&line)? } else { sentences(&line) };
            if !out::line(format_args!("{said}")) {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Everybody who is enrolled with the model in use.
fn enrolled(home: &Home, recognition: &Recognition, vision: &Vision) -> anyhow::Result<Gallery> {
    let model = vision.embedder();
    let (stored, others) = match People::open(home) {
        Ok(people) => (people.templates(model)?, recognition.enrolled_otherwise(&people)?),
        Err(PeopleError::Store(StoreError::Absent { .. })) => (vec![], None),
        Err(error) => return Err(error.into()),
    };
    if let Some(others) = others {
        eprintln!("mealpoint: {others}; remedy: enrol again, or use the models of the enrolment");
    }
    if stored.is_empty() {
        eprintln!(
            "mealpoint: nobody is enrolled here with this model; remedy: mealpoint enroll, or name another --data"
        );
    }
    Ok(sound_gallery(model.clone(), vision.dimension(), stored))
}

fn identify(vision: &mut Vision, gallery: &Gallery, policy: &Policy, file: &Path) -> anyhow::Result<Found> {
    let started = Instant::now();
    let picture = match read_still(file) {
        Ok(picture) => picture,
        Err(error) => return Ok(Found { error: Some(error.to_string()), ms: None, faces: vec![] }),
    };
    let read = started.elapsed();
    let started = Instant::now();
    let observation = vision.look(&picture)?;
    let mut search = Duration::ZERO;
    let mut faces = Vec::with_capacity(observation.faces.len());
    for face in &observation.faces {
        let begun = Instant::now();
        faces.push(decided(gallery, policy, face)?);
        search += begun.elapsed();
    }
    let ms = milliseconds(read, &observation.timings, search, started.elapsed());
    Ok(Found { error: None, ms: Some(ms), faces })
}

fn decided(gallery: &Gallery, policy: &Policy, face: &Face) -> anyhow::Result<IdentifiedFace> {
    let candidates = face.template.as_ref().map(|template| gallery.search(template)).transpose()?.unwrap_or_default();
    let sighting = Sighting { candidates, quality: face.quality.clone(), live: face.live };
    let liveness = policy.live.map(|limit| judged(face, limit));
    let decision = match liveness {
        Some("failed") => Decision::RejectedLiveness,
        // Here nobody pays, and the line says that liveness was not judged; the kiosk never accepts without.
        _ => decide_still(&Policy { live: None, ..policy.clone() }, &sighting),
    };
    let candidates = sighting.candidates;
    Ok(IdentifiedFace {
        bbox: face.bbox,
        score: face.score,
        landmarks: face.landmarks,
        quality: face.quality.score,
        quality_detail: face.quality.clone(),
        live: face.live,
        live_doubtful: face.live_doubtful,
        liveness,
        similarity: candidates.best.as_ref().map(|best| best.similarity),
        margin: candidates.margin(),
        threshold: policy.similarity(&gallery.population()),
        elder: candidates.best.map(|best| best.elder),
        decision: match decision {
            Decision::Accepted { .. } => "accepted",
            Decision::Ambiguous => "ambiguous",
            Decision::Unknown | Decision::Undecided => "unknown",
            Decision::RejectedLiveness => "rejected_liveness",
            Decision::RejectedQuality => "rejected_quality",
        },
    })
}

/// What the liveness models say about a face where at least `limit` passes.
fn judged(face: &Face, limit: f32) -> &'static str {
    /// Of a photo that is cut out tight, less than this share of the limit fails: on the developer photos one living face
    /// in fifty scores so low, and three of four attacks do.
    const HARDLY: f32 = 0.2;
    match (face.live, face.live_doubtful) {
        (Some(live), _) if live >= limit => "passed",
        (Some(_), _) => "failed",
        (None, Some(live)) if live < HARDLY * limit => "failed",
        (None, _) => "not_judged",
    }
}

fn milliseconds(read: Duration, timings: &Timings, search: Duration, total: Duration) -> Milliseconds {
    let ms = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    Milliseconds {
        read: ms(read),
        detect: ms(timings.detect),
        align: ms(timings.align),
        embed: ms(timings.embed),
        liveness: ms(timings.liveness),
        search: ms(search),
        total: ms(total),
    }
}

/// The line for people.
fn sentences(line: &Line) -> String {
    let Line { file, models, found } = line;
    if let Some(error) = &found.error {
        return error.clone();
    }
    let drawn = if *models == PackName::Drawn { ", by the drawn models" } else { "" };
    if found.faces.is_empty() {
        return format!("{file}: no face{drawn}");
    }
    let one = |face: &IdentifiedFace| {
        let [x, y, width, height] = face.bbox;
        let alike = face.elder.as_ref().zip(face.similarity).map_or_else(
            || "nobody is enrolled".to_owned(),
            |(elder, similarity)| format!("most like {} ({similarity:.3} of {:.3})", elder.as_str(), face.threshold),
        );
        let doubt = if face.liveness == Some("not_judged") { ", liveness not judged" } else { "" };
        format!("{file}: face at {x:.0},{y:.0} {width:.0}x{height:.0}: {}, {alike}{doubt}{drawn}", face.decision)
    };
    found.faces.iter().map(one).collect::<Vec<_>>().join("\n")
}
