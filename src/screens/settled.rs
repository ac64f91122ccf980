//! The ledger holds the meal: what was taken off, what is to be paid, what is left.

use eframe::egui::{Align, Align2};

use super::area::Area;
use super::order::remaining;
use super::pen::{ButtonKind, Ink, Pen};
use super::stack::Block;
use super::{Surroundings, icons, theme};
use crate::kiosk::session::{Order, Touch};
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, order: &Order, around: &Surroundings) -> Option<Touch> {
    let theme = pen.theme;
    let mut foot = body.cut_bottom(theme.target(104.0));
    body.cut_bottom(theme.length(20.0));
    pen.ground(body, theme::GREEN_PALE);
    let mut inner = body.inset(theme.length(48.0), theme.length(24.0));
    let (mark, align) = if theme.portrait {
        let mark = inner.cut_top(inner.height() * 0.26);
        inner.cut_top(theme.length(20.0));
        (mark, Align2::CENTER_CENTER)
    } else {
        let mark = inner.cut_left(inner.width() * 0.25);
        inner.cut_left(theme.length(48.0));
        (mark, Align2::LEFT_CENTER)
    };
    icons::tick(pen.ui.painter(), mark.middle(1.0).0.shrink(theme.length(6.0)));
    let mut blocks = vec![
        Block::text(words::settled_title(order.reduction()), Ink::bold(72.0).colour(theme::GREEN).align(align)),
        Block::Gap(14.0),
        Block::text(words::enjoy(&order.name), Ink::bold(48.0).align(align)),
        Block::Gap(14.0),
    ];
    if let Some(quote) = &order.quote {
        let own = words::own_share_line(quote.own_share, quote.prepaid(), &around.own_share_collected);
        blocks.push(Block::text(own, Ink::regular(40.0).align(align)));
        blocks.push(Block::Gap(20.0));
        blocks = remaining(pen, inner, &blocks, quote, Ink::regular(34.0).colour(theme::SOFT_INK));
    }
    pen.stack(inner, &blocks, Align::Center);
    let width = if theme.portrait { foot.width() } else { (foot.width() * 0.3).max(theme.target(200.0)) };
    let button = foot.cut_right(width);
    pen.button(button, words::DONE, ButtonKind::Primary).then_some(Touch::Home)
}
