//! The parts that several screens show of an order: what comes off, what is left.

use eframe::egui::Rect;

use super::area::Area;
use super::pen::{Ink, Pen};
use super::{icons, theme};
use crate::domain::Quote;
use crate::words::screens as words;

/// Sentences shown of one kind; more are summed up in the last one.
const MOST_LINES: usize = 4;

/// The sentence of every rule that takes something off the price.
pub(super) fn subsidy_sentences(quote: &Quote) -> Vec<String> {
    let mut sentences: Vec<String> = quote.lines.iter().map(|line| line.sentence.clone()).collect();
    let all = sentences.len();
    if all == 0 {
        return vec![words::NO_SUBSIDY.to_owned()];
    }
    if all > MOST_LINES {
        sentences.truncate(MOST_LINES - 1);
        sentences.push(words::more_lines(all, quote.price - quote.own_share));
    }
    sentences
}

/// What is left of each programme, at most [`MOST_LINES`].
pub(super) fn remaining_sentences(quote: &Quote) -> Vec<String> {
    quote.remaining.iter().take(MOST_LINES).map(|left| left.sentence.clone()).collect()
}

/// Sentences below each other, each with a dot before it.
pub(super) fn list(pen: &mut Pen<'_>, area: Area, sentences: &[String], ink: Ink) {
    let most = pen.theme.text(ink.size) * 2.8;
    let count = sentences.len().max(1);
    let height = (area.height() / count as f32).min(most);
    let mut area = area;
    for sentence in sentences {
        let row = area.cut_top(height);
        let size = pen.theme.length(14.0).max(8.0);
        let (mark, rest) = pen.mark_left(row, size);
        icons::dot(pen.ui.painter(), Rect::from_center_size(mark.center(), mark.size()), theme::RED);
        pen.text(rest, sentence, ink);
    }
}
