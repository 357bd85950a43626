//! The integration tests of the executable: one program, so that the AWS SDK is linked once.
//!
//! `smoke` runs in seconds. `whole` deploys whole zones; a part of it is run by its name:
//! `cargo test --workspace --test it -- faults::killed_at_any_moment`.

mod support;

mod smoke {
    mod cli;
    pub(crate) mod hints;
    mod life;
    mod plugin;
}

mod whole {
    mod adopt;
    mod authorization;
    mod deployment;
    mod doctor;
    mod evidence;
    mod faults;
    mod gutted;
    mod hints;
    mod made_up;
    mod modules;
    mod mutate;
    mod official_sdk;
    mod parts;
    mod plans;
    mod probes;
    mod rights;
    mod shipped;
    mod side_by_side;
    mod state;
    mod tenants;
    mod verify;
}
