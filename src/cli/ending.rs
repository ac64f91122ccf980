//! SIGTERM, ctrl-C and a closed terminal end the kiosk as closing its window does: whoever is being written down is written
//! down, and the threads end in order.

use std::io::{Error, Result};

const SIGNALS: [i32; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];
/// How a program ends that ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// The signals are held back from this thread and from those that it starts from now on.
pub(super) struct Held(libc::sigset_t);

/// Holds the signals back. Called before any thread is started; processes that are started do not inherit it, for the
/// standard library gives them an empty mask.
///
/// # Errors
/// What the system says when it refuses.
pub(super) fn hold() -> Result<Held> {
    // SAFETY: the set is plain data, and `sigemptyset` makes it a valid one before anything reads it.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: both are given a set that lives through the call; the mask concerns this thread alone.
    let refused = unsafe {
        libc::sigemptyset(&raw mut set);
        for signal in SIGNALS {
            libc::sigaddset(&raw mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut())
    };
    if refused == 0 { Ok(Held(set)) } else { Err(Error::from_raw_os_error(refused)) }
}

impl Held {
    /// Calls `end` at the first of the signals; a second one ends the process at once, for whoever will not wait.
    ///
    /// # Errors
    /// What the system says when it gives no thread.
    pub(super) fn on_first(self, end: impl FnOnce() + Send + 'static) -> Result<()> {
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            if self.wait() {
                end();
                if self.wait() {
                    std::process::exit(INTERRUPTED);
                }
            }
        })?;
        Ok(())
    }

    /// Waits for a signal; `false` where waiting is not possible.
    fn wait(&self) -> bool {
        let mut signal = 0;
        // SAFETY: the set was made valid by `hold`, and both pointers live through the call.
        unsafe { libc::sigwait(&raw const self.0, &raw mut signal) == 0 }
    }
}
