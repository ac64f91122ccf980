//! What the kiosk and its capture process say to each other over one socket.
//!
//! The kiosk sends one byte to ask for a picture. The capture process answers each such byte with one [`Message`]: a
//! line of JSON, and after a picture's line as many bytes as it says. Before its first picture it says which camera is open.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::camera::CameraError;

/// Asks for the next picture.
pub const NEXT: u8 = b'n';

/// More than any camera sends in one picture: 3840 × 2160, two bytes a pixel.
const LARGEST_PICTURE: usize = 3840 * 2160 * 2;
/// A line is some hundred bytes; more is not ours.
const LONGEST_LINE: u64 = 64 * 1024;

/// How a picture's bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// A JPEG, complete with tables.
    Mjpeg,
    /// 4:2:2, `Y U Y V` for two pixels.
    Yuyv,
    /// 4:2:0, a plane of Y, then one of interleaved U and V at half the size.
    Nv12,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Mjpeg => "MJPEG",
            Self::Yuyv => "YUYV",
            Self::Nv12 => "NV12",
        })
    }
}

/// A picture as the camera sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// Counts the camera's pictures since it was opened.
    pub sequence: u64,
    /// How long ago it came from the camera, in microseconds.
    pub age_us: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How to read `bytes`.
    pub encoding: Encoding,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// What the capture process says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The camera is open.
    Opened {
        /// Its path.
        device: String,
        /// What it is, for a person.
        description: String,
    },
    /// A picture.
    Picture(Raw),
    /// What came is not a picture, and why.
    Damaged(String),
    /// There is no picture.
    Fault {
        /// Why.
        error: CameraError,
        /// Whether the process ends with it; otherwise it tries again by itself.
        last: bool,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
enum Line {
    Opened { device: String, description: String },
    Picture { sequence: u64, age_us: u64, width: u32, height: u32, encoding: Encoding, bytes: usize },
    Damaged { why: String },
    Fault { error: CameraError, last: bool },
}

impl Message {
    /// Writes it.
    ///
    /// # Errors
    /// What `out` says, such as that the other side is gone.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let line = match self {
            Self::Opened { device, description } => {
                Line::Opened { device: device.clone(), description: description.clone() }
            }
            Self::Picture(raw) => Line::Picture {
                sequence: raw.sequence,
                age_us: raw.age_us,
                width: raw.width,
                height: raw.height,
                encoding: raw.encoding,
                bytes: raw.bytes.len(),
            },
            Self::Damaged(why) => Line::Damaged { why: why.clone() },
            Self::Fault { error, last } => Line::Fault { error: error.clone(), last: *last },
        };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        out.write_all(&text)?;
        if let Self::Picture(raw) = self {
            out.write_all(&raw.bytes)?;
        }
        out.flush()
    }

    /// Reads the next one.
    ///
    /// # Errors
    /// `UnexpectedEof` when the other side is gone, `InvalidData` when it speaks otherwise, and what `input` says.
    pub fn read(input: &mut impl BufRead) -> io::Result<Self> {
        let mut text = Vec::new();
        input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(match serde_json::from_slice(&text)? {
            Line::Opened { device, description } => Self::Opened { device, description },
            Line::Damaged { why } => Self::Damaged(why),
            Line::Fault { error, last } => Self::Fault { error, last },
            Line::Picture { bytes, .. } if bytes > LARGEST_PICTURE => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a picture of {bytes} bytes")));
            }
            Line::Picture { sequence, age_us, width, height, encoding, bytes } => {
                let mut picture = vec![0; bytes];
                input.read_exact(&mut picture)?;
                Self::Picture(Raw { sequence, age_us, width, height, encoding, bytes: picture })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(messages: &[Message]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for message in messages {
            message.write(&mut bytes).expect("memory");
        }
        bytes
    }

    #[test]
    fn what_is_said_is_heard() {
        let raw = Raw {
            sequence: 9,
            age_us: 1200,
            width: 2,
            height: 1,
            encoding: Encoding::Yuyv,
            bytes: vec![1, b'\n', 3, 4],
        };
        let said = [
            Message::Opened { device: "/dev/video0".to_owned(), description: "camera (1×1)".to_owned() },
            Message::Picture(raw),
            Message::Damaged("it is cut off".to_owned()),
            Message::Fault { error: CameraError::Failed("/dev/video0".to_owned(), "odd\nnews".to_owned()), last: true },
        ];
        let bytes = spoken(&said);
        let mut input = bytes.as_slice();
        for message in &said {
            assert_eq!(Message::read(&mut input).ok().as_ref(), Some(message));
        }
        assert_eq!(Message::read(&mut input).map_err(|e| e.kind()), Err(io::ErrorKind::UnexpectedEof));
    }

    #[test]
    fn foreign_words_and_absurd_sizes_are_errors() {
        let absurd =
            br#"{"is":"picture","sequence":1,"age_us":1,"width":1,"height":1,"encoding":"Nv12","bytes":99999999999}"#;
        for bytes in [b"running 0 tests\n".as_slice(), b"{}\n", &absurd[..], &[0xFF; 100]] {
            assert!(Message::read(&mut &*bytes).is_err());
        }
    }
}
