//! Who stands before the drawn camera, and what they do there: they walk up, look, and leave.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::head::Expression;
use super::math::{cos, hash, lerp, noise, sin, smooth};
use super::scene::{Pose, Stance};

/// Frames come this far apart, ms: about fifteen a second.
pub(super) const FRAME_MS: u64 = 66;
/// From the door to the kiosk.
const APPROACH_MS: f32 = 2_000.0;
/// From the kiosk out of the picture.
const DEPARTURE_MS: f32 = 1_500.0;

/// The place before the kiosk; clones share it.
///
/// Whoever is called walks up within two seconds and stays until told to leave.
#[derive(Debug, Clone)]
pub struct Stage(Arc<Mutex<Play>>);

#[derive(Debug)]
struct Play {
    seed: u64,
    clock: Clock,
    visits: Vec<Visit>,
    /// Counts the visits, so that nobody moves the same way twice.
    called: u32,
}

#[derive(Debug, Clone, Copy)]
enum Clock {
    Real {
        start: Instant,
    },
    /// Every frame taken moves it on.
    Stepped {
        start: Instant,
        ms: u64,
    },
}

/// Somebody's visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Visit {
    /// Index in the cast.
    pub person: usize,
    seed: u32,
    /// Stands behind instead of coming to the kiosk.
    behind: bool,
    came_ms: u64,
    leaves_ms: Option<u64>,
}

impl Stage {
    /// An empty stage on which time passes as it does.
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Clock::Real { start: Instant::now() })
    }

    /// An empty stage on which time moves by one frame interval with every frame taken; nothing waits.
    pub fn stepped(seed: u64) -> Self {
        Self::with(seed, Clock::Stepped { start: Instant::now(), ms: 0 })
    }

    fn with(seed: u64, clock: Clock) -> Self {
        Self(Arc::new(Mutex::new(Play { seed, clock, visits: Vec::new(), called: 0 })))
    }

    fn play(&self) -> MutexGuard<'_, Play> {
        // A panic elsewhere leaves whole visits behind: go on with them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls a person of the cast by index; whoever is there leaves. An index beyond the cast starts again from its
    /// first.
    pub fn walk_up(&self, person: usize) {
        self.call(person, false);
    }

    /// Lets a second person stand behind the first, so that several faces are in the picture.
    pub fn stand_behind(&self, person: usize) {
        self.call(person, true);
    }

    fn call(&self, person: usize, behind: bool) {
        let mut play = self.play();
        let now = play.now_ms();
        if !behind {
            play.dismiss(now);
        }
        // Nobody is in two places: who comes again before having left starts afresh.
        play.visits.retain(|visit| visit.person != person);
        play.called = play.called.wrapping_add(1);
        let seed = hash(play.seed as u32 ^ (play.seed >> 32) as u32, play.called, person as u32);
        play.visits.push(Visit { person, seed, behind, came_ms: now, leaves_ms: None });
    }

    /// Everybody leaves.
    pub fn leave(&self) {
        let mut play = self.play();
        let now = play.now_ms();
        play.dismiss(now);
    }

    /// Whether nobody is in the picture any more.
    pub fn is_empty(&self) -> bool {
        let mut play = self.play();
        let now = play.now_ms();
        play.visits.retain(|visit| !visit.is_over(now));
        play.visits.is_empty()
    }

    pub(super) fn seed(&self) -> u64 {
        self.play().seed
    }

    /// Moves a stepped clock on, and says the time in milliseconds and who is there.
    pub(super) fn next_moment(&self) -> (u64, Vec<Visit>) {
        let mut play = self.play();
        if let Clock::Stepped { ms, .. } = &mut play.clock {
            *ms += FRAME_MS;
        }
        let now = play.now_ms();
        play.visits.retain(|visit| !visit.is_over(now));
        (now, play.visits.clone())
    }

    /// The instant of a moment of this stage.
    pub(super) fn instant(&self, ms: u64) -> Instant {
        let (Clock::Real { start } | Clock::Stepped { start, .. }) = self.play().clock;
        start + Duration::from_millis(ms)
    }

    /// How long until the frame after one taken at `last_ms` is due; nothing on a stepped stage.
    pub(super) fn until_next(&self, last_ms: u64) -> Duration {
        let play = self.play();
        match play.clock {
            Clock::Stepped { .. } => Duration::ZERO,
            Clock::Real { .. } => {
                Duration::from_millis((last_ms + FRAME_MS).saturating_sub(play.now_ms()).min(FRAME_MS))
            }
        }
    }
}

impl Play {
    fn now_ms(&self) -> u64 {
        match &self.clock {
            Clock::Real { start } => u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            Clock::Stepped { ms, .. } => *ms,
        }
    }

    fn dismiss(&mut self, now: u64) {
        for visit in &mut self.visits {
            visit.leaves_ms.get_or_insert(now);
        }
    }
}

impl Visit {
    fn is_over(&self, now_ms: u64) -> bool {
        self.leaves_ms.is_some_and(|left| now_ms.saturating_sub(left) as f32 >= DEPARTURE_MS)
    }

    /// How the visitor stands at a moment: a function of the visit and the time, and of nothing else.
    pub fn stance(&self, now_ms: u64) -> Stance {
        let since = now_ms.saturating_sub(self.came_ms) as f32;
        let s = since / 1000.0;
        let own = |salt: u32| (hash(self.seed, salt, 0x57A6) >> 8) as f32 / 16_777_216.0 * 2.0 - 1.0;
        let drift = |salt: u32, rate: f32| noise(s * rate, 0.0, self.seed ^ salt);
        let there = smooth(0.0, APPROACH_MS, since);
        let gone = self.leaves_ms.map_or(0.0, |left| smooth(0.0, DEPARTURE_MS, now_ms.saturating_sub(left) as f32));
        let side = if own(1) < 0.0 { -1.0 } else { 1.0 };

        let (rest_m, rest_right) =
            if self.behind { (1.45, 0.40 * side) } else { (0.60 + 0.05 * own(2), 0.02 * own(3)) };
        let mut stance = Stance {
            distance_m: lerp(3.0, rest_m, there) + 0.9 * gone + 0.006 * drift(2, 0.5),
            right_m: lerp(0.55 * side, rest_right, there) + 0.006 * drift(3, 0.4) - 1.3 * side * gone,
            down_m: 0.02 + 0.025 * own(4) + if self.behind { -0.03 } else { 0.0 },
            ..Stance::default()
        };
        // Steps rock the body; standing, it hardly moves.
        let walking = (1.0 - there).max(if gone > 0.0 { smooth(0.0, 0.2, gone) } else { 0.0 });
        stance.right_m += 0.018 * walking * sin(s * 10.0);
        stance.down_m += 0.012 * walking * cos(s * 20.0);
        stance.pose = Pose {
            yaw_deg: (1.0 - there) * -8.0 * side + 3.5 * drift(4, 0.6) + 1.5 * own(5)
                - 32.0 * side * smooth(0.0, 0.5, gone),
            pitch_deg: 9.0 * (1.0 - there) + 2.0 * drift(5, 0.5) + 1.5 * own(6),
            roll_deg: 1.8 * drift(6, 0.4) + 1.2 * own(7) + 1.5 * walking * sin(s * 10.0),
        };
        // One smile a visit, so that a face is painted once and its blinks twice more.
        stance.expression =
            Expression { smile: 0.32 + 0.14 * own(8), eyes_closed: self.blink(since), ..Expression::default() };
        stance
    }

    /// A fifth of a second every two to five seconds.
    fn blink(&self, since_ms: f32) -> f32 {
        let every = 3_400.0 + 1_400.0 * noise(0.0, 0.0, self.seed ^ 0xB11);
        let phase = (since_ms + 700.0) % every;
        match phase {
            p if p < 70.0 => 0.5,
            p if p < 140.0 => 1.0,
            p if p < 200.0 => 0.5,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_walks_up_settles_and_leaves_when_told() {
        let stage = Stage::stepped(5);
        assert!(stage.is_empty());
        stage.walk_up(2);
        let (start, visits) = stage.next_moment();
        assert_eq!(visits.len(), 1);
        let visit = visits[0];
        assert!(visit.stance(start).distance_m > 2.5, "starts at the door");
        let settled = visit.stance(start + 2_500);
        assert!((0.5..0.7).contains(&settled.distance_m), "settles before the camera: {settled:?}");
        assert!(settled.pose.yaw_deg.abs() < 8.0 && settled.pose.pitch_deg.abs() < 8.0, "looks ahead: {settled:?}");
        stage.leave();
        for _ in 0..30 {
            stage.next_moment();
        }
        assert!(stage.is_empty());
    }

    #[test]
    fn the_next_visitor_sends_the_one_before_away_but_not_who_stands_behind() {
        let stage = Stage::stepped(5);
        stage.walk_up(0);
        stage.stand_behind(1);
        assert_eq!(stage.next_moment().1.len(), 2);
        stage.walk_up(3);
        for _ in 0..30 {
            stage.next_moment();
        }
        let left: Vec<usize> = stage.next_moment().1.iter().map(|visit| visit.person).collect();
        assert_eq!(left, [3]);
    }

    #[test]
    fn a_visitor_blinks_and_looks_most_of_the_time() {
        let visit = Visit { person: 0, seed: 9, behind: false, came_ms: 0, leaves_ms: None };
        let closed = (0..600).filter(|frame| visit.stance(frame * FRAME_MS).expression.eyes_closed > 0.0).count();
        assert!((10..80).contains(&closed), "{closed} of 600 frames");
    }
}
