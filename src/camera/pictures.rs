//! The pictures of a folder as frames, for trials without a camera.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::kinds::{ENDINGS, is_picture_by_name};
use super::{CameraError, Frame, FrameSource, read_still};

/// How the pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Showing {
    /// Frames for which each picture stands there, at least 1.
    pub hold_frames: u32,
    /// From one frame to the next.
    pub interval: Duration,
    /// Whether they start again after the last; otherwise the source ends.
    pub again: bool,
}

impl Default for Showing {
    /// Two seconds a picture at fifteen frames a second, again and again.
    fn default() -> Self {
        Self { hold_frames: 30, interval: Duration::from_millis(66), again: true }
    }
}

/// The pictures of a folder in the order of their names.
#[derive(Debug)]
pub struct Pictures {
    folder: PathBuf,
    files: Vec<PathBuf>,
    showing: Showing,
    /// The next file of `files`.
    next: usize,
    /// The picture that stands there, its name, and for how many frames more.
    standing: Option<(RgbImage, Arc<str>, u32)>,
    sequence: u64,
    last: Option<Instant>,
}

impl Pictures {
    /// Looks for pictures in `folder`, not in folders below it nor among hidden files. They are read when it is their turn.
    ///
    /// # Errors
    /// [`CameraError::Picture`] when the folder cannot be read or holds no picture.
    pub fn open(folder: &Path, showing: Showing) -> Result<Self, CameraError> {
        let unreadable = |error: std::io::Error| {
            CameraError::Picture(format!("{}: {error}; remedy: name a folder of pictures", folder.display()))
        };
        let mut files = listed(folder).map_err(unreadable)?;
        files.retain(|path| is_picture_by_name(path) && is_file_or_missing(path));
        if files.is_empty() {
            let kinds = ENDINGS.join(", ");
            let folder = folder.display();
            return Err(CameraError::Picture(format!("{folder}: no pictures there; remedy: put some in ({kinds})")));
        }
        let folder = folder.to_owned();
        Ok(Self { folder, files, showing, next: 0, standing: None, sequence: 0, last: None })
    }

    /// Reads the next file, which a damaged one is too: asked again, the one after it comes.
    fn turn(&mut self) -> Result<(RgbImage, Arc<str>), CameraError> {
        if self.next >= self.files.len() && self.showing.again {
            self.next = 0;
        }
        let file = self.files.get(self.next).ok_or(CameraError::Ended)?;
        self.next += 1;
        let pixels = read_still(file).map_err(|error| CameraError::Picture(error.to_string()))?;
        Ok((pixels, file.file_name().unwrap_or_default().to_string_lossy().into()))
    }
}

impl FrameSource for Pictures {
    fn next_frame(&mut self) -> Result<Frame, CameraError> {
        if let Some(last) = self.last {
            std::thread::sleep((last + self.showing.interval).saturating_duration_since(Instant::now()));
        }
        self.last = Some(Instant::now());
        let (pixels, name, left) = match self.standing.take() {
            Some(standing) => standing,
            None => {
                let (pixels, name) = self.turn()?;
                (pixels, name, self.showing.hold_frames.max(1))
            }
        };
        self.sequence += 1;
        // A large file takes its time to read; what counts is when its picture stood there.
        let captured_at = Instant::now();
        let frame = |pixels, name| Frame { pixels, sequence: self.sequence, captured_at, name: Some(name) };
        if left <= 1 {
            return Ok(frame(pixels, name));
        }
        let shown = frame(pixels.clone(), Arc::clone(&name));
        self.standing = Some((pixels, name, left - 1));
        Ok(shown)
    }

    fn describe(&self) -> String {
        format!("{} pictures of {}", self.files.len(), self.folder.display())
    }
}

/// What is in `folder`, in the order of the names; hidden files and folders left out.
///
/// # Errors
/// What the system says.
pub(crate) fn listed(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = vec![];
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether reading it would end: a pipe or a device may never give anything. A link to nothing is told of when it is read.
pub(crate) fn is_file_or_missing(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file()) || !path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (number, name) in files.iter().enumerate() {
            let path = folder.path().join(name);
            if name.contains("broken") {
                std::fs::write(path, b"\xFF\xD8\xFF\xE0 not much more").expect("a file");
            } else if name.contains('.') {
                RgbImage::from_pixel(4, 3, Rgb([number as u8; 3]))
                    .save_with_format(path, image::ImageFormat::Png)
                    .expect("a file");
            } else {
                std::fs::create_dir(path).expect("a folder");
            }
        }
        folder
    }

    fn showing(hold_frames: u32, again: bool) -> Showing {
        Showing { hold_frames, interval: Duration::ZERO, again }
    }

    fn names(source: &mut Pictures, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| match source.next_frame() {
                Ok(frame) => frame.name.as_deref().unwrap_or_default().to_owned(),
                Err(error) => format!("! {error}"),
            })
            .collect()
    }

    #[test]
    fn pictures_come_by_name_each_for_its_frames_and_then_end() {
        let folder = folder(&["b.png", "a.JPG", "note.txt", "sub"]);
        let mut source = Pictures::open(folder.path(), showing(2, false)).expect("pictures");
        assert_eq!(names(&mut source, 4), ["a.JPG", "a.JPG", "b.png", "b.png"]);
        assert_eq!(source.next_frame().map(|frame| frame.sequence), Err(CameraError::Ended));
        assert_eq!(source.next_frame().map(|frame| frame.sequence), Err(CameraError::Ended));
    }

    #[test]
    fn hidden_files_and_folders_that_are_called_like_pictures_are_left_out() {
        let folder = folder(&["a.png", "._a.png", ".b.jpg"]);
        std::fs::create_dir(folder.path().join("c.jpg")).expect("a folder");
        let mut source = Pictures::open(folder.path(), showing(1, true)).expect("pictures");
        assert_eq!(names(&mut source, 2), ["a.png", "a.png"]);
        std::fs::remove_file(folder.path().join("a.png")).expect("it was there");
        let error = Pictures::open(folder.path(), Showing::default()).expect_err("no pictures").to_string();
        assert!(error.contains("no pictures there"), "{error}");
    }

    #[test]
    fn they_start_again_when_asked_to_and_the_sequence_goes_on() {
        let folder = folder(&["a.png", "b.png"]);
        let mut source = Pictures::open(folder.path(), showing(1, true)).expect("pictures");
        assert_eq!(names(&mut source, 5), ["a.png", "b.png", "a.png", "b.png", "a.png"]);
        assert_eq!(source.next_frame().map(|frame| frame.sequence), Ok(6));
    }

    #[test]
    fn a_damaged_file_is_named_once_and_the_next_one_follows() {
        let folder = folder(&["a.png", "broken.jpg", "c.png"]);
        let mut source = Pictures::open(folder.path(), showing(1, false)).expect("pictures");
        let seen = names(&mut source, 3);
        assert_eq!([seen[0].as_str(), seen[2].as_str()], ["a.png", "c.png"]);
        assert!(seen[1].starts_with("! ") && seen[1].contains("broken.jpg"), "{seen:?}");
    }

    #[test]
    fn a_folder_that_is_missing_or_empty_is_refused_with_its_name() {
        let folder = folder(&["note.txt"]);
        for path in [folder.path(), &folder.path().join("nowhere"), &folder.path().join("note.txt")] {
            let error = Pictures::open(path, Showing::default()).expect_err("no pictures").to_string();
            assert!(error.contains(&path.display().to_string()) && error.contains("remedy"), "{error}");
        }
    }
}
