//! The thread between a source and the one who looks: frames on demand, faults and recoveries as they happen.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::newest::{Newest, Taken};
use super::{CameraError, Frame, FrameSource};

/// A frame that was made for a taker who gave up, and is older than this, no longer shows who stands there.
const STALE: Duration = Duration::from_millis(150);

/// How the source is doing, told once a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedStatus {
    /// The first frame came; what the source is.
    Running(String),
    /// There are no frames, and why. Told again only when the reason changes.
    Lost(CameraError),
    /// Frames come again after [`Self::Lost`]; what the source is now.
    Recovered(String),
    /// The source is at its end.
    Ended,
}

/// The source panicked: its thread is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the camera thread panicked")]
pub struct SourcePanicked;

/// A running source: its thread asks for a frame only while somebody waits in [`Feed::take`], so that nothing is decoded
/// for nobody, and the frame handed over is always a fresh one.
#[derive(Debug)]
pub struct Feed {
    slot: Arc<Newest<Frame>>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    /// Starts the thread. `on_status` is called on it and must not block.
    ///
    /// # Errors
    /// What the system says when it gives no thread.
    pub fn start(
        mut source: Box<dyn FrameSource>,
        mut on_status: impl FnMut(FeedStatus) + Send + 'static,
    ) -> std::io::Result<Self> {
        let slot = Arc::new(Newest::default());
        let thread = std::thread::Builder::new().name("camera".to_owned()).spawn({
            let slot = Arc::clone(&slot);
            move || {
                let closing = Closing(slot);
                carry(source.as_mut(), &closing.0, &mut on_status);
            }
        })?;
        Ok(Self { slot, thread: Some(thread) })
    }

    /// The next frame, fetched for this call, waiting up to `wait`. [`Taken::Closed`] when the source ended or panicked;
    /// [`Feed::stop`] tells which.
    pub fn take(&self, wait: Duration) -> Taken<Frame> {
        match self.slot.take(Duration::ZERO) {
            // Only what is left over is judged by its age: a frame fetched for this call is the best there is, however
            // long a busy machine took over it.
            Taken::Value(frame) if frame.captured_at.elapsed() <= STALE => Taken::Value(frame),
            _ => self.slot.take(wait),
        }
    }

    /// Ends the thread and waits for it (as long as [`FrameSource::next_frame`] may take).
    ///
    /// # Errors
    /// [`SourcePanicked`].
    pub fn stop(mut self) -> Result<(), SourcePanicked> {
        self.slot.close();
        self.thread.take().map_or(Ok(()), |thread| thread.join().map_err(|_| SourcePanicked))
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.slot.close();
    }
}

/// Closes the slot when the thread ends, however it ends: nobody waits for frames that do not come.
struct Closing(Arc<Newest<Frame>>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn carry(source: &mut dyn FrameSource, slot: &Newest<Frame>, on_status: &mut dyn FnMut(FeedStatus)) {
    let mut seen = false;
    let mut lost: Option<CameraError> = None;
    while slot.wait_for_taker() {
        match source.next_frame() {
            Ok(frame) => {
                slot.put(frame);
                if lost.take().is_some() && seen {
                    on_status(FeedStatus::Recovered(source.describe()));
                } else if !seen {
                    on_status(FeedStatus::Running(source.describe()));
                }
                seen = true;
            }
            Err(CameraError::Ended) => {
                slot.close();
                on_status(FeedStatus::Ended);
            }
            Err(error) => {
                if lost.as_ref() != Some(&error) {
                    on_status(FeedStatus::Lost(error.clone()));
                    lost = Some(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;
    use std::sync::mpsc;
    use std::time::Instant;

    const LONG: Duration = Duration::from_secs(30);

    /// Plays a list of outcomes.
    struct Played {
        outcomes: std::vec::IntoIter<Result<u64, CameraError>>,
    }

    impl FrameSource for Played {
        fn next_frame(&mut self) -> Result<Frame, CameraError> {
            let sequence = self.outcomes.next().unwrap_or(Err(CameraError::Ended))?;
            Ok(Frame { pixels: RgbImage::new(1, 1), sequence, captured_at: Instant::now(), name: None })
        }

        fn describe(&self) -> String {
            "played".to_owned()
        }
    }

    fn play(outcomes: Vec<Result<u64, CameraError>>) -> (Feed, mpsc::Receiver<FeedStatus>) {
        let (tell, told) = mpsc::channel();
        let source = Box::new(Played { outcomes: outcomes.into_iter() });
        let feed = Feed::start(source, move |status| drop(tell.send(status))).expect("a thread");
        (feed, told)
    }

    fn sequence(taken: Taken<Frame>) -> Option<u64> {
        match taken {
            Taken::Value(frame) => Some(frame.sequence),
            Taken::Nothing | Taken::Closed => None,
        }
    }

    #[test]
    fn a_fault_is_told_once_its_recovery_too_and_the_frames_go_on() {
        let stalled = || CameraError::Stalled("0".to_owned());
        let (feed, told) = play(vec![Ok(1), Err(stalled()), Err(stalled()), Ok(2), Ok(3)]);
        assert_eq!(sequence(feed.take(LONG)), Some(1));
        assert_eq!(sequence(feed.take(LONG)), Some(2));
        assert_eq!(sequence(feed.take(LONG)), Some(3));
        assert!(matches!(feed.take(LONG), Taken::Closed));
        let running = || "played".to_owned();
        assert_eq!(
            told.iter().take(4).collect::<Vec<_>>(),
            [
                FeedStatus::Running(running()),
                FeedStatus::Lost(stalled()),
                FeedStatus::Recovered(running()),
                FeedStatus::Ended
            ]
        );
        assert_eq!(feed.stop(), Ok(()));
    }

    #[test]
    fn a_source_that_fails_before_its_first_frame_is_lost_and_then_running() {
        let absent = CameraError::Absent("/dev/video0".to_owned());
        let (feed, told) = play(vec![Err(absent.clone()), Ok(1)]);
        assert_eq!(sequence(feed.take(LONG)), Some(1));
        let told: Vec<_> = told.iter().take(2).collect();
        assert_eq!(told, [FeedStatus::Lost(absent), FeedStatus::Running("played".to_owned())]);
        assert_eq!(feed.stop(), Ok(()));
    }

    #[test]
    fn a_source_that_panics_closes_the_feed_at_once_and_is_told_of_at_its_end() {
        struct Panicking;
        impl FrameSource for Panicking {
            fn next_frame(&mut self) -> Result<Frame, CameraError> {
                panic!("a fault of the source")
            }

            fn describe(&self) -> String {
                "panicking".to_owned()
            }
        }
        let feed = Feed::start(Box::new(Panicking), |_| {}).expect("a thread");
        assert!(matches!(feed.take(LONG), Taken::Closed), "waited for frames that do not come");
        assert_eq!(feed.stop(), Err(SourcePanicked));
    }

    #[test]
    fn nothing_is_fetched_until_somebody_waits() {
        let (feed, told) = play(vec![Ok(1)]);
        assert!(told.try_recv().is_err());
        assert_eq!(sequence(feed.take(LONG)), Some(1));
        assert_eq!(feed.stop(), Ok(()));
    }
}
