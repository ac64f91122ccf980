//! The day's totals a meal period, and the question whether to close the day.

use eframe::egui::{Align, Align2};

use crate::domain::statement::Totals;
use crate::domain::{Fen, MealPeriod, Payer};
use crate::kiosk::session::{DayStage, StaffDay, Touch};
use crate::screens::area::Area;
use crate::screens::pen::{ButtonKind, Ink, Pen};
use crate::screens::stack::Block;
use crate::screens::theme;
use crate::words::meal_period;
use crate::words::screens::{HOME, yuan};
use crate::words::staff as words;

pub fn draw(pen: &mut Pen<'_>, mut body: Area, day: &StaffDay, stage: DayStage) -> Option<Touch> {
    let theme = pen.theme;
    let foot = body.cut_bottom(theme.target(108.0));
    body.cut_bottom(theme.length(12.0));
    let mut title = body.cut_top(theme.line(44.0, body.height(), 0.14));
    let state = title.cut_right(title.width() * 0.36);
    pen.text(title, &words::day_title(day), Ink::bold(40.0));
    let colour = if day.closed_at.is_some() { theme::GREEN } else { theme::RED };
    pen.text(state, &words::state(day.closed_at), Ink::bold(40.0).colour(colour).align(Align2::RIGHT_CENTER));
    body.cut_top(theme.length(8.0));
    match stage {
        DayStage::Asking | DayStage::Closing => {
            question(pen, body, day);
            answers(pen, foot, day, stage)
        }
        DayStage::Looking | DayStage::Failed(_) => {
            let note = body.cut_bottom(theme.line(28.0, body.height(), 0.14));
            body.cut_bottom(theme.length(8.0));
            table(pen, body, day);
            match stage {
                DayStage::Failed(reason) => {
                    pen.text(note, &words::not_closed(reason), Ink::bold(28.0).colour(theme::RED));
                }
                _ if day.unwritten => pen.text(note, words::UNWRITTEN, Ink::bold(28.0).colour(theme::RED)),
                _ if day.clock_is_off => pen.text(note, words::CLOCK_IS_OFF, Ink::bold(28.0).colour(theme::RED)),
                _ => {
                    let text = words::last_close(day.last_close, day.open_before);
                    pen.text(note, &text, Ink::regular(28.0).colour(theme::SOFT_INK));
                }
            }
            ways_on(pen, foot, day, stage)
        }
    }
}

/// One row of the table: its heading, and a cell for each period and for the day.
struct Row {
    name: String,
    cells: [String; 4],
    bold: bool,
}

fn table(pen: &mut Pen<'_>, area: Area, day: &StaffDay) {
    let theme = pen.theme;
    pen.card(area);
    let inner = area.inset(theme.length(24.0), theme.length(10.0));
    let least = theme::SMALLEST_TEXT * theme::LINE_SPACING + 1.0;
    // As many rows as can be read; whole numbers of them, far below any limit.
    let room = (inner.height() / least).floor() as usize;
    let rows = rows(day, room);
    for (row, mut area) in rows.iter().zip(inner.rows(rows.len(), 0.0)) {
        let ink = if row.bold { Ink::bold(32.0) } else { Ink::regular(32.0) };
        let name = area.cut_left(area.width() * 0.3);
        pen.text(name, &row.name, ink);
        for (cell, text) in area.columns(row.cells.len(), theme.length(8.0)).into_iter().zip(&row.cells) {
            pen.text(cell, text, ink.align(Align2::RIGHT_CENTER));
        }
    }
}

/// The rows, at most `room` where that is enough to say it all at least in sums.
fn rows(day: &StaffDay, room: usize) -> Vec<Row> {
    let all: [&Totals; 4] = {
        let [breakfast, lunch, supper] = &day.periods;
        [breakfast, lunch, supper, &day.total]
    };
    let row = |name: &str, bold: bool, cell: &dyn Fn(&Totals) -> String| Row {
        name: name.to_owned(),
        cells: all.map(cell),
        bold,
    };
    let borne = |by: &dyn Fn(&Payer) -> bool| {
        let by: Vec<Payer> = day.total.payers.keys().filter(|payer| by(payer)).cloned().collect();
        move |totals: &Totals| -> String {
            let shares = by.iter().map(|payer| totals.payers.get(payer).copied().unwrap_or(Fen::ZERO));
            yuan(shares.sum())
        }
    };
    let payers: Vec<&Payer> = day.total.payers.keys().filter(|payer| !payer.is_elder()).collect();
    let [breakfast, lunch, supper] = MealPeriod::ALL.map(|period| meal_period(period).to_owned());
    let heading = [breakfast, lunch, supper, words::ALL_PERIODS.to_owned()];
    let mut rows = vec![
        Row { name: String::new(), cells: heading, bold: true },
        row(words::MEALS, false, &|totals| totals.meals.to_string()),
        row(words::REVERSALS, false, &|totals| totals.reversals.to_string()),
        row(words::PRICE, false, &|totals| yuan(totals.price)),
    ];
    // One more is the elders' own share.
    let room = room.saturating_sub(rows.len() + 1).max(1);
    let (single, rest) = if payers.len() <= room { (payers.len(), 0) } else { (room - 1, payers.len() + 1 - room) };
    for payer in payers.iter().take(single) {
        rows.push(row(&words::payer(payer), false, &borne(&|other| other == *payer)));
    }
    if rest > 0 {
        let name = if single == 0 { words::ALL_SUBSIDIES } else { words::OTHER_PAYERS };
        let left: Vec<&Payer> = payers.iter().skip(single).copied().collect();
        rows.push(row(name, false, &borne(&|other| left.contains(&other))));
    }
    rows.push(row(words::OWN_SHARE, true, &borne(&Payer::is_elder)));
    rows
}

fn ways_on(pen: &mut Pen<'_>, foot: Area, day: &StaffDay, stage: DayStage) -> Option<Touch> {
    let mut buttons = vec![(HOME, Touch::Home, ButtonKind::Plain)];
    if day.may_ask_to_close(stage) {
        buttons.push((words::ASK_CLOSE, Touch::AskClose, ButtonKind::Primary));
    }
    chosen(pen, foot, buttons)
}

fn question(pen: &mut Pen<'_>, area: Area, day: &StaffDay) {
    let mut blocks = vec![
        Block::text(words::CLOSE_TITLE, Ink::bold(72.0).centred()),
        Block::Gap(16.0),
        Block::text(words::CLOSE_MEANS, Ink::regular(38.0).colour(theme::SOFT_INK).centred()),
    ];
    let warning = |text: &str| [Block::Gap(16.0), Block::text(text, Ink::bold(40.0).colour(theme::RED).centred())];
    if day.still_serving {
        blocks.extend(warning(words::STILL_SERVING));
    }
    if day.open_before > 0 {
        blocks.extend(warning(&words::closed_with(day.open_before)));
    }
    if day.clock_is_off {
        blocks.extend(warning(words::CLOCK_IS_OFF));
    }
    pen.stack(area.inset(pen.theme.length(40.0), 0.0), &blocks, Align::Center);
}

fn answers(pen: &mut Pen<'_>, foot: Area, day: &StaffDay, stage: DayStage) -> Option<Touch> {
    if stage == DayStage::Closing {
        pen.button(foot, words::CLOSING, ButtonKind::Waiting);
        return None;
    }
    let close = (words::CLOSE, Touch::CloseDay(day.day), ButtonKind::Primary);
    // Not where the question was asked for: a second tap there keeps the day open.
    chosen(pen, foot, vec![close, (words::KEEP_OPEN, Touch::KeepOpen, ButtonKind::Plain)])
}

fn chosen(pen: &mut Pen<'_>, foot: Area, buttons: Vec<(&str, Touch, ButtonKind)>) -> Option<Touch> {
    let mut touched = None;
    let columns = foot.columns(buttons.len(), pen.theme.length(20.0));
    for (area, (label, touch, kind)) in columns.into_iter().zip(buttons) {
        if pen.button(area, label, kind) {
            touched = Some(touch);
        }
    }
    touched
}
