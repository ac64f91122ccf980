//! The face template: numbers that a model computed from a face, comparable only with those of the same model.

use std::fmt;

use zeroize::Zeroize;

use super::ModelDigest;

/// A face's template (ISO/IEC 2382-37): a vector of length 1 and the model that made it.
///
/// Biometric data: wiped from memory when dropped, and its values never appear in `Debug` output.
#[derive(Clone, PartialEq)]
pub struct Template {
    values: Vec<f32>,
    model: ModelDigest,
}

/// Why numbers are no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no number in it.
    #[error("a template without values")]
    Empty,
    /// A number is infinite or not a number, or all are zero, so that it has no direction.
    #[error("a template whose values have no direction (all zero, infinite or not numbers)")]
    NoDirection,
}

impl Template {
    /// A template of `model` from its raw output, scaled to length 1 (L2).
    ///
    /// # Errors
    /// [`TemplateError`] when `values` is empty, all zero or not finite.
    pub fn new(mut values: Vec<f32>, model: ModelDigest) -> Result<Self, TemplateError> {
        if values.is_empty() {
            return Err(TemplateError::Empty);
        }
        let norm = values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < 1e-12 {
            values.zeroize();
            return Err(TemplateError::NoDirection);
        }
        // A template that was stored has its length already: leave it bit for bit.
        if (norm - 1.0).abs() > 1e-6 {
            for value in &mut values {
                *value = (f64::from(*value) / norm) as f32;
            }
        }
        Ok(Self { values, model })
    }

    /// The vector, of length 1.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The model that made it.
    pub fn model(&self) -> &ModelDigest {
        &self.model
    }

    /// The comparison score: the cosine, −1..1. `None` when another model, or another dimension, made `other`.
    pub fn similarity(&self, other: &Self) -> Option<f32> {
        (self.model == other.model && self.values.len() == other.values.len())
            .then(|| self.values.iter().zip(&other.values).map(|(a, b)| a * b).sum())
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({} values of {:.12}…)", self.values.len(), self.model.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> ModelDigest {
        ModelDigest(name.to_owned())
    }

    #[test]
    fn a_template_has_length_one_and_its_values_make_the_same_template_bit_for_bit() {
        let template = Template::new(vec![3.0, 0.0, -4.0], model("a")).expect("a direction");
        assert_eq!(template.values(), [0.6, 0.0, -0.8]);
        // Scaling these again would move the last one.
        let template = Template::new(vec![-0.5, 0.6, -0.2], model("a")).expect("a direction");
        assert_eq!(Template::new(template.values().to_vec(), model("a")).as_ref(), Ok(&template));
    }

    #[test]
    fn templates_of_different_models_or_dimensions_never_compare() {
        let of = |values: &[f32], name| Template::new(values.to_vec(), model(name)).expect("a direction");
        assert_eq!(of(&[1.0, 0.0], "a").similarity(&of(&[0.0, 1.0], "a")), Some(0.0));
        assert_eq!(of(&[1.0, 0.0], "a").similarity(&of(&[1.0, 0.0], "b")), None);
        assert_eq!(of(&[1.0, 0.0], "a").similarity(&of(&[1.0], "a")), None);
    }

    #[test]
    fn numbers_without_direction_are_no_template() {
        assert_eq!(Template::new(vec![], model("a")), Err(TemplateError::Empty));
        for value in [0.0, f32::NAN, f32::INFINITY] {
            assert_eq!(Template::new(vec![value; 4], model("a")), Err(TemplateError::NoDirection));
        }
    }

    #[test]
    fn debug_output_never_shows_the_values() {
        let template = Template::new(vec![0.25; 16], model("0123456789abcdef")).expect("a direction");
        assert_eq!(format!("{template:?}"), "Template(16 values of 0123456789ab…)");
    }
}
