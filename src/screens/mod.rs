//! The kiosk's screens, one file each: they draw what the session shows and return what was touched. They decide nothing.

mod area;
mod closed;
mod confirm;
mod dishes;
mod fault;
mod fingers;
pub mod fonts;
mod icons;
mod idle;
mod lines;
mod looking;
mod measure;
mod message;
mod order;
mod own;
mod pen;
mod recognised;
mod settled;
pub mod shots;
mod stack;
mod staff;
mod starting;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod window;

use eframe::egui::{Align2, Id, TextureId, Ui};

use crate::kiosk::session::{Screen, Touch, View, VisitId};
use crate::words::screens as words;
use area::Area;
use pen::{Ink, Pen};
use theme::Theme;

/// What stands around every screen and does not come from the session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    /// The canteen's name.
    pub canteen: String,
    /// Date and time, as shown.
    pub now: String,
    /// The meal being served and its hours, as shown.
    pub serving: Option<String>,
    /// What to say where the models know no real people: on every screen.
    pub models: Option<String>,
    /// What to say where people and data are not real.
    pub demo: Option<String>,
    /// What the staff are told where something is to be put right, as shown: on their screens alone.
    pub trouble: Option<String>,
    /// The purpose notice.
    pub notice: String,
    /// Where the elder pays their own share.
    pub own_share_collected: String,
}

/// The mirrored picture of the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    /// The texture.
    pub texture: TextureId,
    /// Width : height.
    pub aspect: f32,
}

/// What the drawing remembers from frame to frame: the page of the menu, and which texts did not fit.
#[derive(Debug, Clone, Default)]
pub struct Local {
    menu_page: usize,
    menu_of: Option<VisitId>,
    surplus: Vec<own::Surplus>,
}

/// Draws `view` over the whole of `ui`; returns what was touched.
pub fn draw(
    ui: &mut Ui,
    scale: f32,
    view: &View,
    around: &Surroundings,
    picture: Option<Picture>,
    local: &mut Local,
) -> Option<Touch> {
    let whole = Area(ui.max_rect());
    ui.painter().rect_filled(whole.0, 0.0, theme::PAPER);
    let theme = Theme::new(whole.0, scale);
    let scope = Id::unique((view.screen.name(), view.screen.visit()));
    let mut pen = Pen { ui, theme, scope, surplus: vec![] };
    let mut body = whole.inset(theme.length(48.0), theme.length(28.0));
    header(&mut pen, &mut body, around);
    // Where people are shown there is always room for it: who comes and goes behind an elder moves nothing on the screen.
    let now = match (view.several_faces, shows_people(&view.screen)) {
        (true, true) => Some(words::SEVERAL_FACES),
        (false, true) => Some(around.demo.as_deref().unwrap_or_default()),
        (_, false) => around.trouble.as_deref().filter(|_| is_the_staffs(&view.screen)).or(around.demo.as_deref()),
    };
    notices(&mut pen, &mut body, around.models.as_deref().into_iter().chain(now).collect());
    body.cut_top(theme.length(12.0));
    let touched = match &view.screen {
        Screen::Starting => starting::draw(&mut pen, body),
        Screen::Idle { again, .. } => idle::draw(&mut pen, body, *again, around),
        Screen::Closed { next } => closed::draw(&mut pen, body, *next, around),
        Screen::Looking { hint, found } => looking::draw(&mut pen, body, *hint, *found, picture),
        Screen::Recognised(order) => {
            recognised::draw(&mut pen, body, order, view.ends_in_s.filter(|_| view.face_needed))
        }
        Screen::Dishes(order) => dishes::draw(&mut pen, body, order, view.ends_in_s, view.face_needed, local),
        Screen::Confirm { order, stage } => confirm::draw(&mut pen, body, order, *stage, view.ends_in_s),
        Screen::Settled(order) => settled::draw(&mut pen, body, order, around),
        Screen::Message(message) => message::draw(&mut pen, body, message),
        Screen::CameraFault(fault) => fault::camera(&mut pen, body, *fault),
        Screen::StoreFault(fault) => fault::store(&mut pen, body, *fault),
        Screen::StaffPin { digits, stage } => staff::pin(&mut pen, body, *digits, *stage),
        Screen::StaffDay { day, stage } => staff::day(&mut pen, body, day, *stage),
    };
    local.surplus = pen.surplus;
    touched
}

/// What must be seen above every screen: beside each other, on an upright screen below each other. An empty one keeps its
/// place free.
fn notices(pen: &mut Pen<'_>, body: &mut Area, notices: Vec<&str>) {
    let theme = pen.theme;
    let rows = if theme.portrait { notices.len() } else { notices.len().min(1) };
    let gap = theme.length(10.0);
    let mut areas: Vec<Area> = (0..rows)
        .map(|_| {
            let area = body.cut_top(theme.line(26.0, body.height(), 0.08) + 6.0);
            body.cut_top(gap);
            area
        })
        .collect();
    if let ([row], true) = (areas.as_mut_slice(), notices.len() > 1) {
        let first = row.cut_left(row.width() * 0.35);
        row.cut_left(gap);
        areas.insert(0, first);
    }
    for (area, text) in areas.into_iter().zip(notices).filter(|(_, text)| !text.is_empty()) {
        pen.ground(area, theme::AMBER);
        pen.text(area.inset(theme.length(16.0), 3.0), text, Ink::regular(26.0).centred());
    }
}

/// Whether somebody is being served, so that who is behind them matters.
const fn shows_people(screen: &Screen) -> bool {
    matches!(screen, Screen::Looking { .. } | Screen::Recognised(_) | Screen::Dishes(_) | Screen::Confirm { .. })
}

/// Whether the staff look at it.
const fn is_the_staffs(screen: &Screen) -> bool {
    matches!(screen, Screen::StaffPin { .. } | Screen::StaffDay { .. })
}

/// The staff's way in: a small button that no elder needs. Returns whether it was touched.
fn staff_button(pen: &mut Pen<'_>, area: Area) -> bool {
    pen.button(area, crate::words::staff::STAFF, pen::ButtonKind::Plain)
}

fn header(pen: &mut Pen<'_>, body: &mut Area, around: &Surroundings) {
    let mut row = body.cut_top(pen.theme.line(30.0, body.height(), 0.08));
    let (name, clock) = (Ink::bold(30.0), Ink::regular(30.0).colour(theme::SOFT_INK));
    // A long name takes from the clock's place what it leaves empty at the smallest size.
    let gap = pen.theme.length(24.0);
    let usual = row.width() * 0.45;
    let left = row.width() - gap - pen.least_width(&around.canteen, name);
    let right = row.cut_right(left.clamp(pen.least_width(&around.now, clock).min(usual), usual));
    row.cut_right(gap);
    pen.own_text(row, &around.canteen, name, own::NAME);
    pen.text(right, &around.now, clock.align(Align2::RIGHT_CENTER));
    body.cut_top(pen.theme.length(8.0));
}
