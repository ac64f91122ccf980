//! A size on the command line.

use std::ops::RangeInclusive;

/// Reads a size such as `1280x800`, each side within `sides`: the width and the height.
pub(super) fn size_within(
    sides: RangeInclusive<u16>,
) -> impl Fn(&str) -> Result<(u16, u16), String> + Clone + Send + Sync + 'static {
    move |text| {
        let side = |text: &str| text.parse().ok().filter(|side| sides.contains(side));
        let size = text.split_once(['x', 'X', '×']).and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let (least, most) = (sides.start(), sides.end());
        size.ok_or_else(|| {
            format!("{text:?} is no size; write width x height such as 1280x800, each {least} to {most}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_and_nonsense_is_refused_with_an_example() {
        let size = size_within(320..=8192);
        assert_eq!((size("1280x800"), size("320×8192")), (Ok((1280, 800)), Ok((320, 8192))));
        for bad in ["", "1280", "1280x", "axb", "10x10", "8193x800", "99999x800", "-1x800"] {
            let error = size(bad).expect_err(bad);
            assert!(error.contains("1280x800") && error.contains("320 to 8192"), "{error}");
        }
    }
}
