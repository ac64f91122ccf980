//! Finding faces: a detector model on views of a picture.

use image::RgbImage;

use super::decode::{Detection, Maps, decode, merge};
use super::error::VisionError;
use super::pack::ModelFile;
use super::runtime::Model;
use super::tensor::{Encoding, Tensor};
use super::view::{Painter, View};

const STRIDES: [usize; 3] = [8, 16, 32];
/// Answers below this say nothing; those above help to average a face that another answer found.
const MIN_CANDIDATE: f32 = 0.3;

/// A detector with the outputs of YuNet: `cls`, `obj`, `bbox` and `kps` for the strides 8, 16 and 32, in this order in the
/// manifest (`cls_8, cls_16, cls_32, obj_8, …`).
#[derive(Debug)]
pub(super) struct Detector {
    model: Model,
    /// Width and height that the model insists on, if it does.
    fixed: Option<(usize, usize)>,
    painter: Painter,
    /// One buffer a shape, so that each keeps its size.
    wide: Tensor,
    near: Tensor,
    candidates: Vec<Detection>,
}

/// Which buffer a view is drawn into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Buffer {
    /// For whole frames.
    Wide,
    /// For the surroundings of one face.
    Near,
}

impl Detector {
    /// Loads a detector.
    ///
    /// # Errors
    /// [`VisionError`] when the file is none, or a detector of another kind.
    pub(super) fn load(file: &ModelFile, threads: usize) -> Result<Self, VisionError> {
        let mismatch = |problem: &str| VisionError::Mismatch { path: file.path.clone(), problem: problem.to_owned() };
        if file.card.outputs.len() != 4 * STRIDES.len() {
            return Err(mismatch("a detector has the 12 outputs cls_8, cls_16, cls_32, obj_8, … kps_32"));
        }
        let fixed = match file.card.inputs.first().map(|port| port.shape.as_slice()) {
            Some([_, 3, 0, 0]) => None,
            Some([_, 3, height, width]) if height % 32 == 0 && width % 32 == 0 && *height > 0 && *width > 0 => {
                Some((*width as usize, *height as usize))
            }
            _ => return Err(mismatch("a detector takes 1 × 3 × height × width, both multiples of 32")),
        };
        let model = Model::load(file, threads)?;
        let encoding = Encoding::of(model.card());
        Ok(Self {
            model,
            fixed,
            painter: Painter::new(),
            wide: Tensor::new(encoding),
            near: Tensor::new(encoding),
            candidates: Vec::new(),
        })
    }

    /// The faces of `view`, in pixels of `picture`, those that score at least `min_score`, best first.
    ///
    /// # Errors
    /// [`VisionError::Run`] when the model fails.
    pub(super) fn detect(
        &mut self,
        picture: &RgbImage,
        view: View,
        buffer: Buffer,
        min_score: f32,
    ) -> Result<Vec<Detection>, VisionError> {
        let view = self.fit(view);
        let tensor = match buffer {
            Buffer::Wide => &mut self.wide,
            Buffer::Near => &mut self.near,
        };
        let id = &self.model.card().id;
        self.painter.paint(picture, view, tensor).map_err(|problem| VisionError::Run { id: id.clone(), problem })?;
        let candidates = &mut self.candidates;
        candidates.clear();
        self.model.run(tensor.shape(), tensor.values(), |outputs| {
            for (index, stride) in STRIDES.into_iter().enumerate() {
                let maps = Maps {
                    stride,
                    cls: outputs.floats(index)?,
                    obj: outputs.floats(3 + index)?,
                    bbox: outputs.floats(6 + index)?,
                    kps: outputs.floats(9 + index)?,
                };
                decode(&maps, view.width / stride, MIN_CANDIDATE.min(min_score), candidates);
            }
            Ok(())
        })?;
        let per_pixel = (1.0 / view.scale) as f32;
        let faces = merge(candidates, min_score);
        Ok(faces.iter().map(|face| face.map(|point| view.to_picture(point), per_pixel)).collect())
    }

    /// A model of one size shows the same part of the picture, shrunk or padded to that size.
    fn fit(&self, view: View) -> View {
        let Some((width, height)) = self.fixed else { return view };
        let (wide, high) = (view.width as f64, view.height as f64);
        let factor = (width as f64 / wide).min(height as f64 / high);
        View { scale: view.scale * factor, width, height, ..view }
    }

    /// See [`ModelCard::upright`](super::manifest::ModelCard::upright).
    pub(super) fn knows_upright_alone(&self) -> bool {
        self.model.card().upright
    }

    /// Runs the model again on what it was last given, in both buffers: see [`Vision::repeat_models`](super::Vision).
    pub(super) fn repeat(&mut self) -> Result<(), VisionError> {
        for tensor in [&self.wide, &self.near] {
            if tensor.size() != (0, 0) {
                self.model.run(tensor.shape(), tensor.values(), |_| Ok(()))?;
            }
        }
        Ok(())
    }
}
