//! Where a text's lines end: after a comma or colon where that is possible, never between an amount and its unit, and never
//! with one character alone on the last line.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{FontFamily, FontId, Galley};

use super::measure;
use super::pen::{BOLD, Ink, Pen};
use super::theme::LINE_SPACING;
use crate::words::screens as words;

/// Lines of one text that may end earlier to keep an amount whole.
const MOST_AMOUNTS: usize = 4;

/// What is laid out here is to be measured: only [`Pen`]'s writing puts it on the screen.
impl Pen<'_> {
    /// `text` on lines of at most `width`. Where it must be wrapped it is after commas and colons if that gives no more
    /// lines, otherwise so that the lines are about as long as each other.
    pub(super) fn lay_out(&self, width: f32, text: &str, ink: Ink, size: f32) -> Arc<Galley> {
        let galley = self.wrap(width, text, ink, size);
        let rows = galley.rows.len();
        if rows <= text.lines().count() {
            return galley;
        }
        if let Some(parted) = self.part(width, text, ink, size, rows) {
            return parted;
        }
        let mut galley = self.balance(width, text, ink, size);
        for _ in 0..MOST_AMOUNTS {
            let Some(whole) = whole_amount(&lines_of(&galley)) else { break };
            galley = self.balance(width, &whole, ink, size);
        }
        galley
    }

    /// `text` on as few lines as it needs, about as long as each other: no character is left alone on the last.
    fn balance(&self, width: f32, text: &str, ink: Ink, size: f32) -> Arc<Galley> {
        let rows = self.wrap(width, text, ink, size).rows.len();
        let best = narrowest(width, size / 4.0, |width| self.wrap(width, text, ink, size).rows.len() == rows);
        self.wrap(best, text, ink, size)
    }

    /// `text` on at most so many lines that end after punctuation marks, the longest as short as can be.
    pub(super) fn part(&self, width: f32, text: &str, ink: Ink, size: f32, rows: usize) -> Option<Arc<Galley>> {
        if text.contains('\n') {
            return None;
        }
        let parts: Vec<(&str, f32)> = text
            .split_inclusive(words::MARKS)
            .map(|part| (part, self.wrap(f32::INFINITY, part, ink, size).rect.width()))
            .collect();
        let filled = |width: f32| {
            let (mut lines, mut used) = (String::new(), 0.0);
            for (part, wide) in &parts {
                if used > 0.0 && used + wide > width {
                    lines.push('\n');
                    used = 0.0;
                }
                lines.push_str(part);
                used += wide;
            }
            lines
        };
        let good = |lines: &str| {
            let galley = self.wrap(width, lines, ink, size);
            (galley.rows.len() <= rows && galley.rows.len() == lines.lines().count()).then_some(galley)
        };
        good(&filled(width))?;
        let best = narrowest(width, size / 4.0, |width| good(&filled(width)).is_some());
        good(&filled(best))
    }

    fn wrap(&self, width: f32, text: &str, ink: Ink, size: f32) -> Arc<Galley> {
        let family = if ink.bold { FontFamily::Name(BOLD.into()) } else { FontFamily::Proportional };
        let format = TextFormat {
            line_height: Some((size * LINE_SPACING).ceil()),
            ..TextFormat::simple(FontId::new(size, family), ink.colour)
        };
        let mut job = LayoutJob::single_section(text.to_owned(), format);
        job.wrap = TextWrapping { max_width: width.max(1.0), ..TextWrapping::default() };
        job.halign = ink.align.x();
        measure::laid_out(self.ui.ctx(), job)
    }
}

/// Whether every line but the last ends where its writer or a punctuation mark ends it.
pub(super) fn end_well(galley: &Galley) -> bool {
    galley.rows.split_last().is_none_or(|(_, before)| {
        before.iter().all(|row| row.ends_with_newline || row.text().trim_end().ends_with(words::MARKS))
    })
}

/// The smallest width from half of `width` on that will do.
fn narrowest(width: f32, step: f32, will_do: impl Fn(f32) -> bool) -> f32 {
    let (mut too_narrow, mut best) = (width / 2.0, width);
    while best - too_narrow > step {
        let middle = f32::midpoint(too_narrow, best);
        if will_do(middle) { best = middle } else { too_narrow = middle }
    }
    best
}

/// The lines, and whether each was ended by its writer.
fn lines_of(galley: &Galley) -> Vec<(String, bool)> {
    galley.rows.iter().map(|row| (row.text(), row.ends_with_newline)).collect()
}

/// The text of these lines, the first that ends within an amount ended before it; `None` where none does.
fn whole_amount(lines: &[(String, bool)]) -> Option<String> {
    let mut text = String::new();
    let mut changed = false;
    for (place, (line, ended)) in lines.iter().enumerate() {
        let next = lines.get(place + 1).map_or("", |(next, _)| next.trim_start());
        let of_amount = |letter: char| letter.is_ascii_digit() || letter == '.';
        let before = line.trim_end().trim_end_matches(of_amount);
        let amount = line.get(before.len()..).unwrap_or_default();
        let parted = amount.contains(|letter: char| letter.is_ascii_digit())
            && next.starts_with(|letter: char| !words::MARKS.contains(&letter));
        if !ended && !changed && parted && !before.is_empty() {
            changed = true;
            text.push_str(before.trim_end());
            text.push('\n');
            text.push_str(amount);
        } else {
            text.push_str(line);
        }
        if *ended {
            text.push('\n');
        }
    }
    changed.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_never_ends_between_an_amount_and_its_unit() {
        let lines = |lines: &[&str]| lines.iter().map(|line| ((*line).to_owned(), false)).collect::<Vec<_>>();
        let whole = |parts: &[&str]| whole_amount(&lines(parts));
        assert_eq!(
            whole(&["低保补贴：每餐 5.00 ", "元，今日可用"]).as_deref(),
            Some("低保补贴：每餐\n5.00 元，今日可用")
        );
        assert_eq!(whole(&["还剩 12", "0.50 元"]).as_deref(), Some("还剩\n120.50 元"));
        assert_eq!(whole(&["还剩", "120.50 元"]), None);
        assert_eq!(whole(&["用 10 分，", "抵 10.00 元"]), None);
        assert_eq!(whole(&["1234567.00", "元"]), None, "an amount that fills its line cannot be kept whole");
    }
}
