//! The parts that several screens show of an order: what comes off, what is left.

use super::area::Area;
use super::pen::{Ink, Pen};
use super::stack::Block;
use super::theme;
use crate::domain::{LineKind, Quote, QuoteLine};
use crate::words::screens as words;

/// The sentence of every rule that takes something off the price, what the elder's own balance pays, and why other rules
/// pay nothing, as many as fit; the rest is summed up.
pub(super) fn subsidies(pen: &Pen<'_>, area: Area, heading: &[Block], quote: &Quote, ink: Ink) -> Vec<Block> {
    let plain = Ink { size: 44.0, bold: false, ..ink }.colour(theme::INK);
    let (own, public): (Vec<_>, Vec<_>) = quote.lines.iter().partition(|line| line.kind == LineKind::Prepaid);
    let mut top = heading.to_vec();
    if public.is_empty() {
        top.extend([Block::text(words::NO_SUBSIDY, plain), Block::Gap(10.0)]);
    }
    let dot = |line: &&QuoteLine, ink: Ink| Block::Dot(line.sentence.clone(), ink);
    let lines: Vec<Block> =
        public.iter().map(|line| dot(line, ink)).chain(own.iter().map(|line| dot(line, plain))).collect();
    let why = Ink { size: 36.0, ..plain }.colour(theme::SOFT_INK);
    let notes = quote.notes.iter().map(|note| Block::Dot(note.sentence.clone(), why)).collect();
    let summed = Block::Dot(words::more_lines(lines.len(), quote.reduction()), ink);
    let shown = most_that_fit(pen, area, &top, lines.clone(), Some(summed));
    if shown.len() < top.len() + 2 * lines.len() {
        return shown;
    }
    most_that_fit(pen, area, &shown, notes, None)
}

/// What is left of each programme, as many as fit.
pub(super) fn remaining(pen: &Pen<'_>, area: Area, heading: &[Block], quote: &Quote, ink: Ink) -> Vec<Block> {
    let sentences = quote.remaining.iter().map(|left| Block::Dot(left.sentence.clone(), ink)).collect();
    most_that_fit(pen, area, heading, sentences, None)
}

/// The share of its size down to which a sentence is rather set smaller than left out.
const READABLE: f32 = 0.5;

/// `heading` and as many `sentences` as fit without becoming small, or, where not even one does, at the smallest size;
/// `rest` stands for those that are left out.
fn most_that_fit(
    pen: &Pen<'_>,
    area: Area,
    heading: &[Block],
    sentences: Vec<Block>,
    rest: Option<Block>,
) -> Vec<Block> {
    let all = sentences.len();
    let attempts = (1..=all).rev().map(|shown| (shown, READABLE)).chain((0..=all).rev().map(|shown| (shown, 0.0)));
    for (shown, shrunk) in attempts {
        let left_out = shown < all;
        let mut blocks = heading.to_vec();
        for sentence in sentences.iter().take(shown).cloned() {
            blocks.extend([sentence, Block::Gap(10.0)]);
        }
        if let (true, Some(rest)) = (left_out, &rest) {
            blocks.push(rest.clone());
        }
        if pen.fits(area, &blocks, shrunk) {
            return blocks;
        }
    }
    heading.to_vec()
}
