//! The outside of a JPEG picture as webcams send it: where it ends, and what it lacks.

use std::borrow::Cow;

use super::huffman;

/// Why bytes are not one whole picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The bytes do not begin like a JPEG.
    #[error("it does not begin like a JPEG")]
    NoStart,
    /// A header is cut off or claims an impossible length.
    #[error("its header is damaged")]
    Header,
    /// The bytes end, or the end marker is missing, before the picture does.
    #[error("it is cut off")]
    CutOff,
    /// The picture's coded data break the rules of JPEG.
    #[error("its picture data are damaged")]
    Data,
}

/// One picture cut out of a capture buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jpeg<'a> {
    /// From the start marker to the end marker, both included.
    bytes: &'a [u8],
    has_huffman_tables: bool,
    unread_kind: Option<&'static str>,
}

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const DEFINE_HUFFMAN: u8 = 0xC4;

impl<'a> Jpeg<'a> {
    /// Cuts the picture at the beginning of `buffer` out of it. A capture buffer is longer than the picture, and what
    /// follows the picture is left over from earlier ones; so the end is found by walking the picture's own segments,
    /// not by searching for an end marker, which also stands in embedded thumbnails.
    ///
    /// # Errors
    /// [`Damage`] other than [`Damage::Data`]: the coded data are passed over, not decoded.
    pub fn cut(buffer: &'a [u8]) -> Result<Self, Damage> {
        if buffer.get(..3) != Some(&[0xFF, START_OF_IMAGE, 0xFF]) {
            return Err(Damage::NoStart);
        }
        let mut has_huffman_tables = false;
        let mut unread_kind = None;
        let mut scans = 0_u32;
        let mut at = 2;
        loop {
            let (marker, after) = next_marker(buffer, at)?;
            match marker {
                END_OF_IMAGE if scans == 0 => return Err(Damage::Header),
                END_OF_IMAGE => {
                    let bytes = buffer.get(..after).ok_or(Damage::CutOff)?;
                    return Ok(Self { bytes, has_huffman_tables, unread_kind });
                }
                DEFINE_HUFFMAN => has_huffman_tables = true,
                _ => unread_kind = unread_kind.or(kind_of_frame(marker, buffer.get(after + 2).copied())),
            }
            at = after + segment_length(buffer, after)?;
            if marker == START_OF_SCAN {
                scans += 1;
                at = end_of_scan(buffer, at)?;
            }
        }
    }

    /// The picture's bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Of what kind the picture is, where it is one that hardly any program reads.
    pub const fn unread_kind(&self) -> Option<&'static str> {
        self.unread_kind
    }

    /// The picture's bytes with the Huffman tables that webcams leave out, where they are left out.
    pub fn complete(&self) -> Cow<'a, [u8]> {
        if self.has_huffman_tables {
            return Cow::Borrowed(self.bytes);
        }
        let (start, rest) = self.bytes.split_at_checked(2).unwrap_or((self.bytes, &[]));
        let tables = huffman::standard_segment();
        let mut bytes = Vec::with_capacity(self.bytes.len() + tables.len());
        bytes.extend_from_slice(start);
        bytes.extend_from_slice(&tables);
        bytes.extend_from_slice(rest);
        Cow::Owned(bytes)
    }
}

/// The kind of a picture whose frame has this marker and so many bits a colour, where it is one that is not read (ITU-T T.81,
/// table B.1).
const fn kind_of_frame(marker: u8, bits: Option<u8>) -> Option<&'static str> {
    match (marker, bits) {
        (0xC0..=0xC2, Some(12)) => Some("a JPEG of 12 bits a colour"),
        (0xC3 | 0xC7 | 0xCB | 0xCF, _) => Some("a lossless JPEG"),
        (0xC5 | 0xC6, _) => Some("a hierarchical JPEG"),
        (0xC9 | 0xCA | 0xCD | 0xCE, _) => Some("a JPEG in arithmetic coding"),
        _ => None,
    }
}

/// The marker at `at` (fill bytes skipped) and the place after it.
fn next_marker(buffer: &[u8], at: usize) -> Result<(u8, usize), Damage> {
    let bytes = buffer.get(at..).ok_or(Damage::CutOff)?;
    let fill = bytes.iter().take_while(|byte| **byte == 0xFF).count();
    match bytes.get(fill) {
        _ if fill == 0 && !bytes.is_empty() => Err(Damage::Header),
        // Neither a stuffed zero nor a restart or start marker may stand between segments.
        Some(0 | 0x01 | 0xD0..=START_OF_IMAGE) => Err(Damage::Header),
        Some(marker) => Ok((*marker, at + fill + 1)),
        None => Err(Damage::CutOff),
    }
}

/// The length of the segment whose length field is at `at`, that field included.
fn segment_length(buffer: &[u8], at: usize) -> Result<usize, Damage> {
    let field = buffer.get(at..at + 2).ok_or(Damage::CutOff)?;
    let length = field.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
    if length < 2 { Err(Damage::Header) } else { Ok(length) }
}

/// Where the first marker after coded data stands that is neither a stuffed zero nor a restart.
fn end_of_scan(buffer: &[u8], from: usize) -> Result<usize, Damage> {
    let mut at = from;
    loop {
        let rest = buffer.get(at..).ok_or(Damage::CutOff)?;
        at += memchr::memchr(0xFF, rest).ok_or(Damage::CutOff)?;
        match buffer.get(at + 1) {
            Some(0 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            Some(_) => return Ok(at),
            None => return Err(Damage::CutOff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::{Rgb, RgbImage};

    fn picture() -> Vec<u8> {
        let pixels = RgbImage::from_fn(64, 48, |x, y| Rgb([(x * 4) as u8, (y * 5) as u8, ((x * y) % 251) as u8]));
        let mut bytes = Vec::new();
        pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).expect("an encoder");
        bytes
    }

    /// The picture with its DHT segments taken out, as cameras send it.
    fn without_tables(picture: &[u8]) -> Vec<u8> {
        let mut bytes = picture[..2].to_vec();
        let mut at = 2;
        while picture[at + 1] != START_OF_SCAN {
            let end = at + 2 + usize::from(picture[at + 2]) * 256 + usize::from(picture[at + 3]);
            if picture[at + 1] != DEFINE_HUFFMAN {
                bytes.extend_from_slice(&picture[at..end]);
            }
            at = end;
        }
        bytes.extend_from_slice(&picture[at..]);
        bytes
    }

    #[test]
    fn the_picture_ends_at_its_own_end_marker_whatever_follows_in_the_buffer() {
        let whole = picture();
        let mut buffer = whole.clone();
        buffer.extend_from_slice(&whole[100..]);
        buffer.resize(100_000, 0xFF);
        assert_eq!(Jpeg::cut(&buffer).map(|jpeg| jpeg.bytes().len()), Ok(whole.len()));
    }

    #[test]
    fn an_end_marker_inside_a_thumbnail_is_not_the_end() {
        let whole = picture();
        let mut with_thumbnail = whole[..2].to_vec();
        with_thumbnail.extend_from_slice(&[0xFF, 0xE1, 0, 8, 0xFF, 0xD8, 0xFF, 0xD9, 0xFF, 0xD9]);
        with_thumbnail.extend_from_slice(&whole[2..]);
        assert_eq!(Jpeg::cut(&with_thumbnail).map(|jpeg| jpeg.bytes().len()), Ok(whole.len() + 10));
    }

    #[test]
    fn a_picture_cut_off_anywhere_is_refused() {
        let whole = picture();
        for length in 0..whole.len() {
            let mut buffer = whole[..length].to_vec();
            assert!(Jpeg::cut(&buffer).is_err(), "cut off at {length}");
            buffer.resize(whole.len() + 500, 0);
            assert!(Jpeg::cut(&buffer).is_err(), "cut off at {length}, zeros behind");
        }
    }

    #[test]
    fn noise_is_refused() {
        assert_eq!(Jpeg::cut(&[]), Err(Damage::NoStart));
        assert_eq!(Jpeg::cut(&[0; 5000]), Err(Damage::NoStart));
        assert_eq!(Jpeg::cut(&[0xFF; 5000]), Err(Damage::NoStart));
        assert_eq!(Jpeg::cut(&[0xFF, 0xD8, 0xFF, 0xD9]), Err(Damage::Header));
    }

    #[test]
    fn tables_that_a_camera_leaves_out_are_put_back_and_others_left_alone() {
        let whole = picture();
        assert_eq!(Jpeg::cut(&whole).map(|jpeg| jpeg.complete().into_owned()).as_deref(), Ok(whole.as_slice()));
        let bare = without_tables(&whole);
        assert!(bare.len() + 400 < whole.len(), "the tables are gone");
        let complete = Jpeg::cut(&bare).expect("a whole picture").complete().into_owned();
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).expect("a picture").into_rgb8();
        assert_eq!(pixels(&complete), pixels(&whole));
    }
}
