//! How well recognition does, in the terms of ISO/IEC 19795-1 (recognition) and 30107-3 (presentation attacks): error
//! rates from comparison scores, each with its exact 95 % interval.
//!
//! Pure: scores in, figures out. The commands under `evaluate` bring the pictures.
//!
//! **Pictures without a face** (failure to acquire) count as the system as a whole experiences them: such a probe of an
//! enrolled person is a miss, such a picture of a stranger is no false accept. A false match rate is one of comparisons
//! (ISO/IEC 19795-1): an impostor pair without a face is none. Figures over the acquired pictures alone stand beside
//! them where they differ. A probe of somebody whose enrolment failed was acquired: it
//! is searched, and missed.

mod identification;
mod interval;
mod liveness;
mod pairs;
mod threshold;

pub use identification::{FPIR_POINTS, Identification, IdentificationPoint, MatedSearch, NonMated, identification};
pub use interval::Rate;
pub use liveness::{AttackKind, LivenessReport, Presentation, liveness};
pub use pairs::{FMR_POINTS, PairScore, PairsReport, VerificationPoint, pairs};
pub use threshold::strictest;
