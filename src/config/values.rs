//! Single values of the settings: names, ids and times of day. Each refuses what it is not with a hint at what it is. The
//! key is put before the sentence by [`super::parse_toml`].

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::domain::has_hidden;

/// A text that says something, white space around it left out. Districts and towns are compared with the roster's: a blank
/// that nobody sees would cost elders their subsidy.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let written = String::deserialize(deserializer)?;
    let text = written.trim();
    if text.is_empty() {
        return Err(D::Error::custom(format!("{written:?} is blank; it must be written out")));
    }
    shown(text)
}

/// As [`text`], where nothing need be said.
pub(super) fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    shown(String::deserialize(deserializer)?.trim())
}

fn shown<E: Error>(text: &str) -> Result<String, E> {
    if has_hidden(text) {
        return Err(E::custom(format!("{text:?} holds characters that do not show; type it anew")));
    }
    Ok(text.to_owned())
}

/// A [`text`] in a list.
#[derive(PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Name(#[serde(deserialize_with = "text")] pub String);

/// An id as people write it. Books give an id back that only looks like another and was once taken; here it is refused.
pub(super) fn id<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// An [`id`] in a list, or with its line.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id<T>(pub T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        id(deserializer).map(Self)
    }
}

/// A time of day in quotes, such as `"20:30"`.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = Time;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time in quotes such as \"20:30\"")
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
            text.parse().map_err(|_| E::custom(format!("{text:?} is not a time such as \"20:30\"")))
        }
    }
    deserializer.deserialize_any(Text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{CanteenConfig, ConfigError, RecognitionConfig, ScreenConfig, parse_toml};

    const CANTEEN: &str = include_str!("../../kiosk-config/canteen.toml");
    const RECOGNITION: &str = include_str!("../../kiosk-config/recognition.toml");
    const SCREEN: &str = include_str!("../../kiosk-config/screen.toml");

    /// What is said of the shipped `text` with the first line that begins with `key` put as `wrong`, after the place.
    fn said<T: serde::de::DeserializeOwned>(shipped: &str, key: &str, wrong: &str) -> String {
        let at = shipped.lines().position(|line| line.starts_with(key)).expect(key);
        let lines: Vec<&str> =
            shipped.lines().enumerate().map(|(n, line)| if n == at { wrong } else { line }).collect();
        let error = match parse_toml::<T>(Path::new("x.toml"), &lines.join("\n")) {
            Err(error @ ConfigError::Wrong { .. }) => error.to_string(),
            Err(error) => panic!("{wrong}: {error}"),
            Ok(_) => panic!("{wrong} was taken"),
        };
        let place = format!("x.toml:{}: ", at + 1);
        error.strip_prefix(&place).unwrap_or_else(|| panic!("{wrong}: not at {place}{error}")).to_owned()
    }

    #[test]
    fn a_blank_name_district_or_town_is_refused_with_its_line_and_white_space_around_one_is_left_out() {
        for key in ["name", "district", "town"] {
            for blank in ["", "  ", "\u{3000}"] {
                let said = said::<CanteenConfig>(CANTEEN, key, &format!("{key} = \"{blank}\""));
                assert!(said.starts_with(&format!("{key}: ")) && said.contains("is blank"), "{said}");
            }
            let hidden = said::<CanteenConfig>(CANTEEN, key, &format!("{key} = \"武侯\u{200b}区\""));
            assert!(hidden.starts_with(&format!("{key}: ")) && hidden.contains("do not show"), "{hidden}");
        }
        let wide = CANTEEN.replace("\"武侯区\"", "\" 武侯区 \"");
        let canteen: CanteenConfig = parse_toml(Path::new("x.toml"), &wide).expect("a canteen");
        assert_eq!(canteen.district, "武侯区");
    }

    #[test]
    fn what_is_no_time_of_day_is_refused_by_its_key_and_an_example() {
        for (key, wrong) in [
            ("close_at", "close_at = \"8点\""),
            ("close_at", "close_at = \"24:00\""),
            ("close_at", "close_at = \"9:00\""),
            ("close_at", "close_at = \"\""),
            ("close_at", "close_at = 20"),
            ("close_at", "close_at = 20:30:00"),
            ("from", "from = \"6:00\""),
            ("to =", "to = \"25:00\""),
        ] {
            let said = said::<CanteenConfig>(CANTEEN, key, wrong);
            let (problem, _) = said.split_once("; remedy: ").expect("a remedy");
            let key = key.trim_end_matches(" =");
            assert!(problem.starts_with(&format!("{key}: ")) && problem.ends_with("such as \"20:30\""), "{said}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_in_words_that_are_no_types_of_this_program() {
        let mut all = vec![
            ("a number", said::<RecognitionConfig>(RECOGNITION, "min_score", "min_score = \"much\"")),
            ("a whole number, 0 or more", said::<RecognitionConfig>(RECOGNITION, "min_looks", "min_looks = -1")),
            ("a whole number, 0 or more", said::<RecognitionConfig>(RECOGNITION, "threads", "threads = 1.5")),
            ("a list", said::<RecognitionConfig>(RECOGNITION, "liveness = ", "liveness = 1")),
            ("a text in quotes", said::<CanteenConfig>(CANTEEN, "name", "name = 7")),
        ];
        let (settings, _) = SCREEN.split_once("[seconds]").expect("a table");
        let table = format!("{settings}\nseconds = 5\n");
        all.push(("a whole number, 0 or more", said::<ScreenConfig>(SCREEN, "looking", "looking = 8.5")));
        all.push(("a number", said::<ScreenConfig>(SCREEN, "scale", "scale = \"big\"")));
        all.push(("a part of its own", said::<ScreenConfig>(&table, "seconds", "seconds = 5")));
        all.push(("true or false", said::<ScreenConfig>(SCREEN, "fullscreen", "fullscreen = 1")));
        for (plain, said) in all {
            let (problem, _) = said.split_once("; remedy: ").expect("a remedy");
            assert!(problem.contains(&format!("expected {plain}")), "{said}");
            for kind in ["u64", "usize", "f32", "struct", "sequence", "boolean"] {
                assert!(!problem.contains(kind), "{said}");
            }
        }
    }

    #[test]
    fn a_full_width_id_is_refused_by_its_key_with_the_half_width_one_as_the_remedy() {
        for (key, wrong) in [("id", "ＣＴ-001"), ("kiosk", "K-００1")] {
            let said = said::<CanteenConfig>(CANTEEN, key, &format!("{key} = \"{wrong}\""));
            let (problem, remedy) = said.split_once("; remedy: ").expect("a remedy");
            assert!(problem.contains("looks like a half-width character"), "{said}");
            assert!(remedy.starts_with("type the id anew") && !remedy.contains("remedy"), "{said}");
        }
    }

    #[test]
    fn a_notice_may_be_left_out_and_holds_no_characters_that_do_not_show() {
        for hidden in ["\u{202e}人脸", "人脸\u{200b}", "人\\n脸"] {
            let said = said::<ScreenConfig>(SCREEN, "notice", &format!("notice = \"{hidden}\""));
            assert!(said.starts_with("notice: ") && said.contains("do not show"), "{said}");
        }
        for (written, shown) in [("", ""), (" \u{3000}", ""), ("人脸只在本机比对。 ", "人脸只在本机比对。")]
        {
            let text = SCREEN.replace("notice = \"\"", &format!("notice = \"{written}\""));
            let screen: ScreenConfig = parse_toml(Path::new("x.toml"), &text).expect("a screen");
            assert_eq!(screen.notice, shown);
        }
    }

    #[test]
    fn a_screen_that_does_not_say_where_the_own_share_is_paid_is_refused() {
        let key = "own_share_collected";
        let said = said::<ScreenConfig>(SCREEN, key, &format!("{key} = \"\""));
        assert!(said.starts_with(&format!("{key}: ")) && said.contains("is blank"), "{said}");
    }
}
