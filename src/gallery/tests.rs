use proptest::prelude::*;

use super::*;
use crate::domain::decision::Candidate;
use crate::domain::{ElderId, ModelDigest, Template};

fn model() -> ModelDigest {
    ModelDigest("m".to_owned())
}

fn template(values: &[f32]) -> Template {
    Template::new(values.to_vec(), model()).expect("a direction")
}

fn elder(number: usize) -> ElderId {
    ElderId::new(format!("E-{number:03}")).expect("an id")
}

fn gallery(people: &[Vec<Vec<f32>>]) -> Gallery {
    let dimension = people.iter().flatten().map(Vec::len).next().unwrap_or(4);
    let mut gallery = Gallery::new(model(), dimension);
    for (number, templates) in people.iter().enumerate() {
        let templates: Vec<Template> = templates.iter().map(|values| template(values)).collect();
        gallery.replace(elder(number), &templates).expect("templates of one model");
    }
    gallery
}

/// Everybody, compared in 32 bits, best first.
fn everybody(gallery: &Gallery, probe: &Template) -> Vec<Candidate> {
    let nobody = ElderId::new("nobody").expect("an id");
    gallery.lookalikes(&nobody, std::slice::from_ref(probe), f32::NEG_INFINITY).expect("one model")
}

/// The definition of a person's score, in 64 bits and without any of the gallery's code.
fn score_by_definition(templates: &[Vec<f32>], probe: &[f32]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let unit = |values: Vec<f64>| {
        let length = dot(&values, &values).sqrt();
        values.into_iter().map(|value| value / length).collect::<Vec<f64>>()
    };
    let wide = |values: &[f32]| unit(values.iter().map(|value| f64::from(*value)).collect());
    let (probe, templates): (Vec<f64>, Vec<Vec<f64>>) = (wide(probe), templates.iter().map(|t| wide(t)).collect());
    let most = templates.iter().map(|t| dot(t, &probe)).fold(-1.0, f64::max);
    let sum: Vec<f64> = (0..probe.len()).map(|i| templates.iter().map(|t| t[i]).sum()).collect();
    if dot(&sum, &sum).sqrt() < 0.1 * templates.len() as f64 {
        return most;
    }
    (most + dot(&unit(sum), &probe)) / 2.0
}

/// Vectors of few distinct values, so that equal scores, copies and opposites happen.
fn vector(dimension: usize) -> impl Strategy<Value = Vec<f32>> {
    let value = prop_oneof![(-2i8..=2).prop_map(f32::from), -1.0f32..1.0];
    prop::collection::vec(value, dimension).prop_filter("a direction", |v| v.iter().any(|x| x.abs() > 1e-3))
}

/// People and a probe. Half of the crowds stand so close together that one-byte templates cannot tell them apart.
fn crowd() -> impl Strategy<Value = (Vec<Vec<Vec<f32>>>, Vec<f32>)> {
    prop_oneof![Just(3usize), Just(16), Just(128)].prop_flat_map(|dimension| {
        let person = prop::collection::vec(vector(dimension), 1..4);
        let close = prop_oneof![Just(None), vector(dimension).prop_map(Some)];
        (prop::collection::vec(person, 0..40), vector(dimension), close).prop_map(|(people, probe, middle)| {
            let Some(middle) = middle else { return (people, probe) };
            let near = |values: Vec<f32>| values.iter().zip(&middle).map(|(v, m)| m + 0.002 * v).collect::<Vec<f32>>();
            (people.into_iter().map(|person| person.into_iter().map(near).collect()).collect(), probe)
        })
    })
}

proptest! {
    #[test]
    fn the_search_answers_bit_for_bit_as_if_everybody_were_compared_in_32_bits((people, probe) in crowd()) {
        let gallery = gallery(&people);
        prop_assume!(!people.is_empty());
        let probe = template(&probe);
        let mut all = everybody(&gallery, &probe).into_iter();
        let found = gallery.search(&probe).expect("one model");
        prop_assert_eq!(found.best, all.next());
        prop_assert_eq!(found.runner_up, all.next());
    }

    #[test]
    fn a_score_is_what_its_definition_says((people, probe) in crowd()) {
        prop_assume!(!people.is_empty());
        for candidate in everybody(&gallery(&people), &template(&probe)) {
            let number: usize = candidate.elder.as_str()[2..].parse().expect("a number");
            let expected = score_by_definition(&people[number], &probe);
            prop_assert!((f64::from(candidate.similarity) - expected).abs() < 1e-4, "{} {expected}", candidate.similarity);
        }
    }

    #[test]
    fn whoever_was_removed_leaves_nothing_behind((people, probe) in crowd(), gone in prop::collection::vec(0usize..40, 0..20)) {
        prop_assume!(!people.is_empty());
        let mut shrunk = gallery(&people);
        for number in &gone {
            let was_there = shrunk.contains(&elder(*number));
            prop_assert_eq!(shrunk.remove(&elder(*number)), was_there);
        }
        let probe = template(&probe);
        let expected: Vec<Candidate> = everybody(&gallery(&people), &probe)
            .into_iter()
            .filter(|candidate| !gone.iter().any(|number| elder(*number) == candidate.elder))
            .collect();
        let found = shrunk.search(&probe).expect("one model");
        prop_assert_eq!(found.best.as_ref(), expected.first());
        prop_assert_eq!(found.runner_up.as_ref(), expected.get(1));
        prop_assert_eq!(shrunk.people(), expected.len());
    }

    #[test]
    fn the_impostor_mean_is_the_mean_over_all_pairs_of_different_people((people, _) in crowd()) {
        prop_assume!(people.len() > 1);
        let mut pairs = vec![];
        for (a, b) in (0..people.len()).flat_map(|a| (0..people.len()).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let similarities: Vec<f32> = people[a].iter().flat_map(|x| people[b].iter().map(move |y| (x, y)))
                .map(|(x, y)| template(x).similarity(&template(y)).expect("one model")).collect();
            pairs.push(similarities.iter().sum::<f32>() / similarities.len() as f32);
        }
        let expected = pairs.iter().sum::<f32>() / pairs.len() as f32;
        let found = gallery(&people).population().impostor_mean.expect("two people");
        prop_assert!((found - expected).abs() < 1e-3, "{found} {expected}");
    }
}

#[test]
fn a_replaced_person_is_found_by_the_new_template_only() {
    let mut gallery = gallery(&[vec![vec![1.0, 0.0]], vec![vec![0.6, 0.8]]]);
    gallery.replace(elder(0), &[template(&[0.0, 1.0])]).expect("one model");
    let best = gallery.search(&template(&[1.0, 0.0])).expect("one model").best.expect("somebody");
    assert_eq!((best.elder, best.similarity), (elder(1), 0.6));
    assert_eq!(gallery.templates(), 2);
}

#[test]
fn templates_of_another_model_or_dimension_are_refused_and_change_nothing() {
    let mut gallery = gallery(&[vec![vec![1.0, 0.0]]]);
    let foreign = Template::new(vec![1.0, 0.0], ModelDigest("other".to_owned())).expect("a direction");
    let longer = template(&[1.0, 0.0, 0.0]);
    for (wrong, word) in [(foreign, "model"), (longer, "values")] {
        let error = gallery.search(&wrong).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(gallery.replace(elder(0), &[template(&[0.0, 1.0]), wrong.clone()]), Err(error.clone()));
        assert_eq!(gallery.replace(elder(1), &[wrong]), Err(error));
    }
    assert_eq!(gallery.replace(elder(0), &[]), Err(GalleryError::NoTemplate));
    let best = gallery.search(&template(&[1.0, 0.0])).expect("one model").best.expect("somebody");
    assert_eq!((best.similarity, gallery.people()), (1.0, 1));
}

#[test]
fn stored_templates_become_a_gallery_unless_one_of_them_is_none() {
    let stored =
        |values: [f32; 2]| vec![(elder(1), vec![0.6, 0.8]), (elder(0), vec![1.0, 0.0]), (elder(1), values.to_vec())];
    let gallery = Gallery::of(model(), 2, stored([0.8, 0.6])).expect("templates");
    assert_eq!((gallery.people(), gallery.templates()), (2, 3));
    for broken in [[0.0, 0.0], [f32::NAN, 1.0]] {
        assert!(Gallery::of(model(), 2, stored(broken)).is_err());
        let (sound, left_out) = Gallery::of_sound(model(), 2, stored(broken));
        assert_eq!((sound.people(), sound.templates(), left_out.len()), (2, 2, 1));
    }
    assert!(Gallery::of(model(), 3, stored([0.8, 0.6])).is_err());
}

#[test]
fn an_empty_gallery_finds_nobody() {
    let found = Gallery::new(model(), 2).search(&template(&[1.0, 0.0])).expect("one model");
    assert_eq!((found.best, found.runner_up, found.population.people), (None, None, 0));
}

#[test]
fn a_stranger_of_the_same_looks_finds_everybody_but_the_one_left_out() {
    let gallery = gallery(&[vec![vec![1.0, 0.0]], vec![vec![0.6, 0.8]], vec![vec![0.0, 1.0]]]);
    let found = gallery.search_without(&template(&[1.0, 0.0]), Some(&elder(0))).expect("one model");
    assert_eq!(found.best.map(|c| c.elder), Some(elder(1)));
    assert_eq!(found.runner_up.map(|c| c.elder), Some(elder(2)));
}

#[test]
fn the_picture_of_somebody_else_among_three_is_odd_and_of_two_that_are_not_alike_both_are() {
    let own = [template(&[1.0, 0.1, 0.0]), template(&[0.9, 0.0, 0.1]), template(&[1.0, 0.0, 0.0])];
    assert!(odd_pictures(&own, 0.4).is_empty());
    let mixed = [own[0].clone(), template(&[0.0, 0.0, 1.0]), own[1].clone()];
    assert_eq!(odd_pictures(&mixed, 0.4), [1]);
    assert_eq!(odd_pictures(&mixed[..2], 0.4), [0, 1], "of two nobody can say which");
    assert!(odd_pictures(&mixed[..1], 0.4).is_empty(), "one picture resembles itself");
}

#[test]
fn a_copy_of_a_photo_is_known_and_a_second_photo_of_the_same_face_is_none() {
    let [one, near, other] = [[1.0, 0.1, 0.0], [1.0, 0.12, 0.0], [0.0, 0.0, 1.0]].map(|values| template(&values));
    assert_eq!(copies(&[one.clone(), other.clone(), one.clone(), near, other]), [2, 4]);
    assert_eq!(copies(&[]), [0_usize; 0]);
}

#[test]
fn of_two_people_the_one_with_more_pictures_stands_out_and_with_as_many_each_nobody_does() {
    let (first, second) = ([1.0, 0.1, 0.0], [0.0, 0.1, 1.0]);
    let pictures = |of: &[&[f32; 3]]| of.iter().map(|values| template(&values[..])).collect::<Vec<_>>();
    assert_eq!(odd_pictures(&pictures(&[&first, &second, &second, &first]), 0.4), [0, 1, 2, 3]);
    assert_eq!(odd_pictures(&pictures(&[&first, &second, &second, &first, &second]), 0.4), [0, 3]);
    // A face between two others resembles both, who do not resemble each other: one of five is no majority.
    let between = [template(&[0.0, 1.0, 0.0, 0.0, 0.0]), template(&[0.8, 0.5, 0.0, 0.0, 0.0])];
    let others = [0, 2, 3].map(|axis| {
        let mut values = [0.0; 5];
        values[axis] = 1.0;
        template(&values)
    });
    assert_eq!(odd_pictures(&[&between[..], &others[..]].concat(), 0.4), [0, 1, 2, 3, 4]);
}

#[test]
fn a_difficult_picture_that_resembles_half_of_the_others_stays() {
    let difficult = template(&[0.5, 0.87, 0.0]);
    let others = [template(&[1.0, 0.0, 0.0]), template(&[0.9, 0.2, 0.0]), template(&[0.95, -0.3, 0.0])];
    assert!(odd_pictures(&[&[difficult][..], &others[..]].concat(), 0.4).is_empty());
}
