//! Texts that people write and other people read.

/// Whether a text holds what nobody sees when reading it: line ends and other control characters, marks that turn the
/// direction of the text round, and blanks without width. Copied from chats and web pages, they make two equal looking
/// names different and can show a name backwards.
pub fn has_hidden(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// Whether a character is one that [`has_hidden`] finds.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
                '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_do_not_show_are_found_and_rare_characters_are_none() {
        for text in ["王\u{202e}英", "\u{200b}", "李\u{feff}", "张\n三", "a\u{2066}b"] {
            assert!(has_hidden(text), "{text:?}");
        }
        for text in ["", "王秀英", "阿依古丽·买买提", "𬭎", "积分(区)", "Zoë", "〇"] {
            assert!(!has_hidden(text), "{text:?}");
        }
    }
}
