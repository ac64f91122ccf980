//! The parts that several screens show of an order: what comes off, what is left.

use super::area::Area;
use super::pen::{Ink, Pen};
use super::stack::Block;
use super::theme;
use crate::domain::{Fen, LineKind, Quote, QuoteLine};
use crate::words::screens as words;

/// The sentence of every rule that takes something off the price, what the elder's own balance pays, and why other rules
/// pay nothing, as many as fit; the rest is summed up, and what the elder's own balance pays is never counted as a reduction.
pub(super) fn subsidies(pen: &Pen<'_>, area: Area, heading: &[Block], quote: &Quote, ink: Ink) -> Vec<Block> {
    let plain = Ink { size: 44.0, bold: false, ..ink }.colour(theme::INK);
    let (own, public): (Vec<_>, Vec<_>) = quote.lines.iter().partition(|line| line.kind == LineKind::Prepaid);
    let mut top = heading.to_vec();
    if public.is_empty() && quote.notes.is_empty() {
        top.extend([Block::text(words::NO_SUBSIDY, plain), Block::Gap(10.0)]);
    }
    let dot = |line: &&QuoteLine, ink: Ink| Block::Dot(line.sentence.clone(), ink);
    let lines: Vec<Block> =
        public.iter().map(|line| dot(line, ink)).chain(own.iter().map(|line| dot(line, plain))).collect();
    let why = Ink { size: 36.0, ..plain }.colour(theme::SOFT_INK);
    let notes = quote.notes.iter().map(|note| Block::Dot(note.sentence.clone(), why)).collect();
    let summed = |shown: usize| {
        let mut rest = Vec::new();
        if shown < public.len() {
            rest.push(Block::Dot(words::more_lines(shown > 0, public.len(), quote.reduction()), ink));
        }
        if quote.prepaid() > Fen::ZERO {
            rest.push(Block::Dot(words::from_prepaid(quote.prepaid()), plain));
        }
        rest
    };
    let all = lines.len();
    let (blocks, shown) = most_that_fit(pen, area, &top, lines, summed);
    if shown < all {
        return blocks;
    }
    most_that_fit(pen, area, &blocks, notes, |_| Vec::new()).0
}

/// What is left of each programme, as many as fit.
pub(super) fn remaining(pen: &Pen<'_>, area: Area, heading: &[Block], quote: &Quote, ink: Ink) -> Vec<Block> {
    let sentences = quote.remaining.iter().map(|left| Block::Dot(left.sentence.clone(), ink)).collect();
    most_that_fit(pen, area, heading, sentences, |_| Vec::new()).0
}

/// The share of its size down to which a sentence is rather set smaller than left out.
const READABLE: f32 = 0.5;

/// `heading` and as many `sentences` as fit without becoming small, or, where not even one does, at the smallest size, and how
/// many these are; `rest`, which is told how many, stands for those that are left out.
fn most_that_fit(
    pen: &Pen<'_>,
    area: Area,
    heading: &[Block],
    sentences: Vec<Block>,
    rest: impl Fn(usize) -> Vec<Block>,
) -> (Vec<Block>, usize) {
    let all = sentences.len();
    let attempts = (1..=all).rev().map(|shown| (shown, READABLE)).chain((0..=all).rev().map(|shown| (shown, 0.0)));
    for (shown, shrunk) in attempts {
        let mut blocks = heading.to_vec();
        for sentence in sentences.iter().take(shown).cloned() {
            blocks.extend([sentence, Block::Gap(10.0)]);
        }
        if shown < all {
            blocks.extend(rest(shown));
        }
        if pen.fits(area, &blocks, shrunk) {
            return (blocks, shown);
        }
    }
    (heading.to_vec(), 0)
}
