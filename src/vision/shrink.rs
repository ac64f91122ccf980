//! A picture averaged down by a whole factor.

use image::RgbImage;

/// Largest factor: the sum of its square of bytes still fits 16 bits.
pub(super) const MOST: usize = 16;

/// A part of a picture in squares of `factor` × `factor` pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Squares {
    /// First column and row of the picture's pixels.
    pub(super) left: usize,
    pub(super) top: usize,
    /// Side of a square in pixels, 1 to [`MOST`].
    pub(super) factor: usize,
    /// How many squares there are in a row, and how many rows.
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Averages squares of pixels; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Shrinker {
    sums: Vec<u16>,
    line: Vec<u8>,
}

impl Shrinker {
    /// Hands every row of `squares` to `each`, top to bottom: its number and an RGB mean a square. Squares beyond the
    /// picture's edge are left out.
    pub(super) fn rows(&mut self, picture: &RgbImage, squares: Squares, mut each: impl FnMut(usize, &[u8])) {
        let Squares { left, top, factor, width, height } = squares;
        let factor = factor.clamp(1, MOST);
        let stride = picture.width() as usize * 3;
        let within = |line: &'_ [u8]| left * 3..(left + width * factor).min(line.len() / 3) * 3;
        let area = (factor * factor) as u32;
        let mean = |sum: u32| ((sum + area / 2) / area) as u8;
        let mut lines = picture.as_raw().chunks_exact(stride.max(1)).skip(top);
        for row in 0..height {
            let Some(first) = lines.next() else { return };
            let Some(first) = first.get(within(first)) else { return };
            // Rows first: adding whole rows is what processors do best.
            self.sums.clear();
            self.sums.extend(first.iter().map(|value| u16::from(*value)));
            for _ in 1..factor {
                let Some(next) = lines.next() else { return };
                let next = next.get(within(next)).unwrap_or_default();
                for (sum, value) in self.sums.iter_mut().zip(next) {
                    *sum += u16::from(*value);
                }
            }
            self.line.clear();
            if factor == 2 {
                let pairs = self.sums.as_chunks::<6>().0;
                self.line.extend(pairs.iter().flat_map(|[a, b, c, d, e, f]| {
                    [(a + d + 2) >> 2, (b + e + 2) >> 2, (c + f + 2) >> 2].map(|mean| mean as u8)
                }));
            } else {
                for square in self.sums.chunks_exact(3 * factor) {
                    let mut sum = [0; 3];
                    for [r, g, b] in square.as_chunks::<3>().0 {
                        sum = [sum[0] + u32::from(*r), sum[1] + u32::from(*g), sum[2] + u32::from(*b)];
                    }
                    self.line.extend(sum.map(mean));
                }
            }
            each(row, &self.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(picture: &RgbImage, squares: Squares) -> Vec<Vec<u8>> {
        let mut rows = Vec::new();
        Shrinker::default().rows(picture, squares, |row, line| {
            assert_eq!(row, rows.len());
            rows.push(line.to_vec());
        });
        rows
    }

    #[test]
    fn every_factor_gives_the_rounded_mean_of_its_squares() {
        let picture = RgbImage::from_fn(70, 50, |x, y| {
            image::Rgb([(x * 37 + y * 11) as u8, (x * x + y) as u8, if (x + y) % 2 == 0 { 255 } else { 254 }])
        });
        for factor in 1..=MOST {
            let squares = Squares { left: 3, top: 1, factor, width: 4, height: 3 };
            let rows = rows(&picture, squares);
            assert_eq!(rows.len(), 3);
            for (v, row) in rows.iter().enumerate() {
                assert_eq!(row.len(), 12, "factor {factor}");
                for u in 0..4 {
                    for colour in 0..3 {
                        let sum: u32 = (0..factor * factor)
                            .map(|i| (3 + u * factor + i % factor, 1 + v * factor + i / factor))
                            .map(|(x, y)| u32::from(picture.get_pixel(x as u32, y as u32)[colour]))
                            .sum();
                        let area = (factor * factor) as u32;
                        let mean = (sum + area / 2) / area;
                        assert_eq!(u32::from(row[u * 3 + colour]), mean, "factor {factor} at {u}, {v}");
                    }
                }
            }
        }
    }

    #[test]
    fn squares_beyond_the_edge_are_left_out() {
        let picture = RgbImage::from_pixel(5, 5, image::Rgb([9, 9, 9]));
        let rows = rows(&picture, Squares { left: 0, top: 0, factor: 2, width: 9, height: 9 });
        assert_eq!(rows, vec![vec![9; 6], vec![9; 6]]);
    }
}
