//! All enrolled templates in two flat tables: one byte a value to search, 32 bits to be exact.

use std::ops::Range;

use simsimd::SpatialSimilarity;
use zeroize::{DefaultIsZeroes, Zeroize};

use super::coarse::Coarse;

/// One row a template. Wiped from memory when dropped or outgrown.
pub(super) struct Rows {
    dimension: usize,
    exact: Vec<f32>,
    coarse: Vec<i8>,
    steps: Vec<f32>,
    errors: Vec<f32>,
}

impl Rows {
    pub fn new(dimension: usize) -> Self {
        Self { dimension: dimension.max(1), exact: vec![], coarse: vec![], steps: vec![], errors: vec![] }
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Appends a template of the right dimension.
    pub fn push(&mut self, values: &[f32]) {
        let coarse = Coarse::of(values);
        extend_wiping(&mut self.exact, values);
        extend_wiping(&mut self.coarse, &coarse.bytes);
        self.steps.push(coarse.step);
        self.errors.push(coarse.error);
    }

    /// Takes rows out; those behind move up.
    pub fn remove(&mut self, rows: Range<usize>) {
        remove_wiping(&mut self.exact, rows.start * self.dimension..rows.end * self.dimension);
        remove_wiping(&mut self.coarse, rows.start * self.dimension..rows.end * self.dimension);
        self.steps.drain(rows.clone());
        self.errors.drain(rows);
    }

    /// One template.
    pub fn exact(&self, row: usize) -> &[f32] {
        self.exact.get(row * self.dimension..(row + 1) * self.dimension).unwrap_or_default()
    }

    /// The similarity of a template of length 1 to one row.
    pub fn similarity(&self, probe: &[f32], row: usize) -> f32 {
        f32::dot(probe, self.exact(row)).map_or(-1.0, |dot| dot as f32)
    }

    /// Approximate similarities of `probe` to `rows`, in order.
    pub fn coarse_similarities(&self, probe: &Coarse, rows: Range<usize>) -> impl Iterator<Item = f32> {
        let bytes = self.coarse.get(rows.start * self.dimension..rows.end * self.dimension).unwrap_or_default();
        let steps = self.steps.get(rows).unwrap_or_default();
        bytes.chunks_exact(self.dimension).zip(steps).map(|(row, step)| probe.similarity(row, *step))
    }

    /// How far the one-byte templates of `rows` are from what they were made from.
    pub fn coarse_errors(&self, rows: Range<usize>) -> &[f32] {
        self.errors.get(rows).unwrap_or_default()
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.exact.zeroize();
        self.coarse.zeroize();
    }
}

/// `Vec::extend`, except that memory given up on growth is wiped first.
fn extend_wiping<T: DefaultIsZeroes>(table: &mut Vec<T>, more: &[T]) {
    let needed = table.len() + more.len();
    if needed > table.capacity() {
        let mut larger = Vec::with_capacity(needed.max(table.capacity() * 2));
        larger.extend_from_slice(table);
        std::mem::replace(table, larger).zeroize();
    }
    table.extend_from_slice(more);
}

/// `Vec::drain`, except that the places that fall free at the end are wiped.
fn remove_wiping<T: DefaultIsZeroes>(table: &mut Vec<T>, range: Range<usize>) {
    let kept = table.len() - range.len();
    table.copy_within(range.end.., range.start);
    if let Some(free) = table.get_mut(kept..) {
        free.zeroize();
    }
    table.truncate(kept);
}
