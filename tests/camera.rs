//! The supervised camera against a camera that can do everything wrong: the real program, the real nokhwa, a fake V4L2
//! device.

mod fake;

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use fake::{COLOURS, FakeCamera, LONG, NODE, fault, frame, is_alive, jpeg, picture, shown, until};
use mealpoint::camera::device::{Device, SUBCOMMAND, check_device};
use mealpoint::camera::{CameraError, Feed, FeedStatus, FrameSource, Taken, open_if_there};
use mealpoint::config::{CameraConfig, CameraIndex};

#[test]
fn a_healthy_camera_shows_what_is_before_it() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    let first = frame(&mut device);
    assert_eq!(first.pixels.dimensions(), (640, 480));
    let mut seen = [false; COLOURS.len()];
    let mut sequence = first.sequence;
    for _ in 0..3 * COLOURS.len() {
        let next = frame(&mut device);
        assert!(next.sequence > sequence, "{} after {sequence}", next.sequence);
        sequence = next.sequence;
        seen[shown(&next).expect("one of the pictures")] = true;
    }
    assert!(seen.iter().filter(|seen| **seen).count() >= 2, "{seen:?}");
    assert_eq!(device.describe(), "camera /dev/video7 (Fake Camera, 640×480 MJPEG, 30 fps)");
    assert_eq!(camera.count("opened"), 1);
}

#[test]
fn a_stalled_stream_is_said_and_opened_again() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    camera.set("stall");
    assert_eq!(fault(&mut device, |_| true), CameraError::Stalled(NODE.to_owned()));
    camera.set("run");
    assert!(shown(&frame(&mut device)).is_some());
    assert!(camera.count("opened") >= 2);
}

#[test]
fn the_last_picture_before_a_stall_is_not_shown_afterwards() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    camera.set("stall");
    camera.wait_for("stalled");
    // Longer than a picture may be kept; the passing of time is the matter of this test.
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(device.next_frame().err(), Some(CameraError::Stalled(NODE.to_owned())));
}

#[test]
fn a_driver_that_hangs_inside_a_call_loses_its_process_and_frees_the_camera() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    let hung = device.capture_process().expect("a process");
    camera.set("hang");
    camera.wait_for("hanging-in-dequeue");
    assert_eq!(fault(&mut device, |_| true), CameraError::Stalled(NODE.to_owned()));
    assert!(!is_alive(hung), "the hung process is still there");
    camera.set("run");
    // The fake camera is locked by the process that streams: had it survived, this would be busy.
    frame(&mut device);
}

#[test]
fn a_driver_that_hangs_while_opening_is_given_up_in_bounded_time() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    camera.set("hang-open");
    let mut device = camera.device();
    // One call ends before the process is given up, which is then said.
    assert_eq!(device.next_frame().err(), Some(CameraError::Starting(NODE.to_owned())));
    let hung = device.capture_process().expect("a process");
    fault(&mut device, |error| matches!(error, CameraError::Stalled(_)));
    assert!(!is_alive(hung));
    camera.set("run");
    frame(&mut device);
}

#[test]
fn unplugged_and_plugged_in_again_the_camera_comes_back_by_itself() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    camera.set("unplugged");
    assert_eq!(fault(&mut device, |_| true), CameraError::Unplugged(NODE.to_owned()));
    assert_eq!(fault(&mut device, |_| true), CameraError::Absent(NODE.to_owned()));
    camera.set("run");
    assert!(shown(&frame(&mut device)).is_some());
}

#[test]
fn one_transient_error_costs_one_reopening() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    camera.set("eio-once");
    camera.wait_for("eio");
    let error = fault(&mut device, |_| true);
    assert!(matches!(&error, CameraError::Failed(node, why) if node == NODE && why.contains("again")), "{error}");
    // The same is said until the camera is open again.
    let next = until(&mut device, "another answer", |outcome| outcome.as_ref().err() != Some(&error));
    assert!(next.is_ok(), "a picture comes next, and no other fault: {:?}", next.err());
    assert_eq!(camera.count("opened"), 2);
}

#[test]
fn a_camera_that_always_fails_is_not_opened_without_pause() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    camera.set("eio");
    let mut device = camera.device();
    let began = Instant::now();
    for _ in 0..5 {
        fault(&mut device, |error| matches!(error, CameraError::Failed(..)));
    }
    // 0, 0.2, 0.5 and 1 s lie between the five.
    assert!(began.elapsed() >= Duration::from_millis(1700), "{:?}", began.elapsed());
    camera.set("run");
    frame(&mut device);
}

#[test]
fn damaged_pictures_are_told_from_good_ones_and_do_not_end_the_stream() {
    for damage in ["garbage", "truncate", "corrupt"] {
        let Some(camera) = FakeCamera::mjpeg() else { return };
        let mut device = camera.device();
        frame(&mut device);
        let process = device.capture_process();
        camera.set(damage);
        let error = fault(&mut device, |_| true);
        assert!(matches!(&error, CameraError::Garbled(node, _) if node == NODE), "{damage}: {error}");
        camera.set("run");
        assert!(shown(&frame(&mut device)).is_some(), "{damage}");
        assert_eq!(device.capture_process(), process, "{damage}: the stream was good, only the pictures were not");
    }
}

#[test]
fn pictures_without_huffman_tables_are_the_same_pictures() {
    let Some(camera) = FakeCamera::offering("MJPG 640 480 30\n") else { return };
    camera.show(0, &jpeg(COLOURS[2]));
    let mut device = camera.device();
    let complete = frame(&mut device);
    camera.set("no-huffman");
    let bare = until(&mut device, "a picture", Result::is_ok).expect("a picture");
    assert_eq!(complete.pixels, bare.pixels);
    drop(device);
    let mut device = camera.device();
    assert_eq!(shown(&frame(&mut device)), Some(2), "also from the first picture on");
}

#[test]
fn absent_denied_and_busy_are_different_and_each_passes() {
    for (mode, expected) in [
        ("unplugged", CameraError::Absent(NODE.to_owned())),
        ("denied", CameraError::Denied(NODE.to_owned())),
        ("busy", CameraError::Busy(NODE.to_owned())),
    ] {
        let Some(camera) = FakeCamera::mjpeg() else { return };
        camera.set(mode);
        let mut device = camera.device();
        assert_eq!(fault(&mut device, |_| true), expected, "{mode}");
        assert_eq!(fault(&mut device, |_| true), expected, "{mode}, asked again");
        camera.set("run");
        frame(&mut device);
    }
}

#[test]
fn a_camera_that_another_program_streams_from_is_busy_until_that_ends() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut other = camera.device();
    frame(&mut other);
    let mut device = camera.device();
    assert_eq!(fault(&mut device, |_| true), CameraError::Busy(NODE.to_owned()));
    drop(other);
    frame(&mut device);
}

#[test]
fn a_size_the_camera_cannot_is_replaced_by_the_nearest_and_said() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device_at(1920, 1080, 25);
    assert_eq!(frame(&mut device).pixels.dimensions(), (640, 480));
    let says = "camera /dev/video7 (Fake Camera, 640×480 MJPEG, 30 fps, the nearest to 1920×1080 at 25 fps)";
    assert_eq!(device.describe(), says);
}

#[test]
fn a_driver_that_does_not_set_what_it_offers_serves_with_what_it_has() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    camera.set("stubborn");
    let mut device = camera.device_at(320, 240, 30);
    frame(&mut device);
    let says = "camera /dev/video7 (Fake Camera, 640×480 MJPEG, 30 fps, the nearest to 320×240 at 30 fps)";
    assert_eq!(device.describe(), says);
}

#[test]
fn uncompressed_pictures_come_in_their_colours() {
    // Mid red in BT.601: Y 113, U 102, V 193, which is 206 41 57 in RGB.
    let yuyv = [113, 102, 113, 193].repeat(640 * 480 / 2);
    let nv12 = [vec![113; 640 * 480], [102, 193].repeat(640 * 480 / 4)].concat();
    for (format, bytes) in [("YUYV", yuyv), ("NV12", nv12)] {
        let Some(camera) = FakeCamera::offering(&format!("{format} 640 480 30\n")) else { return };
        camera.show(0, &bytes);
        let mut device = camera.device();
        let image::Rgb([r, g, b]) = *frame(&mut device).pixels.get_pixel(333, 222);
        let near = |channel: u8, expected: u8| channel.abs_diff(expected) <= 4;
        assert!(near(r, 218) && near(g, 70) && near(b, 60), "{format}: {r} {g} {b}");
    }
}

#[test]
fn a_camera_is_found_whatever_its_number_when_none_is_set() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let config = CameraConfig { index: CameraIndex::Any, width: 640, height: 480, fps: 30 };
    let mut device = Device::with_program(config, camera.program());
    frame(&mut device);
    assert!(device.describe().starts_with("camera /dev/video7 "), "{}", device.describe());
    camera.set("stall");
    assert_eq!(fault(&mut device, |_| true), CameraError::Stalled(NODE.to_owned()), "the camera found is named");
}

#[test]
fn a_node_that_takes_no_pictures_is_no_camera() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    camera.set("no-camera");
    for index in [CameraIndex::Number(fake::NUMBER), CameraIndex::Any] {
        let config = CameraConfig { index, width: 640, height: 480, fps: 30 };
        let mut device = Device::with_program(config, camera.program());
        let error = fault(&mut device, |_| true);
        assert!(matches!(&error, CameraError::Failed(_, why) if why.contains("no camera")), "{error}");
        assert!(!device.is_there());
    }
    camera.set("run");
    assert!(camera.device().is_there());
}

#[test]
fn a_camera_that_was_opened_to_see_whether_it_is_there_serves_without_a_second_opening() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut frames = open_if_there(camera.device()).expect("it is there");
    let deadline = Instant::now() + LONG;
    while frames.next_frame().is_err() {
        assert!(Instant::now() < deadline, "no frame came");
    }
    assert_eq!(camera.count("opened"), 1, "{}", camera.events());
    drop(frames);
    camera.set("no-camera");
    assert!(open_if_there(camera.device()).is_none());
}

#[test]
fn a_camera_with_fractional_rates_alone_is_refused_with_the_reason() {
    let Some(camera) = FakeCamera::offering("MJPG 640 480 30000 1001\n") else { return };
    camera.show(0, &jpeg(COLOURS[0]));
    let error = fault(&mut camera.device(), |_| true);
    assert!(matches!(&error, CameraError::Failed(_, why) if why.contains("whole")), "{error}");
}

#[test]
fn a_slow_looker_misses_pictures_and_sees_the_newest() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    let first = frame(&mut device);
    camera.wait_for_pictures(10);
    let taken = camera.taken();
    let next = frame(&mut device);
    assert!(next.sequence >= first.sequence + 9, "{} after {}", next.sequence, first.sequence);
    // The one taken last may still be on its way.
    assert!(next.sequence >= taken - 1, "{} of {taken}", next.sequence);
}

#[test]
fn a_capture_process_that_dies_is_replaced() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    let process = device.capture_process().expect("a process");
    let killed = std::process::Command::new("kill").args(["-KILL", &process.to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let error = fault(&mut device, |_| true);
    assert!(matches!(error, CameraError::Failed(..)), "{error}");
    frame(&mut device);
}

#[test]
fn nothing_is_left_running_when_the_kiosk_goes() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let mut device = camera.device();
    frame(&mut device);
    let process = device.capture_process().expect("a process");
    drop(device);
    assert!(!is_alive(process));
}

#[test]
fn a_capture_process_ends_with_its_kiosk_even_while_the_driver_hangs() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    camera.set("hang");
    let (mut kiosk, capture) = UnixStream::pair().expect("a socket");
    let mut child = camera
        .command()
        .arg(SUBCOMMAND)
        .args(["--index", "7", "--width", "640", "--height", "480", "--fps", "30"])
        .stdin(Stdio::from(OwnedFd::from(capture)))
        .spawn()
        .expect("the program");
    kiosk.write_all(b"n").expect("a listener");
    camera.wait_for("hanging-in-dequeue");
    drop(kiosk);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn the_feed_tells_of_the_loss_and_of_the_recovery() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let (tell, told) = mpsc::channel();
    let feed = Feed::start(Box::new(camera.device()), move |status| drop(tell.send(status))).expect("a thread");
    assert!(matches!(feed.take(LONG), Taken::Value(_)));
    let running = || "camera /dev/video7 (Fake Camera, 640×480 MJPEG, 30 fps)".to_owned();
    assert_eq!(told.recv_timeout(LONG), Ok(FeedStatus::Running(running())));
    camera.set("unplugged");
    let next = |feed: &Feed| loop {
        let _ = feed.take(Duration::from_millis(50));
        if let Ok(status) = told.try_recv() {
            return status;
        }
    };
    assert_eq!(next(&feed), FeedStatus::Lost(CameraError::Unplugged(NODE.to_owned())));
    assert_eq!(next(&feed), FeedStatus::Lost(CameraError::Absent(NODE.to_owned())));
    camera.set("run");
    assert_eq!(next(&feed), FeedStatus::Recovered(running()));
    assert_eq!(feed.stop(), Ok(()));
}

#[test]
fn the_check_names_the_camera_and_its_rate_or_what_is_wrong() {
    let Some(camera) = FakeCamera::mjpeg() else { return };
    let says = check_device(&mut camera.device()).expect("a healthy camera");
    assert!(says.starts_with("camera /dev/video7 (Fake Camera, 640×480 MJPEG, 30 fps); "), "{says}");
    assert!(says.ends_with(" pictures a second arrive"), "{says}");
    camera.set("denied");
    let error = check_device(&mut camera.device()).expect_err("denied");
    assert!(error.to_string().contains("; remedy: "), "{error}");
}

#[test]
fn the_subcommand_run_by_a_person_says_that_it_is_not_for_people() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mealpoint"))
        .arg(SUBCOMMAND)
        .args(["--index", "0", "--width", "640", "--height", "480", "--fps", "30"])
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("run by the kiosk"));
}

#[test]
fn the_pictures_of_the_tests_are_what_they_seem() {
    for (number, colour) in COLOURS.into_iter().enumerate() {
        let frame =
            mealpoint::camera::Frame { pixels: picture(colour), sequence: 0, captured_at: Instant::now(), name: None };
        assert_eq!(shown(&frame), Some(number));
    }
}
