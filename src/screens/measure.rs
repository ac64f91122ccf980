//! How large a text would be, found out in a font atlas of its own.
//!
//! egui rasterises whatever it lays out, and what has once come to its atlas stays there. To find the size at which a text
//! fits, many are tried; in egui's own atlas their letters took 32 MiB of memory and were never seen.

use std::sync::Arc;

use eframe::egui::epaint::mutex::Mutex;
use eframe::egui::epaint::text::{Fonts, ViewportKey};
use eframe::egui::text::LayoutJob;
use eframe::egui::{Context, Galley, Id};

/// Side of the atlas, pixels; the least that there may be. When it is full it starts anew.
const ATLAS_SIDE: usize = 1024;

/// Lays texts out that nobody draws.
#[derive(Clone)]
struct Bench {
    fonts: Arc<Mutex<Fonts>>,
    /// Of egui.
    pass: u64,
}

/// `job` laid out as egui would, to be looked at only: its letters stand in another atlas than egui's.
pub(super) fn laid_out(context: &Context, job: LayoutJob) -> Arc<Galley> {
    let id = Id::unique("measuring bench");
    let pass = context.cumulative_pass_nr();
    let bench = context.data(|data| data.get_temp::<Bench>(id)).unwrap_or_else(|| {
        let (mut options, fonts) = context.fonts(|fonts| (*fonts.options(), fonts.definitions().clone()));
        options.max_texture_side = ATLAS_SIDE;
        Bench { fonts: Arc::new(Mutex::new(Fonts::new(options, fonts))), pass }
    });
    let mut fonts = bench.fonts.lock();
    if bench.pass != pass {
        let options = *fonts.options();
        fonts.begin_pass(options, ViewportKey::default());
    }
    let galley = fonts.with_pixels_per_point(context.pixels_per_point()).layout_job(job);
    drop(fonts);
    context.data_mut(|data| data.insert_temp(id, Bench { pass, ..bench }));
    galley
}
