//! Many jobs on all processors, their results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many workers `jobs` jobs are worth, at least 1.
pub(super) fn processors(jobs: usize) -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(jobs).max(1)
}

/// Does the jobs `0..jobs`, a thread a worker, each taking the next that nobody has; gives their results in order.
///
/// # Errors
/// The first of `work`; no further jobs are begun then.
pub(super) fn spread<W: Send, T: Send>(
    workers: &mut [W],
    jobs: usize,
    work: impl Fn(&mut W, usize) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(jobs));
    let run = |worker: &mut W| -> anyhow::Result<()> {
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                return Ok(());
            }
            let result = work(worker, job).inspect_err(|_| next.store(jobs, Ordering::Relaxed))?;
            results.lock().unwrap_or_else(PoisonError::into_inner).push((job, result));
        }
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = workers.iter_mut().map(|worker| scope.spawn(|| run(worker))).collect();
        running.into_iter().try_for_each(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(job, _)| *job);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once_and_results_come_in_order() {
        let mut workers = [0_usize; 3];
        let results = spread(&mut workers, 100, |done, job| {
            *done += 1;
            Ok(job * job)
        });
        assert_eq!(results.expect("no error"), (0..100).map(|job| job * job).collect::<Vec<_>>());
        assert_eq!(workers.iter().sum::<usize>(), 100);
        assert!(spread(&mut workers, 0, |_, job| Ok(job)).expect("no error").is_empty());
    }

    #[test]
    fn the_first_error_ends_the_work() {
        let mut workers = [0_usize];
        let result: anyhow::Result<Vec<()>> = spread(&mut workers, 100, |done, job| {
            *done += 1;
            anyhow::ensure!(job < 3, "job {job} fails");
            Ok(())
        });
        assert_eq!((result.expect_err("an error").to_string(), workers), ("job 3 fails".to_owned(), [4]));
    }
}
