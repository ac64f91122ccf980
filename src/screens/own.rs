//! The canteen's own texts, of any length. They are given room, and where even the smallest size has too little they end
//! with … and it is noted, so that whoever set the kiosk up is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::Galley;

use super::area::Area;
use super::pen::{Ink, Pen, within};
use super::theme::SMALLEST_TEXT;

/// Where the canteen's name is set.
pub const NAME: &str = "canteen.toml: name";
/// Where the purpose notice is set.
pub const NOTICE: &str = "screen.toml: notice";

/// Stands for what is left out.
const ELLIPSIS: char = '…';

/// The share of the rest of the screen that a long text may take beyond its own place.
const MORE_ROOM: f32 = 0.15;

/// A text that is too long for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surplus {
    /// File and key.
    pub setting: &'static str,
    /// Characters that are left out.
    pub characters: usize,
}

/// How much of each text it was told that it is left out.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<&'static str, usize>);

impl Told {
    /// What to tell of `found`: a text once, and again where a screen leaves out more of it.
    pub fn news(&mut self, found: &[Surplus]) -> Vec<String> {
        let mut news = Vec::new();
        for &Surplus { setting, characters } in found {
            let told = self.0.entry(setting).or_default();
            if characters > *told {
                *told = characters;
                news.push(format!(
                    "{setting} is too long for this screen: {characters} characters are left out; remedy: shorten it"
                ));
            }
        }
        news
    }
}

impl Pen<'_> {
    /// Writes the text of `setting`. Screen readers are told all of it.
    pub fn own_text(&mut self, area: Area, text: &str, ink: Ink, setting: &'static str) {
        let mut galley = self.fit(area, text, ink);
        if !within(area, &galley) {
            let (ended, characters) = self.ended(area, text, ink);
            self.surplus.push(Surplus { setting, characters });
            galley = ended;
        }
        let drawn = self.paint(area, &galley, ink);
        self.speak(drawn, text);
    }

    /// Raises the top of `foot`, on which `body` stands, as far as `text` needs it there at the smallest size and `body` can
    /// spare it.
    pub fn make_room(&self, body: &mut Area, foot: &mut Area, text: &str, ink: Ink) {
        let needed = self.lay_out(foot.width(), text, ink, SMALLEST_TEXT).rect.height();
        let more = (needed - foot.height()).clamp(0.0, body.height() * MORE_ROOM);
        foot.0.min.y = body.cut_bottom(more).0.min.y;
    }

    /// How wide `text` is on one line of the smallest size.
    pub fn least_width(&self, text: &str, ink: Ink) -> f32 {
        self.lay_out(f32::INFINITY, text, ink, SMALLEST_TEXT).rect.width().ceil() + 1.0
    }

    /// As much of `text` as `area` has room for at the smallest size, and how many characters that leaves out.
    fn ended(&self, area: Area, text: &str, ink: Ink) -> (Arc<Galley>, usize) {
        let until = |end: usize| {
            let kept = text.get(..end).unwrap_or_default();
            self.lay_out(area.width(), &format!("{kept}{ELLIPSIS}"), ink, SMALLEST_TEXT)
        };
        let ends: Vec<usize> = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).collect();
        let kept = ends.partition_point(|&end| within(area, &until(end)));
        let end = kept.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
        (until(end), ends.len() - kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_told_once_by_its_key_and_again_only_where_more_is_left_out() {
        let found = |setting, characters| [Surplus { setting, characters }];
        let mut told = Told::default();
        let first = told.news(&found(NOTICE, 7));
        assert_eq!(first.len(), 1);
        assert!(first[0].contains("screen.toml: notice") && first[0].contains(" 7 characters"), "{first:?}");
        assert!(told.news(&found(NOTICE, 7)).is_empty() && told.news(&found(NOTICE, 3)).is_empty());
        assert!(told.news(&[]).is_empty());
        assert!(told.news(&found(NOTICE, 9))[0].contains(" 9 characters"));
        assert!(told.news(&found(NAME, 2))[0].contains("canteen.toml: name"));
    }
}
