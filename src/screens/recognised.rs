//! An elder is recognised: who, what the district pays, what is left.

use eframe::egui::Align;

use super::area::Area;
use super::order::{remaining, subsidies};
use super::pen::{ButtonKind, Ink, Pen};
use super::stack::Block;
use super::theme;
use crate::domain::Quote;
use crate::kiosk::session::{Order, Touch};
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, order: &Order) -> Option<Touch> {
    let theme = pen.theme;
    let mut foot = body.cut_bottom(theme.target(120.0));
    body.cut_bottom(theme.length(24.0));
    let title = body.cut_top(theme.line(80.0, body.height(), 0.26));
    pen.text(title, &words::greeting(&order.name), Ink::bold(80.0));
    body.cut_top(theme.length(12.0));
    if let Some(quote) = &order.quote {
        draw_quote(pen, body, quote);
    }
    let other = foot.cut_left((foot.width() * 0.28).max(theme.target(160.0)));
    foot.cut_left(theme.length(24.0));
    if pen.button(other, words::NOT_ME, ButtonKind::Plain) {
        return Some(Touch::Cancel(order.visit));
    }
    pen.button(foot, words::CHOOSE_DISHES, ButtonKind::Primary).then_some(Touch::ChooseDishes(order.visit))
}

fn draw_quote(pen: &mut Pen<'_>, area: Area, quote: &Quote) {
    let theme = pen.theme;
    pen.card(area);
    let inner = area.inset(theme.length(36.0), theme.length(20.0));
    let (off, left) = (Ink::bold(56.0).colour(theme::RED), Ink::regular(46.0));
    if theme.portrait {
        below_each_other(pen, inner, quote, off, left)
    } else {
        side_by_side(pen, inner, quote, off, left)
    }
}

fn below_each_other(pen: &mut Pen<'_>, area: Area, quote: &Quote, off: Ink, left: Ink) {
    let heading = |words: &str| [Block::text(words, Ink::regular(32.0).colour(theme::SOFT_INK)), Block::Gap(10.0)];
    let mut above = area;
    let mut blocks = Vec::new();
    if !quote.remaining.is_empty() {
        let below = above.cut_bottom(area.height() * 0.42);
        blocks.extend([Block::Gap(10.0), Block::Rule, Block::Gap(10.0)]);
        blocks.extend(remaining(pen, below, &heading(words::AFTER_THIS_MEAL), quote, left));
    }
    blocks.splice(0..0, subsidies(pen, above, &heading(words::YOUR_SUBSIDY), quote, off));
    pen.stack(area, &blocks, Align::Center);
}

/// Both columns begin on one line, however much each of them says.
fn side_by_side(pen: &mut Pen<'_>, area: Area, quote: &Quote, off: Ink, left: Ink) {
    let theme = pen.theme;
    let heading = theme.line(32.0, area.height(), 0.2) + theme.length(6.0);
    let below = |mut column: Area| {
        column.cut_top(heading);
        column
    };
    let mut first = area;
    let mut columns = Vec::new();
    if !quote.remaining.is_empty() {
        let second = first.cut_right(area.width() * 0.42);
        first.cut_right(theme.length(44.0));
        columns.push((second, words::AFTER_THIS_MEAL, remaining(pen, below(second), &[], quote, left)));
    }
    columns.push((first, words::YOUR_SUBSIDY, subsidies(pen, below(first), &[], quote, off)));
    let highest =
        columns.iter().map(|(column, _, blocks)| pen.stacked_height(below(*column), blocks)).fold(0.0, f32::max);
    let free = (area.height() - heading - highest).max(0.0);
    for (mut column, title, blocks) in columns {
        column.cut_top(free / 2.0);
        pen.text(column.cut_top(heading), title, Ink::regular(32.0).colour(theme::SOFT_INK));
        pen.stack(column, &blocks, Align::Min);
    }
}
