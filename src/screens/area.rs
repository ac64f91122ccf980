//! Cutting the screen into areas. Everything has its place before it is drawn, so nothing scrolls and nothing overlaps.

use eframe::egui::{Rect, pos2, vec2};

/// A part of the screen, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area(pub Rect);

impl Area {
    /// Takes `height` from the top.
    pub fn cut_top(&mut self, height: f32) -> Self {
        let height = height.min(self.0.height());
        let cut = Rect::from_min_size(self.0.min, vec2(self.0.width(), height));
        self.0.min.y += height;
        Self(cut)
    }

    /// Takes `height` from the bottom.
    pub fn cut_bottom(&mut self, height: f32) -> Self {
        let height = height.min(self.0.height());
        let cut = Rect::from_min_max(pos2(self.0.min.x, self.0.max.y - height), self.0.max);
        self.0.max.y -= height;
        Self(cut)
    }

    /// Takes `width` from the left.
    pub fn cut_left(&mut self, width: f32) -> Self {
        let width = width.min(self.0.width());
        let cut = Rect::from_min_size(self.0.min, vec2(width, self.0.height()));
        self.0.min.x += width;
        Self(cut)
    }

    /// Takes `width` from the right.
    pub fn cut_right(&mut self, width: f32) -> Self {
        let width = width.min(self.0.width());
        let cut = Rect::from_min_max(pos2(self.0.max.x - width, self.0.min.y), self.0.max);
        self.0.max.x -= width;
        Self(cut)
    }

    /// Without a margin of `x` left and right and `y` above and below.
    pub fn inset(self, x: f32, y: f32) -> Self {
        let (x, y) = (x.min(self.width() / 2.0), y.min(self.height() / 2.0));
        Self(Rect::from_min_max(self.0.min + vec2(x, y), self.0.max - vec2(x, y)))
    }

    /// `count` equal rows with `gap` between them.
    pub fn rows(self, count: usize, gap: f32) -> Vec<Self> {
        let count = count.max(1);
        let height = ((self.height() - gap * (count - 1) as f32) / count as f32).max(0.0);
        (0..count)
            .map(|row| {
                let top = self.0.min.y + row as f32 * (height + gap);
                Self(Rect::from_min_size(pos2(self.0.min.x, top), vec2(self.width(), height)))
            })
            .collect()
    }

    /// `count` equal columns with `gap` between them.
    pub fn columns(self, count: usize, gap: f32) -> Vec<Self> {
        let count = count.max(1);
        let width = ((self.width() - gap * (count - 1) as f32) / count as f32).max(0.0);
        (0..count)
            .map(|column| {
                let left = self.0.min.x + column as f32 * (width + gap);
                Self(Rect::from_min_size(pos2(left, self.0.min.y), vec2(width, self.height())))
            })
            .collect()
    }

    /// The largest area of the given width : height in the middle.
    pub fn middle(self, aspect: f32) -> Self {
        let width = self.width().min(self.height() * aspect);
        Self(Rect::from_center_size(self.0.center(), vec2(width, width / aspect)))
    }

    /// Width in points.
    pub fn width(self) -> f32 {
        self.0.width()
    }

    /// Height in points.
    pub fn height(self) -> f32 {
        self.0.height()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_and_what_is_left_make_up_the_whole() {
        let mut area = Area(Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 60.0)));
        let (top, left) = (area.cut_top(10.0), area.cut_left(30.0));
        assert_eq!((top.height(), left.width(), left.height()), (10.0, 30.0, 50.0));
        assert_eq!((area.width(), area.height()), (70.0, 50.0));
        assert_eq!(area.cut_bottom(1000.0).height(), 50.0, "never more than there is");
    }

    #[test]
    fn columns_and_rows_fill_the_area_with_gaps_between() {
        let area = Area(Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 60.0)));
        let columns = area.columns(3, 5.0);
        assert_eq!((columns.len(), columns[0].width()), (3, 30.0));
        assert_eq!(columns[2].0.max.x, 100.0);
        assert_eq!(area.rows(2, 10.0)[1].0.max.y, 60.0);
    }
}
