use proptest::prelude::*;

use super::*;
use crate::domain::QualityReason;
use crate::domain::sample::{policy, quality};

const BEST: &str = "E-1";
const OTHER: &str = "E-2";

fn candidate(elder: &str, similarity: f32) -> Candidate {
    Candidate { elder: ElderId::new(elder).expect("an id"), similarity }
}

fn look(best: (&str, f32), runner_up: f32) -> Sighting {
    let second = if best.0 == BEST { OTHER } else { BEST };
    Sighting {
        candidates: Candidates {
            best: Some(candidate(best.0, best.1)),
            runner_up: Some(candidate(second, runner_up)),
            population: Population { people: 2, impostor_mean: Some(0.1) },
        },
        quality: quality(vec![]),
        live: None,
    }
}

fn poor() -> Sighting {
    Sighting { quality: quality(vec![QualityReason::TooFar]), ..look((BEST, 0.9), 0.0) }
}

fn live(probability: f32) -> Sighting {
    Sighting { live: Some(probability), ..look((BEST, 0.7), 0.2) }
}

fn accepted(decision: &Decision) -> bool {
    matches!(decision, Decision::Accepted { .. })
}

#[test]
fn a_person_is_accepted_on_the_third_agreeing_look_with_the_evidence_of_all_three() {
    let looks = [look((BEST, 0.6), 0.3), look((BEST, 0.7), 0.3), look((BEST, 0.8), 0.3)];
    assert_eq!(decide(&policy(), &looks[..2]), Decision::Undecided);
    let Decision::Accepted { elder, evidence } = decide(&policy(), &looks) else { panic!("not accepted") };
    assert_eq!(elder.as_str(), BEST);
    assert_eq!((evidence.similarity_e4, evidence.margin_e4, evidence.frames), (7_000, 4_000, 3));
    assert_eq!((evidence.liveness_e4, evidence.quality_e4, evidence.models), (None, 8_000, policy().models));
}

#[test]
fn a_stranger_is_unknown_once_patience_is_out_and_not_before() {
    let looks = vec![look((BEST, 0.3), 0.25); 6];
    assert_eq!(decide(&policy(), &looks[..5]), Decision::Undecided);
    assert_eq!(decide(&policy(), &looks), Decision::Unknown);
}

#[test]
fn two_people_who_are_too_much_alike_are_ambiguous() {
    let looks = vec![look((BEST, 0.70), 0.68); 6];
    assert_eq!(decide(&policy(), &looks), Decision::Ambiguous);
    assert_eq!(decide(&policy().for_stills(), &looks[..1]), Decision::Ambiguous);
}

#[test]
fn a_stay_that_named_two_people_is_never_accepted_again_however_many_looks_follow() {
    let mut looks = vec![look((OTHER, 0.9), 0.1)];
    looks.extend(vec![look((BEST, 0.9), 0.1); 50]);
    assert_eq!(decide(&policy(), &looks), Decision::Ambiguous);
}

#[test]
fn one_weak_look_at_somebody_else_does_not_spoil_a_clear_stay_but_two_of_five_do() {
    let clear = look((BEST, 0.7), 0.2);
    let astray = look((OTHER, 0.3), 0.25);
    assert!(accepted(&decide(&policy(), &[astray.clone(), clear.clone(), clear.clone(), clear.clone()])));
    let looks = [astray.clone(), astray, clear.clone(), clear.clone(), clear];
    assert_eq!(decide(&policy(), &looks), Decision::Undecided);
}

#[test]
fn a_face_that_looks_down_again_and_again_is_undecided_and_not_two_people() {
    let clear = look((BEST, 0.9), 0.2);
    let down = look((OTHER, 0.3), 0.28);
    let mut looks = vec![clear.clone(); 4];
    looks.extend([down.clone(), down.clone()]);
    assert_eq!(decide(&policy(), &looks), Decision::Undecided);
    looks.extend(vec![down; 6]);
    assert_eq!(decide(&policy(), &looks), Decision::Unknown, "when nothing resembles anybody any more");
    looks.extend(vec![clear; 6]);
    assert!(accepted(&decide(&policy(), &looks)), "and back");
}

#[test]
fn a_poor_still_is_accepted_where_it_resembles_enough_and_otherwise_called_poor() {
    assert!(accepted(&decide_still(&policy(), &poor())));
    let weak = Sighting { quality: quality(vec![QualityReason::TooDark]), ..look((BEST, 0.3), 0.25) };
    assert_eq!(decide_still(&policy(), &weak), Decision::RejectedQuality);
    assert_eq!(decide_still(&policy(), &look((BEST, 0.3), 0.25)), Decision::Unknown);
    let alike = Sighting { quality: quality(vec![QualityReason::TooFar]), ..look((BEST, 0.70), 0.68) };
    assert_eq!(decide_still(&policy(), &alike), Decision::Ambiguous);
    let asked = Policy { live: Some(0.5), ..policy() };
    let attack = Sighting { live: Some(0.1), ..poor() };
    assert_eq!(decide_still(&asked, &attack), Decision::RejectedLiveness);
}

#[test]
fn poor_looks_never_count_and_too_many_of_them_are_said() {
    assert_eq!(decide(&policy(), &vec![poor(); 8]), Decision::Undecided);
    assert_eq!(decide(&policy(), &vec![poor(); 9]), Decision::RejectedQuality);
    assert_eq!(decide(&policy().for_stills(), &[poor()]), Decision::RejectedQuality);
    assert_eq!(decide(&policy(), &[]), Decision::Undecided);
}

#[test]
fn a_known_person_is_undecided_until_liveness_was_measured_and_a_photo_is_rejected() {
    let policy = Policy { live: Some(0.5), ..policy() };
    let known = vec![look((BEST, 0.7), 0.2); 3];
    assert_eq!(decide(&policy, &known[..2]), Decision::Undecided);
    assert_eq!(decide(&policy, &known), Decision::Undecided);
    assert!(accepted(&decide(&policy, &[live(0.9), live(0.8), live(0.4)])));
    for first in [0.9, 0.1, f32::NAN] {
        let photo = [first, 0.1, 0.1, 0.9, 0.1, 0.1].map(live);
        assert_eq!(decide(&policy, &photo[..5]), Decision::Undecided, "{first}");
        assert_eq!(decide(&policy, &photo), Decision::RejectedLiveness, "{first}");
    }
}

#[test]
fn who_was_seen_badly_for_long_is_judged_by_as_many_good_looks_as_anybody() {
    let policy = Policy { live: Some(0.5), ..policy() };
    let long_way = vec![poor(); 60];
    for (good, expected) in [
        (vec![look((BEST, 0.3), 0.25); 5], Decision::Undecided),
        (vec![look((BEST, 0.3), 0.25); 6], Decision::Unknown),
        ([0.1, 0.2, 0.3, 0.9, 0.9].map(live).to_vec(), Decision::Undecided),
    ] {
        assert_eq!(decide(&policy, &[long_way.clone(), good].concat()), expected);
    }
    let alive = [0.1, 0.2, 0.3, 0.9, 0.9, 0.9].map(live).to_vec();
    assert!(accepted(&decide(&policy, &[long_way, alive].concat())));
}

#[test]
fn whose_first_looks_fail_on_the_way_is_alive_only_by_a_whole_window_of_looks() {
    let policy = Policy { live: Some(0.5), ..policy() };
    let walking = [0.2, 0.2, 0.3, 0.9, 0.9, 0.9].map(live);
    assert_eq!(decide(&policy, &walking[..3]), Decision::Undecided, "nobody is called a photo by three looks");
    assert!(accepted(&decide(&policy, &walking[2..5])), "without the first two they pass at once");
    assert_eq!(decide(&policy, &walking[1..6]), Decision::Undecided, "five are not six, though their mean passes");
    assert!(accepted(&decide(&policy, &walking)));
    let mut left = walking.to_vec();
    left.extend([0.9; 6].map(live));
    left.extend([0.1; 4].map(live));
    assert_eq!(decide(&policy, &left), Decision::RejectedLiveness, "who stays is measured on");
}

#[test]
fn in_doubt_the_first_looks_alone_pass_nobody_and_a_whole_window_passes_by_its_mean() {
    let policy = Policy { live: Some(0.5), ..policy() };
    let lucky = [0.9, 0.9, 0.9, 0.9, 0.9, 0.1].map(live);
    assert!(accepted(&decide(&policy, &lucky[..3])));
    for seen in 1..=5 {
        assert_eq!(decide_in_doubt(&policy, &lucky[..seen]), Decision::Undecided, "{seen} looks");
    }
    assert!(accepted(&decide_in_doubt(&policy, &lucky)));
    let photo = [0.9, 0.9, 0.9, 0.1, 0.1, 0.0].map(live);
    assert_eq!(decide_in_doubt(&policy, &photo), Decision::RejectedLiveness);
}

#[test]
fn a_person_whose_liveness_cannot_be_measured_is_rejected_in_the_end_and_never_accepted() {
    let policy = Policy { live: Some(0.5), ..policy() };
    let looks = vec![look((BEST, 0.7), 0.2); 9];
    assert_eq!(decide(&policy, &looks[..8]), Decision::Undecided);
    assert_eq!(decide(&policy, &looks), Decision::RejectedLiveness);
}

#[test]
fn a_photo_of_a_stranger_is_a_photo_and_not_a_stranger() {
    let photo = Sighting { live: Some(0.01), ..look((BEST, 0.2), 0.1) };
    let policy = Policy { live: Some(0.5), ..policy() };
    assert_eq!(decide(&policy.for_stills(), &[photo]), Decision::RejectedLiveness);
}

#[test]
fn nobody_is_known_to_an_empty_gallery_and_a_lone_enrolled_person_needs_no_runner_up() {
    let nobody = Sighting { candidates: Candidates::default(), ..poor() };
    let nobody = Sighting { quality: quality(vec![]), ..nobody };
    assert_eq!(decide(&policy().for_stills(), &[nobody]), Decision::Unknown);
    let mut lone = look((BEST, 0.6), 0.0);
    lone.candidates.runner_up = None;
    let Decision::Accepted { evidence, .. } = decide(&policy().for_stills(), &[lone]) else { panic!("not accepted") };
    assert_eq!(evidence.margin_e4, 16_000, "over the least possible score, -1");
}

#[test]
fn scores_that_are_not_numbers_are_never_accepted() {
    for broken in [look((BEST, f32::NAN), 0.1), look((BEST, 0.9), f32::NAN)] {
        assert!(!accepted(&decide(&policy().for_stills(), &[broken])));
    }
}

fn any_look() -> impl Strategy<Value = Sighting> {
    (prop::bool::ANY, -1.0f32..1.0, 0.0f32..1.0, prop::option::of(0.0f32..1.0), prop::bool::weighted(0.8)).prop_map(
        |(first, similarity, lead, live, good)| Sighting {
            live,
            quality: quality(if good { vec![] } else { vec![QualityReason::Blurred] }),
            ..look((if first { BEST } else { OTHER }, similarity), similarity - lead)
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_seen_an_accepted_person_had_enough_good_looks_above_every_limit(
        looks in prop::collection::vec(any_look(), 0..20),
        asks_liveness in prop::bool::ANY,
    ) {
        let policy = Policy { live: asks_liveness.then_some(0.5), ..policy() };
        if let Decision::Accepted { elder, evidence } = decide(&policy, &looks) {
            let good: Vec<_> = looks.iter().filter(|l| l.quality.is_sufficient()).collect();
            let naming = good.iter().rev().take(policy.patience)
                .filter(|l| l.candidates.best.as_ref().is_some_and(|b| b.elder == elder));
            prop_assert!(naming.count() >= policy.frames);
            prop_assert!(evidence.similarity_e4 >= 4_999 && evidence.margin_e4 >= 499);
            let rival = good.iter().filter_map(|l| l.candidates.best.as_ref())
                .any(|b| b.elder != elder && b.similarity >= 0.5);
            prop_assert!(!rival, "accepted although another person was named above the threshold");
            prop_assert!(!asks_liveness || evidence.liveness_e4.is_some_and(|live| live >= 4_999));
        }
    }

    #[test]
    fn in_doubt_nobody_is_accepted_who_would_not_be_without(looks in prop::collection::vec(any_look(), 0..20)) {
        let policy = Policy { live: Some(0.5), ..policy() };
        let doubted = decide_in_doubt(&policy, &looks);
        prop_assert!(!accepted(&doubted) || doubted == decide(&policy, &looks));
    }

    #[test]
    fn a_stay_never_goes_from_one_elder_to_another(looks in prop::collection::vec(any_look(), 0..20)) {
        let mut accepted = None;
        for seen in 1..=looks.len() {
            if let Decision::Accepted { elder, .. } = decide(&policy(), &looks[..seen]) {
                prop_assert!(accepted.is_none() || accepted == Some(elder.clone()));
                accepted = Some(elder);
            }
        }
    }

    #[test]
    fn a_stricter_policy_accepts_nobody_whom_the_laxer_one_does_not(
        looks in prop::collection::vec(any_look(), 0..20), more in 0.0f32..0.4,
    ) {
        let strict = Policy { margin: policy().margin + more, ..policy() };
        if accepted(&decide(&strict, &looks)) {
            prop_assert!(accepted(&decide(&policy(), &looks)));
        }
    }
}
