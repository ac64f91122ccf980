//! ONNX Runtime: its library, one environment a process, and models whose inputs and outputs are what the manifest says.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::CPU;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use super::error::VisionError;
use super::manifest::{ModelCard, Port};
use super::pack::ModelFile;
use super::places;
use crate::domain::ModelDigest;

/// The environment, made at first use and kept until the process ends: ONNX Runtime allows only one.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// The one environment of this process.
fn environment() -> Result<Environment, VisionError> {
    let mut slot = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = slot.as_ref() {
        return Ok(environment.clone());
    }
    let path = places::library();
    let broken = |problem: String| VisionError::Runtime { path: path.clone(), problem };
    let environment = ort::init_from(&path)
        .map_err(|error| broken(error.to_string()))?
        .with_name("mealpoint")
        .with_telemetry(false)
        .build()
        .map_err(|error| broken(error.to_string()))?;
    Ok(slot.insert(environment).clone())
}

/// Loads ONNX Runtime, as the first model would. Gives the place of its library.
///
/// # Errors
/// [`VisionError::Runtime`] when it cannot be loaded.
pub fn check_runtime() -> Result<PathBuf, VisionError> {
    environment().map(|_| places::library())
}

/// A loaded model with one float input.
#[derive(Debug)]
pub(super) struct Model {
    session: Session,
    card: ModelCard,
}

impl Model {
    /// Loads `file` and checks its input and outputs against the manifest.
    ///
    /// # Errors
    /// [`VisionError::Runtime`] without ONNX Runtime, [`VisionError::Unloadable`] when the file is no model,
    /// [`VisionError::Mismatch`] when it is another model than described.
    pub(super) fn load(file: &ModelFile, threads: usize) -> Result<Self, VisionError> {
        let environment = environment()?;
        let session = session(&environment, &file.bytes, threads).map_err(|error| VisionError::Unloadable {
            path: file.path.clone(),
            problem: one_line(&error),
            remedy: file.card.pack.remedy(),
        })?;
        let mismatch = |problem| VisionError::Mismatch { path: file.path.clone(), problem };
        match session.inputs() {
            [input] => {
                let wanted = file.card.inputs.iter().find(|port| port.name == input.name());
                let wanted = wanted.ok_or_else(|| mismatch(format!("its input is called {:?}", input.name())))?;
                check(wanted, input).map_err(mismatch)?;
            }
            inputs => return Err(mismatch(format!("it has {} inputs, one was expected", inputs.len()))),
        }
        for wanted in &file.card.outputs {
            let output = session.outputs().iter().find(|output| output.name() == wanted.name);
            let output = output.ok_or_else(|| mismatch(format!("it has no output {:?}", wanted.name)))?;
            check(wanted, output).map_err(mismatch)?;
        }
        Ok(Self { session, card: file.card.clone() })
    }

    /// What the manifest says about it.
    pub(super) fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The digest of its file.
    pub(super) fn digest(&self) -> &ModelDigest {
        &self.card.sha256
    }

    /// Runs the model on `input`, which it reads in place, and hands its outputs to `read` in the manifest's order.
    ///
    /// # Errors
    /// [`VisionError::Run`] when `shape` is not `input`'s or the model fails.
    pub(super) fn run<T>(
        &mut self,
        shape: [usize; 4],
        input: &[f32],
        read: impl FnOnce(&Outputs<'_>) -> Result<T, String>,
    ) -> Result<T, VisionError> {
        let failed = |problem: String| VisionError::Run { id: self.card.id.clone(), problem };
        let tensor = TensorRef::from_array_view((shape, input)).map_err(|error| failed(one_line(&error)))?;
        let values = self.session.run(ort::inputs![tensor]).map_err(|error| failed(one_line(&error)))?;
        read(&Outputs { values, ports: &self.card.outputs }).map_err(failed)
    }
}

/// What a model gave.
pub(super) struct Outputs<'run> {
    values: SessionOutputs<'run>,
    ports: &'run [Port],
}

impl Outputs<'_> {
    /// The numbers of the manifest's output `index`.
    ///
    /// # Errors
    /// A sentence, when there is no such output or it holds no 32-bit floats.
    pub(super) fn floats(&self, index: usize) -> Result<&[f32], String> {
        let port = self.ports.get(index).ok_or_else(|| format!("the manifest names no output {index}"))?;
        let value = self.values.get(&port.name).ok_or_else(|| format!("it gave no output {:?}", port.name))?;
        let (_, numbers) = value.try_extract_tensor::<f32>().map_err(|error| one_line(&error))?;
        Ok(numbers)
    }
}

fn session(environment: &Environment, bytes: &[u8], threads: usize) -> ort::Result<Session> {
    Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(threads)?
        // A kiosk is mostly waiting: threads that spin between runs would burn a core.
        .with_intra_op_spinning(false)?
        // The arena would keep some 20 MB for the largest picture ever seen; the runs are no faster with it.
        .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
        .commit_from_memory(bytes)
}

/// Whether a port of the graph is the manifest's.
fn check(wanted: &Port, found: &Outlet) -> Result<(), String> {
    let ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } = found.dtype() else {
        return Err(format!("{:?} is {}, 32-bit floats were expected", wanted.name, found.dtype()));
    };
    // A free size (0 in the manifest, −1 in the graph) fits any.
    let fits = |(wanted, found): (&u32, &i64)| *wanted == 0 || *found < 0 || i64::from(*wanted) == *found;
    if shape.len() != wanted.shape.len() || !wanted.shape.iter().zip(shape.iter()).all(fits) {
        return Err(format!("{:?} has the shape {:?}, {:?} was expected", wanted.name, &shape[..], wanted.shape));
    }
    Ok(())
}

fn one_line(error: &ort::Error) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}
