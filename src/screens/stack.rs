//! Texts below each other that shrink together until they fit, so that one long sentence never pushes another out.

use eframe::egui::{Align, Align2, Rect, pos2, vec2};

use super::area::Area;
use super::pen::{Ink, Pen};
use super::theme::{self, LINE_SPACING, SMALLEST_TEXT};
use super::{icons, lines};

/// Steps by which a stack shrinks.
const STEP: f32 = 0.95;
/// Down to this share of the size at which it fits, a stack is set smaller so that no line ends within a word.
const A_LITTLE_SMALLER: f32 = 0.85;

/// One part of a stack.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A text over the whole width.
    Text(String, Ink),
    /// A text with a dot before it.
    Dot(String, Ink),
    /// A text at the left, an amount at the right.
    Amount(String, Ink, String, Ink),
    /// A line across.
    Rule,
    /// Empty space, of the design.
    Gap(f32),
}

impl Block {
    /// A text over the whole width.
    pub fn text(text: impl Into<String>, ink: Ink) -> Self {
        Self::Text(text.into(), ink)
    }
}

impl Pen<'_> {
    /// Draws `blocks` below each other as large as `area` allows.
    pub fn stack(&mut self, area: Area, blocks: &[Block], valign: Align) {
        let shrunk = self.shrink(area, blocks);
        let height = self.heights(area, blocks, shrunk);
        let free = (area.height() - height).max(0.0);
        let mut rest = area;
        rest.cut_top(match valign {
            Align::Min => 0.0,
            Align::Center => free / 2.0,
            Align::Max => free,
        });
        for block in blocks {
            let row = rest.cut_top(self.height(area.width(), block, shrunk));
            self.block(row, block, shrunk);
        }
    }

    /// Whether `blocks` fit into `area` at this share of their size.
    pub fn fits(&self, area: Area, blocks: &[Block], shrunk: f32) -> bool {
        self.heights(area, blocks, shrunk) <= area.height()
    }

    /// How high `blocks` become in `area`.
    pub fn stacked_height(&self, area: Area, blocks: &[Block]) -> f32 {
        self.heights(area, blocks, self.shrink(area, blocks))
    }

    fn heights(&self, area: Area, blocks: &[Block], shrunk: f32) -> f32 {
        blocks.iter().map(|block| self.height(area.width(), block, shrunk)).sum()
    }

    /// The largest share of their size at which `blocks` fit, or one a little smaller where that leaves more words whole.
    fn shrink(&self, area: Area, blocks: &[Block]) -> f32 {
        let mut shrunk = 1.0;
        let mut largest = None;
        let mut best = (usize::MAX, 0.0);
        while shrunk > 0.15 && largest.is_none_or(|largest| shrunk > largest * A_LITTLE_SMALLER) {
            if self.fits(area, blocks, shrunk) {
                largest = largest.or(Some(shrunk));
                let parted = blocks.iter().filter(|block| self.parts_words(area.width(), block, shrunk)).count();
                if parted < best.0 {
                    best = (parted, shrunk);
                }
                if parted == 0 {
                    break;
                }
            }
            shrunk *= STEP;
        }
        best.1
    }

    fn parts_words(&self, width: f32, block: &Block, shrunk: f32) -> bool {
        let parts = |width: f32, text: &str, ink: Ink| {
            !lines::end_well(&self.lay_out(width, text, ink, self.size(ink, shrunk)))
        };
        match block {
            Block::Text(words, ink) => parts(width, words, *ink),
            Block::Dot(words, ink) => parts(width - self.indent(*ink, shrunk), words, *ink),
            Block::Amount(..) | Block::Rule | Block::Gap(_) => false,
        }
    }

    fn size(&self, ink: Ink, shrunk: f32) -> f32 {
        (self.theme.text(ink.size) * shrunk).max(SMALLEST_TEXT)
    }

    fn height(&self, width: f32, block: &Block, shrunk: f32) -> f32 {
        let text = |width: f32, text: &str, ink: Ink| {
            self.lay_out(width, text, ink, self.size(ink, shrunk)).rect.height().ceil()
        };
        match block {
            Block::Text(words, ink) => text(width, words, *ink),
            Block::Dot(words, ink) => text(width - self.indent(*ink, shrunk), words, *ink),
            Block::Amount(name, ink, amount, amount_ink) => {
                let right = self.lay_out(width, amount, *amount_ink, self.size(*amount_ink, shrunk)).rect;
                let left = text(width - right.width() - self.size(*ink, shrunk), name, *ink);
                left.max(right.height().ceil())
            }
            Block::Rule => self.theme.length(14.0) * shrunk.max(0.4),
            Block::Gap(design) => self.theme.length(*design) * shrunk.max(0.2),
        }
    }

    fn indent(&self, ink: Ink, shrunk: f32) -> f32 {
        self.size(ink, shrunk) * 0.8
    }

    fn block(&mut self, mut row: Area, block: &Block, shrunk: f32) {
        match block {
            Block::Text(words, ink) => self.text_at(row, words, *ink, self.size(*ink, shrunk)),
            Block::Dot(words, ink) => {
                let size = self.size(*ink, shrunk);
                let indent = row.cut_left(self.indent(*ink, shrunk));
                let middle = pos2(indent.0.left() + size * 0.25, indent.0.top() + size * LINE_SPACING / 2.0);
                let dot = Rect::from_center_size(middle, vec2(size, size) * 0.36);
                icons::dot(self.ui.painter(), dot, theme::RED);
                self.text_at(row, words, ink.align(Align2::LEFT_TOP), size);
            }
            Block::Amount(name, ink, amount, amount_ink) => {
                let size = self.size(*amount_ink, shrunk);
                let width = self.lay_out(row.width(), amount, *amount_ink, size).rect.width() + 1.0;
                let right = row.cut_right(width);
                row.cut_right(self.size(*ink, shrunk) - 1.0);
                self.text_at(row, name, ink.align(Align2::LEFT_TOP), self.size(*ink, shrunk));
                self.text_at(right, amount, amount_ink.align(Align2::RIGHT_TOP), size);
            }
            Block::Rule => self.rule(row),
            Block::Gap(_) => {}
        }
    }
}
