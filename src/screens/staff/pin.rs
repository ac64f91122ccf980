//! Six digits on large keys.

use eframe::egui::{Align, Align2, pos2};

use crate::domain::PIN_DIGITS;
use crate::kiosk::session::{PinStage, Touch};
use crate::screens::area::Area;
use crate::screens::pen::{ButtonKind, Ink, Pen};
use crate::screens::stack::Block;
use crate::screens::theme;
use crate::words::screens::HOME;
use crate::words::staff as words;

pub fn draw(pen: &mut Pen<'_>, mut body: Area, digits: usize, stage: PinStage) -> Option<Touch> {
    let theme = pen.theme;
    let text = if theme.portrait {
        let text = body.cut_top(body.height() * 0.36);
        body.cut_top(theme.length(24.0));
        text
    } else {
        let text = body.cut_left(body.width() * 0.46);
        body.cut_left(theme.length(36.0));
        text
    };
    says(pen, text, digits, stage);
    keys(pen, body, stage)
}

fn says(pen: &mut Pen<'_>, mut area: Area, digits: usize, stage: PinStage) {
    let theme = pen.theme;
    let mut row = area.cut_bottom(area.height() * 0.3);
    let align = if theme.portrait { Align2::CENTER_CENTER } else { Align2::LEFT_CENTER };
    let wrong = matches!(stage, PinStage::Typing(Some(_)) | PinStage::Locked(_));
    let colour = if wrong { theme::RED } else { theme::SOFT_INK };
    let blocks = [
        Block::text(words::PIN_TITLE, Ink::bold(56.0).align(align)),
        Block::Gap(16.0),
        Block::text(words::pin_note(stage), Ink::regular(34.0).colour(colour).align(align)),
    ];
    pen.stack(area, &blocks, Align::Center);
    let hidden = Ink::regular(18.0).colour(theme::SOFT_INK).centred();
    let spoken = row.cut_bottom(theme.line(20.0, row.height(), 0.4));
    pen.text(spoken, &words::digits_typed(digits), hidden.align(align));
    let step = row.width().min(theme.length(420.0)) / PIN_DIGITS as f32;
    let left = if theme.portrait { row.0.center().x - step * PIN_DIGITS as f32 / 2.0 } else { row.0.left() };
    let radius = (step * 0.22).min(row.height() * 0.4);
    for place in 0..PIN_DIGITS {
        let middle = pos2(left + step * (place as f32 + 0.5), row.0.center().y);
        let painter = pen.ui.painter();
        if place < digits {
            painter.circle_filled(middle, radius, theme::GREEN);
        } else {
            painter.circle_stroke(middle, radius, (2.0, theme::SOFT_INK));
        }
    }
}

fn keys(pen: &mut Pen<'_>, area: Area, stage: PinStage) -> Option<Touch> {
    let gap = pen.theme.length(14.0).min(8.0);
    let open = matches!(stage, PinStage::Typing(_));
    let rows: [[Option<u8>; 3]; 4] =
        [[Some(1), Some(2), Some(3)], [Some(4), Some(5), Some(6)], [Some(7), Some(8), Some(9)], [None, Some(0), None]];
    let mut touched = None;
    for (row, keys) in area.rows(rows.len(), gap).into_iter().zip(rows) {
        for (column, (area, key)) in row.columns(keys.len(), gap).into_iter().zip(keys).enumerate() {
            let (label, touch, usable) = match key {
                Some(digit) => (digit.to_string(), Touch::Digit(digit), open),
                None if column == 0 => (HOME.to_owned(), Touch::Home, stage != PinStage::Checking),
                None => (words::ERASE.to_owned(), Touch::Erase, open),
            };
            let kind = if usable { ButtonKind::Plain } else { ButtonKind::Waiting };
            if pen.button(area, &label, kind) {
                touched = Some(touch);
            }
        }
    }
    touched
}
