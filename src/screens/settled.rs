//! The ledger holds the meal: what was taken off, what is to be paid, what is left.

use eframe::egui::Align2;

use super::area::Area;
use super::order::{list, remaining_sentences};
use super::pen::{ButtonKind, Ink, Pen};
use super::{Surroundings, icons, theme};
use crate::kiosk::session::{Order, Touch};
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, order: &Order, around: &Surroundings) -> Option<Touch> {
    let theme = pen.theme;
    let mut foot = body.cut_bottom(theme.target(104.0));
    body.cut_bottom(theme.length(20.0));
    pen.ground(body, theme::GREEN_PALE);
    let mut inner = body.inset(theme.length(40.0), theme.length(24.0));
    let (mark, align) = if theme.portrait {
        (inner.cut_top(inner.height() * 0.26), Align2::CENTER_CENTER)
    } else {
        let mark = inner.cut_left(inner.width() * 0.26);
        inner.cut_left(theme.length(40.0));
        (mark, Align2::LEFT_CENTER)
    };
    let mark = mark.middle(1.0);
    icons::tick(pen.ui.painter(), mark.0.shrink(theme.length(10.0)));
    let left = order.quote.as_ref().map(remaining_sentences).unwrap_or_default();
    let title = inner.cut_top(inner.height() * if left.is_empty() { 0.5 } else { 0.42 });
    pen.text(title, &words::settled_title(order.reduction()), Ink::bold(68.0).colour(theme::GREEN).align(align));
    let enjoy = inner.cut_top(theme.text(46.0) * 1.6);
    pen.text(enjoy, &words::enjoy(&order.name), Ink::bold(46.0).align(align));
    if let Some(quote) = &order.quote {
        let own = inner.cut_top(theme.text(40.0) * 1.6);
        let text = words::own_share_line(quote.own_share, &around.own_share_collected);
        pen.text(own, &text, Ink::regular(40.0).align(align));
    }
    if !left.is_empty() {
        inner.cut_top(theme.length(8.0));
        list(pen, inner, &left, Ink::regular(32.0).colour(theme::SOFT_INK));
    }
    let width = if theme.portrait { foot.width() } else { (foot.width() * 0.3).max(theme.target(200.0)) };
    let button = foot.cut_right(width);
    pen.button(button, words::DONE, ButtonKind::Primary).then_some(Touch::Home)
}
