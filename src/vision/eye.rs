//! The whole of vision: a frame or a still in, an observation out.

use std::time::{Duration, Instant};

use image::RgbImage;

use super::align::Aligner;
use super::contrast::{Levels, has_colour, is_colourless, spread_whole};
use super::decode::Detection;
use super::detector::Detector;
use super::embedder::Embedder;
use super::error::VisionError;
use super::finder::Finder;
use super::liveness::Liveness;
use super::models::Models;
use super::observation::{Face, Observation, Timings, TrackId};
use super::quality::assess;
use super::tracker::Tracker;
use crate::camera::Frame;
use crate::config::{QualityConfig, RecognitionConfig};
use crate::domain::{ModelDigest, QualityReason, Template};

/// How large a still's face is shown to the embedder, as multiples of what it expects. Every crop errs a little
/// differently, and the mean errs less: genuine similarity 0.684 → 0.692 on the developer photos, impostors unchanged.
const ZOOMS: [f32; 3] = [1.0, 0.94, 1.06];

/// Sees faces. One thread owns it; its buffers are reused from frame to frame.
#[derive(Debug)]
pub struct Vision {
    finder: Finder,
    aligner: Aligner,
    embedder: Embedder,
    liveness: Vec<Liveness>,
    quality: QualityConfig,
    tracker: Tracker,
    digests: Vec<ModelDigest>,
}

impl Vision {
    /// Loads `models`, as `config` says: threads, thresholds, and liveness only where it is enabled.
    ///
    /// # Errors
    /// [`VisionError`] naming the file and the remedy: no ONNX Runtime, or a file that is no such model.
    pub fn load(models: &Models, config: &RecognitionConfig) -> Result<Self, VisionError> {
        let threads = config.models.threads;
        let detector = Detector::load(models.detector(), threads)?;
        let embedder = Embedder::load(models.embedder(), threads)?;
        let calibration = models.calibration().map_err(|error| VisionError::Mismatch {
            path: models.embedder().path.clone(),
            problem: error.to_string(),
        })?;
        let mut liveness = Vec::new();
        let mut digests = vec![models.detector().card.sha256.clone(), models.embedder().card.sha256.clone()];
        if config.liveness.enabled {
            for file in models.liveness() {
                liveness.push(Liveness::load(file, threads)?);
                digests.push(file.card.sha256.clone());
            }
        }
        Ok(Self {
            finder: Finder::new(detector, &config.detection),
            aligner: Aligner::default(),
            embedder,
            liveness,
            quality: config.quality.clone(),
            tracker: Tracker::new(calibration.as_ref()),
            digests,
        })
    }

    /// Digests of the models in use: detector, embedder, liveness.
    pub fn models(&self) -> &[ModelDigest] {
        &self.digests
    }

    /// The model that its templates belong to.
    pub fn embedder(&self) -> &ModelDigest {
        self.embedder.digest()
    }

    /// Numbers in a template.
    pub fn dimension(&self) -> usize {
        self.embedder.dimension()
    }

    /// Looks at a still as closely as it can: every face, at any size and tilt, with landmarks averaged over several looks,
    /// a template each (over several crops of the face and their mirror images, its range of brightness spread where it is
    /// narrow) and liveness where the settings ask for it.
    ///
    /// # Errors
    /// [`VisionError`] when the picture has no pixels or a model fails. No face is no error.
    pub fn look(&mut self, picture: &RgbImage) -> Result<Observation, VisionError> {
        let (mut found, mut timings) = self.find(picture, Finder::in_still)?;
        if found.is_empty()
            && let Some(spread) = spread_whole(picture)
        {
            let (more, again) = self.find(&spread, Finder::in_still)?;
            timings.detect += again.detect;
            found = more;
        }
        let mut faces = Vec::with_capacity(found.len());
        for (detection, index) in found.iter().zip(1..) {
            faces.extend(self.study(picture, detection, TrackId(index), Study::Still, &mut timings)?);
        }
        Ok(Observation { faces, nearest_is_hidden: false, timings })
    }

    /// From the next frame of a stream on, somebody else about as near as these people comes first. Whoever was passed over
    /// before and is not among them is not any more.
    pub fn pass_over(&mut self, tracks: Vec<TrackId>) {
        self.tracker.pass_over(tracks);
    }

    /// Looks at the next frame of a stream: every face, and of the nearest one, when the look is good enough, the template
    /// and, where the settings ask for it, liveness.
    ///
    /// # Errors
    /// [`VisionError`] when the frame has no pixels or a model fails. No face is no error.
    pub fn follow(&mut self, frame: &Frame) -> Result<Observation, VisionError> {
        let picture = &frame.pixels;
        let last = self.tracker.served();
        let (mut found, mut timings) = self.find(picture, |finder, picture| finder.in_frame(picture, last))?;
        let boxes: Vec<[f32; 4]> = found.iter().map(|detection| detection.bbox).collect();
        let tracks = self.tracker.follow(&boxes, frame.captured_at);
        let served = self.tracker.nearest(&boxes, &tracks);
        let nearest = served.unwrap_or(0);
        // The finder looked closely at the widest, and at others only to tell whether they are faces.
        if nearest > 0
            && let Some(detection) = found.get_mut(nearest)
        {
            let started = Instant::now();
            *detection = self.finder.exactly(picture, detection)?;
            timings.detect += started.elapsed();
        }
        let mut faces = Vec::with_capacity(found.len());
        let mut seen: Vec<_> = found.iter().zip(tracks).collect();
        if let Some(wider) = seen.get_mut(..=nearest) {
            wider.rotate_right(1);
        }
        for ((detection, track), index) in seen.into_iter().zip(0..) {
            let study = if index == 0 && served.is_some() { Study::Nearest } else { Study::Bystander };
            faces.extend(self.study(picture, detection, track, study, &mut timings)?);
        }
        if let Some(face) = faces.first_mut()
            && let Some(template) = &face.template
        {
            face.track = self.tracker.confirm(face.track, template);
        }
        Ok(Observation { nearest_is_hidden: served.is_none() && !faces.is_empty(), faces, timings })
    }

    /// Runs the models of the last frame again on the inputs they were given, and nothing else: the bare cost beneath
    /// [`follow`](Self::follow). Liveness is left out.
    ///
    /// # Errors
    /// [`VisionError::Run`] when a model fails.
    pub fn repeat_models(&mut self) -> Result<Duration, VisionError> {
        let started = Instant::now();
        self.finder.detector().repeat()?;
        self.embedder.repeat()?;
        Ok(started.elapsed())
    }

    fn find(
        &mut self,
        picture: &RgbImage,
        find: impl FnOnce(&mut Finder, &RgbImage) -> Result<Vec<Detection>, VisionError>,
    ) -> Result<(Vec<Detection>, Timings), VisionError> {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            return Err(VisionError::Picture { width, height });
        }
        let started = Instant::now();
        let found = find(&mut self.finder, picture)?;
        Ok((found, Timings { detect: started.elapsed(), ..Timings::default() }))
    }

    /// What there is to say about one face. `None` when its landmarks are no face.
    fn study(
        &mut self,
        picture: &RgbImage,
        detection: &Detection,
        track: TrackId,
        study: Study,
        timings: &mut Timings,
    ) -> Result<Option<Face>, VisionError> {
        let started = Instant::now();
        if !self.aligner.align(picture, &detection.landmarks, 1.0, self.embedder.aligned()) {
            return Ok(None);
        }
        let mut quality = assess(detection, picture.dimensions(), self.embedder.aligned(), &self.quality);
        timings.align += started.elapsed();
        let worth = match study {
            Study::Still => true,
            Study::Nearest => quality.is_sufficient(),
            Study::Bystander => false,
        };
        let mut template = None;
        let (mut live, mut live_doubtful) = (None, None);
        if worth {
            let started = Instant::now();
            template = match study {
                Study::Still => self.portray(picture, detection)?,
                Study::Nearest | Study::Bystander => self.embedder.embed()?,
            };
            timings.embed += started.elapsed();
            if !self.liveness.is_empty() {
                let started = Instant::now();
                let judged = shows_surroundings(picture.dimensions(), &detection.bbox);
                match study {
                    // The models were trained on colours: to them a living face in grey is a print.
                    Study::Still if !has_colour(picture, detection.bbox) => {}
                    Study::Still if !judged => live_doubtful = self.live(picture, &detection.bbox)?,
                    // Everybody would be a print.
                    Study::Nearest if is_colourless(picture, detection.bbox) => {
                        quality.reasons.push(QualityReason::NoColours);
                    }
                    _ if judged => live = self.live(picture, &detection.bbox)?,
                    _ => quality.reasons.push(QualityReason::TooNear),
                }
                timings.liveness += started.elapsed();
            }
        }
        let Detection { bbox, score, landmarks } = *detection;
        Ok(Some(Face { bbox, score, landmarks, quality, template, live, live_doubtful, track }))
    }

    /// The template of a still's face, whose 112×112 likeness was just drawn: the sum over [`ZOOMS`] of it, each with its
    /// mirror image.
    fn portray(&mut self, picture: &RgbImage, detection: &Detection) -> Result<Option<Template>, VisionError> {
        let mut spread = None;
        let mut landmarks = detection.landmarks;
        let narrow = Levels::of_face(self.embedder.aligned()).filter(Levels::are_narrow);
        if let Some(levels) = narrow.filter(|_| !self.embedder.knows_any_light()) {
            let (part, [left, top]) = levels.spread_around(picture, detection.bbox);
            let there = detection.map(|[x, y]| [x - left, y - top], 1.0);
            landmarks = self.finder.again(&part, &there)?.landmarks;
            spread = Some(part);
        }
        let mut sum = Vec::new();
        for zoom in ZOOMS {
            let source = spread.as_ref().unwrap_or(picture);
            if self.aligner.align(source, &landmarks, zoom, self.embedder.aligned()) {
                self.embedder.add_to(&mut sum)?;
            }
        }
        Ok(self.embedder.template(sum))
    }

    /// The mean of the liveness models, where there are any.
    fn live(&mut self, picture: &RgbImage, bbox: &[f32; 4]) -> Result<Option<f32>, VisionError> {
        let mut sum = 0.0;
        for model in &mut self.liveness {
            sum += model.probability(picture, bbox)?;
        }
        Ok((!self.liveness.is_empty()).then(|| sum / self.liveness.len() as f32))
    }
}

/// Whether the picture is wide and high enough around the face for liveness. The models were trained on 1.5 to 4 times
/// the face's box: edges of a photo or a screen, a hand, a frame. Cut out tighter than this, a living face looks to them
/// like a photo (all of the developer set's tight crops do).
fn shows_surroundings((width, height): (u32, u32), [_, _, face_width, face_height]: &[f32; 4]) -> bool {
    const LEAST: f32 = 1.3;
    width as f32 >= LEAST * face_width && height as f32 >= LEAST * face_height
}

/// How closely a face is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Study {
    /// A face of a still.
    Still,
    /// The nearest face of a frame.
    Nearest,
    /// Another face of a frame.
    Bystander,
}
