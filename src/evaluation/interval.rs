//! A proportion and the exact interval around it.

use serde::Serialize;

/// A share of trials with its exact 95 % interval, which takes the trials for independent: several pictures of one person tell
/// less than it says. With no trials the share is `None` and the interval 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Events.
    pub events: usize,
    /// Trials.
    pub trials: usize,
    /// Events / trials.
    pub rate: Option<f64>,
    /// Lower and upper end.
    pub ci95: [f64; 2],
}

impl Rate {
    /// `events` of `trials`; more events than trials count as all of them.
    pub fn of(events: usize, trials: usize) -> Self {
        let events = events.min(trials);
        let rate = (trials > 0).then(|| events as f64 / trials as f64);
        Self { events, trials, rate, ci95: clopper_pearson(events, trials) }
    }
}

/// Chance that an interval misses the truth at one end.
const TAIL: f64 = 0.025;

/// The exact 95 % interval of a binomial proportion: the quantiles 0.025 of Beta(k, n − k + 1) and 0.975 of
/// Beta(k + 1, n − k) (Clopper and Pearson, Biometrika 26, 1934). With no trials 0 to 1.
fn clopper_pearson(events: usize, trials: usize) -> [f64; 2] {
    if trials == 0 {
        return [0.0, 1.0];
    }
    let (k, n) = (events.min(trials) as f64, trials as f64);
    let lower = if k == 0.0 { 0.0 } else { beta_quantile(TAIL, k, n - k + 1.0) };
    let upper = if k == n { 1.0 } else { beta_quantile(1.0 - TAIL, k + 1.0, n - k) };
    [lower, upper]
}

/// x such that I_x(a, b) = p, by halving 0..1 to the last bit.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if incomplete_beta(middle, a, b) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated
/// after Lentz), on the side where that converges fast.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    // Terms needed grow with the square root of a and b: ten thousand are enough for a hundred million trials.
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// ln Γ(x) for x > 0, relative error below 1e-14: Stirling's series (Abramowitz and Stegun 6.1.41) after x was lifted
/// above 10 by Γ(x + 1) = x Γ(x).
fn ln_gamma(x: f64) -> f64 {
    let mut x = x;
    let mut lift = 0.0;
    while x < 10.0 {
        lift += x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0)))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - lift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_matches_published_values() {
        // R: binom.test(k, n)$conf.int
        for (events, trials, low, high) in [
            (0, 10, 0.0, 0.308_497_1),
            (10, 10, 0.691_502_9, 1.0),
            (1, 20, 0.001_265_089, 0.248_732_7),
            (4, 100, 0.011_004_49, 0.099_256_55),
            (81, 263, 0.252_661_0, 0.367_656_9),
        ] {
            let [found_low, found_high] = clopper_pearson(events, trials);
            assert!(
                (found_low - low).abs() < 2e-4 && (found_high - high).abs() < 2e-4,
                "{events}/{trials}: {found_low} {found_high}"
            );
        }
    }

    #[test]
    fn the_ends_are_where_the_binomial_tails_hold_half_of_the_error_each() {
        let tail = |n: usize, p: f64, range: std::ops::RangeInclusive<usize>| -> f64 {
            let choose = |k: usize| (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).ln()).sum::<f64>();
            range.map(|k| (choose(k) + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln()).exp()).sum()
        };
        for (events, trials) in [(1, 7), (3, 50), (17, 18), (200, 1_000), (2, 3_000)] {
            let [low, high] = clopper_pearson(events, trials);
            assert!((tail(trials, low, events..=trials) - 0.025).abs() < 1e-9, "{events}/{trials}");
            assert!((tail(trials, high, 0..=events) - 0.025).abs() < 1e-9, "{events}/{trials}");
        }
    }

    #[test]
    fn millions_of_trials_have_a_narrow_interval_around_the_rate() {
        let [low, high] = clopper_pearson(1_000, 10_000_000);
        assert!(low < 1e-4 && high > 1e-4 && high - low < 1.3e-5, "{low} {high}");
    }

    #[test]
    fn no_trials_say_nothing() {
        assert_eq!(Rate::of(0, 0), Rate { events: 0, trials: 0, rate: None, ci95: [0.0, 1.0] });
        assert_eq!(Rate::of(3, 4).rate, Some(0.75));
    }
}
