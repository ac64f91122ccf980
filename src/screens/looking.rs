//! Somebody is there and is being recognised: their mirror image, and what would help.

use eframe::egui::{Align, Align2, Color32, Rect, Role, Sense, Stroke, StrokeKind, WidgetInfo, pos2};

use super::area::Area;
use super::pen::{ButtonKind, Ink, Pen};
use super::stack::Block;
use super::{Picture, icons, theme};
use crate::kiosk::session::{Hint, Touch};
use crate::words::screens as words;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    mut body: Area,
    hint: Option<Hint>,
    found: bool,
    picture: Option<Picture>,
) -> Option<Touch> {
    let theme = pen.theme;
    let foot = body.cut_bottom(theme.target(92.0));
    body.cut_bottom(theme.length(20.0));
    let (frame, mut words_area) = if theme.portrait {
        let frame = body.cut_top(body.height() * 0.55);
        body.cut_top(theme.length(24.0));
        (frame, body)
    } else {
        let frame = body.cut_left(body.width() * 0.54);
        body.cut_left(theme.length(48.0));
        (frame, body)
    };
    mirror(pen, frame, picture);
    let align = if theme.portrait { Align2::CENTER_CENTER } else { Align2::LEFT_CENTER };
    if found {
        pen.text(words_area, words::FOUND, Ink::bold(72.0).colour(theme::GREEN).align(align));
        return None;
    }
    match hint {
        Some(hint) => {
            let below = words_area.cut_bottom(words_area.height() * 0.5);
            pen.text(words_area, words::LOOKING_TITLE, Ink::bold(84.0).align(align));
            pen.ground(below, theme::AMBER);
            let inner = below.inset(theme.length(28.0), theme.length(12.0));
            pen.text(inner, words::hint(hint), Ink::bold(56.0).align(align));
        }
        None => {
            let blocks = [
                Block::text(words::LOOKING_TITLE, Ink::bold(84.0).align(align)),
                Block::Gap(20.0),
                Block::text(words::LOOKING_STILL, Ink::regular(46.0).colour(theme::SOFT_INK).align(align)),
            ];
            pen.stack(words_area, &blocks, Align::Center);
        }
    }
    let width = if theme.portrait { foot.width() } else { (foot.width() * 0.4).max(theme.target(240.0)) };
    let mut foot = foot;
    let button = foot.cut_right(width);
    pen.button(button, words::OTHER_WAY, ButtonKind::Plain).then_some(Touch::OtherWay)
}

/// The camera's picture, mirrored, cut to the frame; a drawn face where there is none yet.
fn mirror(pen: &mut Pen<'_>, area: Area, picture: Option<Picture>) {
    let area = area.middle(4.0 / 3.0);
    let radius = pen.theme.length(24.0);
    let stroke = Stroke::new(pen.theme.length(6.0).max(3.0), theme::GREEN);
    match picture {
        Some(picture) => {
            // The frame is 4:3; a wider picture is cut left and right, a higher one above and below.
            let (aspect, frame) = (picture.aspect.max(0.01), 4.0 / 3.0);
            let (u, v) = if aspect > frame { (frame / aspect, 1.0) } else { (1.0, aspect / frame) };
            let shown =
                Rect::from_min_max(pos2((1.0 - u) / 2.0, (1.0 - v) / 2.0), pos2((1.0 + u) / 2.0, (1.0 + v) / 2.0));
            let shape = eframe::egui::epaint::RectShape::filled(area.0, radius, Color32::WHITE)
                .with_texture(picture.texture, shown);
            pen.ui.painter().add(shape);
            pen.ui.painter().rect_stroke(area.0, radius, stroke, StrokeKind::Inside);
        }
        None => {
            pen.card(area);
            icons::face(pen.ui.painter(), area.middle(1.0).0.shrink(pen.theme.length(60.0)), theme::GREEN, true);
        }
    }
    let response = pen.ui.allocate_rect(area.0, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words::CAMERA_PICTURE));
}
