//! Nothing is served now.

use jiff::civil::Time;

use super::area::Area;
use super::pen::{Ink, Pen};
use super::{Surroundings, icons, theme};
use crate::domain::MealPeriod;
use crate::kiosk::session::Touch;
use crate::words::screens as words;

pub(super) fn draw(
    pen: &mut Pen<'_>,
    mut body: Area,
    next: Option<(MealPeriod, Time)>,
    around: &Surroundings,
) -> Option<Touch> {
    let foot = body.cut_bottom(pen.theme.length(110.0));
    let picture = body.cut_top(body.height() * 0.5);
    icons::clock(pen.ui.painter(), picture.middle(1.0).inset(pen.theme.length(12.0), pen.theme.length(12.0)).0);
    let title = body.cut_top(body.height() * 0.55);
    pen.text(title, words::CLOSED_TITLE, Ink::bold(72.0).centred());
    let text = next.map_or_else(|| words::CLOSED_UNKNOWN.to_owned(), |(period, from)| words::next_meal(period, from));
    pen.text(body, &text, Ink::bold(44.0).colour(theme::RED).centred());
    pen.text(foot, &around.notice, Ink::regular(24.0).colour(theme::SOFT_INK).centred());
    None
}
