//! An installation of its own with the drawn models, and pictures of drawn people to show it.

use std::ffi::OsStr;
use std::io::ErrorKind::NotFound;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::RgbImage;
use mealpoint::camera::drawn::{Album, CAMERA, Light, Pose};
use mealpoint::store::Home;
use serde_json::Value;

/// Three looks to enrol somebody with, and two others to look somebody up by: yaw in degrees, distance in metres.
pub const ENROLLED: [(f32, f32); 3] = [(0.0, 0.6), (10.0, 0.62), (-10.0, 0.58)];
pub const LOOKED_UP: [(f32, f32); 2] = [(4.0, 0.66), (-6.0, 0.55)];

/// The program, the manifest, the drawn models, settings and a data folder; no real model.
pub struct Place {
    folder: tempfile::TempDir,
    runtime: PathBuf,
}

impl Place {
    /// `None` where there is no ONNX Runtime.
    pub fn new() -> Option<Self> {
        let place = Self { runtime: super::runtime()?, folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir_all(place.fetched()).expect("a folder");
        let models = place.path("models");
        std::fs::create_dir(&models).expect("a folder");
        for file in super::files(&super::root().join("models")) {
            std::fs::copy(&file, models.join(file.file_name().expect("a name"))).expect("a copy");
        }
        std::os::unix::fs::symlink(super::root().join("kiosk-config"), place.path("kiosk-config")).expect("a link");
        place.install(Path::new(env!("CARGO_BIN_EXE_mealpoint")));
        Some(place)
    }

    /// Puts `program` here, for it takes the models that lie beside it.
    pub fn install(&self, program: &Path) {
        let here = self.program();
        std::fs::remove_file(&here)
            .or_else(|error| (error.kind() == NotFound).then_some(()).ok_or(error))
            .expect("gone");
        // No link leads to another disk.
        std::fs::hard_link(program, &here).or_else(|_| std::fs::copy(program, &here).map(drop)).expect("a copy");
    }

    /// The program as it lies here.
    pub fn program(&self) -> PathBuf {
        self.path("mealpoint")
    }

    /// A path within it. The program runs here, so that it also takes the bare name.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The kiosk whose data lie here, wherever `MEALPOINT_KEYS` points.
    pub fn home(&self) -> Home {
        Home::with_keys(&self.path("data"), self.path("data/keys"))
    }

    /// Where `scripts/setup` puts the real models.
    pub fn fetched(&self) -> PathBuf {
        self.path(".mealpoint/models")
    }

    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("ORT_DYLIB_PATH", &self.runtime);
        command.env_remove("MEALPOINT_MODEL_MIRROR").env_remove("MEALPOINT_KEYS");
        command
    }

    /// The program with `data` as its data folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(self.program());
        command.args(["--json", "--data", "data"]).args(arguments).output().expect("the program starts")
    }

    /// The JSON documents of a run that succeeds, one a line, and what it says on stderr.
    pub fn lines(&self, arguments: &[&str]) -> (Vec<Value>, String) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        let lines = String::from_utf8(output.stdout).expect("text");
        (lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), said)
    }

    /// What a run that fails says.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?} printed {}", String::from_utf8_lossy(&output.stdout));
        said
    }

    /// Pictures of drawn people, a folder a person: `NAME/P-0/0.png`, `NAME/P-0/1.png`, …
    pub fn draw(&self, name: &str, people: impl IntoIterator<Item = usize>, looks: &[(f32, f32)]) -> PathBuf {
        let root = self.path(name);
        for person in people {
            let folder = root.join(format!("P-{person}"));
            std::fs::create_dir_all(&folder).expect("a folder");
            for (number, look) in looks.iter().enumerate() {
                portrait(person, *look).save(folder.join(format!("{number}.png"))).expect("a picture");
            }
        }
        root
    }
}

/// A drawn person in the canteen, alone and in the middle of the picture.
pub fn portrait(person: usize, (yaw_deg, distance_m): (f32, f32)) -> RgbImage {
    let album = Album::new(4_711, 20, CAMERA.width, CAMERA.height);
    album.portrait(person).frame(Pose::new(yaw_deg, 0.0, 0.0), Light::default(), distance_m)
}
