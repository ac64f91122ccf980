//! The window: draws the newest view when something changed, and hands touches back.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, FontDefinitions};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::fingers::Fingers;
use super::own::Told;
use super::shots::Shots;
use super::{Local, Picture, Surroundings, draw, theme};
use crate::kiosk::link::{Link, MirrorImage, Notes};
use crate::kiosk::session::Screen;
use crate::words::{screens as words, staff};

/// Longest side of a texture, pixels.
const ATLAS_SIDE: usize = 2048;

/// How far a finger may move and still touch what it was put down on, points: half of the smallest button.
const MOST_ROLL: f32 = super::theme::SMALLEST_TARGET / 2.0;

/// How the window is opened.
pub struct WindowOptions {
    /// Width and height in points; `None` fills the screen.
    pub size: Option<[f32; 2]>,
    /// The canteen's text scale.
    pub scale: f32,
    /// The fonts.
    pub fonts: FontDefinitions,
    /// Where a picture of each screen is saved.
    pub shots: Option<Shots>,
    /// Whether those who stand there exist. Then no picture of them is saved with the screens, so none is shown either.
    pub real_people: bool,
    /// What stands around the screens; time and meal are filled in.
    pub around: Surroundings,
    /// The canteen's zone, for the clock.
    pub zone: TimeZone,
}

/// What a person does who starts the kiosk where no window can open.
const ELSEWHERE: &str = "start it on a desktop, or under Xvfb (`xvfb-run -a mealpoint …`)";

/// Whether there is a display at all, asked before anything is written for a kiosk that cannot be shown.
///
/// # Errors
/// That there is none.
pub fn find_display() -> anyhow::Result<()> {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(named) {
        return Ok(());
    }
    anyhow::bail!("there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set; remedy: {ELSEWHERE}")
}

/// Opens the window and stays in it until it is closed. Gives the pictures that were saved, in order.
///
/// # Errors
/// What keeps the window from opening, such as no OpenGL, and screens that could not be saved.
pub fn run(options: WindowOptions, link: Arc<Link>) -> anyhow::Result<Vec<PathBuf>> {
    let WindowOptions { size, scale, fonts, shots, real_people, around, zone } = options;
    let saved = shots.as_ref().map(Shots::saved);
    let mut viewport = egui::ViewportBuilder::default().with_title("mealpoint").with_app_id("mealpoint");
    viewport = match size {
        Some(size) => viewport.with_inner_size(size),
        None => viewport.with_fullscreen(true).with_inner_size([1280.0, 800.0]),
    };
    let native = eframe::NativeOptions { viewport, system_font_fallback: false, ..Default::default() };
    let create = move |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        let context = &creation.egui_ctx;
        context.set_fonts(fonts);
        context.set_theme(egui::Theme::Light);
        // Nothing moves by itself: a kiosk that nobody uses repaints once a minute.
        context.all_styles_mut(|style| style.animation_time = 0.0);
        take_old_fingers(context);
        let waker = context.clone();
        link.on_change(move || waker.request_repaint());
        tracing::info!("the window is open");
        let mirrors = shots.is_none() || !real_people;
        let (mirror, local, told, closing) = (None, Local::default(), Told::default(), false);
        Ok(Box::new(Window { link, scale, around, zone, shots, mirrors, mirror, local, told, closing }))
    };
    eframe::run_native("mealpoint", native, Box::new(create))
        .map_err(|error| anyhow::anyhow!("the window cannot be opened: {error}; remedy: {ELSEWHERE}"))?;
    saved.map_or_else(|| Ok(vec![]), |saved| saved.list())
}

struct Window {
    link: Arc<Link>,
    scale: f32,
    around: Surroundings,
    zone: TimeZone,
    shots: Option<Shots>,
    /// Whether those who stand there are shown.
    mirrors: bool,
    mirror: Option<egui::TextureHandle>,
    local: Local,
    told: Told,
    closing: bool,
}

/// A finger may rest on a button as long as it likes, and may tremble and roll: it is a touch all the same. What it was put
/// down on counts ([`super::pen`]), and the other hand may lean on the glass meanwhile ([`super::fingers`]).
pub(super) fn take_old_fingers(context: &egui::Context) {
    context.options_mut(|options| {
        options.input_options.max_click_duration = f64::INFINITY;
        options.input_options.max_click_dist = MOST_ROLL;
    });
    context.add_plugin(Fingers::default());
}

impl eframe::App for Window {
    // The font's atlas is as wide as a texture may be and doubles its height when it is full: on a narrower one less of it
    // stays empty.
    fn raw_input_hook(&mut self, _: &egui::Context, input: &mut egui::RawInput) {
        input.max_texture_side = input.max_texture_side.map(|side| side.min(ATLAS_SIDE));
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        let Some(view) = self.link.view() else { return };
        if let Some(image) = self.link.take_mirror().filter(|_| self.mirrors) {
            self.upload(&context, &image);
        }
        let picture = self.mirror.as_ref().filter(|_| matches!(view.screen, Screen::Looking { .. })).map(|texture| {
            let [width, height] = texture.size();
            Picture { texture: texture.id(), aspect: width as f32 / height.max(1) as f32 }
        });
        let whole = picture.is_some() || !self.mirrors || !matches!(view.screen, Screen::Looking { .. });
        if !matches!(view.screen, Screen::Looking { .. }) {
            // The picture of who stood there ends with the screen that showed it.
            self.mirror = None;
        }
        let notes = self.link.notes();
        let now = notes.time(Timestamp::now()).to_zoned(self.zone.clone());
        let around = noted(&self.around, notes, &now);
        if let Some(touch) = draw(ui, self.scale, &view, &around, picture, &mut self.local) {
            self.link.touch(touch);
        }
        for news in self.told.news(&self.local.surplus) {
            tracing::warn!("{news}");
        }
        let to_the_minute = 60 - u64::try_from(now.second()).unwrap_or(0).min(59);
        context.request_repaint_after(Duration::from_secs(to_the_minute));
        let pending = self.shots.as_mut().is_some_and(|shots| shots.follow(&context, &view, whole));
        if self.link.is_finished() && !pending && !std::mem::replace(&mut self.closing, true) {
            context.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        theme::PAPER.to_normalized_gamma_f32()
    }
}

/// `around` at `now`, with what the engine noted.
fn noted(around: &Surroundings, notes: Notes, now: &Zoned) -> Surroundings {
    Surroundings {
        now: words::date_and_time(now.date(), now.time()),
        serving: notes.serving,
        trouble: notes.rules_refused.then(|| staff::RULES_REFUSED.to_owned()),
        ..around.clone()
    }
}

impl Window {
    fn upload(&mut self, context: &egui::Context, image: &MirrorImage) {
        let pixels = egui::ColorImage::from_rgb(image.size, &image.rgb);
        match &mut self.mirror {
            Some(texture) => texture.set(pixels, egui::TextureOptions::LINEAR),
            None => self.mirror = Some(context.load_texture("mirror", pixels, egui::TextureOptions::LINEAR)),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_date_and_the_time_above_the_screens_are_those_that_meals_are_served_by() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let wall: Timestamp = "2026-11-22T12:05:00+08:00".parse().expect("a time");
        let shown = |ahead| {
            let notes = Notes { ahead, ..Notes::default() };
            let now = notes.time(wall).to_zoned(zone.clone());
            noted(&Surroundings::default(), notes, &now).now
        };
        assert_eq!(shown(SignedDuration::ZERO), "11月22日　星期日　12:05");
        assert_eq!(shown(SignedDuration::from_hours(-24)), "11月21日　星期六　12:05");
        assert_eq!(shown(SignedDuration::from_mins(90)), "11月22日　星期日　13:35");
    }
}
