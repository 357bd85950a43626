//! Policies of event buses.

mod organization;

pub use organization::organization;
