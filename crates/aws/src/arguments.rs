//! What the provider's arguments mean, and which of the official ones are refused.

use std::time::Duration;

use pulumi::provider::check::Failure;

use crate::{
    clients::{Role, Session, Token, WebIdentity},
    instance::{AssumeRole, AssumeRoleWithWebIdentity, Inputs},
};

/// What the official provider takes and this one does not, with the reason, and what AWS would refuse.
pub(crate) fn refused(inputs: &Inputs) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut refuse = |wrong: bool, property: &str, reason: &str| {
        if wrong {
            failures.push(Failure { property: property.to_owned(), reason: reason.to_owned() });
        }
    };
    let set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let is = |text: &Option<String>, known: &[&str]| {
        text.as_deref().is_none_or(|text| text.is_empty() || known.iter().any(|known| known.eq_ignore_ascii_case(text)))
    };
    let keys = set(&inputs.access_key) == set(&inputs.secret_key);
    refuse(!keys, "secretKey", "`accessKey` and `secretKey` are given together, or not at all");
    refuse(
        set(&inputs.token) && !set(&inputs.access_key),
        "token",
        "it is of no use without `accessKey` and `secretKey`",
    );
    let both = set(&inputs.profile) && set(&inputs.access_key);
    refuse(both, "accessKey", "give a `profile` or an `accessKey`, not both");
    refuse(
        inputs.insecure == Some(true),
        "insecure",
        "certificates are always verified; name the certificate of a proxy or endpoint in `customCaBundle`",
    );
    let ignored = inputs.ignore_tags.as_ref().is_some_and(|i| !i.keys.is_empty() || !i.key_prefixes.is_empty());
    refuse(ignored, "ignoreTags", "tags are not ignored by this provider; name them in `ignoreChanges` of a resource");
    refuse(
        set(&inputs.ec2_metadata_service_endpoint),
        "ec2MetadataServiceEndpoint",
        "set the environment variable AWS_EC2_METADATA_SERVICE_ENDPOINT instead, which is honoured",
    );
    refuse(
        set(&inputs.ec2_metadata_service_endpoint_mode),
        "ec2MetadataServiceEndpointMode",
        "set the environment variable AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE instead, which is honoured",
    );
    refuse(
        !is(&inputs.s3_us_east1_regional_endpoint, &["regional"]),
        "s3UsEast1RegionalEndpoint",
        "only `regional` is supported: AWS's legacy global endpoint of S3 is not used",
    );
    refuse(
        !is(&inputs.tag_policy_compliance, &["disabled"]),
        "tagPolicyCompliance",
        "only `disabled` is supported: this provider does not read tag policies; AWS still enforces them",
    );
    refuse(!is(&inputs.retry_mode, &["standard", "adaptive"]), "retryMode", "it is `standard` or `adaptive`");
    refuse(inputs.max_retries.is_some_and(i32::is_negative), "maxRetries", "it is 0 or more");
    for (i, role) in inputs.assume_roles.iter().enumerate() {
        let at = |name: &str| format!("assumeRoles[{i}].{name}");
        let no = "it is not supported by this provider; leave it out";
        refuse(set(&role.source_identity), &at("sourceIdentity"), no);
        refuse(!role.transitive_tag_keys.is_empty(), &at("transitiveTagKeys"), no);
        refuse(role.duration.as_deref().is_some_and(|d| duration(d).is_none()), &at("duration"), DURATION);
    }
    if let Some(identity) = &inputs.assume_role_with_web_identity {
        let at = |name: &str| format!("assumeRoleWithWebIdentity.{name}");
        let one = set(&identity.web_identity_token) != set(&identity.web_identity_token_file);
        let why = "give one of `webIdentityToken` and `webIdentityTokenFile`";
        refuse(set(&identity.role_arn) && !one, &at("webIdentityToken"), why);
        refuse(identity.duration.as_deref().is_some_and(|d| duration(d).is_none()), &at("duration"), DURATION);
    }
    failures
}

const DURATION: &str = "it is a duration between 15m and 12h, such as `1h30m`";

/// A duration as the official provider takes it: numbers with units.
fn duration(text: &str) -> Option<Duration> {
    let (mut total, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        rest = after;
    }
    let range = 900.0..=43_200.0;
    if range.contains(&total) { Duration::try_from_secs_f64(total).ok() } else { None }
}

/// A role as it is assumed; none without an ARN.
pub(crate) fn role(role: AssumeRole) -> Option<Role> {
    let session = Session {
        length: role.duration.as_deref().and_then(duration),
        policy: role.policy,
        policy_arns: role.policy_arns,
    };
    let arn = role.role_arn.filter(|arn| !arn.is_empty())?;
    let tags = role.tags.into_iter().collect();
    Some(Role { arn, session_name: role.session_name, external_id: role.external_id, session, tags })
}

/// As [`role`], with a token.
pub(crate) fn web_identity(identity: AssumeRoleWithWebIdentity) -> Option<WebIdentity> {
    let session = Session {
        length: identity.duration.as_deref().and_then(duration),
        policy: identity.policy,
        policy_arns: identity.policy_arns,
    };
    let token = match identity.web_identity_token.filter(|token| !token.is_empty()) {
        Some(token) => Token::Here(token),
        None => Token::File(identity.web_identity_token_file?),
    };
    let arn = identity.role_arn.filter(|arn| !arn.is_empty())?;
    Some(WebIdentity { arn, session_name: identity.session_name, session, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_in_all_units_and_its_range_is_checked() {
        assert_eq!(duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("3600s"), duration("1h"));
        assert_eq!((duration("14m59s"), duration("13h"), duration("1 day"), duration("")), (None, None, None, None));
    }
}
