//! The capabilities of mealpoint, tested through its public doors: one binary, a module a capability.

mod house;
