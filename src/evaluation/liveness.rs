//! Presentation attack detection, per ISO/IEC 30107-3: the rate by which living people are rejected, and for every kind of
//! attack the rate by which it passes.

use serde::Serialize;

use super::interval::Rate;

/// Attacks of one kind, such as one folder of pictures held before the camera.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackKind {
    /// What it is called.
    pub kind: String,
    /// Probability of a live person, one a picture; `None`: no face was found, so the attack failed.
    pub live: Vec<Option<f32>>,
}

/// What pictures of living people and of attacks tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LivenessReport {
    /// Least probability of a live person that passes.
    pub threshold: f32,
    /// Pictures of living people.
    pub live: usize,
    /// Pictures of attacks.
    pub attacks: usize,
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
    /// Pictures.
    pub attacks: usize,
    /// Share that pass.
    pub apcer: Option<f64>,
    /// Its exact 95 % interval.
    pub ci95: [f64; 2],
}

/// What the probabilities of living people and attacks tell at `threshold`.
pub fn liveness(live: &[Option<f32>], kinds: &[AttackKind], threshold: f32) -> LivenessReport {
    let passes = |probability: &&Option<f32>| probability.is_some_and(|live| live >= threshold);
    let bpcer = Rate::of(live.len() - live.iter().filter(passes).count(), live.len());
    let kinds_missed = kinds.iter().flat_map(|kind| &kind.live).filter(|p| p.is_none()).count();
    let rates: Vec<KindRate> = kinds
        .iter()
        .map(|kind| {
            let rate = Rate::of(kind.live.iter().filter(passes).count(), kind.live.len());
            KindRate { kind: kind.kind.clone(), attacks: kind.live.len(), apcer: rate.rate, ci95: rate.ci95 }
        })
        .collect();
    let worst = rates.iter().max_by(|a, b| {
        let rate = |kind: &KindRate| kind.apcer.unwrap_or(-1.0);
        rate(a).total_cmp(&rate(b)).then(b.attacks.cmp(&a.attacks))
    });
    LivenessReport {
        threshold,
        live: live.len(),
        attacks: kinds.iter().map(|kind| kind.live.len()).sum(),
        not_acquired: live.iter().filter(|p| p.is_none()).count() + kinds_missed,
        bpcer: bpcer.rate,
        bpcer_ci95: bpcer.ci95,
        apcer: worst.and_then(|kind| kind.apcer),
        apcer_ci95: worst.map_or([0.0, 1.0], |kind| kind.ci95),
        kinds: rates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(kind: &str, live: &[f32]) -> AttackKind {
        AttackKind { kind: kind.to_owned(), live: live.iter().map(|p| Some(*p)).collect() }
    }

    #[test]
    fn the_worst_kind_of_attack_counts_not_the_mean_over_kinds() {
        let kinds = [kind("print", &[0.1, 0.2, 0.3, 0.4]), kind("screen", &[0.9, 0.1])];
        let report = liveness(&[Some(0.9), Some(0.4)], &kinds, 0.5);
        assert_eq!((report.bpcer, report.apcer, report.attacks), (Some(0.5), Some(0.5), 6));
        assert_eq!(report.kinds.iter().map(|k| k.apcer).collect::<Vec<_>>(), [Some(0.0), Some(0.5)]);
    }

    #[test]
    fn no_face_rejects_the_living_and_defeats_the_attack() {
        let attack = AttackKind { kind: "mask".to_owned(), live: vec![None] };
        let report = liveness(&[None, Some(1.0)], &[attack], 0.5);
        assert_eq!((report.bpcer, report.apcer, report.not_acquired), (Some(0.5), Some(0.0), 2));
    }

    #[test]
    fn nobody_tried_tells_nothing() {
        let report = liveness(&[], &[], 0.5);
        assert_eq!((report.bpcer, report.apcer, report.apcer_ci95), (None, None, [0.0, 1.0]));
    }
}
