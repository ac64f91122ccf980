//! Which faces of a stream belong to one person.
//!
//! A track is a promise: all its frames show the same person. So it ends rather too early than too late: when the face
//! was gone for a moment, jumped, came so close to another that the two could have swapped, or when its template no
//! longer resembles itself.

use std::time::{Duration, Instant};

use super::decode::overlap;
use super::observation::TrackId;
use crate::domain::{Calibration, Template};

/// A face that was not seen for so long has left.
const GONE_AFTER: Duration = Duration::from_millis(600);
/// Least overlap of a face's boxes in two consecutive looks.
const SAME_PLACE: f32 = 0.3;
/// Overlap with a second candidate from which on the two could have swapped.
const CONFUSABLE: f32 = 0.2;
/// How many of two people's pairs of looks may resemble each other enough to be taken for one person's. Two looks of a
/// stream at one person, a moment apart, resemble each other far more.
const TWO_PEOPLE_PASS: f64 = 0.01;
/// The similarity that two looks at one person reach, where nobody measured the embedder: what one in a hundred pairs
/// of Western strangers does with the shipped one.
const UNMEASURED: f32 = 0.25;
/// Another face must be this much wider to be the nearest in the place of the one that was: of two people cheek to cheek
/// now one and now the other is the wider, and neither would be looked at for long enough.
const CLEARLY_WIDER: f32 = 1.15;

#[derive(Debug)]
struct Track {
    id: TrackId,
    bbox: [f32; 4],
    seen_at: Instant,
    /// The last template of a sufficient look.
    template: Option<Template>,
}

/// Gives faces of consecutive frames their tracks.
#[derive(Debug)]
pub(super) struct Tracker {
    tracks: Vec<Track>,
    last_id: u64,
    /// Two looks that resemble each other less than this are two people's.
    same_person: f32,
    /// The nearest of the last frame.
    nearest: Option<TrackId>,
    /// Those who come after others who are about as near.
    passed_over: Vec<TrackId>,
}

impl Tracker {
    /// A tracker for templates whose similarities mean what the embedder's `calibration` says.
    pub(super) fn new(calibration: Option<&Calibration>) -> Self {
        let same_person = calibration.map_or(UNMEASURED, |measured| measured.similarity_at(TWO_PEOPLE_PASS));
        Self { tracks: vec![], last_id: 0, same_person, nearest: None, passed_over: vec![] }
    }

    /// The tracks of `boxes`, seen at `now`, in their order.
    pub(super) fn follow(&mut self, boxes: &[[f32; 4]], now: Instant) -> Vec<TrackId> {
        self.tracks.retain(|track| now.saturating_duration_since(track.seen_at) <= GONE_AFTER);
        let ids: Vec<Option<TrackId>> = boxes.iter().map(|bbox| self.continued(bbox, boxes)).collect();
        let mut given: Vec<TrackId> = Vec::with_capacity(boxes.len());
        let mut begun: Vec<[f32; 4]> = vec![];
        for (bbox, id) in boxes.iter().zip(ids) {
            let id = id.filter(|id| !given.contains(id));
            match id.and_then(|id| self.tracks.iter_mut().find(|track| track.id == id)) {
                Some(track) => {
                    (track.bbox, track.seen_at) = (*bbox, now);
                    given.push(track.id);
                }
                None => {
                    begun.push(*bbox);
                    given.push(self.begin(*bbox, now));
                }
            }
        }
        // Where somebody was begun anew nobody's earlier track goes on. If it stayed it could be confused with the new one in
        // the next look, and so on for as long as somebody stands there.
        self.tracks.retain(|track| {
            given.contains(&track.id) || begun.iter().all(|bbox| overlap(&track.bbox, bbox) <= CONFUSABLE)
        });
        given
    }

    /// The track whose last box `bbox` continues, unless another track or another face could claim the same.
    fn continued(&self, bbox: &[f32; 4], boxes: &[[f32; 4]]) -> Option<TrackId> {
        let track = self
            .tracks
            .iter()
            .max_by(|a, b| overlap(&a.bbox, bbox).total_cmp(&overlap(&b.bbox, bbox)))
            .filter(|track| overlap(&track.bbox, bbox) >= SAME_PLACE)?;
        let other_track = self.tracks.iter().any(|t| t.id != track.id && overlap(&t.bbox, bbox) > CONFUSABLE);
        // Another face where this one was, or in front of where it is.
        let near = |b: &[f32; 4]| overlap(&track.bbox, b) > CONFUSABLE || overlap(bbox, b) > CONFUSABLE;
        let other_face = boxes.iter().any(|b| b != bbox && near(b));
        (!other_track && !other_face).then_some(track.id)
    }

    fn begin(&mut self, bbox: [f32; 4], now: Instant) -> TrackId {
        self.last_id += 1;
        let id = TrackId(self.last_id);
        self.tracks.push(Track { id, bbox, seen_at: now, template: None });
        id
    }

    /// The last box of the nearest, if they are still followed.
    pub(super) fn served(&self) -> Option<[f32; 4]> {
        self.tracks.iter().find(|track| Some(track.id) == self.nearest).map(|track| track.bbox)
    }

    /// These and nobody else count as less wide from now on, by as much as another must be wider to take a place.
    pub(super) fn pass_over(&mut self, tracks: Vec<TrackId>) {
        self.passed_over = tracks;
    }

    /// The place of the nearest of `boxes`, widest first, whose tracks are `ids`: the widest, but whoever was nearest
    /// before stays it until another face is clearly wider. `None` while that one is hidden for a moment: whoever stands
    /// beside them must not take their place by that alone, and keep it.
    pub(super) fn nearest(&mut self, boxes: &[[f32; 4]], ids: &[TrackId]) -> Option<usize> {
        let passed_over = &self.passed_over;
        let width = |id: TrackId, [.., width, _]: &[f32; 4]| {
            if passed_over.contains(&id) { width / CLEARLY_WIDER } else { *width }
        };
        let widths = boxes.iter().zip(ids).map(|(bbox, id)| width(*id, bbox));
        let (place, widest) = widths.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        let before = self.nearest.filter(|nearest| !passed_over.contains(nearest));
        let before = before.and_then(|nearest| self.tracks.iter().find(|track| track.id == nearest));
        let stays = before.filter(|track| widest < width(track.id, &track.bbox) * CLEARLY_WIDER);
        if let Some(track) = stays {
            return ids.iter().position(|id| *id == track.id);
        }
        self.nearest = ids.get(place).copied();
        Some(place)
    }

    /// Tells the tracker what the face of `id` looks like; when that is not who it was, the face gets a new track.
    pub(super) fn confirm(&mut self, id: TrackId, template: &Template) -> TrackId {
        let Some(index) = self.tracks.iter().position(|track| track.id == id) else { return id };
        let Some(track) = self.tracks.get_mut(index) else { return id };
        let swapped = track
            .template
            .as_ref()
            .and_then(|known| known.similarity(template))
            .is_some_and(|similarity| similarity < self.same_person);
        if !swapped {
            track.template = Some(template.clone());
            return id;
        }
        let ended = self.tracks.remove(index);
        let was_nearest = self.nearest == Some(ended.id);
        let id = self.begin(ended.bbox, ended.seen_at);
        if was_nearest {
            self.nearest = Some(id);
        }
        if let Some(track) = self.tracks.last_mut() {
            track.template = Some(template.clone());
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ModelDigest;

    const FRAME: Duration = Duration::from_millis(66);

    fn face(x: f32) -> [f32; 4] {
        [x, 100.0, 100.0, 120.0]
    }

    fn template(values: &[f32]) -> Template {
        Template::new(values.to_vec(), ModelDigest("m".to_owned())).expect("a direction")
    }

    #[test]
    fn a_person_who_sways_keeps_the_track() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let ids: Vec<_> = [200.0, 220.0, 190.0, 215.0]
            .iter()
            .zip(0..)
            .map(|(x, i)| tracker.follow(&[face(*x)], start + FRAME * i))
            .collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn a_person_missed_for_two_frames_keeps_the_track_and_one_who_was_away_a_second_does_not() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let first = tracker.follow(&[face(200.0)], start);
        assert!(tracker.follow(&[], start + FRAME).is_empty());
        assert_eq!(tracker.follow(&[face(205.0)], start + FRAME * 3), first);
        assert_ne!(tracker.follow(&[face(205.0)], start + FRAME * 3 + Duration::from_secs(1)), first);
    }

    #[test]
    fn a_face_that_jumps_is_another_person() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let first = tracker.follow(&[face(100.0)], start);
        assert_ne!(tracker.follow(&[face(400.0)], start + FRAME), first);
    }

    #[test]
    fn two_who_stand_apart_keep_their_tracks_in_any_order() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let first = tracker.follow(&[face(100.0), face(400.0)], start);
        let second = tracker.follow(&[face(405.0), face(103.0)], start + FRAME);
        assert_eq!([second[1], second[0]], [first[0], first[1]]);
    }

    #[test]
    fn two_who_come_so_close_that_they_could_swap_get_new_tracks() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let before = tracker.follow(&[face(100.0), face(230.0)], start);
        let close = tracker.follow(&[face(130.0), face(170.0)], start + FRAME);
        assert!(close.iter().all(|id| !before.contains(id)), "{before:?} {close:?}");
        assert_ne!(close[0], close[1]);
    }

    #[test]
    fn two_who_passed_each_other_keep_their_new_tracks_once_they_stand_apart() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let mut at = (0..).map(|frame| start + FRAME * frame);
        for [left, right] in [[100.0, 230.0], [130.0, 170.0], [170.0, 130.0], [260.0, 100.0]] {
            tracker.follow(&[face(left), face(right)], at.next().expect("a time"));
        }
        let apart = tracker.follow(&[face(300.0), face(60.0)], at.next().expect("a time"));
        for sway in [0.0, 5.0, -5.0, 3.0] {
            assert_eq!(tracker.follow(&[face(300.0 + sway), face(60.0 - sway)], at.next().expect("a time")), apart);
        }
    }

    #[test]
    fn who_steps_into_anothers_place_is_one_new_person_and_stays_that() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let first = tracker.follow(&[face(100.0)], start)[0];
        let second = tracker.follow(&[face(165.0)], start + FRAME)[0];
        assert_ne!(first, second, "too far for one look");
        for frame in 2..12 {
            assert_eq!(tracker.follow(&[face(150.0)], start + FRAME * frame), [second], "frame {frame}");
        }
    }

    #[test]
    fn of_two_cheek_to_cheek_one_stays_the_nearest_until_the_other_is_clearly_wider_or_alone() {
        let mut pair = Pair::new();
        assert_eq!(pair.nearest(Some(101.0), Some(100.0)), Some("left"));
        assert_eq!(pair.nearest(Some(100.0), Some(104.0)), Some("left"));
        assert_eq!(pair.nearest(Some(100.0), Some(130.0)), Some("right"), "stepped in front");
        assert_eq!(pair.nearest(Some(110.0), Some(100.0)), Some("right"));
        pair.now += GONE_AFTER + FRAME;
        assert_eq!(pair.nearest(Some(90.0), None), Some("left"), "the other has left");
        assert_eq!(pair.nearest(None, None), None);
    }

    #[test]
    fn who_is_hidden_for_a_moment_is_the_nearest_again_and_who_stands_beside_never_was() {
        let mut pair = Pair::new();
        assert_eq!(pair.nearest(Some(104.0), Some(100.0)), Some("left"));
        assert_eq!(pair.nearest(None, Some(100.0)), None, "bent down, and nobody is served meanwhile");
        assert_eq!(pair.nearest(Some(102.0), Some(103.0)), Some("left"));
        assert_eq!(pair.nearest(None, Some(125.0)), Some("right"), "stepped in front");
        assert_eq!(pair.nearest(Some(102.0), Some(118.0)), Some("right"));
        for _ in 0..12 {
            pair.nearest(Some(100.0), None);
        }
        assert_eq!(pair.nearest(Some(100.0), None), Some("left"), "who stays away is no longer waited for");
    }

    #[test]
    fn the_box_of_whoever_is_served_is_their_last_one_until_they_are_no_longer_waited_for() {
        let mut pair = Pair::new();
        assert_eq!(pair.tracker.served(), None);
        pair.nearest(Some(120.0), Some(100.0));
        assert_eq!(pair.tracker.served(), Some([100.0, 100.0, 120.0, 120.0]));
        pair.nearest(Some(110.0), Some(115.0));
        assert_eq!(pair.tracker.served(), Some([100.0, 100.0, 110.0, 120.0]), "not the widest, and still served");
        pair.nearest(None, Some(112.0));
        assert_eq!(pair.tracker.served(), Some([100.0, 100.0, 110.0, 120.0]), "hidden for a moment");
        pair.now += GONE_AFTER + FRAME;
        pair.nearest(None, None);
        assert_eq!(pair.tracker.served(), None);
    }

    #[test]
    fn who_was_served_makes_way_for_somebody_about_as_near_and_stays_the_nearest_alone() {
        let mut pair = Pair::new();
        assert_eq!(pair.nearest(Some(100.0), None), Some("left"));
        let left = pair.tracker.nearest.expect("somebody");
        pair.tracker.pass_over(vec![left]);
        assert_eq!(pair.nearest(Some(100.0), None), Some("left"));
        assert_eq!(pair.nearest(Some(100.0), Some(80.0)), Some("left"), "who waits behind is not next yet");
        assert_eq!(pair.nearest(Some(100.0), Some(90.0)), Some("right"));
        assert_eq!(pair.nearest(Some(110.0), Some(90.0)), Some("right"), "and is served in peace");
        assert_eq!(pair.nearest(Some(130.0), Some(90.0)), Some("left"), "until somebody steps in front");
        pair.tracker.pass_over(vec![]);
        assert_eq!(pair.nearest(Some(100.0), Some(110.0)), Some("left"));
        assert_eq!(pair.nearest(Some(100.0), Some(120.0)), Some("right"));
        let right = pair.tracker.nearest.expect("somebody");
        pair.tracker.pass_over(vec![left, right]);
        assert_eq!(pair.nearest(Some(103.0), Some(100.0)), Some("left"), "neither holds a place that they do not need");
        assert_eq!(pair.nearest(Some(103.0), Some(106.0)), Some("right"));
    }

    /// Two who stand side by side, by the widths of their faces.
    struct Pair {
        tracker: Tracker,
        now: Instant,
    }

    impl Pair {
        fn new() -> Self {
            Self { tracker: Tracker::new(None), now: Instant::now() }
        }

        fn nearest(&mut self, left: Option<f32>, right: Option<f32>) -> Option<&'static str> {
            self.now += FRAME;
            let there = [(left, 100.0, "left"), (right, 400.0, "right")];
            let mut seen: Vec<_> = there.iter().filter_map(|(width, x, who)| width.map(|w| (w, *x, *who))).collect();
            seen.sort_by(|a, b| b.0.total_cmp(&a.0));
            let boxes: Vec<_> = seen.iter().map(|(width, x, _)| [*x, 100.0, *width, 120.0]).collect();
            let ids = self.tracker.follow(&boxes, self.now);
            self.tracker.nearest(&boxes, &ids).map(|place| seen[place].2)
        }
    }

    #[test]
    fn another_face_in_the_same_place_is_another_track() {
        let (mut tracker, start) = (Tracker::new(None), Instant::now());
        let id = tracker.follow(&[face(100.0)], start)[0];
        assert_eq!(tracker.confirm(id, &template(&[1.0, 0.1])), id);
        assert_eq!(tracker.confirm(id, &template(&[1.0, -0.1])), id, "the same person a little differently");
        let swapped = tracker.confirm(id, &template(&[0.0, 1.0]));
        assert_ne!(swapped, id);
        assert_eq!(tracker.follow(&[face(100.0)], start + FRAME), [swapped]);
    }

    #[test]
    fn whether_a_face_is_another_follows_from_what_the_embedders_strangers_reach() {
        let strict = Calibration::new(vec![(1e-2, 0.5), (1e-3, 0.6)], None).expect("a falling curve");
        for (calibration, similarity, stays) in
            [(Some(&strict), 0.45, false), (Some(&strict), 0.55, true), (None, 0.45, true), (None, 0.2, false)]
        {
            let mut tracker = Tracker::new(calibration);
            let id = tracker.follow(&[face(100.0)], Instant::now())[0];
            tracker.confirm(id, &template(&[1.0, 0.0]));
            let other = template(&[similarity, (1.0 - similarity * similarity).sqrt()]);
            assert_eq!(tracker.confirm(id, &other) == id, stays, "{similarity} {calibration:?}");
        }
    }
}
