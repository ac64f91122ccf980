//! Pictures that do not belong to the person they were given for.

use crate::domain::Template;

/// Templates that resemble each other this much come from one photo, whatever it was saved as; two of a burst do not.
const ONE_PHOTO: f32 = 0.9999;

/// Whether these come from one photo.
pub fn is_one_photo(a: &Template, b: &Template) -> bool {
    a.similarity(b).is_some_and(|similarity| similarity >= ONE_PHOTO)
}

/// Which of the pictures, by position and rising, are copies of an earlier one.
pub fn copies(templates: &[Template]) -> Vec<usize> {
    let is_copy = |at: &usize| {
        let mut earlier = templates.iter().take(*at);
        templates.get(*at).is_some_and(|template| earlier.any(|other| is_one_photo(other, template)))
    };
    (0..templates.len()).filter(is_copy).collect()
}

/// Which of the pictures given for one person, by position, are not to be taken: another person slipped in, or a picture
/// too poor to help. Taken are those that resemble at least half of the others by at least `least`, a cosine, where they
/// are more than half of all. Otherwise every picture is odd, since nobody can say who of those on them is meant: two that
/// are not alike, or two people with as many pictures each. A single picture is never odd.
pub fn odd_pictures(templates: &[Template], least: f32) -> Vec<usize> {
    let is_alike = |a: &Template, b: &Template| a.similarity(b).is_some_and(|similarity| similarity >= least);
    let resembles_half = |at: usize, template: &Template| {
        let others = || templates.iter().enumerate().filter(|(other, _)| *other != at);
        let alike = others().filter(|(_, other)| is_alike(template, other)).count();
        alike * 2 >= others().count()
    };
    let places = 0..templates.len();
    let taken: Vec<usize> =
        templates.iter().enumerate().filter(|(at, t)| resembles_half(*at, t)).map(|(at, _)| at).collect();
    if taken.len() * 2 > templates.len() {
        places.filter(|place| !taken.contains(place)).collect()
    } else {
        places.collect()
    }
}
