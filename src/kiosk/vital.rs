//! Threads without which the kiosk only looks as if it worked.
//!
//! A screen that invites all day and recognises nobody, or stands still with an elder's name on it, is worse than a kiosk
//! that ends and is started again: what was settled was durable before it was shown. So the panic of any such thread ends
//! the program, as failed.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::link::Link;

/// Tells the link when its thread panics.
struct Vital {
    name: String,
    link: Arc<Link>,
}

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.link.fail(&self.name);
        }
    }
}

/// Starts a thread whose panic ends the kiosk ([`Link::fail`]).
///
/// # Errors
/// What the system says when it gives no thread.
pub fn spawn<T: Send + 'static>(
    name: &str,
    link: &Arc<Link>,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let vital = Vital { name: name.to_owned(), link: Arc::clone(link) };
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _vital = vital;
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    #[test]
    fn a_thread_that_panics_ends_the_kiosk_as_failed_and_one_that_ends_does_not() {
        let link = Arc::new(Link::new(mpsc::channel().0));
        let told = Arc::new(AtomicUsize::new(0));
        link.on_failure({
            let told = Arc::clone(&told);
            move || {
                told.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert_eq!(spawn("counter", &link, || 7).expect("a thread").join().ok(), Some(7));
        assert_eq!((link.failure(), link.is_finished()), (None, false));
        assert!(spawn("watcher", &link, || panic!("a fault")).expect("a thread").join().is_err());
        assert_eq!((link.failure(), link.is_finished()), (Some("watcher"), true));
        assert!(spawn("session", &link, || panic!("what came of it")).expect("a thread").join().is_err());
        assert_eq!(link.failure(), Some("watcher"), "the first one is the cause");
        assert_eq!(told.load(Ordering::Relaxed), 1);
    }
}
