//! Who stands there? The open-set decision, from one still or from several frames of one person's stay.
//!
//! Paying for the wrong elder is worse than asking an elder for the card, so every rule here errs to that side.

use std::collections::BTreeMap;

use super::calibration::{self, Calibration, Population};
use super::entry::{Evidence, ModelDigest};
use super::id::ElderId;
use super::quality::Quality;

/// Looks that are kept of one stay. Nobody stands there longer than this before the kiosk, and memory stays bounded. When
/// they are full the older half is forgotten.
pub const MOST_LOOKS: usize = 600;

/// One enrolled person and how alike the probe is.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Who.
    pub elder: ElderId,
    /// The comparison score, a cosine in −1..1.
    pub similarity: f32,
}

/// What a search of the gallery found for one probe.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Candidates {
    /// The most similar person; `None` when nobody is enrolled.
    pub best: Option<Candidate>,
    /// The most similar other person.
    pub runner_up: Option<Candidate>,
    /// Who was searched.
    pub population: Population,
}

impl Candidates {
    /// How far the best lies before the runner-up; `None` when there is no runner-up.
    pub fn margin(&self) -> Option<f32> {
        Some(self.best.as_ref()?.similarity - self.runner_up.as_ref()?.similarity)
    }
}

/// One look at one person: a frame, or a still.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// What the gallery found.
    pub candidates: Candidates,
    /// How good the look was.
    pub quality: Quality,
    /// Probability 0..1 that a live person stands there; `None` where it was not measured in this frame.
    pub live: Option<f32>,
}

/// When a sighting is good enough to pay on.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Where the threshold comes from.
    pub threshold: Threshold,
    /// Least lead over the runner-up, a cosine.
    pub margin: f32,
    /// Good looks that must agree on the same person, at least 1.
    pub frames: usize,
    /// Good looks after which a person who resembles nobody enough, or two too much, is told so, at least `frames`. Older
    /// looks count no more.
    pub patience: usize,
    /// Looks of any kind after which a person whom the kiosk cannot see well is told so, at least `patience`.
    pub poor_looks: usize,
    /// Least mean probability of a live person, 0..1; `None`: liveness is not asked for.
    pub live: Option<f32>,
    /// Digests of the models in use, for the evidence.
    pub models: Vec<ModelDigest>,
}

/// Where the threshold comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Threshold {
    /// From the chance that a stranger is taken for somebody, the roster's size and the model's calibration.
    Budget {
        /// Chance, 0..1, that one stranger is accepted as anybody.
        false_accepts: f64,
        /// The model's.
        calibration: Calibration,
        /// Never below this similarity.
        floor: f32,
    },
    /// A fixed similarity, for a model that nobody calibrated.
    Fixed(f32),
}

/// Who stands there.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// This elder, and why.
    Accepted {
        /// Who.
        elder: ElderId,
        /// For the ledger.
        evidence: Evidence,
    },
    /// Somebody enrolled, but two are too much alike.
    Ambiguous,
    /// Nobody enrolled.
    Unknown,
    /// A photo, a screen or a mask.
    RejectedLiveness,
    /// No look was good enough; the reasons are in the sightings.
    RejectedQuality,
    /// Too early to say.
    Undecided,
}

impl Policy {
    /// The similarity to be reached in this population.
    pub fn similarity(&self, population: &Population) -> f32 {
        match &self.threshold {
            Threshold::Budget { false_accepts, calibration, floor } => {
                calibration.threshold(*false_accepts, population).max(*floor)
            }
            Threshold::Fixed(similarity) => *similarity,
        }
    }

    /// A picture that resembles none of the person's other pictures by this much deserves a second look: there is more likely
    /// another person on it, or too poor a face.
    pub fn least_alike(&self) -> f32 {
        match &self.threshold {
            // Where one in a hundred impostors passes, in the most favourable population.
            Threshold::Budget { calibration, .. } => calibration.similarity_at(0.01) - calibration::MOST_RELIEF,
            Threshold::Fixed(similarity) => similarity / 2.0,
        }
    }

    /// The same rules for a single still: one look decides, nothing stays undecided.
    pub fn for_stills(&self) -> Self {
        Self { frames: 1, patience: 1, poor_looks: 1, ..self.clone() }
    }
}

/// Decides from the sightings of **one** person's stay, oldest first. A face that left and came back is another stay.
///
/// - Looks of insufficient quality count for nothing, except that too many of them end in [`Decision::RejectedQuality`].
/// - Where the mean liveness of `patience` looks fails, it is [`Decision::RejectedLiveness`], whoever is on the photo. First
///   looks that fail decide nothing yet, for whoever walks up is seen badly at first; but then only `patience` looks together
///   pass.
/// - Accepted: of the last `patience` good looks at least `frames`, and three of four, name the same elder; the mean
///   similarity of these reaches the threshold and their mean lead the margin; and the mean liveness of at least `frames` looks reaches
///   its limit.
/// - A mean similarity that reaches the threshold while fewer than three of four looks name that elder stays
///   [`Decision::Undecided`], however long it lasts.
/// - Within one stay nobody becomes somebody else: as soon as looks above the threshold name two people it is
///   [`Decision::Ambiguous`], however many looks follow.
///
/// With [`Policy::for_stills`] and one sighting it is the decision about a still picture.
pub fn decide(policy: &Policy, sightings: &[Sighting]) -> Decision {
    judge(policy, sightings, false)
}

/// The same shortly after somebody was no living person. Who tries again and again has lucky first looks in the end: only
/// `patience` looks together pass, whoever it is.
pub fn decide_in_doubt(policy: &Policy, sightings: &[Sighting]) -> Decision {
    judge(policy, sightings, true)
}

/// Whether a stay that ends with these looks leaves it open that it was a photo: liveness was measured in at least `frames` good
/// looks and did not pass, though there were too few for [`Decision::RejectedLiveness`]. Whoever takes a photo away in time
/// is not to be let in by it at the next try.
pub fn ends_in_doubt(policy: &Policy, sightings: &[Sighting]) -> bool {
    let good: Vec<&Sighting> = sightings.iter().filter(|sighting| sighting.quality.is_sufficient()).collect();
    let measured = good.iter().filter(|look| look.live.is_some()).count();
    measured >= policy.frames && !matches!(Liveness::of(policy, &good, false), Liveness::Passed(_))
}

fn judge(policy: &Policy, sightings: &[Sighting], in_doubt: bool) -> Decision {
    let good: Vec<&Sighting> = sightings.iter().filter(|sighting| sighting.quality.is_sufficient()).collect();
    let Some(latest) = good.last() else {
        return if sightings.len() >= policy.poor_looks { Decision::RejectedQuality } else { Decision::Undecided };
    };
    let live = Liveness::of(policy, &good, in_doubt);
    if live == Liveness::Failed {
        return Decision::RejectedLiveness;
    }
    let threshold = policy.similarity(&latest.candidates.population);
    if names_above(threshold, &good) > 1 {
        return Decision::Ambiguous;
    }
    let recent = good.get(good.len().saturating_sub(policy.patience)..).unwrap_or(&good);
    // However many looks were poor before: whoever took long to come close or to face the camera is not judged in haste.
    let out_of_patience = recent.len() >= policy.patience;
    let Some(standing) = Standing::of(recent) else {
        return if out_of_patience { Decision::Unknown } else { Decision::Undecided };
    };
    let similar = standing.similarity >= threshold;
    let agreed = standing.agreeing >= policy.frames && standing.agreeing * 4 >= recent.len() * 3;
    if similar && agreed && standing.lead >= policy.margin {
        return match live {
            Liveness::Passed(mean) => standing.accepted(policy, mean),
            // A still that gives nothing to judge: cut out tight, or grey. In a stream liveness is measured in every good
            // look; one too near for it is not a good one, and the person is asked to step back.
            Liveness::Failed | Liveness::Unmeasured if good.len() >= policy.poor_looks => Decision::RejectedLiveness,
            Liveness::Failed | Liveness::Unmeasured => Decision::Undecided,
        };
    }
    match (out_of_patience, similar, agreed) {
        (false, ..) => Decision::Undecided,
        (true, true, true) => Decision::Ambiguous,
        // Looks that see one elder clearly, and too many at nobody in particular: a face that is turned away, or bent to
        // the screen, resembles anybody a little.
        (true, true, false) => Decision::Undecided,
        (true, false, _) => Decision::Unknown,
    }
}

/// The decision about a single still, by [`Policy::for_stills`]. Nobody can step closer or into better light on a photo, so
/// a poor look is judged by what it gives: a resemblance that suffices is as safe from a poor picture as from a good one
/// (impostor scores do not rise with blur, darkness or distance); where it does not suffice, the answer is
/// [`Decision::RejectedQuality`] instead of [`Decision::Unknown`].
pub fn decide_still(policy: &Policy, sighting: &Sighting) -> Decision {
    let mut taken = sighting.clone();
    taken.quality.reasons.clear();
    match decide(&policy.for_stills(), &[taken]) {
        Decision::Unknown if !sighting.quality.is_sufficient() => Decision::RejectedQuality,
        decision => decision,
    }
}

/// How many different people are named by looks that reach the threshold.
fn names_above(threshold: f32, looks: &[&Sighting]) -> usize {
    let mut names: Vec<&ElderId> = looks
        .iter()
        .filter_map(|look| look.candidates.best.as_ref())
        .filter(|best| best.similarity >= threshold)
        .map(|best| &best.elder)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// The person whom most of the recent looks name, and how well.
struct Standing<'a> {
    elder: &'a ElderId,
    /// Looks that name this elder first.
    agreeing: usize,
    /// Mean similarity over these.
    similarity: f32,
    /// Mean lead over the runner-up of each.
    lead: f32,
    /// Best quality among these, 0..1.
    quality: f32,
}

impl<'a> Standing<'a> {
    fn of(looks: &[&'a Sighting]) -> Option<Self> {
        let mut by_elder: BTreeMap<&ElderId, Vec<&Sighting>> = BTreeMap::new();
        for look in looks {
            if let Some(best) = &look.candidates.best {
                by_elder.entry(&best.elder).or_default().push(look);
            }
        }
        let (elder, named) = by_elder.into_iter().max_by_key(|(_, named)| named.len())?;
        let mean = |value: fn(&Sighting) -> f32| named.iter().map(|s| value(s)).sum::<f32>() / named.len() as f32;
        Some(Self {
            elder,
            agreeing: named.len(),
            similarity: mean(|s| s.candidates.best.as_ref().map_or(-1.0, |best| best.similarity)),
            lead: mean(lead),
            quality: named.iter().map(|s| s.quality.score).fold(0.0, f32::max),
        })
    }

    fn accepted(&self, policy: &Policy, live: Option<f32>) -> Decision {
        Decision::Accepted {
            elder: self.elder.clone(),
            evidence: Evidence {
                similarity_e4: e4(self.similarity),
                margin_e4: e4(self.lead),
                liveness_e4: live.map(e4),
                quality_e4: e4(self.quality),
                frames: u32::try_from(self.agreeing).unwrap_or(u32::MAX),
                models: policy.models.clone(),
            },
        }
    }
}

/// The lead over the runner-up; where nobody else is enrolled, over the least possible score.
fn lead(sighting: &Sighting) -> f32 {
    let candidates = &sighting.candidates;
    candidates.margin().unwrap_or_else(|| candidates.best.as_ref().map_or(0.0, |best| best.similarity + 1.0))
}

/// Whether a living person stands there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Liveness {
    /// The mean probability, where it was measured at all.
    Passed(Option<f32>),
    Failed,
    /// Asked for, and not measured often enough to tell.
    Unmeasured,
}

impl Liveness {
    fn of(policy: &Policy, good: &[&Sighting], in_doubt: bool) -> Self {
        let measured: Vec<f32> = good.iter().filter_map(|look| look.live).collect();
        let mean = |looks: &[f32]| (!looks.is_empty()).then(|| looks.iter().sum::<f32>() / looks.len() as f32);
        let recent = mean(measured.get(measured.len().saturating_sub(policy.patience)..).unwrap_or(&measured));
        let Some(limit) = policy.live else { return Self::Passed(recent) };
        let Some(first) = measured.get(..policy.frames).and_then(mean) else { return Self::Unmeasured };
        let doubted = in_doubt || first.is_nan() || first < limit;
        let all_measured = measured.len() >= policy.patience;
        match recent {
            Some(recent) if recent >= limit && (all_measured || !doubted) => Self::Passed(Some(recent)),
            // Also where the mean is not a number.
            Some(recent) if all_measured && (recent.is_nan() || recent < limit) => Self::Failed,
            _ => Self::Unmeasured,
        }
    }
}

/// Ten-thousandths; what is not a number becomes 0.
fn e4(value: f32) -> i32 {
    (f64::from(value) * 10_000.0).round() as i32
}

#[cfg(test)]
mod tests;
