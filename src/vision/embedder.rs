//! Aligned face → template.

use zeroize::Zeroizing;

use super::align::ALIGNED_PX;
use super::error::VisionError;
use super::pack::ModelFile;
use super::runtime::Model;
use super::tensor::{Encoding, Tensor};
use crate::domain::{ModelDigest, Template};

/// An embedder: 1 × 3 × 112 × 112 in, a vector out.
#[derive(Debug)]
pub(super) struct Embedder {
    model: Model,
    aligned: Tensor,
    dimension: usize,
}

impl Embedder {
    /// Loads an embedder.
    ///
    /// # Errors
    /// [`VisionError`] when the file is none, or takes faces of another size.
    pub(super) fn load(file: &ModelFile, threads: usize) -> Result<Self, VisionError> {
        let mismatch = |problem: &str| VisionError::Mismatch { path: file.path.clone(), problem: problem.to_owned() };
        let side = ALIGNED_PX as u32;
        let takes = file.card.inputs.first().is_some_and(
            |port| matches!(port.shape.as_slice(), [0 | 1, 3, height, width] if *height == side && *width == side),
        );
        if !takes {
            return Err(mismatch("an embedder takes 1 × 3 × 112 × 112"));
        }
        let dimension = match file.card.outputs.first().map(|port| port.shape.as_slice()) {
            Some([0 | 1, dimension]) if (1..=4096).contains(dimension) => *dimension as usize,
            _ => return Err(mismatch("an embedder gives 1 × dimension, at most 4096")),
        };
        let model = Model::load(file, threads)?;
        let aligned = Tensor::new(Encoding::of(model.card()));
        Ok(Self { model, aligned, dimension })
    }

    /// See [`ModelCard::any_light`](super::manifest::ModelCard::any_light).
    pub(super) fn knows_any_light(&self) -> bool {
        self.model.card().any_light
    }

    /// Numbers in a template.
    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    /// The digest that its templates carry.
    pub(super) fn digest(&self) -> &ModelDigest {
        self.model.digest()
    }

    /// The buffer for the aligned face, 112×112.
    pub(super) fn aligned(&mut self) -> &mut Tensor {
        &mut self.aligned
    }

    /// The template of the face in [`aligned`](Self::aligned). `None` when the model's output has no direction.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn embed(&mut self) -> Result<Option<Template>, VisionError> {
        let mut vector = self.run()?;
        Ok(self.template(std::mem::take(&mut *vector)))
    }

    /// Adds what the model says about the face in [`aligned`](Self::aligned) and about its mirror image to `sum`, which is
    /// empty at first. Together they even out the side that light and pose favour.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn add_to(&mut self, sum: &mut Vec<f32>) -> Result<(), VisionError> {
        sum.resize(self.dimension, 0.0);
        for _ in 0..2 {
            for (total, value) in sum.iter_mut().zip(self.run()?.iter()) {
                *total += value;
            }
            self.aligned.mirror();
        }
        Ok(())
    }

    /// The template of a direction; `None` when it has none.
    pub(super) fn template(&self, vector: Vec<f32>) -> Option<Template> {
        Template::new(vector, self.model.digest().clone()).ok()
    }

    fn run(&mut self) -> Result<Zeroizing<Vec<f32>>, VisionError> {
        let dimension = self.dimension;
        self.model.run(self.aligned.shape(), self.aligned.values(), |outputs| {
            let vector = outputs.floats(0)?;
            if vector.len() != dimension {
                return Err(format!("it gave {} numbers instead of {dimension}", vector.len()));
            }
            Ok(Zeroizing::new(vector.to_vec()))
        })
    }

    /// Runs the model again on what it was last given.
    pub(super) fn repeat(&mut self) -> Result<(), VisionError> {
        if self.aligned.size() == (ALIGNED_PX, ALIGNED_PX) {
            self.model.run(self.aligned.shape(), self.aligned.values(), |_| Ok(()))?;
        }
        Ok(())
    }
}
