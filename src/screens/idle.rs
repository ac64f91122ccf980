//! Nobody is there: an invitation, and what the camera is for.

use eframe::egui::Align2;

use super::area::Area;
use super::pen::{ButtonKind, Ink, Pen};
use super::{Surroundings, icons, theme};
use crate::kiosk::session::Touch;
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, around: &Surroundings) -> Option<Touch> {
    let theme = pen.theme;
    let touched = foot(pen, &mut body, &around.notice);
    let (mut words_area, picture) = if theme.portrait {
        let picture = body.cut_top(body.height() * 0.5);
        body.cut_top(theme.length(24.0));
        (body, picture)
    } else {
        let picture = body.cut_right(body.width() * 0.38);
        (body, picture)
    };
    icons::bowl(pen.ui.painter(), picture.inset(theme.length(8.0), theme.length(8.0)).0);
    let align = if theme.portrait { Align2::CENTER_CENTER } else { Align2::LEFT_CENTER };
    if let Some(serving) = &around.serving {
        let row = words_area.cut_top(theme.text(40.0) * 1.5);
        pen.text(row, serving, Ink::bold(40.0).colour(theme::RED).align(align));
    }
    let title = words_area.cut_top(words_area.height() * 0.62);
    pen.text(title, words::IDLE_TITLE, Ink::bold(96.0).align(align));
    pen.text(words_area, words::IDLE_STEPS, Ink::regular(38.0).colour(theme::SOFT_INK).align(align));
    touched.then_some(Touch::OtherWay)
}

/// The purpose notice and the way without the face. Returns whether the way was touched.
pub(super) fn foot(pen: &mut Pen<'_>, body: &mut Area, notice: &str) -> bool {
    let theme = pen.theme;
    let mut foot = if theme.portrait {
        let height = theme.target(96.0) + theme.length(150.0);
        body.cut_bottom(height)
    } else {
        body.cut_bottom(theme.target(104.0))
    };
    body.cut_bottom(theme.length(20.0));
    let button = if theme.portrait {
        let button = foot.cut_bottom(theme.target(96.0));
        foot.cut_bottom(theme.length(16.0));
        button
    } else {
        let button = foot.cut_right((foot.width() * 0.34).max(theme.target(240.0)));
        foot.cut_right(theme.length(32.0));
        button
    };
    pen.text(foot, notice, Ink::regular(24.0).colour(theme::SOFT_INK));
    pen.button(button, words::OTHER_WAY, ButtonKind::Plain)
}
