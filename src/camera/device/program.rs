//! The capture process as the kiosk holds it: started, asked, and ended for certain.

use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::wire::{Message, NEXT};
use crate::config::CameraConfig;

/// The hidden subcommand that runs [`super::capture::serve`].
pub const SUBCOMMAND: &str = "capture-camera";

/// How long a killed process may take to be gone. Longer means that the driver holds it.
const DEATH: Duration = Duration::from_millis(500);

/// The program that runs the capture process.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Program {
    /// This very program, also after an update has replaced its file.
    pub fn this() -> Self {
        Self::at("/proc/self/exe")
    }

    /// The `mealpoint` at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), environment: Vec::new() }
    }

    /// With a variable of the environment set for the capture process alone.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts the capture process.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(&self, config: &CameraConfig) -> io::Result<Running> {
        let (ours, theirs) = UnixStream::pair()?;
        let child = Command::new(&self.path)
            .arg(SUBCOMMAND)
            .args(["--index", &config.index.to_string()])
            .args(["--width", &config.width.to_string()])
            .args(["--height", &config.height.to_string()])
            .args(["--fps", &config.fps.to_string()])
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Running { child, input: BufReader::with_capacity(64 * 1024, Timed::new(ours)), asked: false })
    }
}

/// A running capture process. Dropping it leaves it running until its socket closes; [`Running::end`] ends it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    input: BufReader<Timed>,
    asked: bool,
}

impl Running {
    /// The answer to the question for the next picture, or what comes before it. A question whose answer did not come
    /// in time stays asked.
    ///
    /// # Errors
    /// `TimedOut` when nothing came by `deadline`; anything else means that the process is of no more use.
    pub fn next(&mut self, deadline: Instant) -> io::Result<Message> {
        if !self.asked {
            self.input.get_mut().socket.write_all(&[NEXT])?;
            self.asked = true;
        }
        self.input.get_mut().deadline = deadline;
        let message = Message::read(&mut self.input)?;
        self.asked = matches!(message, Message::Opened { .. });
        Ok(message)
    }

    /// Ends the process. `Err` hands it back when it does not go, held by the driver in the system's depth.
    pub fn end(mut self) -> Result<Option<i32>, Stuck> {
        // Fails only when it has ended already.
        let _ = self.child.kill();
        let deadline = Instant::now() + DEATH;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Ok(status.code()),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => return Err(Stuck(self.child)),
            }
        }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

/// A process that was killed and is still there.
#[derive(Debug)]
pub struct Stuck(Child);

impl Stuck {
    /// Whether it is gone by now.
    pub fn is_gone(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

/// A socket whose reads together end by a deadline.
#[derive(Debug)]
struct Timed {
    socket: UnixStream,
    deadline: Instant,
}

impl Timed {
    fn new(socket: UnixStream) -> Self {
        Self { socket, deadline: Instant::now() }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.socket.set_read_timeout(Some(left))?;
        match self.socket.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::TimedOut.into()),
            outcome => outcome,
        }
    }
}
