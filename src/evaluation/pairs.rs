//! Verification: one picture against one picture.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::Rate;
use super::threshold::strictest;

/// False match rates at which the true match rate is reported.
pub const FMR_POINTS: [f64; 4] = [0.01, 0.001, 0.0001, 0.00001];

/// One pair of pictures, compared.
#[derive(Debug, Clone, PartialEq)]
pub struct PairScore {
    /// Whether both show the same person.
    pub same: bool,
    /// The comparison score; `None` when one of them shows no face or cannot be read.
    pub similarity: Option<f32>,
    /// The fold the file puts it in.
    pub fold: Option<String>,
}

/// What pairs tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairsReport {
    /// Pairs in the file.
    pub pairs: usize,
    /// Of these, pairs of one person.
    pub mated: usize,
    /// Of these, pairs of two people.
    pub non_mated: usize,
    /// Pairs without a score. They count as "different people", except in false match rates, which are those of comparisons.
    pub not_acquired: usize,
    /// Share of right answers: the mean over folds, each judged at the threshold that is best on the other folds; without
    /// folds, at the threshold that is best on all pairs.
    pub accuracy: Option<f64>,
    /// Exact 95 % interval of the share of right answers.
    pub accuracy_ci95: [f64; 2],
    /// `folds` or `best_threshold`.
    pub accuracy_by: &'static str,
    /// Folds in the file.
    pub folds: usize,
    /// The threshold that is best on all pairs.
    pub best_threshold: f32,
    /// Area under the curve of true against false matches: the chance that a mated pair scores above a non-mated one.
    pub auc: Option<f64>,
    /// True match rates.
    pub tmr_at_fmr: Vec<VerificationPoint>,
}

/// The true match rate at one false match rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerificationPoint {
    /// The false match rate asked for.
    pub fmr: f64,
    /// The lowest threshold that keeps it; a pair at or above it matches. `None` where no non-mated pair has a score.
    pub threshold: Option<f32>,
    /// Share of mated pairs that match, those without a score being misses. `None` without a threshold.
    pub tmr: Option<f64>,
    /// Its exact 95 % interval.
    pub ci95: [f64; 2],
    /// The same share of the mated pairs with a score.
    pub tmr_acquired: Option<f64>,
    /// The false match rate there, with its interval: of the non-mated pairs with a score (ISO/IEC 19795-1).
    pub fmr_measured: Rate,
    /// Whether there are enough non-mated pairs with a score for one of them to match at this rate.
    pub resolved: bool,
}

/// Score of a pair without a score: below every cosine and every threshold.
const NO_FACE: f32 = -2.0;

/// What scored pairs tell.
pub fn pairs(scored: &[PairScore]) -> PairsReport {
    let answers: Vec<(f32, bool)> = scored.iter().map(|pair| (pair.similarity.unwrap_or(NO_FACE), pair.same)).collect();
    let scores_of = |same: bool| -> Vec<f32> {
        answers.iter().filter(|(_, is_same)| *is_same == same).map(|(score, _)| *score).collect()
    };
    let (mated, non_mated) = (scores_of(true), scores_of(false));
    let folds = by_fold(scored);
    let best = best_threshold(&answers);
    let folded = (folds.len() > 1).then(|| over_folds(&folds));
    let right = folded.as_ref().map_or_else(|| right_at(best, &answers), |(right, _)| *right);
    let accuracy =
        folded.map_or((!answers.is_empty()).then(|| right as f64 / answers.len() as f64), |(_, mean)| Some(mean));
    PairsReport {
        pairs: scored.len(),
        mated: mated.len(),
        non_mated: non_mated.len(),
        not_acquired: scored.iter().filter(|pair| pair.similarity.is_none()).count(),
        accuracy,
        accuracy_ci95: Rate::of(right, answers.len()).ci95,
        accuracy_by: if folds.len() > 1 { "folds" } else { "best_threshold" },
        folds: folds.len(),
        best_threshold: best,
        auc: area(&mated, &non_mated),
        tmr_at_fmr: FMR_POINTS.iter().map(|fmr| point(*fmr, &mated, &non_mated)).collect(),
    }
}

fn point(fmr: f64, mated: &[f32], non_mated: &[f32]) -> VerificationPoint {
    let acquired = |scores: &[f32]| scores.iter().copied().filter(|score| *score > NO_FACE).collect::<Vec<f32>>();
    let (impostors, genuine) = (acquired(non_mated), acquired(mated));
    let threshold = (!impostors.is_empty()).then(|| strictest(&impostors, impostors.len(), fmr));
    let rate = |scores: &[f32], trials: usize| match threshold {
        Some(threshold) => Rate::of(scores.iter().filter(|score| **score >= threshold).count(), trials),
        None => Rate::of(0, 0),
    };
    let tmr = rate(&genuine, mated.len());
    VerificationPoint {
        fmr,
        threshold,
        tmr: tmr.rate,
        ci95: tmr.ci95,
        tmr_acquired: rate(&genuine, genuine.len()).rate,
        fmr_measured: rate(&impostors, impostors.len()),
        resolved: fmr * impostors.len() as f64 >= 1.0,
    }
}

fn by_fold(scored: &[PairScore]) -> Vec<Vec<(f32, bool)>> {
    let mut folds: BTreeMap<&str, Vec<(f32, bool)>> = BTreeMap::new();
    for pair in scored {
        let Some(fold) = &pair.fold else { return vec![] };
        folds.entry(fold).or_default().push((pair.similarity.unwrap_or(NO_FACE), pair.same));
    }
    folds.into_values().collect()
}

/// Right answers over all folds, and the mean of the folds' shares of right answers.
fn over_folds(folds: &[Vec<(f32, bool)>]) -> (usize, f64) {
    let mut all_right = 0;
    let mut shares = 0.0;
    for (at, fold) in folds.iter().enumerate() {
        let others: Vec<(f32, bool)> =
            folds.iter().enumerate().filter(|(other, _)| *other != at).flat_map(|(_, pairs)| pairs.clone()).collect();
        let right = right_at(best_threshold(&others), fold);
        all_right += right;
        shares += right as f64 / fold.len().max(1) as f64;
    }
    (all_right, shares / folds.len().max(1) as f64)
}

fn right_at(threshold: f32, answers: &[(f32, bool)]) -> usize {
    answers.iter().filter(|(score, same)| (*score >= threshold) == *same).count()
}

/// The threshold with the most right answers: in the middle of the widest gap between two scores that is as good as any.
/// Never below −1, so that a pair without a face matches at none.
fn best_threshold(answers: &[(f32, bool)]) -> f32 {
    let mut falling: Vec<(f32, bool)> = answers.to_vec();
    falling.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    // With the threshold above everything all non-mated pairs are right.
    let mut right = falling.iter().filter(|(_, same)| !same).count();
    let (mut best, mut most, mut widest) = (1.0f32.next_up(), right, 0.0);
    let mut rest = falling.as_slice();
    while let Some((score, _)) = rest.first().copied().filter(|(score, _)| *score >= -1.0) {
        let equal = rest.iter().take_while(|(other, _)| *other == score).count();
        let (these, below) = rest.split_at(equal);
        let mated = these.iter().filter(|(_, same)| *same).count();
        right = right + mated - (equal - mated);
        let next = below.first().map_or(-1.0, |(next, _)| next.max(-1.0));
        let gap = score - next;
        if right > most || (right == most && gap > widest) {
            (best, most, widest) = (f32::midpoint(score, next), right, gap);
        }
        rest = below;
    }
    best
}

/// The Mann–Whitney statistic over the number of mated × non-mated pairs; ties count half.
fn area(mated: &[f32], non_mated: &[f32]) -> Option<f64> {
    if mated.is_empty() || non_mated.is_empty() {
        return None;
    }
    let mut rising = non_mated.to_vec();
    rising.sort_unstable_by(f32::total_cmp);
    let won = mated.iter().map(|score| {
        let below = rising.partition_point(|other| other < score);
        let not_above = rising.partition_point(|other| other <= score);
        (below + not_above) as f64 / 2.0
    });
    Some(won.sum::<f64>() / (mated.len() as f64 * non_mated.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(same: bool, similarity: impl Into<Option<f32>>, fold: Option<&str>) -> PairScore {
        PairScore { same, similarity: similarity.into(), fold: fold.map(str::to_owned) }
    }

    #[test]
    fn pairs_that_separate_are_all_right_and_match_at_every_rate() {
        let scored: Vec<PairScore> = (0..50u8)
            .flat_map(|i| [pair(true, 0.6 + f32::from(i) / 200.0, None), pair(false, f32::from(i) / 200.0, None)])
            .collect();
        let report = pairs(&scored);
        assert_eq!((report.pairs, report.mated, report.accuracy, report.auc), (100, 50, Some(1.0), Some(1.0)));
        assert!((report.best_threshold - 0.4225).abs() < 1e-6, "{}", report.best_threshold);
        assert!(
            report.tmr_at_fmr.iter().all(|point| point.tmr == Some(1.0) && point.ci95[0] > 0.92 && !point.resolved)
        );
    }

    #[test]
    fn a_pair_without_a_face_counts_as_two_people() {
        let scored = [pair(true, None, None), pair(false, None, None), pair(true, 0.7, None), pair(false, 0.1, None)];
        let report = pairs(&scored);
        assert_eq!((report.not_acquired, report.accuracy), (2, Some(0.75)));
        assert_eq!(report.tmr_at_fmr.first().and_then(|point| point.tmr), Some(0.5));
    }

    #[test]
    fn pairs_without_a_face_are_no_reason_to_call_everybody_the_same_person() {
        let mut scored: Vec<PairScore> = (0..70u8).map(|i| pair(true, 0.6 + f32::from(i) / 700.0, None)).collect();
        scored.extend((0..20).map(|_| pair(true, None, None)));
        scored.extend((0..10u8).map(|i| pair(false, f32::from(i) / 100.0, None)));
        let report = pairs(&scored);
        assert_eq!((report.mated, report.not_acquired, report.accuracy), (90, 20, Some(0.8)));
        assert!((-1.0..=1.0).contains(&report.best_threshold), "{}", report.best_threshold);
    }

    #[test]
    fn a_false_match_rate_is_that_of_comparisons_and_a_pair_without_a_face_is_none() {
        let mut scored = vec![pair(true, 0.7, None), pair(true, None, None)];
        scored.extend((0..100u8).map(|i| pair(false, f32::from(i) / 200.0, None)));
        let alone = pairs(&scored);
        scored.extend((0..10_000).map(|_| pair(false, None, None)));
        let report = pairs(&scored);
        assert_eq!(report.tmr_at_fmr, alone.tmr_at_fmr, "what was never compared cannot lower a threshold");
        let first = report.tmr_at_fmr.first().expect("a point");
        // One of a hundred may match: the highest, at 99/200.
        assert_eq!((first.threshold, first.resolved), (Some((98.0f32 / 200.0).next_up()), true));
        assert_eq!((first.fmr_measured.events, first.fmr_measured.trials), (1, 100));
        assert_eq!((first.tmr, first.tmr_acquired), (Some(0.5), Some(1.0)));
        assert!(report.tmr_at_fmr.iter().skip(1).all(|point| !point.resolved));
    }

    #[test]
    fn without_a_comparison_of_two_people_no_threshold_is_claimed() {
        for more in [vec![], vec![pair(false, None, None)]] {
            let report = pairs(&[&[pair(true, 0.7, None), pair(true, 0.6, None)][..], &more].concat());
            for point in &report.tmr_at_fmr {
                assert_eq!((point.threshold, point.tmr, point.tmr_acquired), (None, None, None));
                assert_eq!((point.fmr_measured.rate, point.resolved), (None, false));
            }
        }
    }

    #[test]
    fn folds_are_judged_at_the_threshold_of_the_other_folds() {
        // Fold b alone would choose a threshold near 0.3; by fold a it is judged near 0.6 and loses its mated pairs.
        let scored = [
            pair(true, 0.8, Some("a")),
            pair(false, 0.5, Some("a")),
            pair(true, 0.4, Some("b")),
            pair(false, 0.2, Some("b")),
        ];
        let report = pairs(&scored);
        assert_eq!((report.folds, report.accuracy_by, report.accuracy), (2, "folds", Some(0.5)));
    }

    #[test]
    fn equal_scores_stand_on_the_same_side_of_every_threshold() {
        let scored = [pair(true, 0.5, None), pair(false, 0.5, None)];
        let report = pairs(&scored);
        assert_eq!((report.accuracy, report.auc), (Some(0.5), Some(0.5)));
        assert_eq!(report.tmr_at_fmr.first().and_then(|point| point.tmr), Some(0.0));
    }

    #[test]
    fn an_empty_file_tells_nothing() {
        let report = pairs(&[]);
        assert_eq!((report.pairs, report.accuracy, report.auc), (0, None, None));
    }
}
