//! Text cells that a spreadsheet leaves alone.
//!
//! A spreadsheet that opens a CSV runs `=1+1`, turns `000123` into 123, `1E5` into 100000, `3-4` into a date and cuts
//! an identity number after 15 digits. A cell at risk therefore begins with an apostrophe, which every spreadsheet
//! takes as "this is text". Taking one leading apostrophe away gives the true value; a true value that begins with an
//! apostrophe gets another one.

use std::borrow::Cow;

use crate::words::statement::CHARACTERS_OF_DATES_AND_NUMBERS;

/// What stands before a text at risk.
const APOSTROPHE: char = '\'';

/// The text as it may stand in a CSV cell.
pub fn disarm(text: &str) -> Cow<'_, str> {
    if stays_text(text) { Cow::Borrowed(text) } else { Cow::Owned(format!("{APOSTROPHE}{text}")) }
}

/// The true value of a CSV cell.
pub fn true_value(cell: &str) -> &str {
    cell.strip_prefix(APOSTROPHE).unwrap_or(cell)
}

/// Whether every spreadsheet takes `text` for the text that it is.
fn stays_text(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return true };
    // Full-width signs start formulas in East Asian editions; control characters and spaces are stripped first.
    const FULL_WIDTH: [char; 4] = ['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if matches!(first, '=' | '+' | '-' | '@' | APOSTROPHE)
        || FULL_WIDTH.contains(&first)
        || first.is_control()
        || first.is_whitespace()
    {
        return false;
    }
    let logical = ["true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    if logical {
        return false;
    }
    !text.chars().any(char::is_numeric) || is_plain_code(text) || is_uuid(text) || is_sentence(text)
}

/// One or two ASCII letters first, such as `CT-001`: too short for a month, and not a number however it goes on.
fn is_plain_code(text: &str) -> bool {
    (1..=2).contains(&text.chars().take_while(char::is_ascii_alphabetic).count())
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A Chinese character that no date, time, number or amount is written with.
fn is_sentence(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) && !CHARACTERS_OF_DATES_AND_NUMBERS.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_or_turn_into_a_number_is_disarmed_and_comes_back() {
        for at_risk in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "＝1+1",
            "'x",
            "000123",
            "1E5",
            "3-4",
            "1/2",
            "12:30",
            "510107194001010012",
            "１２３",
            "MAR1",
            "may-01",
            "TRUE",
            "false",
            "5月1日",
            "12元",
            "2.5%",
            "¥3",
            "0x1F",
            "上午8:00",
        ] {
            let cell = disarm(at_risk);
            assert_eq!(cell, format!("'{at_risk}"));
            assert_eq!(true_value(&cell), at_risk);
        }
    }

    #[test]
    fn what_is_text_to_every_spreadsheet_stays_as_it_is() {
        for text in
            ["", "CT-001", "E-00001", "王秀英", "高龄补贴 第3版 补贴 3.00", "019353b2-5a1e-7cc3-8f00-000000000001"]
        {
            assert_eq!(disarm(text), text);
            assert_eq!(true_value(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_text_comes_back_from_its_cell(text in ".*") {
            let cell = disarm(&text);
            proptest::prop_assert_eq!(true_value(&cell), text.as_str());
        }
    }
}
