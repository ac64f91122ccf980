//! Which of a camera's formats comes nearest to the one asked for.

use nokhwa::utils::{CameraFormat, FrameFormat};

use super::wire::Encoding;
use crate::config::CameraConfig;

/// How a format of nokhwa is read here; `None` for those that are not (infrared grey, raw sensor data).
pub const fn encoding(format: FrameFormat) -> Option<Encoding> {
    match format {
        FrameFormat::MJPEG => Some(Encoding::Mjpeg),
        FrameFormat::YUYV => Some(Encoding::Yuyv),
        FrameFormat::NV12 => Some(Encoding::Nv12),
        FrameFormat::GRAY | FrameFormat::RAWRGB | FrameFormat::RAWBGR => None,
    }
}

/// The formats that nokhwa may open a camera with.
pub const READABLE: [FrameFormat; 3] = [FrameFormat::MJPEG, FrameFormat::YUYV, FrameFormat::NV12];

/// The nearest of `formats` to what is asked for: first the size, then the rate, then MJPEG before uncompressed
/// pictures, whose damage nobody can see and which fill the USB bus.
pub fn nearest(formats: &[CameraFormat], asked: &CameraConfig) -> Option<CameraFormat> {
    let cost = |format: &CameraFormat| {
        let size = format.width().abs_diff(asked.width) + format.height().abs_diff(asked.height);
        // Of two sizes equally far away, and of two rates, the larger one serves better.
        let smaller = format.width() < asked.width || format.height() < asked.height;
        let slower = format.frame_rate() < asked.fps;
        let rate = format.frame_rate().abs_diff(asked.fps);
        let kind = READABLE.iter().position(|readable| *readable == format.format());
        (size, smaller, slower, rate, kind)
    };
    // nokhwa misreads fractional intervals, such as 1001/30000 s, as absurd rates; such a rate cannot be set.
    let usable =
        |format: &&CameraFormat| encoding(format.format()).is_some() && (1..=240).contains(&format.frame_rate());
    formats.iter().filter(usable).min_by_key(|format| cost(format)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CameraIndex;
    use FrameFormat::{GRAY, MJPEG, YUYV};

    fn pick(formats: &[(u32, u32, FrameFormat, u32)], (width, height, fps): (u32, u32, u32)) -> Option<CameraFormat> {
        let formats: Vec<_> = formats.iter().map(|(w, h, f, r)| CameraFormat::new_from(*w, *h, *f, *r)).collect();
        nearest(&formats, &CameraConfig { index: CameraIndex::Any, width, height, fps })
    }

    const USUAL: [(u32, u32, FrameFormat, u32); 6] = [
        (640, 480, YUYV, 30),
        (1280, 720, YUYV, 10),
        (640, 480, MJPEG, 30),
        (1280, 720, MJPEG, 30),
        (1280, 720, MJPEG, 15),
        (1920, 1080, MJPEG, 30),
    ];

    #[test]
    fn what_the_camera_can_is_taken_as_asked() {
        assert_eq!(pick(&USUAL, (1280, 720, 30)), Some(CameraFormat::new_from(1280, 720, MJPEG, 30)));
        assert_eq!(pick(&USUAL, (640, 480, 30)), Some(CameraFormat::new_from(640, 480, MJPEG, 30)));
        assert_eq!(pick(&USUAL, (1280, 720, 15)), Some(CameraFormat::new_from(1280, 720, MJPEG, 15)));
    }

    #[test]
    fn what_it_cannot_becomes_the_nearest_in_size_then_rate() {
        assert_eq!(pick(&USUAL, (1300, 700, 25)), Some(CameraFormat::new_from(1280, 720, MJPEG, 30)));
        assert_eq!(pick(&USUAL, (3840, 2160, 60)), Some(CameraFormat::new_from(1920, 1080, MJPEG, 30)));
        assert_eq!(pick(&[(1280, 720, YUYV, 10)], (640, 480, 30)), Some(CameraFormat::new_from(1280, 720, YUYV, 10)));
    }

    #[test]
    fn formats_that_cannot_be_read_or_set_are_left_aside() {
        assert_eq!(pick(&[(640, 480, GRAY, 30), (640, 480, YUYV, 30_000)], (640, 480, 30)), None);
    }
}
