//! Something is out of order: what the elder does, and, smaller, what the staff do.

use eframe::egui::Align;

use super::area::Area;
use super::pen::{Ink, Pen};
use super::stack::Block;
use super::{icons, theme};
use crate::kiosk::session::{CameraFault, StoreFault, Touch};
use crate::words::screens as words;

pub(super) fn camera(pen: &mut Pen<'_>, mut body: Area, fault: CameraFault) -> Option<Touch> {
    let mut foot = body.cut_bottom(pen.theme.target(80.0));
    body.cut_bottom(pen.theme.length(12.0));
    let staff = foot.cut_right((foot.width() * 0.16).max(pen.theme.target(150.0)));
    draw(pen, body, words::CAMERA_FAULT_TITLE, words::CAMERA_FAULT_TEXT, words::camera_remedy(fault));
    super::staff_button(pen, staff).then_some(Touch::Staff)
}

pub(super) fn store(pen: &mut Pen<'_>, body: Area, fault: StoreFault) -> Option<Touch> {
    draw(pen, body, words::STORE_FAULT_TITLE, words::store_fault_text(fault), words::store_remedy(fault));
    None
}

fn draw(pen: &mut Pen<'_>, mut body: Area, title: &str, text: &str, remedy: &str) {
    let theme = pen.theme;
    let staff = body.cut_bottom(theme.line(30.0, body.height(), 0.16) + theme.length(24.0));
    body.cut_bottom(theme.length(20.0));
    let picture = body.cut_top(body.height() * 0.4);
    icons::attention(pen.ui.painter(), picture.middle(1.0).0.shrink(theme.length(8.0)));
    let blocks = [
        Block::text(title, Ink::bold(80.0).centred()),
        Block::Gap(20.0),
        Block::text(text, Ink::regular(44.0).colour(theme::SOFT_INK).centred()),
    ];
    pen.stack(body.inset(theme.length(40.0), 0.0), &blocks, Align::Center);
    pen.card(staff);
    let line = words::for_staff(remedy);
    pen.text(staff.inset(theme.length(20.0), theme.length(4.0)), &line, Ink::regular(30.0).centred());
}
