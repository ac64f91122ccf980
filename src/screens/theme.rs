//! Colours and sizes: large type on warm paper, at least 7:1 between text and what is beneath it.

use eframe::egui::{Color32, Rect};

/// Warm paper, beneath everything.
pub const PAPER: Color32 = Color32::from_rgb(0xFB, 0xF5, 0xEA);
/// A card upon it.
pub const CARD: Color32 = Color32::from_rgb(0xFF, 0xFF, 0xFF);
/// A card's edge, and lines between rows.
pub const EDGE: Color32 = Color32::from_rgb(0xE4, 0xD6, 0xBE);
/// Text.
pub const INK: Color32 = Color32::from_rgb(0x2B, 0x20, 0x18);
/// Less important text.
pub const SOFT_INK: Color32 = Color32::from_rgb(0x57, 0x45, 0x35);
/// What leads on: buttons, the success mark.
pub const GREEN: Color32 = Color32::from_rgb(0x1B, 0x57, 0x3A);
/// The same, pressed.
pub const GREEN_PRESSED: Color32 = Color32::from_rgb(0x12, 0x40, 0x2A);
/// The ground of what is chosen or done.
pub const GREEN_PALE: Color32 = Color32::from_rgb(0xE3, 0xF0, 0xE4);
/// What the district pays, and what is left.
pub const RED: Color32 = Color32::from_rgb(0x92, 0x28, 0x12);
/// The ground of an illustration.
pub const APRICOT: Color32 = Color32::from_rgb(0xF6, 0xDD, 0xB5);
/// The ground of a notice that must be seen.
pub const AMBER: Color32 = Color32::from_rgb(0xFF, 0xE7, 0xB0);
/// A plain button, pressed.
pub const CARD_PRESSED: Color32 = Color32::from_rgb(0xF1, 0xE6, 0xD2);
/// A button that cannot be used now.
pub const WAITING: Color32 = Color32::from_rgb(0xE9, 0xE0, 0xD2);

/// The smallest text, in dp.
pub const SMALLEST_TEXT: f32 = 18.0;
/// The smallest side of a target, in dp.
pub const SMALLEST_TARGET: f32 = 60.0;
/// Distance of text lines, as a multiple of the text's size.
pub const LINE_SPACING: f32 = 1.3;

/// The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, relative luminance).
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Sizes for one screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    /// Points a design unit; the design is 1280×800 or 800×1280.
    unit: f32,
    /// The canteen's text scale.
    scale: f32,
    /// Higher than wide.
    pub portrait: bool,
}

impl Theme {
    /// Sizes for `screen`, with the canteen's text scale.
    pub fn new(screen: Rect, scale: f32) -> Self {
        let (width, height) = (screen.width().max(1.0), screen.height().max(1.0));
        let portrait = height > width;
        let (design_width, design_height) = if portrait { (800.0, 1280.0) } else { (1280.0, 800.0) };
        Self { unit: (width / design_width).min(height / design_height), scale, portrait }
    }

    /// A length of the design, in points.
    pub fn length(&self, design: f32) -> f32 {
        design * self.unit
    }

    /// A target's side: the design's, never under [`SMALLEST_TARGET`].
    pub fn target(&self, design: f32) -> f32 {
        self.length(design).max(SMALLEST_TARGET + 2.0)
    }

    /// A text size of the design, in points, never under [`SMALLEST_TEXT`].
    pub fn text(&self, design: f32) -> f32 {
        (design * self.unit * self.scale).max(SMALLEST_TEXT)
    }

    /// The height of one line of text of that size, at most `share` of `whole` but enough for the smallest text.
    pub fn line(&self, design: f32, whole: f32, share: f32) -> f32 {
        let smallest = (SMALLEST_TEXT * LINE_SPACING).ceil() + 1.0;
        (self.text(design) * LINE_SPACING + 1.0).min(whole * share).max(smallest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(Color32::from_rgb(0x76, 0x76, 0x76), Color32::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_pair_of_text_and_ground_has_seven_to_one() {
        let pairs = [
            (INK, PAPER),
            (INK, CARD),
            (INK, AMBER),
            (INK, GREEN_PALE),
            (INK, WAITING),
            (INK, CARD_PRESSED),
            (SOFT_INK, PAPER),
            (SOFT_INK, CARD),
            (SOFT_INK, GREEN_PALE),
            (RED, CARD),
            (RED, PAPER),
            (CARD, GREEN),
            (CARD, GREEN_PRESSED),
            (GREEN, CARD),
            (GREEN, PAPER),
            (GREEN, GREEN_PALE),
        ];
        for (text, ground) in pairs {
            let ratio = contrast(text, ground);
            assert!(ratio >= 7.0, "{text:?} on {ground:?} has only {ratio:.2}");
        }
    }
}
