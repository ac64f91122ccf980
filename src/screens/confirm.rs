//! The question: this meal, at this price, confirmed by the elder's own touch.

use eframe::egui::{Align, Align2};

use super::area::Area;
use super::pen::{ButtonKind, Ink, Pen};
use super::stack::Block;
use super::theme;
use crate::domain::Fen;
use crate::kiosk::session::{ConfirmStage, Order, Touch};
use crate::words::screens as words;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    mut body: Area,
    order: &Order,
    stage: ConfirmStage,
    ends_in_s: Option<u64>,
) -> Option<Touch> {
    let theme = pen.theme;
    let mut foot = body.cut_bottom(theme.target(128.0));
    body.cut_bottom(theme.length(12.0));
    let note = body.cut_bottom(theme.line(28.0, body.height(), 0.1) + 4.0);
    body.cut_bottom(theme.length(8.0));
    let mut title = body.cut_top(theme.line(52.0, body.height(), 0.13));
    if let (Some(seconds), true) = (ends_in_s, stage != ConfirmStage::Writing) {
        let right = title.cut_right(title.width() * 0.55);
        let ink = Ink::regular(24.0).colour(theme::SOFT_INK).align(Align2::RIGHT_CENTER);
        pen.text(right, &words::cancels_in(seconds), ink);
    }
    pen.text(title, &words::confirm_title(&order.name), Ink::bold(48.0));
    body.cut_top(theme.length(8.0));

    let (bill, own) = if theme.portrait {
        let own = body.cut_bottom(body.height() * 0.36);
        body.cut_bottom(theme.length(20.0));
        (body, own)
    } else {
        let own = body.cut_right(body.width() * 0.4);
        body.cut_right(theme.length(24.0));
        (body, own)
    };
    draw_bill(pen, bill, order);
    draw_own_share(pen, own, order);

    if let ConfirmStage::FaceNeeded(hint) = stage {
        pen.warning(note, &words::face_needed(hint), 26.0);
    } else {
        let said = if stage == ConfirmStage::Writing { words::STAY_A_MOMENT } else { words::NOTHING_TAKEN_YET };
        pen.text(note, said, Ink::regular(26.0).colour(theme::SOFT_INK).centred());
    }
    if stage == ConfirmStage::Writing {
        pen.button(foot, words::WRITING, ButtonKind::Waiting);
        return None;
    }
    let cancel = foot.cut_left((foot.width() * 0.2).max(theme.target(130.0)));
    foot.cut_left(theme.length(20.0));
    let mut touched = None;
    if order.dishes.len() > 1 {
        let back = foot.cut_left((foot.width() * 0.32).max(theme.target(160.0)));
        foot.cut_left(theme.length(20.0));
        if pen.button(back, words::BACK, ButtonKind::Plain) {
            touched = Some(Touch::Back(order.visit));
        }
    }
    if pen.button(cancel, words::CANCEL, ButtonKind::Plain) {
        touched = Some(Touch::Cancel(order.visit));
    }
    let kind = if matches!(stage, ConfirmStage::FaceNeeded(_)) { ButtonKind::Waiting } else { ButtonKind::Primary };
    if pen.button(foot, words::CONFIRM, kind) {
        touched = Some(Touch::Confirm(order.visit, order.choice));
    }
    touched
}

/// Dishes, price, and a line for every rule; where they do not all fit, the rules are summed up.
fn draw_bill(pen: &mut Pen<'_>, area: Area, order: &Order) {
    let theme = pen.theme;
    pen.card(area);
    let inner = area.inset(theme.length(32.0), theme.length(18.0));
    let Some(quote) = &order.quote else { return };
    let names: Vec<&str> = order.chosen_dishes().map(|dish| dish.name.as_str()).collect();
    let (plain, red) = (Ink::regular(38.0), Ink::bold(38.0).colour(theme::RED));
    let head = vec![
        Block::text(names.join(words::AND), Ink::bold(48.0)),
        Block::Rule,
        Block::Amount(words::PRICE.to_owned(), plain, words::yuan(quote.price), plain),
    ];
    let mut bill = head.clone();
    for line in &quote.lines {
        bill.push(Block::Amount(line.rule.name.clone(), plain, words::minus_yuan(line.amount), red));
    }
    if !pen.fits(inner, &bill, 0.0) {
        bill = head;
        for (name, amount) in [(words::REDUCTION, quote.reduction()), (words::PREPAID, quote.prepaid())] {
            if amount > Fen::ZERO {
                bill.push(Block::Amount(name.to_owned(), plain, words::minus_yuan(amount), red));
            }
        }
    }
    pen.stack(inner, &bill, Align::Center);
}

/// What the elder pays, the largest thing on the screen.
fn draw_own_share(pen: &mut Pen<'_>, area: Area, order: &Order) {
    let theme = pen.theme;
    pen.ground(area, theme::GREEN_PALE);
    let mut inner = area.inset(theme.length(24.0), theme.length(18.0));
    let name = inner.cut_top(inner.height() * 0.26);
    pen.text(name, words::OWN_SHARE, Ink::regular(40.0).centred());
    let reduction = inner.cut_bottom(inner.height() * 0.3);
    let Some(quote) = &order.quote else { return };
    pen.text(inner, &words::yuan(quote.own_share), Ink::bold(92.0).centred());
    let parts: Vec<String> = [(words::REDUCTION, quote.reduction()), (words::PREPAID, quote.prepaid())]
        .into_iter()
        .filter(|(_, amount)| *amount > Fen::ZERO)
        .map(|(name, amount)| format!("{name} {}", words::yuan(amount)))
        .collect();
    if !parts.is_empty() {
        pen.text(reduction, &parts.join(words::BESIDE), Ink::bold(38.0).colour(theme::GREEN).centred());
    }
}
