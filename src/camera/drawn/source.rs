//! The stage as a camera.

use std::collections::BTreeMap;

use image::RgbImage;

use super::cast::{CastMember, cast};
use super::math::hash;
use super::scene::{CAMERA, Figure, Film, Light, Stance, Studio, Truth, canteen};
use super::stage::{Stage, Visit};
use crate::camera::{CameraError, Frame, FrameSource};

/// Texels a side of a visitor's face.
const DETAIL: usize = 240;

/// Films a [`Stage`] at about fifteen frames a second, 640 × 480. The pictures follow from the stage's seed, its visits
/// and the time alone.
pub struct DrawnSource {
    stage: Stage,
    cast: Vec<CastMember>,
    /// Painted when first seen: index in the cast → figure.
    figures: BTreeMap<usize, Figure>,
    studio: Studio,
    background: RgbImage,
    light: Light,
    sequence: u64,
    last_ms: Option<u64>,
}

impl DrawnSource {
    /// Films this stage.
    pub fn new(stage: Stage) -> Self {
        let light = Light::default();
        let background = canteen(&CAMERA, stage.seed(), 0.0, &light);
        Self {
            stage,
            cast: cast(),
            figures: BTreeMap::new(),
            studio: Studio::new(CAMERA),
            background,
            light,
            sequence: 0,
            last_ms: None,
        }
    }

    /// The next picture and what is true of it, the farthest face first; waits for nothing.
    pub fn shoot(&mut self) -> (RgbImage, Vec<Truth>) {
        let (now_ms, visits) = self.stage.next_moment();
        self.last_ms = Some(now_ms);
        self.at(now_ms, &visits)
    }

    fn at(&mut self, now_ms: u64, visits: &[Visit]) -> (RgbImage, Vec<Truth>) {
        let mut standing: Vec<(usize, Figure, Stance)> = Vec::with_capacity(visits.len());
        for visit in visits {
            let person = visit.person % self.cast.len().max(1);
            let Some(member) = self.cast.get(person) else { continue };
            let figure = self.figures.remove(&person).unwrap_or_else(|| Figure::new(member.portrait.clone(), DETAIL));
            standing.push((person, figure, visit.stance(now_ms)));
        }
        // Whoever has left is painted anew when they come again: a painted figure takes some 15 MB.
        self.figures.clear();
        standing.sort_by(|a, b| b.2.distance_m.total_cmp(&a.2.distance_m));
        let film = Film { seed: hash(now_ms as u32, 0xF113, self.stage.seed() as u32), ..Film::default() };
        let mut people: Vec<(&mut Figure, Stance)> =
            standing.iter_mut().map(|(_, figure, stance)| (figure, *stance)).collect();
        let picture = self.studio.picture(&self.background, &mut people, &self.light, &film);
        let truths = standing
            .iter()
            .map(|(person, figure, stance)| figure.truth(*person, stance, &self.light, &CAMERA))
            .collect();
        self.figures.extend(standing.into_iter().map(|(person, figure, _)| (person, figure)));
        (picture, truths)
    }
}

impl FrameSource for DrawnSource {
    fn next_frame(&mut self) -> Result<Frame, CameraError> {
        if let Some(last_ms) = self.last_ms {
            std::thread::sleep(self.stage.until_next(last_ms));
        }
        let (pixels, _) = self.shoot();
        self.sequence += 1;
        let captured_at = self.stage.instant(self.last_ms.unwrap_or_default());
        Ok(Frame { pixels, sequence: self.sequence, captured_at, name: None })
    }

    fn describe(&self) -> String {
        format!("drawn people ({}×{})", CAMERA.width, CAMERA.height)
    }
}
