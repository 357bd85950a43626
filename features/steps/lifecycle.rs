//! What buckets do with objects as they grow old.

use std::str::FromStr;

use aws_sdk_s3::{
    error::ProvideErrorMetadata as _,
    types::{
        AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleRule, LifecycleRuleFilter, TransitionStorageClass,
    },
};
use cucumber::{Parameter, then, when};

use super::storage::{bucket, bucket_mut};
use crate::{
    clients::refused,
    world::{Judged, World, ensure, seen},
};

/// The rules in force.
#[derive(Debug)]
pub(crate) struct Lifecycle(Vec<LifecycleRule>);

/// When something happens to an object, in the features' words: `never`, `after 1 day`, `after 90 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "when", regex = r"never|after \d+ days?")]
enum When {
    Never,
    After(i32),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split(' ').nth(1) {
            None => Ok(Self::Never),
            Some(days) => days.parse().map(Self::After).map_err(|error| format!("`{text}`: {error}")),
        }
    }
}

#[when("S3 tells the bucket's lifecycle")]
async fn lifecycle(world: &mut World) -> Judged {
    let session = world.session()?;
    let name = &bucket(world)?.name;
    let owner = &session.target.account;
    let call = session.clients.s3.get_bucket_lifecycle_configuration();
    let rules = match call.bucket(name).expected_bucket_owner(owner).send().await {
        Ok(answer) => answer.rules.unwrap_or_default(),
        // a bucket that keeps everything for ever has none, and S3 calls it an error
        Err(error) if error.code() == Some("NoSuchLifecycleConfiguration") => Vec::new(),
        Err(error) => {
            return Err(refused("s3:GetBucketLifecycleConfiguration", name, &error));
        }
    };
    let enabled = rules.into_iter().filter(|rule| *rule.status() == ExpirationStatus::Enabled).collect();
    bucket_mut(world)?.lifecycle = Some(Lifecycle(enabled));
    Ok(())
}

/// How the names of the objects that a sentence speaks of begin: `anywhere`, or `below a/, b/`.
fn beginnings(text: &str) -> Judged<Vec<&str>> {
    match text.strip_prefix("below ") {
        Some(folders) => Ok(super::names(folders)),
        None if text == "anywhere" => Ok(vec![""]),
        None => Err(format!("nobody has said which objects `{text}` are").into()),
    }
}

#[then(expr = "objects {string} move to Glacier {when}, and no others do")]
fn move_to_glacier(world: &mut World, place: String, expected: When) -> Judged {
    happens(rules(world)?, &beginnings(&place)?, "moves to Glacier", expected, glacier_ages)
}

/// The ages at which a rule moves objects to Glacier.
fn glacier_ages(rule: &LifecycleRule) -> Vec<i32> {
    let glacier = rule
        .transitions()
        .iter()
        .filter(|transition| transition.storage_class() == Some(&TransitionStorageClass::Glacier));
    glacier.map(|transition| transition.days().unwrap_or_default()).collect()
}

#[then(expr = "objects {string} expire {when}, and no others do")]
fn expire(world: &mut World, place: String, expected: When) -> Judged {
    expires_at(rules(world)?, &beginnings(&place)?, expected)
}

fn expires_at(rules: &[LifecycleRule], place: &[&str], expected: When) -> Judged {
    // deleting an object of a versioned bucket only makes it noncurrent: it is gone when these are
    let noncurrent = |rule: &LifecycleRule| {
        let expiration = rule.noncurrent_version_expiration();
        expiration.map(|expiration| expiration.noncurrent_days().unwrap_or_default()).into_iter().collect()
    };
    happens(rules, place, "expires as a noncurrent version", expected, noncurrent)?;
    let kept = rules.iter().filter_map(LifecycleRule::noncurrent_version_expiration);
    let kept = kept
        .filter_map(aws_sdk_s3::types::NoncurrentVersionExpiration::newer_noncurrent_versions)
        .find(|versions| *versions > 0);
    ensure!(kept.is_none(), "{} noncurrent versions of an object are kept for ever", kept.unwrap_or_default());
    let expires = |rule: &LifecycleRule| {
        let expiration =
            rule.expiration().filter(|expiration| expiration.days().is_some() || expiration.date().is_some());
        expiration.map(|expiration| expiration.days().unwrap_or_default()).into_iter().collect()
    };
    happens(rules, place, "expires", expected, expires)
}

#[then(expr = "of the objects {string} each moves to Glacier {when}")]
fn each_moves_to_glacier(world: &mut World, place: String, expected: When) -> Judged {
    let place = beginnings(&place)?;
    happens(&touching(rules(world)?, &place), &place, "moves to Glacier", expected, glacier_ages)
}

#[then(expr = "of the objects {string} each expires {when}")]
fn each_expires(world: &mut World, place: String, expected: When) -> Judged {
    let place = beginnings(&place)?;
    expires_at(&touching(rules(world)?, &place), &place, expected)
}

#[then(expr = "objects move or expire {string} and nowhere else")]
fn touches_only(world: &mut World, places: String) -> Judged {
    let places = if places == "nowhere" { Vec::new() } else { beginnings(&places)? };
    let touches = |rule: &&LifecycleRule| {
        !rule.transitions().is_empty() || rule.expiration().is_some() || rule.noncurrent_version_expiration().is_some()
    };
    let found = rules(world)?.iter().filter(touches).map(prefix);
    let beyond = found.into_iter().find(|prefix| !places.contains(prefix));
    ensure!(beyond.is_none(), "something happens to objects {}too", below(beyond.unwrap_or_default()));
    Ok(())
}

/// The rules that are for some of these objects.
fn touching(rules: &[LifecycleRule], beginnings: &[&str]) -> Vec<LifecycleRule> {
    let touches = |rule: &&LifecycleRule| {
        beginnings.iter().any(|beginning| beginning.starts_with(prefix(rule)) || prefix(rule).starts_with(beginning))
    };
    rules.iter().filter(touches).cloned().collect()
}

#[then(expr = "unfinished uploads are dropped after {int} days")]
fn drop_uploads(world: &mut World, days: i32) -> Judged {
    let aborts = |rule: &LifecycleRule| {
        rule.abort_incomplete_multipart_upload()
            .and_then(AbortIncompleteMultipartUpload::days_after_initiation)
            .into_iter()
            .collect()
    };
    happens(rules(world)?, &[""], "has its unfinished upload dropped", When::After(days), aborts)
}

fn rules(world: &World) -> Judged<&[LifecycleRule]> {
    Ok(&seen(bucket(world)?.lifecycle.as_ref(), "bucket's lifecycle")?.0)
}

/// Holds what the rules do, at which ages, against what is expected of every object whose name begins like one of
/// `beginnings`: for each some rule does it at that age to all of them, and no rule does it at another age, not even to
/// some, or to objects with other names.
fn happens(
    rules: &[LifecycleRule],
    beginnings: &[&str],
    what: &str,
    expected: When,
    ages: impl Fn(&LifecycleRule) -> Vec<i32>,
) -> Judged {
    let all: Vec<_> = rules.iter().flat_map(&ages).collect();
    let When::After(days) = expected else {
        ensure!(all.is_empty(), "an object {what} after {all:?} days");
        return Ok(());
    };
    ensure!(!all.is_empty(), "no object ever {what}");
    for beginning in beginnings {
        let to_every = rules.iter().filter(|rule| covers(rule, beginning)).flat_map(&ages).any(|found| found == days);
        ensure!(to_every, "not every object {}{what} after {days} days; some do after {all:?}", below(beginning));
    }
    let other: Vec<_> = all.into_iter().filter(|found| *found != days).collect();
    ensure!(other.is_empty(), "an object {what} after {other:?} days");
    let beyond = rules.iter().filter(|rule| !ages(rule).is_empty()).map(prefix);
    let beyond = beyond.into_iter().find(|prefix| !beginnings.iter().any(|beginning| prefix.starts_with(beginning)));
    ensure!(beyond.is_none(), "an object {}{what}, too", below(beyond.unwrap_or_default()));
    Ok(())
}

fn below(beginning: &str) -> String {
    if beginning.is_empty() { String::new() } else { format!("below `{beginning}` ") }
}

/// How the names of a rule's objects begin.
fn prefix(rule: &LifecycleRule) -> &str {
    let filter = rule.filter();
    let and = filter.and_then(|filter| filter.and()).and_then(|and| and.prefix());
    and.or_else(|| filter.and_then(|filter| filter.prefix())).unwrap_or_else(|| legacy_prefix(rule))
}

/// Whether a rule is for every object whose name begins so, whatever its size and tags.
fn covers(rule: &LifecycleRule, beginning: &str) -> bool {
    let whatever = rule.filter().is_none_or(|filter| {
        let LifecycleRuleFilter { tag, object_size_greater_than, object_size_less_than, and, .. } = filter;
        tag.is_none() && object_size_greater_than.is_none() && object_size_less_than.is_none() && and.is_none()
    });
    whatever && beginning.starts_with(prefix(rule))
}

/// Rules made before filters came carry their prefix here.
#[expect(deprecated, reason = "S3 still answers with it for rules that were made with it")]
fn legacy_prefix(rule: &LifecycleRule) -> &str {
    rule.prefix().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        ExpirationStatus::Enabled, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter as Filter, Tag,
    };

    use super::{When, beginnings, happens};

    fn rule(filter: Filter, days: i32) -> LifecycleRule {
        let expiration = LifecycleExpiration::builder().days(days).build();
        LifecycleRule::builder().status(Enabled).filter(filter).expiration(expiration).build().expect("it is whole")
    }

    fn verdict(rules: &[LifecycleRule], expected: &str) -> bool {
        verdict_of(rules, "anywhere", expected)
    }

    fn verdict_of(rules: &[LifecycleRule], place: &str, expected: &str) -> bool {
        let ages = |rule: &LifecycleRule| rule.expiration().and_then(LifecycleExpiration::days).into_iter().collect();
        let place = beginnings(place).expect("a place");
        happens(rules, &place, "expires", expected.parse().expect("a time"), ages).is_ok()
    }

    #[test]
    fn times_in_words() {
        assert_eq!("never".parse(), Ok(When::Never));
        assert_eq!("after 1 day".parse(), Ok(When::After(1)));
        assert_eq!("after 2555 days".parse(), Ok(When::After(2555)));
    }

    #[test]
    fn a_rule_must_be_for_every_object_and_no_other_may_say_otherwise() {
        let every = Filter::builder().prefix("").build();
        let logs = Filter::builder().prefix("logs/").build();
        let tag = Tag::builder().key("a").value("b").build().expect("it is whole");
        let tagged = Filter::builder().tag(tag).build();
        assert!(verdict(&[rule(every.clone(), 90)], "after 90 days"));
        assert!(!verdict(&[rule(every.clone(), 89)], "after 90 days"));
        assert!(!verdict(&[rule(logs.clone(), 90)], "after 90 days"));
        assert!(!verdict(&[rule(tagged, 90)], "after 90 days"));
        assert!(!verdict(&[rule(every.clone(), 90), rule(logs, 1)], "after 90 days"));
        assert!(!verdict(&[], "after 90 days"));
        assert!(!verdict(&[rule(every, 90)], "never"));
        assert!(verdict(&[], "never"));
    }

    #[test]
    fn of_some_folders_each_has_its_rule_and_nothing_else_has_one() {
        let below = |prefix: &str, days| rule(Filter::builder().prefix(prefix).build(), days);
        let place = "below cdc/, usage/";
        let verdict = |rules: &[LifecycleRule]| verdict_of(rules, place, "after 90 days");
        assert!(verdict(&[below("cdc/", 90), below("usage/", 90)]));
        assert!(verdict(&[below("cdc/", 90), below("usage/", 90), below("cdc/old/", 90)]));
        assert!(!verdict(&[below("cdc/", 90)]), "one folder has none");
        assert!(!verdict(&[below("cdc/", 90), below("usage/", 89)]), "at another age");
        assert!(!verdict(&[below("", 90)]), "tables, too");
        assert!(!verdict(&[below("cdc/", 90), below("usage/", 90), below("tables/", 90)]), "tables, too");
        assert!(!verdict(&[below("cdc/source=neon/", 90), below("usage/", 90)]), "a part of the folder only");
        assert!(beginnings("everywhere").is_err());
    }
}
