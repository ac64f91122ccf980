//! From a false-accept budget to a similarity: how alike two faces must be before a kiosk pays for one of them.

/// What a similarity is worth: measured points of one population's impostor scores, one picture against one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// False match rate and the similarity that keeps it; rates falling, similarities rising, at least two.
    points: Vec<(f64, f32)>,
    /// Mean similarity of two different people of that population, where it was measured.
    impostor_mean: Option<f32>,
}

/// Why points are no calibration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// A line needs two points.
    #[error("a calibration needs at least two points")]
    TooFewPoints,
    /// A rate is no rate, a similarity no cosine, or they do not run in opposite directions.
    #[error("calibration points must have falling rates between 0 and 0.5 and rising similarities between -1 and 1")]
    OutOfOrder,
}

/// The enrolled people as the decision sees them: how many, and how alike strangers among them are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Population {
    /// People enrolled.
    pub people: usize,
    /// Mean similarity of the templates of two different people; `None` with fewer than two.
    pub impostor_mean: Option<f32>,
}

/// How many enrolled people it takes before their own impostor mean counts as much as the calibration's.
const TRUST_IN_CALIBRATION: f32 = 20.0;

/// The most that a population of easily told faces may lower the threshold, a cosine. The calibration's population
/// (Chinese adults, mean .113) lies .10 above the most favourable one measured (LFW, mean .013).
pub(super) const MOST_RELIEF: f32 = 0.10;

impl Calibration {
    /// A calibration from measured points, and the mean similarity of impostors in the same population.
    ///
    /// # Errors
    /// [`CalibrationError`] when they cannot be a falling error curve.
    pub fn new(points: Vec<(f64, f32)>, impostor_mean: Option<f32>) -> Result<Self, CalibrationError> {
        if points.len() < 2 {
            return Err(CalibrationError::TooFewPoints);
        }
        let sane = |&(fmr, similarity): &(f64, f32)| fmr > 0.0 && fmr < 0.5 && (-1.0..=1.0).contains(&similarity);
        let falls = |pair: &[(f64, f32)]| matches!(pair, [a, b] if a.0 > b.0 && a.1 < b.1);
        if !points.iter().all(sane)
            || !points.windows(2).all(falls)
            || impostor_mean.is_some_and(|mean| !(-1.0..=1.0).contains(&mean))
        {
            return Err(CalibrationError::OutOfOrder);
        }
        Ok(Self { points, impostor_mean })
    }

    /// The similarity that keeps one comparison's false match rate at `fmr` (0 to 0.5, both excluded; nearer the ends it
    /// is cut off) in the calibration's own population.
    ///
    /// Impostor scores of an embedder are close to normal in their tail, so similarity is a straight line in the normal
    /// quantile of the rate; between points and beyond them the line through the two nearest is taken.
    pub fn similarity_at(&self, fmr: f64) -> f32 {
        let z = normal_upper_quantile(fmr);
        let mut segment = None;
        for pair in self.points.windows(2) {
            if let [a, b] = pair {
                segment = Some((*a, *b));
                if fmr >= b.0 {
                    break;
                }
            }
        }
        let Some(((fmr_a, from), (fmr_b, to))) = segment else { return 1.0 };
        let (za, zb) = (normal_upper_quantile(fmr_a), normal_upper_quantile(fmr_b));
        let slope = f64::from(to - from) / (zb - za);
        (f64::from(from) + slope * (z - za)) as f32
    }

    /// The similarity above which one of `population.people` may be taken for the person at the kiosk, so that a
    /// stranger is taken for anybody with a chance of at most `budget`.
    ///
    /// Each enrolled person is one more chance of a false match, so the budget is shared among them (union bound, exact
    /// enough for small rates). The threshold then follows the enrolled people's own impostor scores: if they resemble
    /// each other less than the calibration's population did it falls, by at most a tenth; if more, it rises without
    /// bound. A small roster says little about itself, so its mean counts only in proportion to its size. Without a
    /// measured impostor mean of the calibration's population nothing can be compared and nothing moves.
    pub fn threshold(&self, budget: f64, population: &Population) -> f32 {
        let base = self.similarity_at(budget / population.people.max(1) as f64);
        let (Some(own_mean), Some(measured_mean)) = (population.impostor_mean, self.impostor_mean) else { return base };
        let people = population.people as f32;
        let trust = people / (people + TRUST_IN_CALIBRATION);
        base + (trust * (own_mean - measured_mean)).max(-MOST_RELIEF)
    }
}

/// z such that a standard normal variable exceeds it with probability `p`; absolute error below 4.5e-4
/// (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23).
fn normal_upper_quantile(p: f64) -> f64 {
    let p = p.clamp(1e-15, 0.499_999);
    let t = (-2.0 * p.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two points of models/models.toml for 40 Chinese adults.
    fn chinese_adults() -> Calibration {
        Calibration::new(vec![(1e-2, 0.396), (1e-3, 0.473)], Some(0.113)).expect("a falling curve")
    }

    #[test]
    fn the_quantile_matches_the_tables_of_the_normal_distribution() {
        for (p, z) in [(0.1, 1.281_55), (0.01, 2.326_35), (1e-3, 3.090_23), (1e-6, 4.753_42), (1e-9, 5.997_81)] {
            assert!((normal_upper_quantile(p) - z).abs() < 5e-4, "{p}");
        }
    }

    #[test]
    fn measured_points_come_back_and_rarer_errors_ask_for_more() {
        let calibration = chinese_adults();
        assert!((calibration.similarity_at(1e-2) - 0.396).abs() < 1e-6);
        assert!((calibration.similarity_at(1e-3) - 0.473).abs() < 1e-6);
        let mut last = -1.0;
        for exponent in 1..14 {
            let similarity = calibration.similarity_at(10f64.powi(-exponent));
            assert!(similarity > last, "1e-{exponent}: {similarity} after {last}");
            last = similarity;
        }
    }

    #[test]
    fn the_extrapolation_of_the_larger_sets_agrees_with_their_third_point() {
        let lfw = Calibration::new(vec![(1e-2, 0.254), (1e-3, 0.337)], Some(0.013)).expect("a falling curve");
        assert!((lfw.similarity_at(1e-4) - 0.405).abs() < 0.005, "{}", lfw.similarity_at(1e-4));
        let face_scrub = Calibration::new(vec![(1e-2, 0.266), (1e-3, 0.353)], Some(0.013)).expect("a falling curve");
        assert!((face_scrub.similarity_at(1e-4) - 0.423).abs() < 0.005, "{}", face_scrub.similarity_at(1e-4));
    }

    #[test]
    fn more_people_and_people_who_look_alike_raise_the_threshold() {
        let calibration = chinese_adults();
        let at = |people, impostor_mean| calibration.threshold(1e-3, &Population { people, impostor_mean });
        assert!(at(5_000, None) > at(20, None));
        assert!(at(5_000, Some(0.2)) > at(5_000, None));
        assert!(at(5_000, Some(0.013)) < at(5_000, None));
        assert!(at(2, Some(0.013)) > at(5_000, Some(0.013)) - 0.3 && at(2, Some(-1.0)) >= at(2, None) - 0.1 - 1e-6);
        assert_eq!(at(0, None), at(1, None));
    }

    #[test]
    fn curves_that_are_none_are_refused() {
        assert_eq!(Calibration::new(vec![(1e-3, 0.4)], None), Err(CalibrationError::TooFewPoints));
        for points in [
            vec![(1e-3, 0.4), (1e-2, 0.5)],
            vec![(1e-2, 0.5), (1e-3, 0.4)],
            vec![(1e-2, f32::NAN), (1e-3, 0.4)],
            vec![(0.7, 0.1), (1e-3, 0.4)],
        ] {
            assert_eq!(Calibration::new(points, None), Err(CalibrationError::OutOfOrder));
        }
    }
}
