//! The Chinese font: found at explicit places, mapped into memory rather than copied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{FontData, FontDefinitions, FontFamily};
use memmap2::Mmap;
use skrifa::{FontRef, MetadataProvider};

use super::pen::BOLD;
use crate::config::ScreenConfig;
use crate::words::screens as words;

/// Where distributions put Noto Sans CJK and its bold cut.
const PLACES: [(&str, &str); 4] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc"),
    (
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    ),
    (
        "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Bold.ttc",
    ),
];

/// Why there is no font.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// None of the places has one.
    #[error(
        "no font with Chinese letters; remedy: apt install fonts-noto-cjk, or name a file as `font` in screen.toml"
    )]
    Absent,
    /// The named file cannot be read.
    #[error("{0}: {1}; remedy: correct `font` in screen.toml or MEALPOINT_FONT, or leave them empty")]
    Unreadable(PathBuf, std::io::Error),
    /// The named file has no such face, or no Chinese.
    #[error("{file}: {problem}; remedy: name a font with Chinese letters, such as that of the package fonts-noto-cjk")]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// The font files in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FontFiles {
    /// The regular cut.
    pub regular: PathBuf,
    /// The bold cut; the regular one where there is none.
    pub bold: PathBuf,
    /// The face within a collection.
    pub face: u32,
}

impl FontFiles {
    /// `MEALPOINT_FONT`, else `screen.toml`, else the usual places.
    ///
    /// # Errors
    /// [`FontError::Absent`] when none of them has a file.
    pub fn find(config: &ScreenConfig) -> Result<Self, FontError> {
        let named = std::env::var_os("MEALPOINT_FONT").map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
        let (regular, bold) = match named.or_else(|| Some(config.font.clone()).filter(|f| !f.as_os_str().is_empty())) {
            Some(file) => {
                let beside = file.to_string_lossy().replace("Regular", "Bold");
                (file, PathBuf::from(beside))
            }
            None => PLACES
                .iter()
                .map(|(regular, bold)| (PathBuf::from(regular), PathBuf::from(bold)))
                .find(|(regular, _)| regular.is_file())
                .ok_or(FontError::Absent)?,
        };
        let bold = if config.font_bold.as_os_str().is_empty() { bold } else { config.font_bold.clone() };
        let bold = if bold.is_file() { bold } else { regular.clone() };
        Ok(Self { regular, bold, face: config.font_face })
    }

    /// Maps the files and names them as egui's only families.
    ///
    /// # Errors
    /// [`FontError::Unreadable`] and [`FontError::Unusable`] naming the file.
    pub fn load(&self) -> Result<FontDefinitions, FontError> {
        let mut fonts = FontDefinitions::empty();
        let cuts = [
            ("regular", &self.regular, vec![FontFamily::Proportional, FontFamily::Monospace]),
            (BOLD, &self.bold, vec![FontFamily::Name(BOLD.into())]),
        ];
        for (name, file, families) in cuts {
            let data = map(file, self.face)?;
            fonts.font_data.insert(name.to_owned(), Arc::new(data));
            for family in families {
                fonts.families.insert(family, vec![name.to_owned()]);
            }
        }
        Ok(fonts)
    }
}

/// Maps `file` and makes sure that its face has Chinese letters.
fn map(file: &Path, face: u32) -> Result<FontData, FontError> {
    let unreadable = |error| FontError::Unreadable(file.to_owned(), error);
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    // SAFETY: a mapped file that another program cuts short while it is read would end this one. A font of the system
    // is replaced by its package manager through a rename, which leaves the mapped file as it was.
    let mapped = unsafe { Mmap::map(&opened) }.map_err(unreadable)?;
    // A file with a single face has only face 0.
    let face = if mapped.starts_with(b"ttcf") { face } else { 0 };
    let mut data = FontData::from_blob(Arc::new(mapped), face);
    // Digits four times in the atlas, each a quarter pixel on: more memory, and blurred.
    data.tweak.subpixel_binning = Some(false);
    let unusable = |problem: &str| FontError::Unusable { file: file.to_owned(), problem: problem.to_owned() };
    match has_chinese(&data) {
        None => Err(unusable("not a font, or it has no such face")),
        Some(false) => Err(unusable("it has no Chinese letters")),
        Some(true) => Ok(data),
    }
}

/// Whether the face has a few letters that every Chinese font has; `None` when it is not a font.
fn has_chinese(data: &FontData) -> Option<bool> {
    let font = FontRef::from_index(data.bytes(), data.index).ok()?;
    let letters = font.charmap();
    Some(words::COMMON_LETTERS.chars().all(|letter| letters.map(letter).is_some()))
}
