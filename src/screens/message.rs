//! One sentence, and what to do next.

use eframe::egui::Align;

use super::area::Area;
use super::pen::{ButtonKind, Ink, Pen};
use super::stack::Block;
use super::{icons, theme};
use crate::kiosk::session::{Message, Touch};
use crate::words::screens as words;

pub(super) fn draw(pen: &mut Pen<'_>, mut body: Area, message: &Message) -> Option<Touch> {
    let theme = pen.theme;
    let mut foot = body.cut_bottom(theme.target(108.0));
    body.cut_bottom(theme.length(20.0));
    let picture = body.cut_top(body.height() * 0.38);
    let place = picture.middle(1.0).0.shrink(theme.length(8.0));
    match message {
        Message::OtherWay | Message::AskStaff | Message::NoMenu => icons::counter(pen.ui.painter(), place),
        Message::NotRecognised { .. } | Message::NotLive => icons::face(pen.ui.painter(), place, theme::RED, false),
        Message::Cancelled | Message::TimedOut | Message::WentAway => icons::clock(pen.ui.painter(), place),
        _ => icons::attention(pen.ui.painter(), place),
    }
    let blocks = [
        Block::text(words::message_title(message), Ink::bold(76.0).centred()),
        Block::Gap(20.0),
        Block::text(words::message_text(message), Ink::regular(44.0).colour(theme::SOFT_INK).centred()),
    ];
    pen.stack(body.inset(theme.length(40.0), 0.0), &blocks, Align::Center);

    if *message == Message::OtherWay {
        let staff = foot.cut_right((foot.width() * 0.2).max(theme.target(150.0)));
        foot.cut_right(theme.length(20.0));
        if super::staff_button(pen, staff) {
            return Some(Touch::Staff);
        }
    }
    // Where the face cannot help, the sentence itself says where to go.
    let buttons = if message.can_retry() {
        vec![
            (words::HOME, Touch::Home, ButtonKind::Plain),
            (words::OTHER_WAY, Touch::OtherWay, ButtonKind::Plain),
            (words::TRY_AGAIN, Touch::TryAgain, ButtonKind::Primary),
        ]
    } else {
        vec![(words::HOME, Touch::Home, ButtonKind::Primary)]
    };
    let mut touched = None;
    for (area, (label, touch, kind)) in foot.columns(buttons.len(), theme.length(20.0)).into_iter().zip(buttons) {
        if pen.button(area, label, kind) {
            touched = Some(touch);
        }
    }
    touched
}
