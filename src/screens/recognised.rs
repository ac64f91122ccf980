//! An elder is recognised: who, what the district pays, what is left.

use super::area::Area;
use super::order::{list, remaining_sentences, subsidy_sentences};
use super::pen::{ButtonKind, Ink, Pen};
use super::theme;
use crate::kiosk::session::{Order, Touch};
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, order: &Order) -> Option<Touch> {
    let theme = pen.theme;
    let foot = body.cut_bottom(theme.target(116.0));
    body.cut_bottom(theme.length(20.0));
    let title = body.cut_top(theme.text(76.0) * 1.45);
    pen.text(title, &words::greeting(&order.name), Ink::bold(76.0));
    body.cut_top(theme.length(8.0));
    if let Some(quote) = &order.quote {
        let left = remaining_sentences(quote);
        pen.card(body);
        let inner = body.inset(theme.length(32.0), theme.length(20.0));
        let parts = if left.is_empty() {
            vec![inner]
        } else if theme.portrait {
            inner.rows(2, theme.length(24.0))
        } else {
            inner.columns(2, theme.length(40.0))
        };
        let mut lists = [(words::YOUR_SUBSIDY, subsidy_sentences(quote)), (words::AFTER_THIS_MEAL, left)].into_iter();
        for mut part in parts {
            let Some((heading, sentences)) = lists.next() else { break };
            let row = part.cut_top(theme.text(30.0) * 1.5);
            pen.text(row, heading, Ink::regular(30.0).colour(theme::SOFT_INK));
            list(pen, part, &sentences, Ink::bold(38.0).colour(theme::RED));
        }
    }
    let mut foot = foot;
    let other = foot.cut_left((foot.width() * 0.3).max(theme.target(160.0)));
    foot.cut_left(theme.length(24.0));
    if pen.button(other, words::NOT_ME, ButtonKind::Plain) {
        return Some(Touch::Cancel(order.visit));
    }
    pen.button(foot, words::CHOOSE_DISHES, ButtonKind::Primary).then_some(Touch::ChooseDishes(order.visit))
}
