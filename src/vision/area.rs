//! A part of a picture shrunk by its areas, as OpenCV's `INTER_AREA` shrinks: every target pixel is the mean of all that lies
//! under it, parts of pixels by their part.

use image::RgbImage;

use super::liveness::{Part, mirrored};
use super::tensor::Tensor;

/// Draws shrunk parts of pictures into tensors; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Area {
    columns: Shares,
    rows: Shares,
    /// The sums of one target row, by the picture's columns: red, green and blue each.
    line: Vec<f32>,
    means: Vec<[f32; 3]>,
}

impl Area {
    /// Draws `part` of `picture` into every pixel of `tensor`; the picture is mirrored at its edges, the edge itself not
    /// repeated.
    pub(super) fn draw(&mut self, picture: &RgbImage, [x, y, w, h]: Part, tensor: &mut Tensor) {
        let Self { columns, rows, line, means } = self;
        let (wide, high) = tensor.size();
        columns.measure(x, w, wide, picture.width());
        rows.measure(y, h, high, picture.height());
        let first = columns.all.iter().map(|(column, _)| *column).min().unwrap_or(0);
        let past = columns.all.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let stride = picture.width() as usize * 3;
        means.clear();
        for shares in rows.each() {
            // Rows first: adding whole rows is what processors do best.
            line.clear();
            line.resize((past - first) * 3, 0.0);
            for (row, share) in shares {
                let within = row * stride + first * 3..row * stride + past * 3;
                let pixels = picture.as_raw().get(within).unwrap_or_default();
                for (sum, value) in line.iter_mut().zip(pixels) {
                    *sum += share * f32::from(*value);
                }
            }
            let sums = line.as_chunks::<3>().0;
            means.extend(columns.each().map(|shares| {
                let mut mean = [0.0; 3];
                for (column, share) in shares {
                    let sum = sums.get(column - first).copied().unwrap_or_default();
                    mean = [mean[0] + share * sum[0], mean[1] + share * sum[1], mean[2] + share * sum[2]];
                }
                mean
            }));
        }
        tensor.write_with(|column, row| means.get(row * wide + column).copied().unwrap_or_default());
    }
}

/// Which of a picture's pixels lie under each target pixel along one side.
#[derive(Debug, Default)]
struct Shares {
    /// The pixel's place and its share of the target pixel, target by target.
    all: Vec<(usize, f32)>,
    /// Where in `all` each target's shares end.
    ends: Vec<usize>,
}

impl Shares {
    /// For `length` pixels from `from` on, of a side of `size`, that become `targets` pixels.
    fn measure(&mut self, from: f32, length: f32, targets: usize, size: u32) {
        self.all.clear();
        self.ends.clear();
        let step = f64::from(length) / targets as f64;
        for target in 0..targets {
            let left = f64::from(from) + target as f64 * step;
            let right = left + step;
            for pixel in left.floor() as i64..right.ceil() as i64 {
                let covered = right.min(pixel as f64 + 1.0) - left.max(pixel as f64);
                self.all.push((mirrored(pixel, size) as usize, (covered / step) as f32));
            }
            self.ends.push(self.all.len());
        }
    }

    /// The shares of every target in turn.
    fn each(&self) -> impl Iterator<Item = &[(usize, f32)]> {
        let Self { all, ends } = self;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(ends).map(move |(start, end)| all.get(start..*end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::manifest::Manifest;
    use crate::vision::tensor::Encoding;

    fn tensor(side: usize) -> Tensor {
        let manifest: Manifest = toml::from_str(include_str!("../../models/models.toml")).expect("the manifest");
        let mut tensor = Tensor::new(Encoding::of(manifest.find("minifas-celebaspoof").expect("the model")));
        tensor.resize(side, side);
        tensor
    }

    fn reflected(at: i64, size: u32) -> u32 {
        let last = i64::from(size) - 1;
        let at = at.abs();
        (if at > last { 2 * last - at } else { at }) as u32
    }

    #[test]
    fn a_shrunk_pixel_is_the_mean_of_all_that_lies_under_it_beyond_the_edges_too() {
        let picture = RgbImage::from_fn(30, 34, |x, y| {
            image::Rgb([(x * 37 + y * 11) as u8, (x * x + y * 5) as u8, if (x + y) % 2 == 0 { 255 } else { 0 }])
        });
        let mut tensor = tensor(16);
        Area::default().draw(&picture, [-3.25, 2.5, 40.0, 40.0], &mut tensor);
        // A step of 2.5 pixels from quarters on: ten quarters a side.
        let quarter =
            |from: f64, target: usize, n: usize| (from + target as f64 * 2.5 + n as f64 * 0.25).floor() as i64;
        for row in 0..16 {
            for column in 0..16 {
                for colour in 0..3 {
                    let sum: u32 = (0..100)
                        .map(|n| {
                            let x = reflected(quarter(-3.25, column, n % 10), 30);
                            let y = reflected(quarter(2.5, row, n / 10), 34);
                            u32::from(picture.get_pixel(x, y)[colour])
                        })
                        .sum();
                    let drawn = tensor.values()[(colour * 16 + row) * 16 + column] * 255.0;
                    assert!((drawn - sum as f32 / 100.0).abs() < 0.01, "{column}, {row}: {drawn} for {sum} hundredths");
                }
            }
        }
    }

    #[test]
    fn a_picture_of_one_pixel_fills_everything() {
        let mut tensor = tensor(4);
        let picture = RgbImage::from_pixel(1, 1, image::Rgb([51; 3]));
        Area::default().draw(&picture, [-3.0, -3.0, 8.0, 8.0], &mut tensor);
        assert!(tensor.values().iter().all(|value| (value - 0.2).abs() < 1e-6), "{:?}", tensor.values());
    }
}
