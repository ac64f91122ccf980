//! The elder chooses: at most six large tiles, the canteen's standard meal already chosen.

use eframe::egui::{Align2, Rect, vec2};

use super::area::Area;
use super::pen::{ButtonKind, Ink, Pen};
use super::theme::{self, Theme};
use super::{Local, icons};
use crate::domain::{Fen, Quote};
use crate::kiosk::session::{Order, Touch};
use crate::words::screens as words;

/// Tiles on one page, and on one of a menu with a name that has no room on so many.
const PAGE: usize = 6;
const ROOMY_PAGE: usize = 4;

/// A dish's name.
const NAME: Ink = Ink::bold(44.0);

pub(super) fn draw(
    pen: &mut Pen<'_>,
    mut body: Area,
    order: &Order,
    ends_in_s: Option<u64>,
    face_needed: bool,
    local: &mut Local,
) -> Option<Touch> {
    let theme = pen.theme;
    if local.menu_of != Some(order.visit) {
        *local = Local { menu_of: Some(order.visit), ..Local::default() };
    }
    let mut touched = None;

    let mut foot = body.cut_bottom(theme.target(116.0));
    body.cut_bottom(theme.length(14.0));
    let sums = body.cut_bottom(theme.line(44.0, body.height(), 0.13));
    body.cut_bottom(theme.length(10.0));

    let mut title = body.cut_top(theme.line(52.0, body.height(), 0.13));
    if let Some(seconds) = ends_in_s {
        let right = title.cut_right(title.width() * 0.62);
        if face_needed {
            pen.warning(right, &words::look_or_cancels_in(seconds), 24.0);
        } else {
            let ink = Ink::regular(24.0).colour(theme::SOFT_INK).align(Align2::RIGHT_CENTER);
            pen.text(right, &words::cancels_in(seconds), ink);
        }
    }
    pen.text(title, &words::dishes_title(&order.name), Ink::bold(48.0));
    body.cut_top(theme.length(8.0));

    let tiles_a_page = tiles_a_page(pen, body, order);
    let pages = order.dishes.len().div_ceil(tiles_a_page).max(1);
    let page = local.menu_page % pages;
    let cancel = foot.cut_left((foot.width() * 0.22).max(theme.target(140.0)));
    foot.cut_left(theme.length(20.0));
    if pages > 1 {
        let more = foot.cut_left((foot.width() * 0.34).max(theme.target(160.0)));
        foot.cut_left(theme.length(20.0));
        if pen.button(more, words::NEXT_PAGE, ButtonKind::Plain) {
            local.menu_page = (page + 1) % pages;
            touched = Some(Touch::Page(order.visit));
        }
    }
    if let Some(place) = tiles(pen, body, order, page, tiles_a_page) {
        touched = Some(Touch::Dish(order.visit, place));
    }
    totals(pen, sums, order);
    if pen.button(cancel, words::CANCEL, ButtonKind::Plain) {
        touched = Some(Touch::Cancel(order.visit));
    }
    let label = match order.chosen.len() {
        0 => words::CHOOSE_ONE,
        1 => words::TAKE_THIS,
        _ => words::TAKE_THESE,
    };
    let ready = order.quote.is_some() && !order.chosen.is_empty();
    let kind = if ready { ButtonKind::Primary } else { ButtonKind::Waiting };
    if pen.button(foot, label, kind) {
        touched = Some(Touch::Review(order.visit));
    }
    touched
}

/// The places of so many tiles.
fn places(theme: &Theme, body: Area, tiles: usize) -> Vec<Area> {
    let columns = match (theme.portrait, tiles) {
        (true, 1..=3) => 1,
        (true, _) | (false, 1..=2 | 4) => 2,
        (false, _) => 3,
    };
    let gap = theme.length(18.0);
    body.rows(tiles.div_ceil(columns), gap).into_iter().flat_map(|row| row.columns(columns, gap)).collect()
}

/// Where a tile's name stands, and below it price and mark.
fn name_and_foot(theme: &Theme, mut inner: Area) -> (Area, Area) {
    // Two lines of the smallest text have room above it on the smallest screen.
    let foot = inner.cut_bottom(theme.line(38.0, inner.height(), 0.35));
    (inner, foot)
}

/// As many tiles as leave room for every name of the menu: a page is the same size all through.
fn tiles_a_page(pen: &Pen<'_>, body: Area, order: &Order) -> usize {
    let tiles = places(&pen.theme, body, order.dishes.len().min(PAGE));
    let roomy = tiles.first().is_none_or(|tile| {
        let (area, _) = name_and_foot(&pen.theme, pen.inside(*tile));
        order.dishes.iter().all(|dish| pen.has_room(area, &dish.name, NAME))
    });
    if roomy { PAGE } else { ROOMY_PAGE }
}

fn tiles(pen: &mut Pen<'_>, body: Area, order: &Order, page: usize, tiles_a_page: usize) -> Option<usize> {
    let places = places(&pen.theme, body, order.dishes.len().min(tiles_a_page));
    let shown = order.dishes.iter().enumerate().skip(page * tiles_a_page);
    let mut touched = None;
    for (area, (place, dish)) in places.into_iter().zip(shown) {
        let chosen = order.chosen.contains(&place);
        let price = words::yuan(dish.price);
        let spoken = format!("{} {price}", dish.name);
        let (inner, hit) = pen.tile(area, place, &spoken, chosen, order.several_dishes);
        if hit {
            touched = Some(place);
        }
        let (name, mut foot) = name_and_foot(&pen.theme, inner);
        let mark = foot.height() * 0.85;
        let corner = Rect::from_center_size(foot.0.right_center() - vec2(mark / 2.0, 0.0), vec2(mark, mark));
        foot.cut_right(mark * 1.3);
        if chosen {
            icons::tick(pen.ui.painter(), corner);
            let said = foot.cut_right(foot.width() * 0.4);
            pen.write(said, words::CHOSEN, Ink::bold(30.0).colour(theme::GREEN).align(Align2::RIGHT_CENTER));
        } else {
            icons::ring(pen.ui.painter(), corner);
        }
        pen.write(name, &dish.name, NAME);
        pen.write(foot, &price, Ink::regular(36.0));
    }
    touched
}

fn totals(pen: &mut Pen<'_>, area: Area, order: &Order) {
    let quote = order.quote.as_ref();
    let text = |value: Option<String>| value.unwrap_or_else(|| "…".to_owned());
    let off = Ink::bold(36.0).colour(theme::RED);
    let mut parts = vec![
        (words::PRICE, text(quote.map(|quote| words::yuan(quote.price))), Ink::regular(36.0)),
        (words::REDUCTION, text(quote.map(|quote| words::yuan(quote.reduction()))), off),
    ];
    if let Some(prepaid) = quote.map(Quote::prepaid).filter(|amount| *amount > Fen::ZERO) {
        parts.push((words::PREPAID, words::yuan(prepaid), off));
    }
    parts.push((words::OWN_SHARE, text(quote.map(|quote| words::yuan(quote.own_share))), Ink::bold(44.0)));
    let columns = area.columns(parts.len(), pen.theme.length(24.0));
    for (column, (name, amount, ink)) in columns.into_iter().zip(parts) {
        pen.text(column, &format!("{name} {amount}"), ink.centred());
    }
}
