//! The same work on many things, on all processors, its results in order.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Fewer than this are not worth a thread.
const MANY: usize = 512;

/// How many workers `jobs` jobs are worth, at least 1.
pub fn processors(jobs: usize) -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(jobs).max(1)
}

/// What `work` makes of each of `items`, in their order.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut workers = vec![(); processors(items.len() / MANY)];
    let parts: Vec<&[T]> = items.chunks(items.len().div_ceil(workers.len()).max(1)).collect();
    let Ok(parts) = spread(&mut workers, parts.len(), |_, part| {
        let part = parts.get(part).copied().unwrap_or_default();
        Ok::<_, Infallible>(part.iter().map(&work).collect::<Vec<R>>())
    });
    let mut done = Vec::with_capacity(items.len());
    parts.into_iter().for_each(|part| done.extend(part));
    done
}

/// Does the jobs `0..jobs` as [`in_order`] does, and gives their results.
///
/// # Errors
/// As [`in_order`].
pub fn spread<W: Send, T: Send, E: Send>(
    workers: &mut [W],
    jobs: usize,
    work: impl Fn(&mut W, usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let mut results = Vec::with_capacity(jobs);
    in_order(workers, jobs, work, |result| {
        results.push(result);
        Ok(())
    })?;
    Ok(results)
}

/// Does the jobs `0..jobs`, a thread a worker, each taking the next that nobody has. `take` gets their results in order, one
/// at a time; a result waits until those before it are there.
///
/// # Errors
/// What `work` or `take` fails with; no further jobs are begun and no further results taken then.
pub fn in_order<W: Send, T: Send, E: Send>(
    workers: &mut [W],
    jobs: usize,
    work: impl Fn(&mut W, usize) -> Result<T, E> + Sync,
    take: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((BTreeMap::new(), 0, take));
    let one = |worker: &mut W, job: usize| -> Result<(), E> {
        let result = work(worker, job)?;
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        let (waiting, due, take) = &mut *results;
        waiting.insert(job, result);
        while let Some(result) = waiting.remove(due) {
            take(result)?;
            *due += 1;
        }
        Ok(())
    };
    let run = |worker: &mut W| -> Result<(), E> {
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                return Ok(());
            }
            one(worker, job).inspect_err(|_| next.store(jobs, Ordering::Relaxed))?;
        }
    };
    std::thread::scope(|scope| {
        let Some((own, others)) = workers.split_first_mut() else { return Ok(()) };
        let others: Vec<_> = others.iter_mut().map(|worker| scope.spawn(|| run(worker))).collect();
        let own = run(own);
        let ended = others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        ended.fold(own, Result::and)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_the_order_stays() {
        for count in [0, 1, MANY - 1, 2 * MANY, 5 * MANY + 3] {
            let items: Vec<usize> = (0..count).collect();
            assert!(map(&items, |item| item * 2).into_iter().eq((0..count).map(|item| item * 2)), "{count}");
        }
    }

    #[test]
    fn every_job_is_done_once_and_results_come_in_order() {
        let mut workers = [0_usize; 3];
        let results = spread(&mut workers, 100, |done, job| {
            *done += 1;
            Ok::<_, Infallible>(job * job)
        });
        assert_eq!(results, Ok((0..100).map(|job| job * job).collect()));
        assert_eq!(workers.iter().sum::<usize>(), 100);
        assert_eq!(spread(&mut workers, 0, |_, job| Ok::<_, Infallible>(job)), Ok(vec![]));
    }

    #[test]
    fn a_result_waits_for_those_before_it() {
        let (tell, told) = std::sync::mpsc::channel();
        let told = Mutex::new(told);
        let mut taken = vec![];
        let work = |_: &mut (), job: usize| {
            // The first job ends after the second.
            match job {
                0 => told.lock().expect("nobody panics").recv().expect("the second job's word"),
                1 => tell.send(()).expect("the first job waits"),
                _ => {}
            }
            Ok::<_, Infallible>(job)
        };
        let done = in_order(&mut [(); 2], 9, work, |job| {
            taken.push(job);
            Ok(())
        });
        assert_eq!((done, taken), (Ok(()), (0..9).collect()));
    }

    #[test]
    fn the_first_error_of_a_job_ends_the_work() {
        let mut workers = [0_usize];
        let result = spread(&mut workers, 100, |done, job| {
            *done += 1;
            if job < 3 { Ok(()) } else { Err(job) }
        });
        assert_eq!((result, workers), (Err(3), [4]));
    }

    #[test]
    fn whoever_takes_the_results_may_end_the_work() {
        let mut workers = [0_usize; 2];
        let mut taken = 0;
        let work = |done: &mut usize, job: usize| {
            *done += 1;
            Ok(job)
        };
        let result = in_order(&mut workers, 1_000_000, work, |job| {
            taken += 1;
            if job < 3 { Ok(()) } else { Err("the disk is full") }
        });
        assert_eq!((result, taken), (Err("the disk is full"), 4));
        assert!(workers.iter().sum::<usize>() < 1_000_000);
    }
}
