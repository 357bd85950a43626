//! What nearly every type's file uses.

pub(crate) use std::{collections::BTreeMap, time::Duration};

pub(crate) use derive::{Outputs, Resource, Shape};
pub(crate) use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, Error, Live},
    },
    value::{Map, Value},
};

pub(crate) use crate::{
    checks::Checks,
    context::Cx,
    document,
    mapping::{FromSdk, ToSdk},
    optional::{given, or_empty, or_live},
    propagation, recovery,
    refusal::{Answer, Answered, Codes, Refusal},
    resource::{self, AwsResource},
    setting::Setting,
    tags::{Tagged, Tags, built},
    waits,
};
