//! Nobody is being served: an invitation, and what the camera is for.

use eframe::egui::{Align, Align2};

use super::area::Area;
use super::pen::{ButtonKind, Ink, Pen};
use super::stack::Block;
use super::{Surroundings, icons, own, theme};
use crate::kiosk::session::Touch;
use crate::words::screens as words;

/// `again`: whoever stands there was let go, and is asked instead of invited.
pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, again: bool, around: &Surroundings) -> Option<Touch> {
    let theme = pen.theme;
    let mut touched = foot(pen, &mut body, &around.notice);
    let (mut texts, picture) = if theme.portrait {
        let picture = body.cut_top(body.height() * 0.48);
        body.cut_top(theme.length(24.0));
        (body, picture)
    } else {
        let picture = body.cut_right(body.width() * 0.4);
        (body, picture)
    };
    icons::bowl(pen.ui.painter(), picture.inset(theme.length(8.0), theme.length(8.0)).0);
    let align = if theme.portrait { Align2::CENTER_CENTER } else { Align2::LEFT_CENTER };
    let mut blocks = Vec::new();
    if let Some(serving) = &around.serving {
        blocks.push(Block::text(serving, Ink::bold(40.0).colour(theme::RED).align(align)));
        blocks.push(Block::Gap(20.0));
    }
    let (title, text) =
        if again { (words::AGAIN_TITLE, words::AGAIN_TEXT) } else { (words::IDLE_TITLE, words::IDLE_STEPS) };
    if again {
        let button = texts.cut_bottom(theme.target(128.0));
        texts.cut_bottom(theme.length(20.0));
        if pen.button(button, words::AGAIN, ButtonKind::Primary) {
            touched = Some(Touch::TryAgain);
        }
    }
    blocks.push(Block::text(title, Ink::bold(96.0).align(align)));
    blocks.push(Block::Gap(20.0));
    blocks.push(Block::text(text, Ink::regular(40.0).colour(theme::SOFT_INK).align(align)));
    pen.stack(texts, &blocks, Align::Center);
    touched
}

/// The purpose notice, the way without the face and the staff's way in. Returns what was touched.
fn foot(pen: &mut Pen<'_>, body: &mut Area, notice: &str) -> Option<Touch> {
    let theme = pen.theme;
    let height = if theme.portrait { theme.target(96.0) + theme.length(166.0) } else { theme.target(116.0) };
    // Narrow screens need more lines for the notice.
    let mut foot = body.cut_bottom(height.max(body.height() * 0.2));
    let mut button = if theme.portrait {
        let button = foot.cut_bottom(theme.target(96.0));
        foot.cut_bottom(theme.length(16.0));
        button
    } else {
        let button = foot.cut_right((foot.width() * 0.44).max(theme.target(330.0)));
        foot.cut_right(theme.length(36.0));
        button
    };
    let ink = Ink::regular(26.0).colour(theme::SOFT_INK);
    pen.make_room(body, &mut foot, notice, ink);
    body.cut_bottom(theme.length(20.0));
    pen.own_text(foot, notice, ink, own::NOTICE);
    let staff = button.cut_right((button.width() * 0.32).max(theme.target(130.0)));
    button.cut_right(theme.length(16.0));
    let other_way = pen.button(button, words::OTHER_WAY, ButtonKind::Plain).then_some(Touch::OtherWay);
    super::staff_button(pen, staff).then_some(Touch::Staff).or(other_way)
}
