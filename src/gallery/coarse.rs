//! Templates in one byte a value, and how far a comparison of two such can be off.

use simsimd::SpatialSimilarity;
use zeroize::Zeroize;

/// A template rounded to one byte a value: `value ≈ step · byte`.
#[derive(Debug, Clone, Default)]
pub(super) struct Coarse {
    pub bytes: Vec<i8>,
    /// What one unit of a byte is worth.
    pub step: f32,
    /// Length of the difference to the template it was made from.
    pub error: f32,
}

/// On top of the bound, for the rounding of the bound itself and of the 32-bit dot product: with n values of which the
/// squares sum to 1, that is below n · 2⁻²⁴ (Higham, Accuracy and Stability, §3.1), 6e-5 for a thousand values.
const ROUNDING: f32 = 2e-4;

impl Coarse {
    /// Rounds a template of length 1.
    pub fn of(values: &[f32]) -> Self {
        let largest = values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let step = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let bytes: Vec<i8> = values.iter().map(|value| (value / step).round() as i8).collect();
        let squares = values.iter().zip(&bytes).map(|(value, byte)| {
            let off = f64::from(*value) - f64::from(step) * f64::from(*byte);
            off * off
        });
        let error = squares.sum::<f64>().sqrt() as f32;
        Self { bytes, step, error }
    }

    /// The approximate similarity of this probe and a row.
    pub fn similarity(&self, row: &[i8], step: f32) -> f32 {
        i8::dot(&self.bytes, row).map_or(-1.0, |dot| (dot * f64::from(self.step) * f64::from(step)) as f32)
    }

    /// How far a score made of [`similarity`](Self::similarity) can be from the one made of the templates themselves. For
    /// one similarity, with p = p̂ + a and t = t̂ + b: |p·t − p̂·t̂| = |p·b + a·t − a·b| ≤ |b| + |a| + |a||b|
    /// (Cauchy and Schwarz; |p| = |t| = 1), which is |a| + (1 + |a|)·|b|. A score moves by `reach` when every similarity
    /// moves by 1, and by `error` when each moves by its row's |b|.
    pub fn bound(&self, reach: f32, error: f32) -> f32 {
        (self.error + ROUNDING) * reach + (1.0 + self.error) * error
    }
}

impl Drop for Coarse {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
