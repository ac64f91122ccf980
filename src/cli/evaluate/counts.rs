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

/// What the shipped rules of decision did, one picture at a time and without liveness; nothing where there are none.
#[derive(Default)]
pub(super) struct Counts {
    pub right: usize,
    pub wrong: usize,
    pub strangers_accepted: usize,
    /// Faces of people who were to be found and are not enrolled.
    pub not_enrolled: usize,
}

impl Counts {
    /// Looks up somebody who is to be found. `None` when the picture shows no face. A person of whose enrolment nothing
    /// came cannot be found, and whoever is accepted instead is wrong.
    pub fn mated(
        &mut self,
        gallery: &Gallery,
        policy: Option<&Policy>,
        picture: Option<&Picture>,
        person: &ElderId,
    ) -> anyhow::Result<Option<MatedSearch>> {
        let Some(picture) = picture else { return Ok(None) };
        self.not_enrolled += usize::from(!gallery.contains(person));
        let candidates = gallery.search(&picture.template)?;
        let others = gallery.search_without(&picture.template, Some(person))?;
        let best = candidates.best.as_ref();
        let search = MatedSearch {
            first: best.is_some_and(|best| best.elder == *person),
            // Where nobody is enrolled, below every threshold.
            best: best.map_or(-1.0, |best| best.similarity),
            best_other: others.best.map(|other| other.similarity),
        };
        let sighting = Sighting { candidates, quality: picture.quality.clone(), live: None };
        if let Some(Decision::Accepted { elder, .. }) = policy.map(|policy| decide_still(policy, &sighting)) {
            if elder == *person { self.right += 1 } else { self.wrong += 1 }
        }
        Ok(Some(search))
    }

    /// Looks up somebody who is not enrolled: the best score. `None` when the picture shows no face.
    pub fn stranger(
        &mut self,
        gallery: &Gallery,
        policy: Option<&Policy>,
        picture: Option<&Picture>,
    ) -> anyhow::Result<Option<f32>> {
        let Some(picture) = picture else { return Ok(None) };
        let candidates = gallery.search(&picture.template)?;
        let best = candidates.best.as_ref().map(|best| best.similarity);
        let sighting = Sighting { candidates, quality: picture.quality.clone(), live: None };
        if policy.is_some_and(|policy| matches!(decide_still(policy, &sighting), Decision::Accepted { .. })) {
            self.strangers_accepted += 1;
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ModelDigest;
    use crate::domain::sample::{policy, quality};
    use crate::evaluation::{NonMated, identification};

    fn template(values: [f32; 3]) -> Template {
        Template::new(values.to_vec(), ModelDigest("m".to_owned())).expect("a direction")
    }

    fn picture(values: [f32; 3]) -> Picture {
        Picture { template: template(values), quality: quality(vec![]) }
    }

    #[test]
    fn somebody_whose_enrolment_failed_is_searched_and_missed_and_whoever_is_accepted_instead_is_wrong() {
        let policy = policy();
        let mut gallery = Gallery::new(ModelDigest("m".to_owned()), 3);
        let [enrolled, other, failed] = [0, 1, 2].map(|person| number(person).expect("an id"));
        gallery.replace(enrolled.clone(), &[template([1.0, 0.0, 0.0])]).expect("one model");
        gallery.replace(other, &[template([0.0, 1.0, 0.0])]).expect("one model");
        let mut counts = Counts::default();
        let mut mated = |picture: Option<&Picture>, person: &ElderId| {
            counts.mated(&gallery, Some(&policy), picture, person).expect("one model")
        };
        let searches = [
            mated(Some(&picture([1.0, 0.1, 0.0])), &enrolled),
            mated(Some(&picture([0.9, 0.0, 0.2])), &failed),
            mated(Some(&picture([0.0, 0.0, 1.0])), &failed),
            mated(None, &failed),
        ];
        assert_eq!((counts.right, counts.wrong, counts.not_enrolled), (1, 1, 2));
        assert_eq!(
            searches.map(|search| search.map(|search| search.first)),
            [Some(true), Some(false), Some(false), None]
        );
        let found = identification(&searches, &[], NonMated::WithProbes);
        assert_eq!((found.rank1, found.rank1_acquired), (Some(0.25), Some(1.0 / 3.0)));
        // As of a stranger, whoever is most alike is somebody else.
        assert_eq!(searches[1].and_then(|search| search.best_other), searches[1].map(|search| search.best));
    }

    #[test]
    fn where_nobody_is_enrolled_a_face_is_a_miss_and_no_picture_without_a_face() {
        let gallery = Gallery::new(ModelDigest("m".to_owned()), 3);
        let mut counts = Counts::default();
        let person = number(0).expect("an id");
        let search =
            counts.mated(&gallery, Some(&policy()), Some(&picture([1.0, 0.0, 0.0])), &person).expect("one model");
        assert_eq!(search.map(|search| (search.first, search.best_other)), Some((false, None)));
        assert_eq!((counts.right, counts.wrong, counts.not_enrolled), (0, 0, 1));
    }
}
