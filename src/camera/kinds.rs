//! Kinds of pictures, by the endings of their files and by their first bytes.

use std::path::Path;

/// Endings of pictures that are read.
pub(super) const ENDINGS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "bmp"];
/// Endings of pictures that are read and that hardly any program writes.
const RARE: [&str; 2] = ["jpe", "jfif"];
/// Endings of pictures of kinds that are not read.
const UNREAD: [&str; 8] = ["heic", "heif", "gif", "tif", "tiff", "avif", "jp2", "jxl"];

/// Whether `file` has one of the [`ENDINGS`].
pub(super) fn is_picture_by_name(file: &Path) -> bool {
    ending(file).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Whether `file` is called as a picture that is read, however seldom.
pub(super) fn is_read_by_name(file: &Path) -> bool {
    ending(file).is_some_and(|ending| ENDINGS.iter().chain(&RARE).any(|known| *known == ending))
}

/// The kind of picture that `file` is by its name, where it is one that is not read.
pub(super) fn unread_by_name(file: &Path) -> Option<String> {
    ending(file).filter(|ending| UNREAD.contains(&ending.as_str())).map(|ending| ending.to_ascii_uppercase())
}

/// The kind of picture that these are the first bytes of, where it is one that is not read: of a phone, the web, a scanner.
pub(super) fn unread_by_bytes(bytes: &[u8]) -> Option<&'static str> {
    match bytes.get(4..12) {
        Some(b"ftypheic" | b"ftypheix" | b"ftypheim" | b"ftypheis" | b"ftyphevc" | b"ftypmif1" | b"ftypmsf1") => {
            Some("HEIC")
        }
        Some(b"ftypavif" | b"ftypavis") => Some("AVIF"),
        _ if bytes.starts_with(b"GIF8") => Some("GIF"),
        _ if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") => Some("TIFF"),
        _ => None,
    }
}

fn ending(file: &Path) -> Option<String> {
    file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase())
}
