//! The same work on many things, on all processors.

use std::panic::resume_unwind;

/// Fewer than this are not worth a thread.
const MANY: usize = 512;

/// What `work` makes of each of `items`, in their order.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = processors.min(items.len() / MANY).max(1);
    let part = items.len().div_ceil(threads).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let mut parts = items.chunks(part);
        let own = parts.next().unwrap_or_default();
        let others: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>())).collect();
        let mut done = Vec::with_capacity(items.len());
        done.extend(own.iter().map(work));
        for part in others {
            done.extend(part.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
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
}
