//! Enrolled people who do not exist, for measuring the search.

use crate::domain::{ElderId, ModelDigest, Template};
use crate::gallery::Gallery;

/// Makes people; the same ones in the same order in every run.
pub(super) struct Crowd {
    random: Random,
}

impl Crowd {
    pub(super) fn new() -> Self {
        Self { random: Random(0x5eed) }
    }

    /// A gallery of them: each person a random direction, each template that direction with some noise.
    pub(super) fn gallery(
        &mut self,
        model: &ModelDigest,
        dimension: usize,
        people: u32,
        templates: u32,
    ) -> anyhow::Result<Gallery> {
        let mut gallery = Gallery::new(model.clone(), dimension);
        for person in 0..people {
            let elder = ElderId::new(format!("B{person:06}"))?;
            let direction = self.direction(dimension);
            let templates = (0..templates)
                .map(|_| Template::new(direction.iter().map(|v| v + 0.7 * self.random.next()).collect(), model.clone()))
                .collect::<Result<Vec<_>, _>>()?;
            gallery.replace(elder, &templates)?;
        }
        Ok(gallery)
    }

    /// Somebody who is not enrolled.
    pub(super) fn stranger(&mut self, model: &ModelDigest, dimension: usize) -> anyhow::Result<Template> {
        Ok(Template::new(self.direction(dimension), model.clone())?)
    }

    fn direction(&mut self, dimension: usize) -> Vec<f32> {
        (0..dimension).map(|_| self.random.next()).collect()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014), as numbers from −1 to 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 24) as f32;
        2.0 * unit - 1.0
    }
}
