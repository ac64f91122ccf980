//! Presentation attack detection, per ISO/IEC 30107-3: the rate by which living people are rejected, and for every kind of
//! attack the rate by which it passes.

use serde::Serialize;

use super::interval::Rate;

/// What the models said about a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Presentation {
    /// The probability of a live person.
    Judged(f32),
    /// They were not asked: of a face in grey they know nothing. Such a picture counts for no rate.
    NotJudged,
    /// No face was found: a living person is then rejected, an attack fails.
    NoFace,
}

/// Attacks of one kind, such as one folder of pictures held before the camera.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackKind {
    /// What it is called.
    pub kind: String,
    /// One a picture.
    pub presentations: Vec<Presentation>,
}

/// What pictures of living people and of attacks tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LivenessReport {
    /// Least probability of a live person that passes.
    pub threshold: f32,
    /// Pictures of living people, those that were not judged left out.
    pub live: usize,
    /// Pictures of attacks, those that were not judged left out.
    pub attacks: usize,
    /// Pictures of a face in grey, which stand in no other figure.
    pub not_judged: usize,
    /// Pictures without a face: a living person is then rejected, an attack fails.
    pub not_acquired: usize,
    /// Share of living people rejected (bona fide presentation classification error rate).
    pub bpcer: Option<f64>,
    /// Its exact 95 % interval.
    pub bpcer_ci95: [f64; 2],
    /// Share of attacks that pass, of the kind that passes most often (attack presentation classification error rate).
    pub apcer: Option<f64>,
    /// Its exact 95 % interval.
    pub apcer_ci95: [f64; 2],
    /// Every kind apart.
    pub kinds: Vec<KindRate>,
}

/// How often attacks of one kind pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindRate {
    /// What it is called.
    pub kind: String,
    /// Pictures, those that were not judged left out.
    pub attacks: usize,
    /// Pictures that were not judged.
    pub not_judged: usize,
    /// Share that pass.
    pub apcer: Option<f64>,
    /// Its exact 95 % interval.
    pub ci95: [f64; 2],
}

/// What the pictures of living people and of attacks tell at `threshold`.
pub fn liveness(live: &[Presentation], kinds: &[AttackKind], threshold: f32) -> LivenessReport {
    let living = Tally::of(live, threshold);
    let bpcer = Rate::of(living.counted - living.passed, living.counted);
    let tallies: Vec<Tally> = kinds.iter().map(|kind| Tally::of(&kind.presentations, threshold)).collect();
    let rates: Vec<KindRate> = kinds
        .iter()
        .zip(&tallies)
        .map(|(AttackKind { kind, .. }, tally)| {
            let Rate { trials, rate, ci95, .. } = Rate::of(tally.passed, tally.counted);
            KindRate { kind: kind.clone(), attacks: trials, not_judged: tally.not_judged, apcer: rate, ci95 }
        })
        .collect();
    let worst = rates.iter().max_by(|a, b| {
        let rate = |kind: &KindRate| kind.apcer.unwrap_or(-1.0);
        rate(a).total_cmp(&rate(b)).then(b.attacks.cmp(&a.attacks))
    });
    let all = |count: fn(&Tally) -> usize| count(&living) + tallies.iter().map(count).sum::<usize>();
    LivenessReport {
        threshold,
        live: living.counted,
        attacks: tallies.iter().map(|tally| tally.counted).sum(),
        not_judged: all(|tally| tally.not_judged),
        not_acquired: all(|tally| tally.without_face),
        bpcer: bpcer.rate,
        bpcer_ci95: bpcer.ci95,
        apcer: worst.and_then(|kind| kind.apcer),
        apcer_ci95: worst.map_or([0.0, 1.0], |kind| kind.ci95),
        kinds: rates,
    }
}

/// Pictures, counted.
struct Tally {
    /// Judged or without a face.
    counted: usize,
    passed: usize,
    not_judged: usize,
    without_face: usize,
}

impl Tally {
    fn of(presentations: &[Presentation], threshold: f32) -> Self {
        let count = |which: fn(&Presentation, f32) -> bool| {
            presentations.iter().filter(|presentation| which(presentation, threshold)).count()
        };
        let not_judged = count(|presentation, _| matches!(presentation, Presentation::NotJudged));
        Self {
            counted: presentations.len() - not_judged,
            passed: count(|presentation, least| matches!(presentation, Presentation::Judged(live) if *live >= least)),
            not_judged,
            without_face: count(|presentation, _| matches!(presentation, Presentation::NoFace)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Presentation::{Judged, NoFace, NotJudged};
    use super::*;

    fn kind(kind: &str, presentations: &[Presentation]) -> AttackKind {
        AttackKind { kind: kind.to_owned(), presentations: presentations.to_vec() }
    }

    #[test]
    fn the_worst_kind_of_attack_counts_not_the_mean_over_kinds() {
        let kinds = [kind("print", &[0.1, 0.2, 0.3, 0.4].map(Judged)), kind("screen", &[0.9, 0.1].map(Judged))];
        let report = liveness(&[Judged(0.9), Judged(0.4)], &kinds, 0.5);
        assert_eq!((report.bpcer, report.apcer, report.attacks), (Some(0.5), Some(0.5), 6));
        assert_eq!(report.kinds.iter().map(|k| k.apcer).collect::<Vec<_>>(), [Some(0.0), Some(0.5)]);
    }

    #[test]
    fn no_face_rejects_the_living_and_defeats_the_attack() {
        let report = liveness(&[NoFace, Judged(1.0)], &[kind("mask", &[NoFace])], 0.5);
        assert_eq!((report.bpcer, report.apcer, report.not_acquired), (Some(0.5), Some(0.0), 2));
    }

    #[test]
    fn a_face_that_was_not_judged_is_left_out_of_every_rate_and_counted_apart() {
        let print = kind("print", &[Judged(0.9), Judged(0.1), NotJudged, NotJudged]);
        let report = liveness(&[Judged(0.9), NotJudged], &[print, kind("grey", &[NotJudged])], 0.5);
        assert_eq!((report.bpcer, report.apcer), (Some(0.0), Some(0.5)));
        assert_eq!((report.live, report.attacks, report.not_judged, report.not_acquired), (1, 2, 4, 0));
        let kinds: Vec<_> = report.kinds.iter().map(|kind| (kind.apcer, kind.attacks, kind.not_judged)).collect();
        assert_eq!(kinds, [(Some(0.5), 2, 2), (None, 0, 1)]);
    }

    #[test]
    fn nobody_tried_tells_nothing() {
        let report = liveness(&[], &[], 0.5);
        assert_eq!((report.bpcer, report.apcer, report.apcer_ci95), (None, None, [0.0, 1.0]));
    }
}
