//! The demo: drawn people with data of their own, who walk up, accept what is offered and leave.

mod data;
mod visitor;

pub use data::{DemoError, STRANGER, enrol, is_one, is_possible, keep_apart, to_be_served};
pub use visitor::{Act, Script, Visitor};
