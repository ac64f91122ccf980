//! Which of a detector's answers, from several looks at one picture, are faces of their own.

use super::decode::{Detection, NOT_TWO, overlap};
use super::error::VisionError;
use super::finder::{CERTAIN, DOUBTFUL};

/// Faces that overlap the last place of whoever is served by this much may be theirs.
const SAME_PLACE: f32 = 0.3;

pub(super) fn nearest_first(faces: &mut [Detection]) {
    faces.sort_by(|a, b| b.width().total_cmp(&a.width()));
}

/// `nearest` and those of `others` that are other faces, in their order: the sure ones, and the one where `served` was last
/// seen if a closer look `confirms` it. Somebody in a hat before a bright window scores low, and does not leave by that
/// because somebody wider stands beside them.
pub(super) fn beside(
    nearest: Detection,
    others: impl Iterator<Item = Detection>,
    served: Option<[f32; 4]>,
    min_score: f32,
    mut confirms: impl FnMut(&Detection) -> Result<Option<Detection>, VisionError>,
) -> Result<Vec<Detection>, VisionError> {
    let mut faces = vec![nearest];
    for face in others {
        let is_served = || served.is_some_and(|bbox| overlap(&bbox, &face.bbox) >= SAME_PLACE);
        let face = if face.score >= min_score {
            Some(face)
        } else if is_served() {
            confirms(&face)?
        } else {
            None
        };
        faces.extend(face.filter(|face| overlap(&face.bbox, &nearest.bbox) <= NOT_TWO));
    }
    Ok(faces)
}

/// Adds those of a view's `found` faces to the `glimpses` of smaller views that may be other faces. The detector itself
/// tells two of one view apart.
pub(super) fn add_new(glimpses: &mut Vec<Detection>, found: Vec<Detection>) {
    let earlier = glimpses.len();
    for face in found {
        let sees = |(place, known): (usize, &Detection)| {
            let same = place < earlier && overlap(&known.bbox, &face.bbox) > NOT_TWO;
            // A larger look at a face that fills it sees parts of the face as faces.
            known.score >= DOUBTFUL && (same || face.score < DOUBTFUL && covers(known, &face))
        };
        if !glimpses.iter().enumerate().any(sees) {
            glimpses.push(face);
        }
    }
}

/// Confirmed `faces`, each once, widest first. Two looks may have settled on one face: the surer one stands. What lies
/// within another face is part of it unless it is certain: somebody before a poster.
pub(super) fn distinct(mut faces: Vec<Detection>) -> Vec<Detection> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut distinct: Vec<Detection> = Vec::with_capacity(faces.len());
    for face in faces {
        if !distinct.iter().any(|known| overlap(&known.bbox, &face.bbox) > NOT_TWO) {
            distinct.push(face);
        }
    }
    let all = distinct.clone();
    distinct.retain(|face| face.score >= CERTAIN || !all.iter().any(|whole| covers(whole, face)));
    nearest_first(&mut distinct);
    distinct
}

/// Whether `part`'s centre lies within `whole`, and it is much smaller.
fn covers(whole: &Detection, part: &Detection) -> bool {
    let [x, y, w, h] = whole.bbox;
    let [u, v] = part.centre();
    part.width() < 0.7 * w && (x..=x + w).contains(&u) && (y..=y + h).contains(&v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, y: f32, width: f32, score: f32) -> Detection {
        Detection { bbox: [x, y, width, width], score, landmarks: [[x, y]; 5] }
    }

    fn added(mut glimpses: Vec<Detection>, found: &[Detection]) -> Vec<Detection> {
        let before = glimpses.len();
        add_new(&mut glimpses, found.to_vec());
        glimpses.split_off(before)
    }

    #[test]
    fn two_cheek_to_cheek_in_one_view_stay_two_and_one_face_of_two_views_stays_one() {
        // Two boxes of which a quarter of the union is shared.
        let pair = [face(0.0, 0.0, 100.0, 0.95), face(60.0, 0.0, 100.0, 0.9)];
        assert!((0.24..0.3).contains(&overlap(&pair[0].bbox, &pair[1].bbox)));
        assert_eq!(added(vec![], &pair), pair);
        assert_eq!(added(vec![face(4.0, 0.0, 100.0, 0.8)], &pair), pair[1..]);
        // What a smaller view hardly saw hides nobody.
        assert_eq!(added(vec![face(4.0, 0.0, 100.0, 0.3)], &pair), pair);
    }

    #[test]
    fn a_weak_glimpse_within_a_face_is_part_of_it_and_a_strong_one_may_be_somebody_before_a_poster() {
        let poster = face(0.0, 0.0, 300.0, 0.6);
        let (weak, strong) = (face(100.0, 100.0, 60.0, 0.4), face(100.0, 100.0, 60.0, 0.7));
        assert_eq!(added(vec![poster], &[weak]), []);
        assert_eq!(added(vec![], &[poster, weak]), [poster]);
        assert_eq!(added(vec![poster], &[strong]), [strong]);
    }

    #[test]
    fn within_a_confirmed_face_only_a_certain_one_stands_and_what_nothing_confirmed_covers_nobody() {
        let whole = face(0.0, 0.0, 300.0, 0.93);
        let (part, person) = (face(100.0, 180.0, 60.0, 0.85), face(30.0, 20.0, 90.0, 0.97));
        assert_eq!(distinct(vec![part, whole, person]), [whole, person]);
        assert_eq!(distinct(vec![part]), [part]);
        let beside = face(280.0, 0.0, 100.0, 0.85);
        assert_eq!(distinct(vec![beside, whole]), [whole, beside]);
        let again = face(10.0, 0.0, 290.0, 0.91);
        assert_eq!(distinct(vec![again, whole]), [whole], "two looks at one face");
    }

    #[test]
    fn whoever_is_served_is_looked_at_again_before_they_are_dropped_for_somebody_wider() {
        let (wider, doubted) = (face(300.0, 0.0, 110.0, 0.95), face(0.0, 0.0, 100.0, 0.6));
        let rest = |others: &[Detection], served: Option<[f32; 4]>, exact: Option<Detection>| {
            let mut looks = 0;
            let faces = beside(wider, others.iter().copied(), served, 0.8, |_| {
                looks += 1;
                Ok(exact)
            });
            (faces.expect("no model to fail"), looks)
        };
        let (there, exact) = (Some([5.0, 3.0, 100.0, 100.0]), face(1.0, 1.0, 99.0, 0.9));
        assert_eq!(rest(&[doubted], there, Some(exact)), (vec![wider, exact], 1));
        assert_eq!(rest(&[doubted], there, None), (vec![wider], 1), "no look is sure");
        assert_eq!(rest(&[doubted], Some([400.0, 0.0, 100.0, 100.0]), Some(exact)), (vec![wider], 0), "somebody else");
        assert_eq!(rest(&[doubted], None, Some(exact)), (vec![wider], 0), "nobody is served");
        assert_eq!(rest(&[doubted], there, Some(wider)), (vec![wider], 1), "the look settled on the other face");
        let sure = face(150.0, 0.0, 90.0, 0.85);
        assert_eq!(rest(&[sure], there, None), (vec![wider, sure], 0));
        assert_eq!(rest(&[face(310.0, 0.0, 100.0, 0.85)], there, None), (vec![wider], 0), "the same face");
    }
}
