//! The vision worker: takes the newest frame, looks at it as closely as the session wants, and tells what it saw. A frame
//! ends here; what goes on is a look without picture, and a small mirror image for the screen alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use image::RgbImage;

use super::identity::Stay;
use crate::camera::{Feed, Frame, Taken};
use crate::domain::QualityReason;
use crate::domain::decision::{Candidates, Policy, Sighting};
use crate::gallery::Gallery;
use crate::kiosk::link::{Link, MirrorImage};
use crate::kiosk::session::{Attention, Event, Look, Nearest, Track};
use crate::vision::{Observation, TrackId, Vision};

/// From one look to the next while somebody is there; more tells nothing new.
const FULL_INTERVAL: Duration = Duration::from_millis(60);
/// From one mirror image to the next.
const MIRROR_INTERVAL: Duration = Duration::from_millis(120);
/// Width of the mirror image.
const MIRROR_WIDTH: u32 = 320;
/// How long a frame is waited for before looking whether the kiosk ends.
const FRAME_WAIT: Duration = Duration::from_millis(500);
/// Whoever is farther away than this part of the least width for recognition only passes by.
const PASSER_BY: f32 = 0.75;

/// What the session wants of the worker. Shared.
#[derive(Debug)]
pub struct Orders {
    state: Mutex<Order>,
    changed: Condvar,
    /// The screen shows the mirror image.
    pub mirror: AtomicBool,
}

#[derive(Debug, Clone)]
struct Order {
    attention: Attention,
    /// How often the identification was to begin anew.
    attempt: u64,
    /// Who is served or let go, and comes after somebody else about as near.
    passed_over: Vec<Track>,
    stop: bool,
}

impl Default for Orders {
    fn default() -> Self {
        let state = Order { attention: Attention::Off, attempt: 0, passed_over: vec![], stop: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), mirror: AtomicBool::new(false) }
    }
}

impl Orders {
    fn change(&self, change: impl FnOnce(&mut Order)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Look this closely from now on.
    pub fn attend(&self, attention: Attention) {
        self.change(|order| order.attention = attention);
    }

    /// Begin the identification anew, for the `attempt`th time.
    pub fn forget(&self, attempt: u64) {
        self.change(|order| order.attempt = attempt);
    }

    /// Pass over these people from now on, and nobody else.
    pub fn pass_over(&self, tracks: Vec<Track>) {
        self.change(|order| order.passed_over = tracks);
    }

    /// How often the identification was to begin anew.
    fn attempt(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).attempt
    }

    /// End.
    pub fn stop(&self) {
        self.change(|order| order.stop = true);
    }

    /// The orders now, after waiting for a change for at most `wait` from `since` on. Without attention it waits for some.
    fn next(&self, since: Instant, wait: impl Fn(Attention) -> Duration) -> Order {
        let mut order = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if order.stop {
                return order.clone();
            }
            let left = if order.attention == Attention::Off {
                FRAME_WAIT
            } else {
                match wait(order.attention).checked_sub(since.elapsed()) {
                    None | Some(Duration::ZERO) => return order.clone(),
                    Some(left) => left,
                }
            };
            order = self.changed.wait_timeout(order, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The worker and what it sees with.
pub struct Watcher {
    /// The models.
    pub vision: Vision,
    /// Who is enrolled; replaced while the kiosk runs.
    pub gallery: Arc<Mutex<Gallery>>,
    /// When a look is good enough to pay on.
    pub policy: Policy,
    /// Where frames come from.
    pub feed: Feed,
    /// Rest between looks while nobody is there.
    pub idle_interval: Duration,
    /// Least width of a face for recognition, pixels.
    pub min_face_px: f32,
}

impl Watcher {
    /// Looks until the orders say stop or the source ends.
    pub fn run(mut self, orders: &Orders, link: &Link, events: &Sender<Event>) {
        let mut stay = Stay::default();
        let mut failing = false;
        let mut colourless = false;
        let (mut looked, mut mirrored) = (Instant::now(), Instant::now());
        loop {
            let idle = self.idle_interval;
            let order = orders.next(looked, |attention| match attention {
                Attention::Full => FULL_INTERVAL,
                Attention::Resting | Attention::Off => idle,
            });
            if order.stop {
                return self.end(link);
            }
            looked = Instant::now();
            let frame = match self.feed.take(FRAME_WAIT) {
                Taken::Value(frame) => frame,
                Taken::Nothing => continue,
                Taken::Closed => {
                    self.end(link);
                    return link.finish();
                }
            };
            self.vision.pass_over(order.passed_over.iter().map(|track| TrackId(track.0)).collect());
            match self.vision.follow(&frame) {
                Ok(observation) => {
                    if std::mem::take(&mut failing) {
                        tell(events, Event::Vision { works: true });
                    }
                    // Only now: the elder may have asked for another try while the frame was waited for and looked at.
                    stay.begin(orders.attempt());
                    let look = self.look(&mut stay, &observation);
                    warn_of_colours(&mut colourless, &observation);
                    let wanted = orders.mirror.load(Ordering::Relaxed) && look.nearest.is_some();
                    tell(events, Event::Look(look));
                    if wanted && mirrored.elapsed() >= MIRROR_INTERVAL {
                        mirrored = Instant::now();
                        link.mirror(Some(mirror(&frame)));
                    }
                }
                // Told once: the screen shows it until a look succeeds.
                Err(error) if !std::mem::replace(&mut failing, true) => {
                    tracing::error!("vision: {error}");
                    tell(events, Event::Vision { works: false });
                }
                Err(_) => {}
            }
        }
    }

    /// Ends the feed. A source that panicked ends the kiosk as failed.
    fn end(self, link: &Link) {
        if self.feed.stop().is_err() {
            link.fail("camera");
        }
    }

    fn look(&self, stay: &mut Stay, observation: &Observation) -> Look {
        let near = |face: &&crate::vision::Face| face.quality.face_px >= self.min_face_px * PASSER_BY;
        let faces = observation.faces.iter().filter(near).count();
        let attempt = stay.attempt();
        let Some(face) = observation.nearest().filter(near) else { return Look { faces: 0, nearest: None, attempt } };
        let track = Track(face.track.0);
        let gallery = self.gallery.lock().unwrap_or_else(PoisonError::into_inner);
        let candidates = match face.template.as_ref().map(|template| gallery.search(template)) {
            Some(Ok(candidates)) => candidates,
            Some(Err(error)) => {
                tracing::error!("search: {error}");
                Candidates::default()
            }
            None => Candidates { population: gallery.population(), ..Candidates::default() },
        };
        drop(gallery);
        tracing::debug!(
            track = track.0,
            faces,
            reasons = ?face.quality.reasons,
            live = ?face.live,
            similarity = ?candidates.best.as_ref().map(|best| best.similarity),
            "look"
        );
        stay.look(track, Sighting { candidates, quality: face.quality.clone(), live: face.live });
        Look { faces, nearest: Some(Nearest { track, identity: stay.identity(&self.policy, Instant::now()) }), attempt }
    }
}

/// Tells once that the camera delivers no colours, and again after it did.
fn warn_of_colours(told: &mut bool, observation: &Observation) {
    let Some(face) = observation.nearest() else { return };
    if face.quality.reasons.contains(&QualityReason::NoColours) && !std::mem::replace(told, true) {
        tracing::warn!(
            "the camera delivers no colours, so that nobody can be told from a photo, and nobody is recognised; remedy: \
             switch its night or grey mode off, give it light, or use one with colours"
        );
    }
    *told &= face.live.is_none();
}

/// The engine may have ended; then nobody needs to know.
fn tell(events: &Sender<Event>, event: Event) {
    let _ = events.send(event);
}

/// A small, mirrored copy: people turn the right way only when they see themselves as in a mirror.
fn mirror(frame: &Frame) -> MirrorImage {
    let picture: &RgbImage = &frame.pixels;
    let width = MIRROR_WIDTH.min(picture.width()).max(1);
    let height = (picture.height() * width / picture.width().max(1)).max(1);
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in (0..width).rev() {
            let [r, g, b] = middle(picture, [x, y], [width, height]);
            rgb.extend([r, g, b]);
        }
    }
    MirrorImage { size: [width as usize, height as usize], rgb }
}

/// The mean of four samples of the block that pixel `at` of a picture of `size` stands for.
fn middle(picture: &RgbImage, at: [u32; 2], size: [u32; 2]) -> [u8; 3] {
    let place = |part: u32, whole: usize| {
        let (of, full) = (size[whole], [picture.width(), picture.height()][whole]);
        ((u64::from(at[whole]) * 4 + u64::from(part)) * u64::from(full) / (u64::from(of) * 4)) as u32
    };
    let mut sum = [0_u16; 3];
    for (dx, dy) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
        let pixel = picture.get_pixel(
            place(dx, 0).min(picture.width().saturating_sub(1)),
            place(dy, 1).min(picture.height().saturating_sub(1)),
        );
        for (sum, value) in sum.iter_mut().zip(pixel.0) {
            *sum += u16::from(value);
        }
    }
    sum.map(|sum| (sum / 4) as u8)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_mirror_image_is_small_and_turned_left_to_right() {
        let pixels =
            RgbImage::from_fn(640, 480, |x, _| if x < 320 { image::Rgb([255, 0, 0]) } else { image::Rgb([0; 3]) });
        let frame = Frame { pixels, sequence: 1, captured_at: Instant::now(), name: None };
        let image = mirror(&frame);
        assert_eq!(image.size, [320, 240]);
        assert_eq!(image.rgb.len(), 320 * 240 * 3);
        assert_eq!(image.rgb.first(), Some(&0), "what was right is left");
        assert_eq!(image.rgb.get(319 * 3), Some(&255));
    }

    #[test]
    fn orders_wake_a_resting_worker_at_once() {
        let orders = Arc::new(Orders::default());
        orders.attend(Attention::Resting);
        let (rests, resting) = mpsc::channel();
        let (woke, woken) = mpsc::channel();
        let worker = std::thread::spawn({
            let orders = Arc::clone(&orders);
            move || {
                let order = orders.next(Instant::now(), |attention| {
                    // Asked under the lock, which the worker lets go of only when it rests.
                    let _ = rests.send(());
                    if attention == Attention::Full { Duration::ZERO } else { Duration::from_secs(3600) }
                });
                let _ = woke.send(order.attention);
            }
        });
        resting.recv().expect("a worker that rests");
        orders.attend(Attention::Full);
        assert_eq!(woken.recv_timeout(Duration::from_secs(20)), Ok(Attention::Full), "the worker was not woken");
        worker.join().expect("the worker");
        orders.stop();
        assert!(orders.next(Instant::now(), |_| Duration::from_secs(3600)).stop);
    }
}
