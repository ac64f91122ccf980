//! From a false-positive rate to the threshold that keeps it.

/// The lowest threshold at which at most `rate` of `scores` are positive, a score being positive when it is **at or
/// above** the threshold: just above the highest score that must stay negative. `−1`, below which no cosine lies, when
/// all may be positive or there are none. `scores` need not be sorted; `trials` is their number and those of trials
/// without a score, which are never positive.
pub fn strictest(scores: &[f32], trials: usize, rate: f64) -> f32 {
    // The small excess keeps 0.01 of 300 at 3, although 0.01 × 300 is 2.9999… in binary.
    let allowed = (rate * trials as f64 + 1e-9).floor() as usize;
    let mut falling: Vec<f32> = scores.to_vec();
    falling.sort_unstable_by(|a, b| b.total_cmp(a));
    falling.get(allowed).map_or(-1.0, |first_negative| first_negative.next_up())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_in_ten_lets_the_highest_of_ten_through_and_none_of_nine() {
        let scores: Vec<f32> = (1..=10u8).map(|tenth| f32::from(tenth) / 10.0).collect();
        assert_eq!(strictest(&scores, 10, 0.1), 0.9f32.next_up());
        assert_eq!(strictest(&scores[..9], 9, 0.1), 0.9f32.next_up());
        assert_eq!(strictest(&scores, 300, 0.01), 0.7f32.next_up());
        assert_eq!(strictest(&[], 10, 0.1), -1.0);
    }

    proptest! {
        #[test]
        fn the_threshold_keeps_the_rate_and_no_lower_one_does(
            scores in prop::collection::vec((-10i8..10).prop_map(|v| f32::from(v) / 10.0), 1..60), rate in 0.0f64..1.0,
        ) {
            let threshold = strictest(&scores, scores.len(), rate);
            let positive = |at: f32| scores.iter().filter(|score| **score >= at).count() as f64 / scores.len() as f64;
            prop_assert!(positive(threshold) <= rate + 1e-9);
            prop_assert!(threshold == -1.0 || positive(threshold.next_down()) > rate);
        }
    }
}
