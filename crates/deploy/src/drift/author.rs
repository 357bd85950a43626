//! Who changed a resource, and when, as CloudTrail has it.
//!
//! `LookupEvents` takes two calls a second and account, and knows of an event up to 15 minutes after it
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>, 2026-11). What it cannot say is said
//! to be not evaluated.

use std::collections::HashMap;

use aws::{
    ask::{Answer, Error, ask},
    clients::{Ambient, Clients},
};
use aws_sdk_cloudtrail::{
    primitives::DateTime,
    types::{Event, LookupAttribute, LookupAttributeKey},
};
use config::Zone;
use engine::events::{State, Step};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use state::contents::Contents;

use super::Drifted;
use crate::accounts;

/// More changes than this are not asked for: at two calls a second nobody would wait for the answers.
const ASKED: usize = 20;
/// IAM and Organizations are in no region; their events are in this one.
const GLOBAL: &str = "us-east-1";

/// Who changed a resource last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Author {
    /// As CloudTrail has it.
    Known {
        /// The ARN, or the name where there is none.
        who: String,
        /// The time, RFC 3339 in UTC.
        when: String,
        /// The call: `PutBucketVersioning`.
        event: String,
        /// The id of its event.
        event_id: String,
    },
    /// It is not known.
    NotEvaluated {
        /// Why.
        not_evaluated: String,
    },
}

impl Author {
    pub(super) fn not_evaluated(reason: impl Into<String>) -> Self {
        Self::NotEvaluated { not_evaluated: reason.into() }
    }
}

impl std::fmt::Display for Author {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known { who, when, event, .. } => write!(f, "{who} with {event} at {when}"),
            Self::NotEvaluated { not_evaluated } => write!(f, "not evaluated: {not_evaluated}"),
        }
    }
}

/// Asks for all of these. What one account refuses once it is not asked again.
pub(super) async fn find(drifted: &mut [Drifted], read: &[Step], contents: &Contents, zone: &Zone, ambient: &Ambient) {
    let mut clients: HashMap<(String, String), Clients> = HashMap::new();
    let mut refused: HashMap<String, String> = HashMap::new();
    for (at, one) in drifted.iter_mut().enumerate() {
        if at >= ASKED {
            one.by = Author::not_evaluated(format!("only the first {ASKED} changes are looked up"));
            continue;
        }
        let is_global = ["aws:iam/", "aws:organizations/"].iter().any(|module| one.kind.starts_with(module));
        let in_management = one.kind.starts_with("aws:organizations/");
        let account = match &zone.management {
            Some(management) if in_management => &management.account,
            _ => &zone.member,
        };
        let record = contents.resources.iter().find(|record| record.urn == one.urn);
        let own = record.and_then(|record| record.text("region")).unwrap_or(zone.region.as_ref());
        let region = if is_global { GLOBAL } else { own };
        if let Some(why) = refused.get(account.id.as_ref()) {
            one.by = Author::not_evaluated(why);
            continue;
        }
        let key = (account.id.to_string(), region.to_owned());
        if !clients.contains_key(&key) {
            let sdk = accounts::sdk(zone, account, ambient).await;
            clients.insert(key.clone(), Clients::new(&sdk, region));
        }
        let Some(client) = clients.get(&key) else { continue };
        let since = record.and_then(|record| record.modified.parse::<Timestamp>().ok());
        let state = read.iter().find(|step| step.urn == one.urn).and_then(|step| step.old.as_ref());
        match author(client, &names(state), since).await {
            Ok(by) => one.by = by,
            Err(error) => {
                let why = format!("CloudTrail in {region} of account {}: {}", account.id, error.message);
                one.by = Author::not_evaluated(&why);
                refused.insert(account.id.to_string(), why);
            }
        }
    }
}

/// The last event that changed what has one of these names, of those after `since`.
async fn author(clients: &Clients, names: &[String], since: Option<Timestamp>) -> Answer<Author> {
    for name in names {
        let attribute = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::ResourceName)
            .attribute_value(name)
            .build()
            .map_err(|e| Error::new(e.to_string()))?;
        let call = clients.cloudtrail.lookup_events().lookup_attributes(attribute);
        let call = call.set_start_time(since.map(|since| DateTime::from_secs(since.as_second())));
        let events = ask(call.send()).await?.events.unwrap_or_default();
        if let Some(known) = last(events, since) {
            return Ok(known);
        }
    }
    let after = since.map_or_else(String::new, |since| format!(" after the last deployment of it at {since}"));
    Ok(Author::not_evaluated(format!(
        "CloudTrail has no change{after} under {}; an event can arrive 15 minutes late",
        names.join(", ")
    )))
}

/// The last event that changes something.
fn last(events: Vec<Event>, since: Option<Timestamp>) -> Option<Author> {
    let time = |event: &Event| {
        let time = event.event_time.as_ref()?;
        Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
    };
    // what was refused changed nothing, and has its event all the same
    let refused = |event: &Event| record(event).get("errorCode").is_some();
    let writes = events.into_iter().filter(|event| event.read_only.as_deref() != Some("true") && !refused(event));
    // the call of our own run came before the time that the state has
    let later = writes.filter_map(|event| Some((time(&event)?, event)));
    let later = later.filter(|(time, _)| since.is_none_or(|since| *time > since));
    let (time, event) = later.max_by_key(|(time, _)| *time)?;
    let arn = record(&event).pointer("/userIdentity/arn").and_then(Value::as_str).map(str::to_owned);
    Some(Author::Known {
        who: arn.or(event.username).unwrap_or_else(|| "somebody without a name".to_owned()),
        when: time.to_string(),
        event: event.event_name.unwrap_or_default(),
        event_id: event.event_id.unwrap_or_default(),
    })
}

/// All that an event tells.
fn record(event: &Event) -> Value {
    event.cloud_trail_event.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What CloudTrail can call a resource, the likeliest first.
fn names(state: Option<&State>) -> Vec<String> {
    const OWNERS: [&str; 7] = ["bucket", "role", "queueUrl", "eventBusName", "userPoolId", "name", "vpcId"];
    let Some(state) = state else { return Vec::new() };
    let text =
        |of: &serde_json::Map<String, Value>, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let owners = OWNERS.iter().filter_map(|name| text(&state.inputs, name));
    let arn = text(&state.outputs, "arn").or_else(|| text(&state.inputs, "arn"));
    let mut names: Vec<String> = Vec::new();
    for name in std::iter::once(state.id.clone()).chain(owners).chain(arn) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(4);
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &str, second: i64, read_only: &str) -> Event {
        let record = json!({ "userIdentity": { "arn": "arn:aws:sts::1:assumed-role/Admin/ada" } }).to_string();
        Event::builder()
            .event_name(name)
            .event_id("e")
            .event_time(DateTime::from_secs(second))
            .read_only(read_only)
            .username("ada")
            .cloud_trail_event(record)
            .build()
    }

    #[test]
    fn the_last_change_after_the_deployment_is_whose_it_was() {
        let events = || {
            vec![
                event("GetBucketVersioning", 40, "true"),
                event("PutBucketVersioning", 20, "false"),
                event("PutBucketPolicy", 30, "false"),
                event("CreateBucket", 10, "false"),
            ]
        };
        let at = |second| Timestamp::from_second(second).ok();
        let found = last(events(), at(10)).expect("an event");
        assert_eq!(
            found.to_string(),
            "arn:aws:sts::1:assumed-role/Admin/ada with PutBucketPolicy at 1970-01-01T00:00:30Z"
        );
        assert_eq!(last(events(), at(30)), None, "ours, and what only reads, are not meant");
        let mut refused = event("DeleteBucketPolicy", 50, "false");
        refused.cloud_trail_event = Some(json!({ "errorCode": "AccessDenied" }).to_string());
        let after = events().into_iter().chain([refused]).collect();
        assert_eq!(last(after, at(10)), Some(found), "what was refused changed nothing");
        let mut nameless = event("PutBucketPolicy", 30, "false");
        nameless.cloud_trail_event = Some("{".to_owned());
        let Some(Author::Known { who, .. }) = last(vec![nameless], None) else { panic!("no author") };
        assert_eq!(who, "ada");
    }

    #[test]
    fn a_setting_is_asked_for_by_its_id_and_by_what_it_is_set_on() {
        let state = |json: Value| State {
            id: "r:p".to_owned(),
            inputs: json.as_object().cloned().unwrap_or_default(),
            ..State::default()
        };
        assert_eq!(names(Some(&state(json!({ "role": "r", "name": "p" })))), ["r:p", "r", "p"]);
        assert_eq!(names(Some(&state(json!({ "bucket": "r:p" })))), ["r:p"], "each once");
        assert_eq!(names(None), Vec::<String>::new());
    }
}
