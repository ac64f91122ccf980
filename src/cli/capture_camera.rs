//! `mealpoint capture-camera`: the process that holds the camera for the kiosk. Not for people; see
//! [`crate::camera::device`].

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::camera::device::capture;
use crate::config::{CameraConfig, CameraIndex};

/// What the kiosk asks of the camera.
#[derive(clap::Args)]
pub struct Arguments {
    /// Number of the camera, or any
    #[arg(long)]
    index: CameraIndex,
    /// Width in pixels
    #[arg(long)]
    width: u32,
    /// Height in pixels
    #[arg(long)]
    height: u32,
    /// Pictures a second
    #[arg(long)]
    fps: u32,
}

/// Serves pictures to the socket that is its standard input, until that closes.
///
/// # Errors
/// When standard input is no socket.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { index, width, height, fps } = *arguments;
    let socket = std::io::stdin().as_fd().try_clone_to_owned().context("standard input")?;
    let socket = UnixStream::from(socket);
    socket.peer_addr().context("this command is run by the kiosk, which gives it a socket as standard input")?;
    let never = capture::serve(&CameraConfig { index, width, height, fps }, socket).context("capture process")?;
    match never {}
}
