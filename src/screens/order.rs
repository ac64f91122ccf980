//! The parts that several screens show of an order: what comes off, what is left.

use super::area::Area;
use super::pen::{Ink, Pen};
use super::stack::Block;
use super::theme;
use crate::domain::Quote;
use crate::words::screens as words;

/// The sentence of every rule that takes something off the price, as many as fit; the rest is summed up.
pub(super) fn subsidies(pen: &Pen<'_>, area: Area, heading: &[Block], quote: &Quote, ink: Ink) -> Vec<Block> {
    if quote.lines.is_empty() {
        let plain = Ink { size: 44.0, bold: false, ..ink }.colour(theme::INK);
        return [heading, &[Block::text(words::NO_SUBSIDY, plain)]].concat();
    }
    let all = quote.lines.len();
    let summed = Block::Dot(words::more_lines(all, quote.price - quote.own_share), ink);
    most_that_fit(pen, area, heading, quote.lines.iter().map(|line| &line.sentence), Some(summed), ink)
}

/// What is left of each programme, as many as fit.
pub(super) fn remaining(pen: &Pen<'_>, area: Area, heading: &[Block], quote: &Quote, ink: Ink) -> Vec<Block> {
    most_that_fit(pen, area, heading, quote.remaining.iter().map(|left| &left.sentence), None, ink)
}

/// `heading` and as many `sentences` as fit at the smallest size; where some do not, `rest` stands for them.
fn most_that_fit<'a>(
    pen: &Pen<'_>,
    area: Area,
    heading: &[Block],
    sentences: impl Iterator<Item = &'a String>,
    rest: Option<Block>,
    ink: Ink,
) -> Vec<Block> {
    let sentences: Vec<Block> = sentences.map(|sentence| Block::Dot(sentence.clone(), ink)).collect();
    for shown in (0..=sentences.len()).rev() {
        let left_out = shown < sentences.len();
        let mut blocks = heading.to_vec();
        for sentence in sentences.iter().take(shown).cloned() {
            blocks.extend([sentence, Block::Gap(10.0)]);
        }
        if let (true, Some(rest)) = (left_out, &rest) {
            blocks.push(rest.clone());
        }
        if pen.fits(area, &blocks) {
            return blocks;
        }
    }
    heading.to_vec()
}
