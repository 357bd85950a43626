//! Parses IAM policies and decides requests as AWS does, offline and in about a microsecond.
//!
//! [`Policy::parse`] reads one document of a [`Kind`] and names what AWS would refuse in it. [`evaluate`] decides one
//! [`Request`] by all [`Policies`] that apply to it, in AWS's order: an explicit deny anywhere, resource control policies,
//! service control policies, the resource policy, the identity's policies, its permissions boundary, the session policies.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html> (2026-11-26)
//!
//! The crate knows nothing of the zone: it reads no file and asks nobody. What it cannot know it is given: the policies, the
//! keys of the request's context, and the account that owns the resource. [`decider`] takes all of it as JSON.

pub mod compare;
mod condition;
mod context;
pub mod decider;
mod decision;
mod document;
mod error;
mod evaluate;
mod json;
mod open;
mod pattern;
mod principal;
pub mod proof;
mod request;
mod statement;
pub mod table;
mod text;
mod wire;

pub use context::Context;
pub use decision::{Decision, Layer};
pub use document::{Effect, Kind, Policy};
pub use error::{Malformed, Problem};
pub use evaluate::{Attached, Organization, Policies, evaluate};
pub use open::{Bounds, evaluate_bounds};
pub use principal::Principal;
pub use request::Request;
pub use wire::Case;
