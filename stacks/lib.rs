//! One file per stack: from config to registrations.
