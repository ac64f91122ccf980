//! Drawing text, cards and buttons into areas. Text that does not fit is set smaller, never cut off.

use std::sync::Arc;

use eframe::egui::text::LayoutJob;
use eframe::egui::{
    Align, Align2, AsIdSalt, Color32, Galley, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
};

use super::area::Area;
use super::lines;
use super::own::Surplus;
use super::theme::{self, SMALLEST_TEXT, Theme};
use crate::words::screens as words;

/// The family of the bold cut.
pub const BOLD: &str = "bold";

/// The share of its size down to which a short text is set smaller before it is wrapped, and what counts as short.
const UNWRAPPED: f32 = 0.75;
const SHORT_CHARACTERS: usize = 16;

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Size of the design.
    pub size: f32,
    /// The bold cut.
    pub bold: bool,
    /// Colour.
    pub colour: Color32,
    /// Where in its area it stands.
    pub align: Align2,
}

impl Ink {
    /// Bold ink of `size`, left and vertically centred.
    pub const fn bold(size: f32) -> Self {
        Self { size, bold: true, colour: theme::INK, align: Align2::LEFT_CENTER }
    }

    /// Regular ink of `size`, left and vertically centred.
    pub const fn regular(size: f32) -> Self {
        Self { size, bold: false, colour: theme::INK, align: Align2::LEFT_CENTER }
    }

    /// In another colour.
    pub const fn colour(self, colour: Color32) -> Self {
        Self { colour, ..self }
    }

    /// In another place.
    pub const fn align(self, align: Align2) -> Self {
        Self { align, ..self }
    }

    /// In the middle.
    pub const fn centred(self) -> Self {
        self.align(Align2::CENTER_CENTER)
    }
}

/// What a button looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one that leads on.
    Primary,
    /// Another choice.
    Plain,
    /// Seen, but not usable now.
    Waiting,
}

/// A `Ui` with a theme.
pub struct Pen<'a> {
    /// Where it is drawn.
    pub ui: &'a mut Ui,
    /// Sizes.
    pub theme: Theme,
    /// Names the screen and whom it serves: a finger that was put down on one screen does nothing on the next.
    pub scope: Id,
    /// The canteen's own texts that did not fit.
    pub surplus: Vec<Surplus>,
}

impl Pen<'_> {
    /// Writes `text` into `area` as large as `ink` says, smaller where it would not fit. Screen readers find it by its
    /// text.
    pub fn text(&mut self, area: Area, text: &str, ink: Ink) {
        let galley = self.fit(area, text, ink);
        let drawn = self.paint(area, &galley, ink);
        self.speak(drawn, text);
    }

    /// Writes `text` at exactly `size` points.
    pub(super) fn text_at(&mut self, area: Area, text: &str, ink: Ink, size: f32) {
        let galley = self.lay_out(area.width(), text, ink, size);
        let drawn = self.paint(area, &galley, ink);
        self.speak(drawn, text);
    }

    /// Writes without telling screen readers, for text that a button or tile already says.
    pub fn write(&mut self, area: Area, text: &str, ink: Ink) {
        let galley = self.fit(area, text, ink);
        self.paint(area, &galley, ink);
    }

    pub(super) fn speak(&mut self, drawn: Rect, text: &str) {
        let response = self.ui.allocate_rect(drawn, Sense::hover());
        let label = text.replace('\n', "");
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
    }

    pub(super) fn paint(&mut self, area: Area, measured: &Galley, ink: Ink) -> Rect {
        let galley = self.ui.painter().layout_job(LayoutJob::clone(&measured.job));
        let size = galley.rect.size();
        let at = |align: Align, min: f32, max: f32, size: f32| match align {
            Align::Min => min,
            Align::Center => (min + max - size) / 2.0,
            Align::Max => max - size,
        };
        let left = at(ink.align.x(), area.0.min.x, area.0.max.x, size.x);
        let top = at(ink.align.y(), area.0.min.y, area.0.max.y, size.y);
        // A galley aligned to the right or centre has its origin there.
        let origin = pos2(left - galley.rect.min.x, top - galley.rect.min.y);
        self.ui.painter().galley(origin, galley, ink.colour);
        Rect::from_min_size(pos2(left, top), size)
    }

    /// Whether `text` has room in `area` at the smallest size.
    pub fn has_room(&self, area: Area, text: &str, ink: Ink) -> bool {
        within(area, &self.lay_out(area.width(), text, ink, SMALLEST_TEXT))
    }

    /// The largest setting of `text` that fits `area`, down to the smallest text there may be. A short text that a
    /// little less size keeps on its own lines is not wrapped, and no line ends within a word that a little less size
    /// keeps whole.
    pub(super) fn fit(&self, area: Area, text: &str, ink: Ink) -> Arc<Galley> {
        let design = self.theme.text(ink.size);
        let fits = |galley: &Galley| within(area, galley);
        let written = text.lines().count();
        let short = text.chars().count() <= SHORT_CHARACTERS;
        let least = if short || text.contains(words::MARKS) { UNWRAPPED } else { 1.0 };
        let mut size = design;
        let mut wrapped: Option<Arc<Galley>> = None;
        loop {
            let mut galley = self.lay_out(area.width(), text, ink, size);
            let lines = galley.rows.len();
            // Where there is room for it, one line more is better than a word on two.
            if !lines::end_well(&galley)
                && let Some(parted) = self.part(area.width(), text, ink, size, lines + 1).filter(|parted| fits(parted))
            {
                galley = parted;
            }
            let smallest = size <= SMALLEST_TEXT;
            let (unwrapped, well) = (galley.rows.len() <= written, lines::end_well(&galley));
            if fits(&galley) && (unwrapped || (well && !short)) {
                return galley;
            }
            let better = wrapped.as_ref().is_none_or(|wrapped| well && !lines::end_well(wrapped));
            if better && (fits(&galley) || (smallest && wrapped.is_none())) {
                wrapped = Some(galley);
            }
            if let (Some(wrapped), true) = (&wrapped, smallest || size < design * least) {
                return Arc::clone(wrapped);
            }
            size = (size * 0.95).max(SMALLEST_TEXT);
        }
    }

    /// A rounded ground.
    pub fn ground(&mut self, area: Area, fill: Color32) {
        let radius = self.radius();
        self.ui.painter().rect_filled(area.0, radius, fill);
    }

    /// What somebody has to do now, on a ground that stands out.
    pub fn warning(&mut self, area: Area, text: &str, size: f32) {
        self.ground(area, theme::AMBER);
        let inset = self.theme.length(12.0);
        self.text(area.inset(inset, 0.0), text, Ink::bold(size).centred());
    }

    /// A white card with an edge.
    pub fn card(&mut self, area: Area) {
        let radius = self.radius();
        let stroke = Stroke::new(self.theme.length(2.0).max(1.0), theme::EDGE);
        self.ui.painter().rect(area.0, radius, theme::CARD, stroke, StrokeKind::Inside);
    }

    /// A line across the middle of `area`.
    pub fn rule(&mut self, area: Area) {
        let stroke = Stroke::new(self.theme.length(2.0).max(1.0), theme::EDGE);
        self.ui.painter().hline(area.0.x_range(), area.0.center().y, stroke);
    }

    /// A button that fills `area`. Returns whether it was touched.
    pub fn button(&mut self, area: Area, label: &str, kind: ButtonKind) -> bool {
        let enabled = kind != ButtonKind::Waiting;
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let response = self.touched(area, label, sense);
        let spoken = label.replace('\n', "");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, &spoken));
        let pressed = response.is_pointer_button_down_on();
        let (fill, colour, edge) = match kind {
            ButtonKind::Primary if pressed => (theme::GREEN_PRESSED, theme::CARD, theme::GREEN_PRESSED),
            ButtonKind::Primary => (theme::GREEN, theme::CARD, theme::GREEN),
            ButtonKind::Plain if pressed => (theme::CARD_PRESSED, theme::INK, theme::SOFT_INK),
            ButtonKind::Plain => (theme::CARD, theme::INK, theme::SOFT_INK),
            ButtonKind::Waiting => (theme::WAITING, theme::INK, theme::EDGE),
        };
        let stroke = Stroke::new(self.theme.length(3.0).max(2.0), edge);
        let radius = self.radius();
        self.ui.painter().rect(area.0, radius, fill, stroke, StrokeKind::Inside);
        let size = if kind == ButtonKind::Plain { 36.0 } else { 46.0 };
        let inner = area.inset(self.theme.length(16.0), self.theme.length(4.0));
        self.write(
            inner,
            label,
            Ink { bold: kind != ButtonKind::Plain, ..Ink::regular(size) }.colour(colour).centred(),
        );
        response.clicked()
    }

    /// What a finger does in `area`. A press belongs to what it was made on, whatever the screen puts there before the
    /// finger is lifted: so it is known by `name`, one of its kind on a screen, and not by its turn as egui would have it.
    fn touched(&self, area: Area, name: impl AsIdSalt, sense: Sense) -> Response {
        self.ui.interact(area.0, self.scope.with(name), sense)
    }

    /// A tile that can be chosen, the screen's only one at `place`; draws its ground and mark, the caller writes upon it.
    /// Returns the area for writing and whether it was touched.
    pub fn tile(&mut self, area: Area, place: usize, spoken: &str, chosen: bool, several: bool) -> (Area, bool) {
        let response = self.touched(area, place, Sense::click());
        let role = if several { Role::CheckBox } else { Role::RadioButton };
        response.widget_info(|| WidgetInfo::selected(role, true, chosen, spoken));
        let fill = match (chosen, response.is_pointer_button_down_on()) {
            (true, _) => theme::GREEN_PALE,
            (false, true) => theme::CARD_PRESSED,
            (false, false) => theme::CARD,
        };
        let (width, edge) = if chosen { (6.0, theme::GREEN) } else { (2.0, theme::EDGE) };
        let stroke = Stroke::new(self.theme.length(width).max(width / 2.0), edge);
        let radius = self.radius();
        self.ui.painter().rect(area.0, radius, fill, stroke, StrokeKind::Inside);
        (self.inside(area), response.clicked())
    }

    /// Where a tile is written upon.
    pub fn inside(&self, tile: Area) -> Area {
        tile.inset(self.theme.length(22.0), self.theme.length(14.0))
    }

    pub(super) fn radius(&self) -> f32 {
        self.theme.length(20.0).max(10.0)
    }
}

/// Whether `galley` has room in `area`.
pub(super) fn within(area: Area, galley: &Galley) -> bool {
    galley.rect.width() <= area.width() + 0.5 && galley.rect.height() <= area.height() + 0.5
}
