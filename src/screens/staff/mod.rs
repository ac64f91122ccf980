//! The staff's screens, behind a PIN.

mod day;
mod pin;

pub(super) use day::draw as day;
pub(super) use pin::draw as pin;
