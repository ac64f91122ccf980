//! Something is out of order: what the elder does, and, smaller, what the staff do.

use super::area::Area;
use super::pen::{Ink, Pen};
use super::{icons, theme};
use crate::kiosk::session::{CameraFault, StoreFault, Touch};
use crate::words::screens as words;

pub(super) fn camera(pen: &mut Pen<'_>, body: Area, fault: CameraFault) -> Option<Touch> {
    draw(pen, body, words::CAMERA_FAULT_TITLE, words::CAMERA_FAULT_TEXT, words::camera_remedy(fault));
    None
}

pub(super) fn store(pen: &mut Pen<'_>, body: Area, fault: StoreFault) -> Option<Touch> {
    draw(pen, body, words::STORE_FAULT_TITLE, words::STORE_FAULT_TEXT, words::store_remedy(fault));
    None
}

fn draw(pen: &mut Pen<'_>, mut body: Area, title: &str, text: &str, remedy: &str) {
    let theme = pen.theme;
    let staff = body.cut_bottom(theme.text(30.0) * 2.0);
    body.cut_bottom(theme.length(20.0));
    let picture = body.cut_top(body.height() * 0.4);
    icons::attention(pen.ui.painter(), picture.middle(1.0).0.shrink(theme.length(8.0)));
    let head = body.cut_top(body.height() * 0.5);
    pen.text(head, title, Ink::bold(76.0).centred());
    pen.text(body.inset(theme.length(60.0), 0.0), text, Ink::regular(42.0).colour(theme::SOFT_INK).centred());
    pen.card(staff);
    let line = format!("{}：{remedy}", words::STAFF_LINE);
    pen.text(staff.inset(theme.length(20.0), theme.length(4.0)), &line, Ink::regular(28.0).centred());
}
