//! `mealpoint evaluate drawn`: drawn people, of whom everything is known, drawn on the fly and forgotten.

mod report;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;

use self::report::{Detection, LandmarkError, Report};
use super::counts::{Counts, Picture, number};
use crate::camera::drawn::{Album, CAMERA, Shot, Studio, Truth};
use crate::cli::Context;
use crate::cli::recognition::{ModelArguments, Recognition};
use crate::domain::decision::Policy;
use crate::evaluation::{MatedSearch, NonMated, Rate, identification, strictest};
use crate::gallery::Gallery;
use crate::many::{processors, spread};
use crate::vision::{Face, Vision, overlap};

/// Pictures of each person that are enrolled; the others are looked up.
const ENROLLED: usize = 3;
/// One false alarm in so many pictures with nobody in them.
const FALSE_ALARM_RATE: f64 = 1e-3;
/// Scores below this are no alarm at any threshold: a look that doubts more than this is not followed up.
const LEAST_SCORE: f32 = 0.5;
/// A face counts as found where a box covers this share of the union of itself and the true one.
const SAME_FACE: f32 = 0.5;

/// What to draw.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// People who are enrolled
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    people: u32,
    /// Pictures of each of them: three are enrolled, the others looked up
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(4..=1_000))]
    frames: u32,
    /// People who are not enrolled, a picture each
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    strangers: u32,
    /// Pictures with nobody in them, from which the detector's threshold follows
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    empty: u32,
    /// Whoever uses the same number gets the same people and pictures; training used others
    #[arg(long, default_value_t = 900_001)]
    seed: u64,
}

/// What the pictures of one person told.
#[derive(Default)]
struct Sitter {
    /// A look at each picture that shows the person; `None` where no face or no template was found.
    looks: Vec<Option<Picture>>,
    /// Everybody's faces in these pictures, and those of them that were found.
    faces: usize,
    found: usize,
    /// Of each face that was found, the mean distance of the five landmarks, in eye distances.
    errors: Vec<f32>,
}

/// Draws, looks and prints what that tells.
pub(super) fn run(context: &Context, models: ModelArguments, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let recognition = Recognition::open(context, models)?;
    let (people, frames) = (arguments.people as usize, arguments.frames as usize);
    let strangers = arguments.strangers as usize;
    let album = Album::new(arguments.seed, people + strangers, CAMERA.width, CAMERA.height);

    let pictures = arguments.empty as usize;
    let alarms: Vec<Vec<f32>> =
        look(&recognition, [LEAST_SCORE], pictures, "empty pictures", |[vision], studio, frame| {
            let seen = vision.look(&album.empty(studio, frame).picture)?;
            Ok(seen.faces.iter().map(|face| face.score).collect())
        })?;
    let alarms = alarms.concat();
    let threshold = strictest(&alarms, pictures, FALSE_ALARM_RATE).max(LEAST_SCORE);

    // A face that the kiosk's own score misses it neither enrols nor accepts, and one that it alone takes it does.
    let shipped = recognition.config.detection.min_score;
    let scores = [threshold.min(shipped), threshold.max(shipped)];
    let sat = look(&recognition, scores, people + strangers, "people", |[vision, stricter], studio, person| {
        let (mut sitter, mut strict) = (Sitter::default(), Sitter::default());
        for frame in 0..if person < people { frames } else { 1 } {
            let shot = album.shot(studio, person, frame);
            let seen = vision.look(&shot.picture)?.faces;
            // A second look is spared where the first has no doubts: it would take as long again.
            let doubted = seen.iter().any(|face| face.score < scores[1]) || seen.is_empty();
            let again = if doubted { stricter.look(&shot.picture)?.faces } else { seen.clone() };
            sitter.sit(seen, &shot, person);
            strict.sit(again, &shot, person);
        }
        Ok((sitter, strict))
    })?;
    let (mut sitters, mut as_shipped): (Vec<Sitter>, Vec<Sitter>) = sat.into_iter().unzip();
    if shipped < threshold {
        std::mem::swap(&mut sitters, &mut as_shipped);
    }
    let recall = |sitters: &[Sitter]| {
        let sum = |count: fn(&Sitter) -> usize| sitters.iter().map(count).sum::<usize>();
        Rate::of(sum(|sitter| sitter.found), sum(|sitter| sitter.faces))
    };
    let shipped_recall = recall(&as_shipped);
    let vision = recognition.vision(false)?;
    let policy = Policy { live: None, ..recognition.policy(&vision)?.for_stills() };
    let empty = || Gallery::new(vision.embedder().clone(), vision.dimension());
    let Searched { gallery, counts, mated, unmated } = Searched::of(empty(), &policy, &sitters, people)?;
    let as_shipped = Searched::of(empty(), &policy, &as_shipped, people)?;

    let non_mated = if unmated.is_empty() { NonMated::WithProbes } else { NonMated::Alone };
    let errors = sitters.iter().flat_map(|sitter| sitter.errors.iter().copied()).collect();
    let above = |least: f32| alarms.iter().filter(|score| **score >= least).count();
    let population = gallery.population();
    Report {
        models: recognition.pack(),
        seed: arguments.seed,
        people: gallery.people(),
        templates: gallery.templates(),
        probes: mated.len(),
        strangers: unmated.len(),
        not_acquired: mated.iter().filter(|s| s.is_none()).count() + unmated.iter().filter(|s| s.is_none()).count(),
        probes_not_enrolled: counts.not_enrolled,
        detection: Detection {
            threshold,
            false_alarms: Rate::of(above(threshold), pictures),
            resolved: FALSE_ALARM_RATE * pictures as f64 >= 1.0,
            recall: recall(&sitters),
            shipped_threshold: shipped,
            shipped_recall,
            shipped_false_alarms: (shipped >= LEAST_SCORE).then(|| Rate::of(above(shipped), pictures)),
        },
        landmarks: LandmarkError::of(errors),
        identification: identification(&mated, &unmated, non_mated),
        impostor_mean: population.impostor_mean,
        shipped: report::Shipped {
            threshold: policy.similarity(&as_shipped.gallery.population()),
            margin: policy.margin,
            accepted_right: Rate::of(as_shipped.counts.right, as_shipped.mated.len()),
            accepted_wrong: Rate::of(as_shipped.counts.wrong, as_shipped.mated.len()),
            strangers_accepted: Rate::of(
                as_shipped.counts.strangers_accepted,
                as_shipped.unmated.iter().flatten().count(),
            ),
        },
    }
    .print(context.json)?;
    Ok(ExitCode::SUCCESS)
}

/// What the search for everybody's pictures found.
struct Searched {
    gallery: Gallery,
    counts: Counts,
    /// One a probe, and one a stranger; `None` where the picture gave nothing to search for.
    mated: Vec<Option<MatedSearch>>,
    unmated: Vec<Option<f32>>,
}

impl Searched {
    /// Enrols the first `people` of `sitters` in `gallery` with some of their pictures, and looks up their others and
    /// everybody else's.
    fn of(mut gallery: Gallery, policy: &Policy, sitters: &[Sitter], people: usize) -> anyhow::Result<Self> {
        let (known, unknown) = sitters.split_at(people.min(sitters.len()));
        for (person, sitter) in known.iter().enumerate() {
            let looks = sitter.looks.iter().take(ENROLLED).flatten();
            let templates: Vec<_> = looks.map(|picture| picture.template.clone()).collect();
            if !templates.is_empty() {
                gallery.replace(number(person)?, &templates)?;
            }
        }
        let mut counts = Counts::default();
        let (mut mated, mut unmated) = (vec![], vec![]);
        for (person, sitter) in known.iter().enumerate() {
            for probe in sitter.looks.iter().skip(ENROLLED) {
                mated.push(counts.mated(&gallery, Some(policy), probe.as_ref(), &number(person)?)?);
            }
        }
        for stranger in unknown.iter().flat_map(|sitter| &sitter.looks) {
            unmated.push(counts.stranger(&gallery, Some(policy), stranger.as_ref())?);
        }
        Ok(Self { gallery, counts, mated, unmated })
    }
}

/// Does `jobs` jobs on all processors, each with a studio of its own and eyes that take faces of these scores; tells on stderr
/// how far it is.
fn look<T: Send, const EYES: usize>(
    recognition: &Recognition,
    scores: [f32; EYES],
    jobs: usize,
    what: &str,
    each: impl Fn(&mut [Vision; EYES], &mut Studio, usize) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let mut config = recognition.config.clone();
    config.models.threads = 1;
    config.liveness.enabled = false;
    let mut workers = vec![];
    for _ in 0..processors(jobs) {
        let mut eyes = vec![];
        for score in scores {
            config.detection.min_score = score;
            eyes.push(recognition.vision_of(&config)?);
        }
        let eyes = <[Vision; EYES]>::try_from(eyes).ok().context("eyes for each score")?;
        workers.push((eyes, Studio::new(CAMERA)));
    }
    let done = AtomicUsize::new(0);
    spread(&mut workers, jobs, |(eyes, studio), job| {
        let result = each(eyes, studio, job)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if jobs >= 1_000 && done.is_multiple_of(jobs / 10) {
            eprintln!("mealpoint: {done} of {jobs} {what}");
        }
        Ok(result)
    })
}

impl Sitter {
    /// Counts what was `seen` in one picture of `person`.
    fn sit(&mut self, mut seen: Vec<Face>, shot: &Shot, person: usize) {
        // The nearest last in the truth, and first to choose.
        for truth in shot.faces.iter().rev() {
            self.faces += 1;
            let face = take(&mut seen, truth);
            if let Some(face) = &face {
                self.found += 1;
                self.errors.push(error(&face.landmarks, &truth.landmarks));
            }
            if truth.identity == person {
                let picture = face.and_then(|face| Some(Picture { template: face.template?, quality: face.quality }));
                self.looks.push(picture);
            }
        }
    }
}

/// The face that was found where the truth says, taken out of `seen`.
fn take(seen: &mut Vec<Face>, truth: &Truth) -> Option<Face> {
    let best = (0..seen.len())
        .filter_map(|at| Some((at, overlap(&seen.get(at)?.bbox, &truth.r#box))))
        .filter(|(_, share)| *share >= SAME_FACE)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(at, _)| seen.swap_remove(at))
}

/// Mean distance of five landmarks from the true ones, in true eye distances.
fn error(seen: &[[f32; 2]; 5], truth: &[[f32; 2]; 5]) -> f32 {
    let distance = |a: &[f32; 2], b: &[f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    // Eyes nearer than a pixel are of no face that can be found.
    let eyes = distance(&truth[0], &truth[1]).max(1.0);
    seen.iter().zip(truth).map(|(a, b)| distance(a, b)).sum::<f32>() / 5.0 / eyes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_off_by_a_tenth_of_the_eye_distance_are_off_by_a_tenth() {
        let truth = [[10.0, 10.0], [30.0, 10.0], [20.0, 20.0], [12.0, 30.0], [28.0, 30.0]];
        let seen = truth.map(|[x, y]| [x + 2.0, y]);
        assert!((error(&seen, &truth) - 0.1).abs() < 1e-6);
        assert!(error(&seen, &[[5.0, 5.0]; 5]).is_finite(), "eyes in one place");
    }
}
