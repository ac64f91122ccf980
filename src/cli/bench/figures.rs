//! Times of many runs as a reader wants them, and the memory they took.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// Percentiles of a series of times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Percentiles {
    p50: f64,
    p95: f64,
    p99: f64,
}

impl Percentiles {
    /// The percentiles of `times` in milliseconds: of n times sorted, the ⌈n·p⌉-th. `None` without times.
    pub(super) fn in_ms(times: &[Duration]) -> Option<Self> {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = |share: f64| {
            let rank = (sorted.len() as f64 * share).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).map(|time| time.as_secs_f64() * 1e3)
        };
        Some(Self { p50: at(0.50)?, p95: at(0.95)?, p99: at(0.99)? })
    }

    /// The median in milliseconds.
    pub(super) fn median(&self) -> f64 {
        self.p50
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p95, p99 } = self;
        write!(f, "p50 {p50:>8.3} ms   p95 {p95:>8.3} ms   p99 {p99:>8.3} ms")
    }
}

/// The most memory this process ever had resident, in MiB; `None` where the system does not tell.
pub(super) fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_times_in_their_order() {
        let times: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(Percentiles::in_ms(&times), Some(Percentiles { p50: 50.0, p95: 95.0, p99: 99.0 }));
        let one = Percentiles::in_ms(&[Duration::from_millis(7)]);
        assert_eq!(one, Some(Percentiles { p50: 7.0, p95: 7.0, p99: 7.0 }));
        assert_eq!(Percentiles::in_ms(&[]), None);
    }
}
