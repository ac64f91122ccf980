//! The kiosk was switched on and is not ready yet.

use eframe::egui::Align;

use super::area::Area;
use super::icons;
use super::pen::{Ink, Pen};
use super::stack::Block;
use super::theme;
use crate::kiosk::session::Touch;
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area) -> Option<Touch> {
    let picture = body.cut_top(body.height() * 0.6);
    icons::bowl(pen.ui.painter(), picture.middle(1.0).0.shrink(pen.theme.length(20.0)));
    let blocks = [
        Block::text(words::STARTING_TITLE, Ink::bold(76.0).centred()),
        Block::Gap(16.0),
        Block::text(words::STARTING_TEXT, Ink::regular(40.0).colour(theme::SOFT_INK).centred()),
    ];
    pen.stack(body, &blocks, Align::Center);
    None
}
