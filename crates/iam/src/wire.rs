//! A request with its policies as JSON: what the emulator asks, and what the comparison with another simulator is made of.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    context::Context,
    decision::Decision,
    document::{Kind, Policy},
    error::Malformed,
    evaluate::{Attached, Organization, Policies, evaluate, is_of_trust},
    principal::Principal,
    request::Request,
};

/// One question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    request: Asked,
    policies: Written,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    principal: Principal,
    action: String,
    resource: String,
    account: String,
    #[serde(default)]
    context: BTreeMap<String, Values>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Vec<Document>,
    resource: Option<Document>,
    organization: Option<WrittenOrganization>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOrganization {
    management: String,
    #[serde(default)]
    service_control: Vec<Vec<Document>>,
    #[serde(default)]
    resource_control: Vec<Vec<Document>>,
}

/// A policy under a name: its text, or the JSON itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    document: Value,
}

impl Case {
    /// Decides it.
    ///
    /// # Errors
    ///
    /// One of the documents is not a policy.
    pub fn evaluate(&self) -> Result<Decision, Malformed> {
        self.evaluate_with(|kind, text| Policy::parse(text, kind).map(Into::into))
    }

    /// Decides it, with each document read by `parse`: who asks often keeps what was read.
    ///
    /// # Errors
    ///
    /// One of the documents is not a policy.
    pub fn evaluate_with(
        &self,
        mut parse: impl FnMut(Kind, &str) -> Result<std::sync::Arc<Policy>, Malformed>,
    ) -> Result<Decision, Malformed> {
        let mut attach = |kind: Kind, document: &Document| {
            let policy = match &document.document {
                Value::String(text) => parse(kind, text)?,
                value => parse(kind, &value.to_string())?,
            };
            Ok(Attached { name: document.name.as_str().into(), policy })
        };
        let mut all = |kind: Kind, documents: &[Document]| {
            documents.iter().map(|document| attach(kind, document)).collect::<Result<Vec<_>, Malformed>>()
        };
        let Written { identity, boundary, session, resource, organization } = &self.policies;
        let lower = self.request.action.to_ascii_lowercase();
        let is_trust = lower.strip_prefix("sts:").is_some_and(is_of_trust);
        let of_resource = if is_trust { Kind::Trust } else { Kind::Resource };
        let organization = match organization {
            None => None,
            Some(of) => Some(Organization {
                management: of.management.clone(),
                service_control: of
                    .service_control
                    .iter()
                    .map(|level| all(Kind::ServiceControl, level))
                    .collect::<Result<_, _>>()?,
                resource_control: of
                    .resource_control
                    .iter()
                    .map(|level| all(Kind::ResourceControl, level))
                    .collect::<Result<_, _>>()?,
            }),
        };
        let policies = Policies {
            identity: all(Kind::Identity, identity)?,
            boundary: all(Kind::Identity, boundary.as_slice())?.pop(),
            session: all(Kind::Identity, session)?,
            resource: all(of_resource, resource.as_slice())?.pop(),
            organization,
        };
        Ok(evaluate(&self.request(), &policies))
    }

    /// The request alone.
    pub fn request(&self) -> Request {
        let Asked { principal, action, resource, account, context } = &self.request;
        let mut keys = Context::new();
        for (key, values) in context {
            match values {
                Values::One(value) => keys.set(key, value.as_str()),
                Values::Many(values) => keys.set_all(key, values.clone()),
            }
        }
        Request::new(principal.clone(), action, resource, account, keys)
    }
}
