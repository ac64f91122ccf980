//! What searches for known and unknown people found, one picture at a time.

use crate::domain::decision::{Decision, Policy, Sighting, decide_still};
use crate::domain::{ElderId, Quality, Template};
use crate::evaluation::MatedSearch;
use crate::gallery::Gallery;

/// A person's id within one evaluation, whatever the folder is called.
pub(super) fn number(person: usize) -> anyhow::Result<ElderId> {
    Ok(ElderId::new(format!("{person:09}"))?)
}

/// A picture's subject.
pub(super) struct Picture {
    pub template: Template,
    pub quality: Quality,
}

/// What the shipped rules of decision did, one picture at a time and without liveness.
#[derive(Default)]
pub(super) struct Counts {
    pub right: usize,
    pub wrong: usize,
    pub strangers_accepted: usize,
}

impl Counts {
    /// Looks up somebody who is to be found. `None` when the picture shows no face, or nobody of that id is enrolled.
    pub fn mated(
        &mut self,
        gallery: &Gallery,
        policy: &Policy,
        picture: Option<&Picture>,
        person: &ElderId,
    ) -> anyhow::Result<Option<MatedSearch>> {
        let Some(picture) = picture.filter(|_| gallery.contains(person)) else { return Ok(None) };
        let candidates = gallery.search(&picture.template)?;
        let others = gallery.search_without(&picture.template, Some(person))?;
        let Some(best) = &candidates.best else { return Ok(None) };
        let search = MatedSearch {
            first: best.elder == *person,
            best: best.similarity,
            best_other: others.best.map(|other| other.similarity),
        };
        let sighting = Sighting { candidates, quality: picture.quality.clone(), live: None };
        if let Decision::Accepted { elder, .. } = decide_still(policy, &sighting) {
            if elder == *person { self.right += 1 } else { self.wrong += 1 }
        }
        Ok(Some(search))
    }

    /// Looks up somebody who is not enrolled: the best score. `None` when the picture shows no face.
    pub fn stranger(
        &mut self,
        gallery: &Gallery,
        policy: &Policy,
        picture: Option<&Picture>,
    ) -> anyhow::Result<Option<f32>> {
        let Some(picture) = picture else { return Ok(None) };
        let candidates = gallery.search(&picture.template)?;
        let best = candidates.best.as_ref().map(|best| best.similarity);
        let sighting = Sighting { candidates, quality: picture.quality.clone(), live: None };
        if matches!(decide_still(policy, &sighting), Decision::Accepted { .. }) {
            self.strangers_accepted += 1;
        }
        Ok(best)
    }
}
