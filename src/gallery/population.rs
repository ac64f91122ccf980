//! How alike the enrolled people are among themselves, kept up to date person by person.

use crate::domain::Population;

/// Sums over people from which the mean similarity of all pairs of different people follows:
/// with a person's mean template a, Σ over pairs p ≠ q of a_p·a_q = |Σ a|² − Σ |a|².
#[derive(Default)]
pub(super) struct Census {
    people: usize,
    sum: Vec<f64>,
    squares: f64,
}

impl Census {
    /// Counts a person with this mean template in.
    pub fn add(&mut self, mean: &[f64]) {
        self.people += 1;
        self.shift(mean, 1.0);
    }

    /// Takes a person out who was added with the same mean.
    pub fn subtract(&mut self, mean: &[f64]) {
        self.people = self.people.saturating_sub(1);
        self.shift(mean, -1.0);
    }

    fn shift(&mut self, mean: &[f64], sign: f64) {
        self.sum.resize(mean.len(), 0.0);
        for (total, value) in self.sum.iter_mut().zip(mean) {
            *total += sign * value;
        }
        self.squares += sign * mean.iter().map(|value| value * value).sum::<f64>();
    }

    pub fn population(&self) -> Population {
        let people = self.people as f64;
        let pairs = people * (people - 1.0);
        let all = self.sum.iter().map(|value| value * value).sum::<f64>();
        let impostor_mean = (self.people > 1).then(|| ((all - self.squares) / pairs) as f32);
        Population { people: self.people, impostor_mean }
    }
}
