//! Reading the clocks. What to make of the readings is decided in [`crate::domain::clock`].

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

use crate::domain::ClockReading;

/// Where the ledger reads the time.
pub trait Clock: Send {
    /// Both clocks, now.
    fn read(&self) -> ClockReading;
}

/// The computer's clocks.
#[derive(Debug)]
pub struct SystemClock {
    boot: String,
}

impl SystemClock {
    /// Names this run of the computer by the kernel's boot id; where there is none, by this run of the program, so that
    /// two runs are never taken for one.
    pub fn new() -> Self {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map_or_else(|_| uuid::Uuid::now_v7().to_string(), |id| id.trim().to_owned());
        Self { boot }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn read(&self) -> ClockReading {
        let since_boot = clock_gettime(ClockId::Boottime);
        let since_boot_ms = since_boot.tv_sec.saturating_mul(1000).saturating_add(since_boot.tv_nsec / 1_000_000);
        ClockReading { wall: Timestamp::now(), since_boot_ms, boot: self.boot.clone() }
    }
}

/// A clock that stands still until it is told otherwise: for tests, demonstrations and benchmarks. Clones show the
/// same time.
#[derive(Debug, Clone)]
pub struct HandClock(Arc<Mutex<ClockReading>>);

impl HandClock {
    /// A clock at `wall`, on a computer that has just started.
    pub fn at(wall: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(ClockReading { wall, since_boot_ms: 0, boot: "boot-1".to_owned() })))
    }

    /// Time passes, on both clocks.
    pub fn pass(&self, time: SignedDuration) {
        self.change(|reading| {
            reading.wall = reading.wall.saturating_add(time).unwrap_or(Timestamp::MAX);
            reading.since_boot_ms = reading.since_boot_ms.saturating_add(i64::try_from(time.as_millis()).unwrap_or(0));
        });
    }

    /// Somebody sets the wall clock.
    pub fn set(&self, wall: Timestamp) {
        self.change(|reading| reading.wall = wall);
    }

    /// The computer starts again.
    pub fn reboot(&self) {
        self.change(|reading| {
            reading.since_boot_ms = 0;
            reading.boot.push('\'');
        });
    }

    fn change(&self, change: impl FnOnce(&mut ClockReading)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Clock for HandClock {
    fn read(&self) -> ClockReading {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
