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
    /// Searches that could be false positives.
    pub non_mated_searches: usize,
    /// Error rates.
    pub points: Vec<IdentificationPoint>,
}

/// The false negative identification rate at one false positive identification rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentificationPoint {
    /// The false positive identification rate asked for.
    pub fpir: f64,
    /// The lowest threshold that keeps it; a score at or above it is a positive.
    pub threshold: f32,
    /// Share of all mated probes, acquired or not, whose right person is not found first at the threshold.
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
    let (mut trials, mut positives) = (strangers.len(), strangers.iter().flatten().copied().collect::<Vec<f32>>());
    if non_mated == NonMated::WithProbes {
        trials += mated.len();
        positives.extend(acquired.iter().filter_map(|search| search.best_other));
    }
    let fpir_from = match (non_mated, strangers.is_empty()) {
        (NonMated::Alone, _) => "strangers",
        (NonMated::WithProbes, true) => "probes_without_their_own_person",
        (NonMated::WithProbes, false) => "strangers_and_probes_without_their_own_person",
    };
    let rank1 = Rate::of(right, mated.len());
    Identification {
        rank1: rank1.rate,
        rank1_ci95: rank1.ci95,
        rank1_acquired: Rate::of(right, acquired.len()).rate,
        fpir_from,
        non_mated_searches: trials,
        points: FPIR_POINTS.iter().map(|fpir| point(*fpir, mated.len(), &acquired, trials, &positives)).collect(),
    }
}

fn point(fpir: f64, probes: usize, acquired: &[&MatedSearch], trials: usize, positives: &[f32]) -> IdentificationPoint {
    let threshold = strictest(positives, trials, fpir);
    let found = acquired.iter().filter(|search| search.first && search.best >= threshold).count();
    let missed = Rate::of(probes - found, probes);
    IdentificationPoint {
        fpir,
        threshold,
        fnir: missed.rate,
        ci95: missed.ci95,
        fnir_acquired: Rate::of(acquired.len() - found, acquired.len()).rate,
        fpir_measured: Rate::of(positives.iter().filter(|score| **score >= threshold).count(), trials),
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
        assert_eq!((first.threshold, first.fnir, first.fnir_acquired), (0.5f32.next_up(), Some(0.75), Some(2.0 / 3.0)));
        assert_eq!((found.fpir_from, found.non_mated_searches), ("strangers", 3));
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
        let found = identification(&mated, &[], NonMated::WithProbes);
        assert_eq!((found.fpir_from, found.non_mated_searches), ("probes_without_their_own_person", 3));
        let first = found.points.first().expect("a point");
        assert_eq!((first.threshold, first.fnir), (0.65f32.next_up(), Some(2.0 / 3.0)));
    }

    #[test]
    fn one_stranger_beside_many_probes_does_not_decide_alone() {
        let mated = vec![search(true, 0.6, 0.3); 99];
        let found = identification(&mated, &[Some(0.1)], NonMated::WithProbes);
        assert_eq!((found.fpir_from, found.non_mated_searches), ("strangers_and_probes_without_their_own_person", 100));
        assert_eq!(found.points.first().map(|point| point.threshold), Some(0.3f32.next_up()));
    }

    #[test]
    fn nothing_searched_tells_nothing() {
        let found = identification(&[], &[], NonMated::WithProbes);
        assert_eq!((found.rank1, found.points.first().and_then(|point| point.fnir)), (None, None));
    }
}
