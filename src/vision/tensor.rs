//! Pictures as models take them: one colour plane after the other, in floats, written in place and reused.

use super::manifest::{Channels, ModelCard};

/// How a model wants its pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Encoding {
    channels: Channels,
    /// Of the planes in their order.
    scale: [f32; 3],
    offset: [f32; 3],
}

impl Encoding {
    /// The encoding that `card` asks for: `(v / divisor − mean) / deviation`.
    pub(super) fn of(card: &ModelCard) -> Self {
        let scale = card.deviation.map(|deviation| 1.0 / (card.divisor * deviation));
        let [a, b, c] = card.mean;
        let [da, db, dc] = card.deviation;
        Self { channels: card.channels, scale, offset: [-a / da, -b / db, -c / dc] }
    }

    /// Three things that stand in the order of the planes, in the order red, green, blue; or the other way round.
    fn turned<T>(&self, [first, second, third]: [T; 3]) -> [T; 3] {
        match self.channels {
            Channels::Rgb => [first, second, third],
            Channels::Bgr => [third, second, first],
        }
    }

    /// Weights `w` and a constant `k` such that `Σ w·plane + k` is the pixel's brightness, 0..1 (Rec. 601 luma).
    fn luma(&self) -> ([f32; 3], f32) {
        let [a, b, c] = self.turned([0.299 / 255.0, 0.587 / 255.0, 0.114 / 255.0]);
        let weights = [a / self.scale[0], b / self.scale[1], c / self.scale[2]];
        let constant = -(weights[0] * self.offset[0] + weights[1] * self.offset[1] + weights[2] * self.offset[2]);
        (weights, constant)
    }

    /// What each byte becomes in the red, the green and the blue plane: a look-up is twice as fast as the conversion.
    fn tables(&self) -> [[f32; 256]; 3] {
        let (scale, offset) = (self.turned(self.scale), self.turned(self.offset));
        std::array::from_fn(|colour| std::array::from_fn(|byte| byte as f32 * scale[colour] + offset[colour]))
    }
}

/// An input buffer, `1 × 3 × height × width`.
#[derive(Debug)]
pub(super) struct Tensor {
    encoding: Encoding,
    /// For bytes of red, green and blue.
    tables: Box<[[f32; 256]; 3]>,
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Tensor {
    /// A buffer of no size yet.
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { encoding, tables: Box::new(encoding.tables()), width: 0, height: 0, values: Vec::new() }
    }

    /// Gives it a size. The contents are then of no meaning until every pixel is written.
    pub(super) fn resize(&mut self, width: usize, height: usize) {
        if (self.width, self.height) != (width, height) {
            (self.width, self.height) = (width, height);
            self.values.resize(3 * width * height, 0.0);
        }
    }

    /// Its size in pixels: width, height.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Its shape as the runtime wants it.
    pub(super) fn shape(&self) -> [usize; 4] {
        [1, 3, self.height, self.width]
    }

    /// The values, plane by plane.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Makes every pixel black.
    pub(super) fn blacken(&mut self) {
        let area = (self.width * self.height).max(1);
        for (plane, offset) in self.values.chunks_exact_mut(area).zip(self.encoding.offset) {
            plane.fill(offset);
        }
    }

    /// Writes `pixels` (RGB bytes) into row `row`, from column `column` on; what does not fit is left out.
    pub(super) fn write_row(&mut self, row: usize, column: usize, pixels: &[u8]) {
        let area = self.width * self.height;
        let (from, to) = (row * self.width + column.min(self.width), (row + 1) * self.width);
        if to > area {
            return;
        }
        let (first, rest) = self.values.split_at_mut(area);
        let (second, third) = rest.split_at_mut(area);
        let planes = self.encoding.turned([first, second, third]);
        let [red, green, blue] = planes.map(|plane| plane.get_mut(from..to).unwrap_or_default());
        let [reds, greens, blues] = &*self.tables;
        for (((red, green), blue), [r, g, b]) in red.iter_mut().zip(green).zip(blue).zip(pixels.as_chunks::<3>().0) {
            *red = reds[usize::from(*r)];
            *green = greens[usize::from(*g)];
            *blue = blues[usize::from(*b)];
        }
    }

    /// Writes every pixel: `colour(column, row)` gives red, green and blue, 0..255.
    pub(super) fn write_with(&mut self, mut colour: impl FnMut(usize, usize) -> [f32; 3]) {
        let area = self.width * self.height;
        if area == 0 {
            return;
        }
        let (first, rest) = self.values.split_at_mut(area);
        let (second, third) = rest.split_at_mut(area);
        let [red, green, blue] = self.encoding.turned([first, second, third]);
        let (scale, offset) = (self.encoding.turned(self.encoding.scale), self.encoding.turned(self.encoding.offset));
        let rows = red
            .chunks_exact_mut(self.width)
            .zip(green.chunks_exact_mut(self.width))
            .zip(blue.chunks_exact_mut(self.width));
        for (row, ((red, green), blue)) in rows.enumerate() {
            for (column, ((red, green), blue)) in red.iter_mut().zip(green).zip(blue).enumerate() {
                let [r, g, b] = colour(column, row);
                *red = r * scale[0] + offset[0];
                *green = g * scale[1] + offset[1];
                *blue = b * scale[2] + offset[2];
            }
        }
    }

    /// Brightness of every pixel, row by row, 0..1 (Rec. 601 luma).
    pub(super) fn luma(&self) -> Vec<f32> {
        let area = self.width * self.height;
        let (weights, constant) = self.encoding.luma();
        let (first, rest) = self.values.split_at(area.min(self.values.len()));
        let (second, third) = rest.split_at(area.min(rest.len()));
        let planes = first.iter().zip(second).zip(third);
        planes.map(|((a, b), c)| weights[0] * a + weights[1] * b + weights[2] * c + constant).collect()
    }

    /// Mirrors the picture, left for right.
    pub(super) fn mirror(&mut self) {
        if self.width > 0 {
            self.values.chunks_exact_mut(self.width).for_each(<[f32]>::reverse);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BGR: Encoding = Encoding { channels: Channels::Bgr, scale: [1.0; 3], offset: [0.0; 3] };

    #[test]
    fn rows_go_into_planes_in_the_models_order_and_stop_at_the_edge() {
        let mut tensor = Tensor::new(BGR);
        tensor.resize(2, 2);
        tensor.blacken();
        tensor.write_row(1, 1, &[10, 20, 30, 40, 50, 60]);
        assert_eq!(tensor.values(), [0.0, 0.0, 0.0, 30.0, 0.0, 0.0, 0.0, 20.0, 0.0, 0.0, 0.0, 10.0]);
    }

    #[test]
    fn black_and_brightness_come_through_a_normalised_encoding() {
        let encoding = Encoding { channels: Channels::Rgb, scale: [0.02, 0.03, 0.04], offset: [-2.0, -1.0, -3.0] };
        let mut tensor = Tensor::new(encoding);
        tensor.resize(2, 1);
        tensor.write_with(|column, _| if column == 0 { [0.0; 3] } else { [255.0; 3] });
        let luma = tensor.luma();
        assert!(luma.len() == 2 && luma[0].abs() < 1e-5 && (luma[1] - 1.0).abs() < 1e-5, "{luma:?}");
        let written = tensor.values()[0];
        tensor.blacken();
        assert_eq!(tensor.values()[0], written);
    }

    #[test]
    fn a_mirrored_picture_mirrored_again_is_itself() {
        let mut tensor = Tensor::new(BGR);
        tensor.resize(3, 1);
        tensor.write_row(0, 0, &[1, 1, 1, 2, 2, 2, 3, 3, 3]);
        tensor.mirror();
        assert_eq!(tensor.values()[..3], [3.0, 2.0, 1.0]);
        tensor.mirror();
        assert_eq!(tensor.values()[..3], [1.0, 2.0, 3.0]);
    }
}
