//! Pictures that do not belong to the person they were given for.

use crate::domain::Template;

/// Which of the pictures of one person, by position, have a mean similarity to the others below `least`: another person
/// slipped in, or a picture too poor to help. With fewer than three nobody can say which one is odd.
pub fn odd_pictures(templates: &[Template], least: f32) -> Vec<usize> {
    if templates.len() < 3 {
        return vec![];
    }
    let mean_to_others = |at: usize, template: &Template| {
        let others = templates.iter().enumerate().filter(|(other, _)| *other != at);
        let similarities = others.filter_map(|(_, other)| template.similarity(other));
        similarities.sum::<f32>() / (templates.len() - 1) as f32
    };
    let odd = |(at, template): (usize, &Template)| (mean_to_others(at, template) < least).then_some(at);
    templates.iter().enumerate().filter_map(odd).collect()
}
