//! A picture file, read upright: enrolment photos, pictures to identify, a folder as a frame source.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::device::jpeg::{Damage, Jpeg};
use super::device::scan;
use super::kinds;

/// Longest side that is decoded, in pixels.
const MOST_PIXELS_A_SIDE: u32 = 20_000;
/// Most pixels that are decoded, whatever each of them takes in the file. A small file may be a far larger picture.
const MOST_PIXELS: u64 = 100_000_000;
/// Most memory a decoder may take: so many pixels of four values of 16 bits, the widest there are.
const MOST_DECODER_BYTES: u64 = 8 * MOST_PIXELS;
/// Longest file that is read.
const MOST_FILE_BYTES: u64 = 256 << 20;

/// Why a file is no picture that can be looked at.
#[derive(Debug, thiserror::Error)]
pub enum StillError {
    /// The file cannot be read.
    #[error("{file}: {source}; remedy: check the path and that this user may read it")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is none of JPEG, PNG, WebP, BMP.
    #[error("{file}: not a picture (JPEG, PNG, WebP or BMP); remedy: save it as JPEG, or leave it out")]
    NotAPicture {
        /// The file.
        file: PathBuf,
    },
    /// It is another picture than those, or a JPEG that hardly any program reads.
    #[error("{file}: a picture of a kind that is not read ({kind}); remedy: save it as an ordinary JPEG")]
    OtherKind {
        /// The file.
        file: PathBuf,
        /// Of what kind it is.
        kind: String,
    },
    /// It ends early or is damaged within.
    #[error("{file}: a damaged picture ({problem}); remedy: take or copy it again")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// It is larger than anything a camera takes.
    #[error("{file}: too large a picture; remedy: save it with at most 100 megapixels")]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// It is longer than anything a camera takes: a row of pictures, or a damaged header.
    #[error("{file}: a side of this picture is longer than 20,000 pixels; remedy: cut out the part that matters")]
    TooLong {
        /// The file.
        file: PathBuf,
    },
}

impl StillError {
    /// Whether the file was never meant to be a picture, by what is in it and by its name: a list or a note that lies among
    /// pictures.
    pub fn is_no_picture_by_name_either(&self) -> bool {
        matches!(self, Self::NotAPicture { file } if !kinds::is_read_by_name(file))
    }
}

/// Reads a picture as RGB, turned upright as its EXIF orientation says. Transparent parts keep their colour.
///
/// # Errors
/// [`StillError`] naming the file. A JPEG that ends before its end marker, or whose coded data break off or are replaced
/// before it, is damaged, although a decoder would fill it up with grey or noise: half a face must not be compared as if
/// it were whole.
pub fn read_still(file: &Path) -> Result<RgbImage, StillError> {
    let file = || file.to_owned();
    let mut bytes = vec![];
    let read = std::fs::metadata(file()).and_then(|about| {
        // A named pipe would be waited for as soon as it is opened, and a device would never end.
        if !about.is_file() {
            return Err(std::io::Error::other("not a file"));
        }
        BufReader::new(File::open(file())?).take(MOST_FILE_BYTES + 1).read_to_end(&mut bytes)
    });
    read.map_err(|source| StillError::Unreadable { file: file(), source })?;
    if bytes.len() as u64 > MOST_FILE_BYTES {
        return Err(StillError::TooLarge { file: file() });
    }
    decode_still(&bytes).map_err(|fault| match fault {
        Fault::NotAPicture => match kinds::unread_by_name(&file()) {
            Some(kind) => StillError::OtherKind { file: file(), kind },
            None => StillError::NotAPicture { file: file() },
        },
        Fault::OtherKind(kind) => StillError::OtherKind { file: file(), kind },
        Fault::TooLarge => StillError::TooLarge { file: file() },
        Fault::TooLong => StillError::TooLong { file: file() },
        Fault::Damaged(problem) => StillError::Damaged { file: file(), problem },
    })
}

enum Fault {
    NotAPicture,
    OtherKind(String),
    TooLarge,
    TooLong,
    Damaged(String),
}

impl From<ImageError> for Fault {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            ImageError::Unsupported(unsupported) => Self::OtherKind(unsupported.to_string()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage.to_string())
    }
}

fn decode_still(bytes: &[u8]) -> Result<RgbImage, Fault> {
    let Some(format) = image::guess_format(bytes).ok().filter(ImageFormat::reading_enabled) else {
        let kind = kinds::unread_by_bytes(bytes).map(str::to_owned);
        return Err(kind.map_or(Fault::NotAPicture, Fault::OtherKind));
    };
    let jpeg = if format == ImageFormat::Jpeg { Some(Jpeg::cut(bytes)?) } else { None };
    if let Some(kind) = jpeg.and_then(|jpeg| jpeg.unread_kind()) {
        return Err(Fault::OtherKind(kind.to_owned()));
    }
    // A picture kept from a webcam lacks the tables that webcams leave out.
    let bytes = jpeg.as_ref().map_or(Cow::Borrowed(bytes), Jpeg::complete);
    let mut reader = ImageReader::with_format(Cursor::new(&*bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // Here the header alone has been read.
    let (width, height) = decoder.dimensions();
    if width.max(height) > MOST_PIXELS_A_SIDE {
        return Err(Fault::TooLong);
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Fault::TooLarge);
    }
    if jpeg.is_some() {
        scan::check(&bytes)?;
    }
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    let picture = picture.into_rgb8();
    if picture.width() == 0 || picture.height() == 0 {
        return Err(Fault::Damaged("it has no pixels".to_owned()));
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> RgbImage {
        RgbImage::from_fn(48, 32, |x, y| image::Rgb([(x * 5) as u8, (y * 7) as u8, if x < 24 { 0 } else { 255 }]))
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(vec![]);
        drawn().write_to(&mut bytes, format).expect("an encoder");
        bytes.into_inner()
    }

    fn read(bytes: &[u8]) -> Result<RgbImage, StillError> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("picture.jpg");
        std::fs::write(&file, bytes).expect("a written file");
        read_still(&file)
    }

    /// The JPEG with an EXIF segment that holds the orientation alone.
    fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let tiff = [
            b"II*\0".as_slice(),
            &8u32.to_le_bytes(),
            &1u16.to_le_bytes(),
            &0x0112u16.to_le_bytes(),
            &3u16.to_le_bytes(),
            &1u32.to_le_bytes(),
            &u32::from(orientation).to_le_bytes(),
            &0u32.to_le_bytes(),
        ]
        .concat();
        let length = u16::try_from(2 + 6 + tiff.len()).expect("a short segment").to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat()
    }

    #[test]
    fn every_format_is_read_whatever_the_file_is_called() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP] {
            assert_eq!(read(&encoded(format)).expect("a picture").dimensions(), (48, 32), "{format:?}");
        }
    }

    #[test]
    fn a_picture_taken_with_the_camera_turned_comes_out_upright() {
        let jpeg = encoded(ImageFormat::Jpeg);
        let upright = read(&jpeg).expect("a picture");
        let turned = read(&with_orientation(&jpeg, 6)).expect("a picture");
        assert_eq!(turned, image::imageops::rotate90(&upright));
        assert_eq!(read(&with_orientation(&jpeg, 3)).expect("a picture"), image::imageops::rotate180(&upright));
        let mirrored = image::imageops::flip_horizontal(&upright);
        for (orientation, expected) in [
            (1, upright.clone()),
            (2, mirrored.clone()),
            (4, image::imageops::rotate180(&mirrored)),
            (5, image::imageops::rotate270(&mirrored)),
            (7, image::imageops::rotate90(&mirrored)),
            (8, image::imageops::rotate270(&upright)),
        ] {
            let turned = read(&with_orientation(&jpeg, orientation)).expect("a picture");
            assert_eq!(turned, expected, "orientation {orientation}");
        }
    }

    #[test]
    fn a_picture_cut_anywhere_is_damaged_and_bytes_behind_its_end_are_not() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let whole = encoded(format);
            for kept in (20..whole.len() - 2).step_by(7) {
                let error = read(&whole[..kept]).expect_err("a cut picture").to_string();
                assert!(error.contains("picture.jpg") && error.contains("damaged"), "{format:?} {kept}: {error}");
            }
            assert!(read(&[&whole[..], b"trailing"].concat()).is_ok(), "{format:?}");
        }
        let whole = encoded(ImageFormat::Jpeg);
        let error = read(&whole[..whole.len() - 2]).expect_err("a cut picture").to_string();
        assert!(error.contains("a damaged picture (it is cut off)"), "{error}");
    }

    #[test]
    fn a_jpeg_kept_from_a_webcam_is_read_although_it_lacks_the_usual_tables() {
        let whole = encoded(ImageFormat::Jpeg);
        let mut bare = whole.clone();
        while let Some(at) = bare.windows(2).position(|two| two == [0xFF, 0xC4]) {
            let length = usize::from(u16::from_be_bytes([bare[at + 2], bare[at + 3]]));
            bare.drain(at..at + 2 + length);
        }
        assert!(bare.len() < whole.len());
        assert_eq!(read(&bare).expect("a picture"), read(&whole).expect("a picture"));
    }

    #[test]
    fn a_jpeg_whose_data_are_replaced_dropped_or_closed_early_is_damaged_although_it_ends_as_it_should() {
        let noisy = RgbImage::from_fn(320, 240, |x, y| image::Rgb([x as u8, (x * y) as u8, (x * 7 + y * 31) as u8]));
        let mut whole = Cursor::new(vec![]);
        noisy.write_to(&mut whole, ImageFormat::Jpeg).expect("an encoder");
        let whole = whole.into_inner();
        assert_eq!(read(&whole).expect("a picture").dimensions(), (320, 240));
        let (before, middle) = (whole.len() / 3, whole.len() / 2);
        for (name, damaged) in [
            ("closed early", [&whole[..middle], b"\xFF\xD9"].concat()),
            ("zeros", [&whole[..before], &vec![0; middle - before][..], &whole[middle..]].concat()),
            ("dropped", [&whole[..before], &whole[middle..]].concat()),
        ] {
            let error = read(&damaged).expect_err(name).to_string();
            assert!(
                error.contains("picture.jpg: a damaged picture") && error.contains("; remedy: "),
                "{name}: {error}"
            );
        }
        let progressive = include_bytes!("device/progressive.jpg");
        assert_eq!(read(progressive).expect("a picture").dimensions(), (72, 56));
        let cut = [&progressive[..progressive.len() / 2], b"\xFF\xD9"].concat();
        assert!(read(&cut).is_err_and(|error| error.to_string().contains("a damaged picture")));
    }

    #[test]
    fn a_sound_picture_of_a_kind_that_is_not_read_is_called_that_and_not_damaged() {
        let jpeg = encoded(ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|two| two == [0xFF, 0xC0]).expect("a frame header");
        let changed = |at: usize, byte: u8| {
            let mut other = jpeg.clone();
            other[frame + at] = byte;
            other
        };
        let ftyp = |brand: &[u8]| [b"\0\0\0\x18ftyp".as_slice(), brand, b"\0\0\0\0 and more"].concat();
        let told = |kind: &str| {
            format!(": a picture of a kind that is not read ({kind}); remedy: save it as an ordinary JPEG")
        };
        for (kind, bytes) in [
            ("a lossless JPEG", changed(1, 0xC3)),
            ("a JPEG in arithmetic coding", changed(1, 0xC9)),
            ("a JPEG of 12 bits a colour", changed(4, 12)),
            ("HEIC", ftyp(b"heic")),
            ("AVIF", ftyp(b"avif")),
            ("GIF", b"GIF89a and more".to_vec()),
            ("TIFF", b"II*\0 and more".to_vec()),
        ] {
            let error = read(&bytes).expect_err(kind);
            assert!(error.to_string().ends_with(&format!("picture.jpg{}", told(kind))), "{error}");
            assert!(!error.is_no_picture_by_name_either(), "{kind}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.Jxl");
        std::fs::write(&file, b"bytes that say nothing").expect("written");
        assert!(read_still(&file).is_err_and(|error| error.to_string().ends_with(&told("JXL"))));
    }

    #[test]
    fn what_is_no_picture_is_called_that() {
        for bytes in [b"".as_slice(), b"hello", b"\xFF\xD8", &[0; 4096]] {
            assert!(read(bytes).is_err(), "{} bytes", bytes.len());
        }
        assert!(matches!(read(b"PK\x03\x04 and more"), Err(StillError::NotAPicture { .. })));
        let folder = tempfile::tempdir().expect("a folder");
        for (name, never_meant) in [("Thumbs.db", true), ("README", true), ("a.HEIC", false), ("b.jpg", false)] {
            let file = folder.path().join(name);
            std::fs::write(&file, b"no picture").expect("written");
            assert_eq!(read_still(&file).expect_err(name).is_no_picture_by_name_either(), never_meant, "{name}");
        }
        assert!(matches!(read_still(Path::new("/nowhere/a.jpg")), Err(StillError::Unreadable { .. })));
        assert!(matches!(read_still(Path::new("/")), Err(StillError::Unreadable { .. })));
    }

    #[test]
    fn a_pipe_that_is_called_a_picture_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("x.jpg");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        let (done, answer) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(read_still(&pipe)));
        let read = answer.recv_timeout(std::time::Duration::from_secs(60)).expect("an answer without a writer");
        assert!(read.is_err_and(|error| error.to_string().contains("x.jpg: not a file")));
    }

    /// A picture that claims to be of this size.
    fn claiming(mut bmp: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
        bmp[18..22].copy_from_slice(&width.to_le_bytes());
        bmp[22..26].copy_from_slice(&height.to_le_bytes());
        bmp
    }

    #[test]
    fn a_header_that_claims_a_gigantic_picture_is_refused_without_taking_its_memory() {
        for side in [10_001_u32, 15_000] {
            let read = read(&claiming(encoded(ImageFormat::Bmp), side, side));
            assert!(matches!(read, Err(StillError::TooLarge { .. })), "{side}");
        }
        for (width, height) in [(60_000, 60_000), (20_001, 1), (1, 20_001)] {
            let error = read(&claiming(encoded(ImageFormat::Bmp), width, height)).expect_err("too long").to_string();
            assert!(error.contains("longer than 20,000 pixels") && error.contains("; remedy: "), "{error}");
        }
    }

    /// As PNG sums up its chunks.
    fn crc32(bytes: &[u8]) -> u32 {
        let step = |sum: u32, _| if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 };
        !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
    }

    #[test]
    fn pixels_are_counted_and_not_the_bytes_that_the_file_spends_on_each() {
        // 285 megapixels of one byte are fewer bytes than 100 of three, and 36 of eight are nearly as many.
        let mut grey = Cursor::new(vec![]);
        DynamicImage::ImageRgb8(drawn()).into_luma8().write_to(&mut grey, ImageFormat::Bmp).expect("an encoder");
        assert!(matches!(read(&claiming(grey.into_inner(), 19_000, 15_000)), Err(StillError::TooLarge { .. })));
        // The wide picture is not there behind its header, which is another complaint.
        let mut wide = Cursor::new(vec![]);
        let pixels = image::ImageBuffer::<image::Rgba<u16>, Vec<u16>>::new(2, 2);
        pixels.write_to(&mut wide, ImageFormat::Png).expect("an encoder");
        let mut wide = wide.into_inner();
        wide[16..20].copy_from_slice(&7_000_u32.to_be_bytes());
        wide[20..24].copy_from_slice(&5_400_u32.to_be_bytes());
        let sum = crc32(&wide[12..29]);
        wide[29..33].copy_from_slice(&sum.to_be_bytes());
        let error = read(&wide).expect_err("38 megapixels without data");
        assert!(matches!(error, StillError::Damaged { .. }), "{error}");
    }
}
