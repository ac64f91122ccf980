//! Identification: one picture against everybody enrolled.

use serde::Serialize;

use super::interval::Rate;
use super::threshold::strictest;

/// False positive identification rates at which the false negative rate is reported.
pub const FPIR_POINTS: [f64; 5] = [0.02, 0.01, 0.005, 0.003, 0.001];

/// A search for somebody who is to be found: enrolled, or meant to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatedSearch {
    /// Whether the most similar person is the right one.
    pub first: bool,
    /// The score of the most similar person.
    pub best: f32,
    /// The score of the most similar wrong person: what the search would have found had this person not been enrolled.
    pub best_other: Option<f32>,
}

/// What searches tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identification {
    /// Share of all mated probes, acquired or not, whose most similar person is the right one.
    pub rank1: Option<f64>,
    /// Its exact 95 % interval.
    pub rank1_ci95: [f64; 2],
    /// The same over acquired probes alone.
    pub rank1_acquired: Option<f64>,
    /// `strangers`, `probes_without_their_own_person`, or both: `strangers_and_probes_without_their_own_person`.
    pub fpir_from: &'static str,
    /// Searches that compared somebody with people they are not: those that could be false positives. A picture without a
    /// face is none.
    pub non_mated_searches: usize,
    /// Error rates.
    pub points: Vec<IdentificationPoint>,
}

/// The false negative identification rate at one false positive identification rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentificationPoint {
    /// The false positive identification rate asked for.
    pub fpir: f64,
    /// The lowest threshold that keeps it; a score at or above it is a positive. `None` without a non-mated search.
    pub threshold: Option<f32>,
    /// Share of all mated probes, acquired or not, whose right person is not found first at the threshold. `None` without
    /// one, or without a threshold.
    pub fnir: Option<f64>,
    /// Its exact 95 % interval.
    pub ci95: [f64; 2],
    /// The same over acquired probes alone.
    pub fnir_acquired: Option<f64>,
    /// The false positive identification rate there, with its interval.
    pub fpir_measured: Rate,
    /// Whether there are enough non-mated searches for one of them to be positive at this rate.
    pub resolved: bool,
}

/// Whose searches tell how often a stranger is taken for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonMated {
    /// Those of strangers.
    Alone,
    /// Those of strangers, and of every mated search with its own person left out of the gallery.
    WithProbes,
}

/// What searches tell: `mated` for people who are to be found (`None`: no face was found), `strangers` the best scores of
/// people who are not enrolled (`None` likewise).
pub fn identification(mated: &[Option<MatedSearch>], strangers: &[Option<f32>], non_mated: NonMated) -> Identification {
    let acquired: Vec<&MatedSearch> = mated.iter().flatten().collect();
    let right = acquired.iter().filter(|search| search.first).count();
    let mut non_mated_scores: Vec<f32> = strangers.iter().flatten().copied().collect();
    if non_mated == NonMated::WithProbes {
        non_mated_scores.extend(acquired.iter().filter_map(|search| search.best_other));
    }
    let fpir_from = match (non_mated, strangers.iter().any(Option::is_some)) {
        (NonMated::Alone, _) => "strangers",
        (NonMated::WithProbes, false) => "probes_without_their_own_person",
        (NonMated::WithProbes, true) => "strangers_and_probes_without_their_own_person",
    };
    let rank1 = Rate::of(right, mated.len());
    Identification {
        rank1: rank1.rate,
        rank1_ci95: rank1.ci95,
        rank1_acquired: Rate::of(right, acquired.len()).rate,
        fpir_from,
        non_mated_searches: non_mated_scores.len(),
        points: FPIR_POINTS.iter().map(|fpir| point(*fpir, mated.len(), &acquired, &non_mated_scores)).collect(),
    }
}

fn point(fpir: f64, probes: usize, acquired: &[&MatedSearch], non_mated_scores: &[f32]) -> IdentificationPoint {
    let trials = non_mated_scores.len();
    let threshold = (trials > 0).then(|| strictest(non_mated_scores, trials, fpir));
    let reaches = |score: f32| threshold.is_some_and(|threshold| score >= threshold);
    let found = acquired.iter().filter(|search| search.first && reaches(search.best)).count();
    let missed = |of: usize| if threshold.is_some() { Rate::of(of - found, of) } else { Rate::of(0, 0) };
    let all = missed(probes);
    IdentificationPoint {
        fpir,
        threshold,
        fnir: all.rate,
        ci95: all.ci95,
        fnir_acquired: missed(acquired.len()).rate,
        fpir_measured: Rate::of(non_mated_scores.iter().filter(|score| reaches(**score)).count(), trials),
        resolved: fpir * trials as f64 >= 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(first: bool, best: f32, best_other: f32) -> Option<MatedSearch> {
        Some(MatedSearch { first, best, best_other: Some(best_other) })
    }

    #[test]
    fn a_probe_is_missed_when_it_is_wrong_weak_or_shows_no_face() {
        let mated = [search(true, 0.9, 0.1), search(false, 0.8, 0.8), search(true, 0.3, 0.2), None];
        let found = identification(&mated, &[Some(0.5), Some(0.1), None], NonMated::Alone);
        assert_eq!((found.rank1, found.rank1_acquired), (Some(0.5), Some(2.0 / 3.0)));
        let first = found.points.first().expect("a point");
        assert_eq!(
            (first.threshold, first.fnir, first.fnir_acquired),
            (Some(0.5f32.next_up()), Some(0.75), Some(2.0 / 3.0))
        );
        assert_eq!((found.fpir_from, found.non_mated_searches), ("strangers", 2));
        assert!(!first.resolved);
    }

    #[test]
    fn a_hundred_strangers_resolve_one_in_a_hundred_and_let_exactly_one_pass() {
        let mated = vec![search(true, 0.6, 0.1); 10];
        let strangers: Vec<Option<f32>> = (0..100u8).map(|i| Some(f32::from(i) / 200.0)).collect();
        let found = identification(&mated, &strangers, NonMated::Alone);
        let at = |fpir: f64| found.points.iter().find(|point| point.fpir == fpir).expect("a point").clone();
        assert_eq!((at(0.01).fpir_measured.events, at(0.01).resolved), (1, true));
        assert_eq!((at(0.005).fpir_measured.events, at(0.005).resolved), (0, false));
        assert_eq!(at(0.02).fpir_measured.events, 2);
        assert!(found.points.iter().all(|point| point.fnir == Some(0.0)));
    }

    #[test]
    fn without_strangers_every_probe_is_one_with_its_own_person_left_out() {
        let mated = vec![search(true, 0.6, 0.2), search(true, 0.7, 0.65), None];
        // Nor is a stranger without a face compared with anybody.
        let faceless = identification(&mated, &[None, None], NonMated::WithProbes);
        let found = identification(&mated, &[], NonMated::WithProbes);
        assert_eq!(faceless, found);
        assert_eq!((found.fpir_from, found.non_mated_searches), ("probes_without_their_own_person", 2));
        let first = found.points.first().expect("a point");
        assert_eq!((first.threshold, first.fnir), (Some(0.65f32.next_up()), Some(2.0 / 3.0)));
    }

    #[test]
    fn one_stranger_beside_many_probes_does_not_decide_alone() {
        let mated = vec![search(true, 0.6, 0.3); 99];
        let found = identification(&mated, &[Some(0.1)], NonMated::WithProbes);
        assert_eq!((found.fpir_from, found.non_mated_searches), ("strangers_and_probes_without_their_own_person", 100));
        assert_eq!(found.points.first().and_then(|point| point.threshold), Some(0.3f32.next_up()));
    }

    #[test]
    fn searches_that_compared_nobody_with_another_set_no_threshold_and_resolve_nothing() {
        let alone = MatedSearch { first: true, best: 0.9, best_other: None };
        for (non_mated, strangers) in [(NonMated::WithProbes, vec![]), (NonMated::Alone, vec![None; 1000])] {
            let found = identification(&[Some(alone); 60], &strangers, non_mated);
            assert_eq!((found.rank1, found.non_mated_searches), (Some(1.0), 0));
            for point in found.points {
                assert_eq!((point.threshold, point.fnir, point.fnir_acquired), (None, None, None));
                assert_eq!((point.fpir_measured.rate, point.resolved), (None, false));
            }
        }
    }

    #[test]
    fn strangers_without_a_face_let_no_more_of_the_others_pass() {
        let mut strangers: Vec<Option<f32>> = (0..20u8).map(|i| Some(f32::from(i) / 100.0)).collect();
        strangers.extend(vec![None; 1000]);
        let found = identification(&[search(true, 0.6, 0.1)], &strangers, NonMated::Alone);
        let first = found.points.first().expect("a point");
        assert_eq!((first.threshold, first.resolved), (Some(0.19f32.next_up()), false));
        assert_eq!((first.fpir_measured.events, first.fpir_measured.trials), (0, 20));
    }

    #[test]
    fn nothing_searched_tells_nothing() {
        let found = identification(&[], &[], NonMated::WithProbes);
        assert_eq!((found.rank1, found.points.first().and_then(|point| point.fnir)), (None, None));
    }
}
