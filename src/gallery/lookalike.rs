//! Pictures that do not belong to the person they were given for.

use crate::domain::Template;

/// Which of the pictures of one person, by position, resemble none of the others by at least `least`: another person
/// slipped in, or a picture too poor to help. With fewer than three nobody can say which one is odd.
pub fn odd_pictures(templates: &[Template], least: f32) -> Vec<usize> {
    if templates.len() < 3 {
        return vec![];
    }
    let nearest_other = |at: usize, template: &Template| {
        let others = templates.iter().enumerate().filter(|(other, _)| *other != at);
        others.filter_map(|(_, other)| template.similarity(other)).fold(-1.0, f32::max)
    };
    let odd = |(at, template): (usize, &Template)| (nearest_other(at, template) < least).then_some(at);
    templates.iter().enumerate().filter_map(odd).collect()
}
