//! From looks at one person to who they are, in the session's words.

use std::time::{Duration, Instant};

use crate::domain::decision::{Decision, MOST_LOOKS, Policy, Sighting, decide, decide_in_doubt, ends_in_doubt};
use crate::domain::{Quality, QualityReason};
use crate::kiosk::session::{Hint, Identity, Track};

/// After somebody was no living person, or went before that was settled, nobody passes on their first few looks for this
/// long, whoever it is: a photo that is held up once more, or to a tracker that lost it, looks like the next person. An
/// honest one loses a second.
const DOUBT: Duration = Duration::from_secs(60);

/// The looks at the person who stands there now.
#[derive(Debug, Default)]
pub struct Stay {
    track: Option<Track>,
    looks: Vec<Sighting>,
    attempt: u64,
    /// Until when somebody who was no living person is remembered, whoever stands there since.
    doubted_until: Option<Instant>,
    /// Until when that will be, should the stay end now.
    doubtful_until: Option<Instant>,
}

impl Stay {
    /// Counts a look; a new track begins anew.
    pub fn look(&mut self, track: Track, look: Sighting) {
        if self.track != Some(track) {
            self.track = Some(track);
            self.end();
        }
        if self.looks.len() >= MOST_LOOKS {
            self.looks.drain(..MOST_LOOKS / 2);
        }
        self.looks.push(look);
    }

    /// Begins anew although the person stayed, where the elder asked for another `attempt`.
    pub fn begin(&mut self, attempt: u64) {
        if self.attempt != attempt {
            self.attempt = attempt;
            self.end();
        }
    }

    /// Forgets the looks, and not what they left open.
    fn end(&mut self) {
        self.looks.clear();
        self.doubted_until = self.doubted_until.max(self.doubtful_until.take());
    }

    /// The attempt that the looks belong to.
    pub const fn attempt(&self) -> u64 {
        self.attempt
    }

    /// Who it is so far, as of `now`. While the latest look is too poor to tell it is nobody, whoever the looks before it
    /// named: the face may be another one that came to the same place.
    pub fn identity(&mut self, policy: &Policy, now: Instant) -> Identity {
        let poor = self.looks.last().is_some_and(|look| !look.quality.is_sufficient());
        let hint = self.looks.last().and_then(|look| hint(&look.quality));
        let in_doubt = self.doubted_until.is_some_and(|until| now < until);
        let decision = if in_doubt { decide_in_doubt(policy, &self.looks) } else { decide(policy, &self.looks) };
        let doubt = now.checked_add(DOUBT);
        if decision == Decision::RejectedLiveness {
            self.doubted_until = doubt;
        }
        self.doubtful_until = doubt.filter(|_| ends_in_doubt(policy, &self.looks));
        match decision {
            Decision::Accepted { .. } if poor => Identity::Undecided(hint),
            Decision::Accepted { elder, evidence } => Identity::Accepted { elder, evidence },
            Decision::Ambiguous => Identity::Ambiguous,
            Decision::Unknown => Identity::Unknown,
            Decision::RejectedLiveness => Identity::NotLive,
            Decision::RejectedQuality => hint.map_or(Identity::Undecided(None), Identity::TooPoor),
            Decision::Undecided => Identity::Undecided(hint),
        }
    }
}

/// What the person can do about the most urgent fault of a look.
fn hint(quality: &Quality) -> Option<Hint> {
    quality.reasons.first().map(|reason| match reason {
        QualityReason::TooFar => Hint::ComeCloser,
        QualityReason::CutOff | QualityReason::TooNear => Hint::StepBack,
        QualityReason::Turned | QualityReason::Nodding | QualityReason::Tilted => Hint::FaceCamera,
        QualityReason::TooDark => Hint::TooDark,
        QualityReason::TooBright => Hint::TooBright,
        QualityReason::Blurred => Hint::HoldStill,
        QualityReason::NoColours => Hint::NoColours,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decision::{Candidate, Candidates};
    use crate::domain::sample::{policy, quality};
    use crate::domain::{ElderId, Population};

    impl Stay {
        /// Who it is now.
        fn who(&mut self, policy: &Policy) -> Identity {
            self.identity(policy, Instant::now())
        }
    }

    fn look(similarity: f32, reasons: Vec<QualityReason>) -> Sighting {
        let best = Candidate { elder: ElderId::new("E-1").expect("an id"), similarity };
        Sighting {
            candidates: Candidates {
                best: Some(best),
                runner_up: None,
                population: Population { people: 1, impostor_mean: None },
            },
            quality: quality(reasons),
            live: None,
        }
    }

    #[test]
    fn a_look_too_poor_to_tell_names_nobody_whoever_the_looks_before_it_named() {
        let mut stay = Stay::default();
        (0..3).for_each(|_| stay.look(Track(1), look(0.9, vec![])));
        assert!(matches!(stay.who(&policy()), Identity::Accepted { .. }));
        stay.look(Track(1), look(0.9, vec![QualityReason::Turned]));
        assert_eq!(stay.who(&policy()), Identity::Undecided(Some(Hint::FaceCamera)));
        stay.look(Track(1), look(0.9, vec![]));
        assert!(matches!(stay.who(&policy()), Identity::Accepted { .. }), "one good look is enough to go on");
    }

    #[test]
    fn looks_of_one_stay_add_up_and_another_person_begins_anew() {
        let (policy, mut stay) = (policy(), Stay::default());
        for _ in 0..3 {
            stay.look(Track(1), look(0.9, vec![]));
        }
        assert!(matches!(stay.who(&policy), Identity::Accepted { .. }));
        stay.look(Track(2), look(0.9, vec![]));
        assert_eq!(stay.who(&policy), Identity::Undecided(None));
    }

    #[test]
    fn who_stands_too_near_is_asked_to_step_back_and_is_never_taken_for_a_photo() {
        let (policy, mut stay) = (Policy { live: Some(0.5), ..policy() }, Stay::default());
        stay.look(Track(1), look(0.9, vec![QualityReason::TooNear]));
        assert_eq!(stay.who(&policy), Identity::Undecided(Some(Hint::StepBack)));
        for _ in 0..policy.poor_looks {
            stay.look(Track(1), look(0.9, vec![QualityReason::TooNear]));
        }
        assert_eq!(stay.who(&policy), Identity::TooPoor(Hint::StepBack));
        for _ in 0..policy.frames {
            stay.look(Track(1), Sighting { live: Some(0.9), ..look(0.9, vec![]) });
        }
        assert!(matches!(stay.who(&policy), Identity::Accepted { .. }), "after the step back");
        // Leaning in to touch the screen does not lose it again: the session waits, and says what helps if it takes long.
        stay.look(Track(1), look(0.9, vec![QualityReason::TooNear]));
        assert_eq!(stay.who(&policy), Identity::Undecided(Some(Hint::StepBack)));
        stay.look(Track(1), Sighting { live: Some(0.9), ..look(0.9, vec![]) });
        assert!(matches!(stay.who(&policy), Identity::Accepted { .. }));
    }

    #[test]
    fn before_a_camera_without_colours_nobody_is_let_in_and_nobody_taken_for_a_photo() {
        let (policy, mut stay) = (Policy { live: Some(0.5), ..policy() }, Stay::default());
        for _ in 0..policy.poor_looks {
            stay.look(Track(1), look(0.9, vec![QualityReason::NoColours]));
            let identity = stay.who(&policy);
            assert!(!matches!(identity, Identity::NotLive | Identity::Accepted { .. }), "{identity:?}");
        }
        assert_eq!(stay.who(&policy), Identity::TooPoor(Hint::NoColours));
        // The night mode goes off: as if nothing had been.
        for _ in 0..policy.frames {
            stay.look(Track(1), live(0.9));
        }
        assert!(matches!(stay.who(&policy), Identity::Accepted { .. }));
    }

    fn live(live: f32) -> Sighting {
        Sighting { live: Some(live), ..look(0.9, vec![]) }
    }

    /// A photo that passes by its first three looks and not by its first six, at its `attempt`.
    fn photo(stay: &mut Stay, attempt: u64, now: Instant) -> Vec<Identity> {
        let policy = Policy { live: Some(0.5), ..policy() };
        stay.begin(attempt);
        let looks = [0.55, 0.55, 0.55, 0.4, 0.4, 0.4].map(live);
        // The tracker loses it now and then.
        looks.map(|look| (stay.look(Track(attempt / 3), look), stay.identity(&policy, now)).1).to_vec()
    }

    /// A stay that has just been found not to be a living person's.
    fn doubted(now: Instant) -> Stay {
        let (policy, mut stay) = (Policy { live: Some(0.5), ..policy() }, Stay::default());
        (0..policy.patience).for_each(|_| stay.look(Track(0), live(0.4)));
        assert_eq!(stay.identity(&policy, now), Identity::NotLive);
        stay
    }

    #[test]
    fn a_photo_that_is_shown_again_every_second_is_not_let_in_by_three_lucky_looks() {
        let start = Instant::now();
        let lucky = photo(&mut Stay::default(), 0, start);
        assert!(matches!(lucky.get(2), Some(Identity::Accepted { .. })), "without a doubt it would be: {lucky:?}");
        let mut stay = doubted(start);
        for second in 1..=150 {
            let told = photo(&mut stay, second, start + Duration::from_secs(second));
            assert!(!told.iter().any(|told| matches!(told, Identity::Accepted { .. })), "second {second}: {told:?}");
            assert_eq!(told.last(), Some(&Identity::NotLive), "second {second}");
        }
    }

    #[test]
    fn a_photo_that_is_taken_away_before_it_is_rejected_passes_at_no_later_try_by_three_lucky_looks() {
        let (start, policy) = (Instant::now(), Policy { live: Some(0.5), ..policy() });
        let ways: [fn(&mut Stay); 2] = [|stay| stay.look(Track(2), live(0.55)), |stay| stay.begin(1)];
        for again in ways {
            let mut stay = Stay::default();
            for _ in 1..policy.patience {
                stay.look(Track(1), live(0.4));
                assert_eq!(stay.identity(&policy, start), Identity::Undecided(None));
            }
            again(&mut stay);
            for _ in 0..policy.frames {
                stay.look(Track(2), live(0.55));
                assert_eq!(stay.identity(&policy, start + Duration::from_secs(1)), Identity::Undecided(None));
            }
        }
    }

    #[test]
    fn who_passes_by_before_liveness_is_measured_or_after_it_has_passed_leaves_no_doubt_behind() {
        let (now, policy) = (Instant::now(), Policy { live: Some(0.5), ..policy() });
        for looks in [vec![0.1; policy.frames - 1], vec![0.9; policy.frames]] {
            let mut stay = Stay::default();
            for probability in looks {
                stay.look(Track(1), live(probability));
                stay.identity(&policy, now);
            }
            for _ in 0..policy.frames {
                stay.look(Track(2), live(0.9));
                stay.identity(&policy, now);
            }
            assert!(matches!(stay.identity(&policy, now), Identity::Accepted { .. }));
        }
    }

    #[test]
    fn after_a_photo_the_next_one_passes_by_a_whole_window_of_looks_and_a_minute_later_by_the_first_again() {
        let (start, policy) = (Instant::now(), Policy { live: Some(0.5), ..policy() });
        for (seconds, needed) in [(1, policy.patience), (59, policy.patience), (60, policy.frames)] {
            let (mut stay, now) = (doubted(start), start + Duration::from_secs(seconds));
            let accepted = (1..=20).find(|_| {
                stay.look(Track(1), live(0.9));
                matches!(stay.identity(&policy, now), Identity::Accepted { .. })
            });
            assert_eq!(accepted, Some(needed), "after {seconds} s");
        }
    }

    #[test]
    fn a_poor_look_says_what_would_help_and_many_say_that_nothing_can_be_seen() {
        let (policy, mut stay) = (policy(), Stay::default());
        stay.look(Track(1), look(0.9, vec![QualityReason::TooDark]));
        assert_eq!(stay.who(&policy), Identity::Undecided(Some(Hint::TooDark)));
        for _ in 0..9 {
            stay.look(Track(1), look(0.9, vec![QualityReason::Turned]));
        }
        assert_eq!(stay.who(&policy), Identity::TooPoor(Hint::FaceCamera));
        stay.begin(1);
        assert_eq!((stay.attempt(), stay.who(&policy)), (1, Identity::Undecided(None)));
        stay.look(Track(1), look(0.9, vec![QualityReason::Turned]));
        stay.begin(1);
        assert_eq!(stay.who(&policy), Identity::Undecided(Some(Hint::FaceCamera)), "one request clears once");
    }
}
