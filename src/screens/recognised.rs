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
    let mut inner = area.inset(theme.length(36.0), theme.length(20.0));
    let heading = |words: &str| [Block::text(words, Ink::regular(32.0).colour(theme::SOFT_INK)), Block::Gap(10.0)];
    if !quote.remaining.is_empty() {
        let left = if theme.portrait {
            let left = inner.cut_bottom(inner.height() * 0.45);
            inner.cut_bottom(theme.length(24.0));
            left
        } else {
            let left = inner.cut_right(inner.width() * 0.42);
            inner.cut_right(theme.length(44.0));
            left
        };
        let blocks = remaining(pen, left, &heading(words::AFTER_THIS_MEAL), quote, Ink::regular(46.0));
        pen.stack(left, &blocks, Align::Center);
    }
    let ink = Ink::bold(56.0).colour(theme::RED);
    let blocks = subsidies(pen, inner, &heading(words::YOUR_SUBSIDY), quote, ink);
    pen.stack(inner, &blocks, Align::Center);
}
