//! Nothing is served now.

use eframe::egui::Align;

use super::area::Area;
use super::pen::{Ink, Pen};
use super::stack::Block;
use super::{Surroundings, icons, own, theme};
use crate::kiosk::session::{NextMeal, Touch};
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, next: Option<NextMeal>, around: &Surroundings) -> Option<Touch> {
    let mut foot = body.cut_bottom((pen.theme.line(26.0, body.height(), 0.2) * 2.0).max(pen.theme.target(80.0)));
    let staff = foot.cut_right((foot.width() * 0.16).max(pen.theme.target(150.0)));
    foot.cut_right(pen.theme.length(24.0));
    let ink = Ink::regular(26.0).colour(theme::SOFT_INK).centred();
    pen.make_room(&mut body, &mut foot, &around.notice, ink);
    let picture = body.cut_top(body.height() * 0.45);
    icons::clock(pen.ui.painter(), picture.middle(1.0).inset(pen.theme.length(12.0), pen.theme.length(12.0)).0);
    let text = next.map_or_else(|| words::CLOSED_UNKNOWN.to_owned(), words::next_meal);
    let blocks = [
        Block::text(words::CLOSED_TITLE, Ink::bold(76.0).centred()),
        Block::Gap(16.0),
        Block::text(text, Ink::bold(48.0).colour(theme::RED).centred()),
    ];
    pen.stack(body, &blocks, Align::Center);
    pen.own_text(foot, &around.notice, ink, own::NOTICE);
    super::staff_button(pen, staff).then_some(Touch::Staff)
}
