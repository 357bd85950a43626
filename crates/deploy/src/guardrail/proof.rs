//! The guardrail held against every action of AWS's reference before it is attached.

use config::Zone;
use iam::{
    Malformed,
    proof::{self, Guardrail, Proof, Recorded},
};
use state::{
    contents::Contents,
    error::{Exit, Failure, Result},
};

/// What makes the policy, and the property that is its document.
const POLICY: &str = "aws:organizations/policy:Policy";

/// Tries the guardrail that is configured; none where the configuration has none.
///
/// # Errors
///
/// The document is not a service control policy.
pub fn prove(zone: &Zone) -> std::result::Result<Option<Proof>, Malformed> {
    let (Some(guardrails), Some(document)) = (&zone.guardrails, stacks::guardrail(zone)) else { return Ok(None) };
    let guardrail = Guardrail {
        name: &zone.guardrail_name(),
        document: &document,
        tags: &zone.required_tags,
        exempt: &guardrails.exempt_principals,
        account: zone.member.id.as_ref(),
        region: zone.region.as_ref(),
    };
    proof::prove(&guardrail, &recorded()).map(Some)
}

/// The requests of a deployment, a second one and a teardown, as a test recorded them on the emulator: action, resource with `any`
/// for its name, and whether the request carries the zone's tags.
const REQUESTS: &str = include_str!("requests.tsv");

fn recorded() -> Vec<Recorded> {
    let read = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        let (action, resource, tagged) = (columns.next()?, columns.next()?, columns.next()? == "tagged");
        Some(Recorded { action, resource, tagged })
    };
    REQUESTS.lines().filter_map(read).collect()
}

/// Refuses a guardrail that would lock somebody out, or that would not guard. One that is deployed already is not tried again.
pub fn heeded(zone: &Zone, contents: &Contents) -> Result<()> {
    let Some(document) = zone.guardrail().and_then(|_| stacks::guardrail(zone)) else { return Ok(()) };
    if contents.resources.iter().any(|record| record.kind == POLICY && record.text("content") == Some(&document)) {
        return Ok(());
    }
    judged(&zone.guardrail_name(), &zone.environment, prove(zone))
}

fn judged(name: &str, environment: &str, proof: std::result::Result<Option<Proof>, Malformed>) -> Result<()> {
    let subject = format!("proving the guardrail `{name}`");
    let proof = proof.map_err(|malformed| {
        Failure::new(Exit::Judged, format!("{subject}: {malformed}")).hint(malformed.hint().to_owned())
    })?;
    let findings = proof.map(|proof| proof.findings).unwrap_or_default();
    let Some(first) = findings.first() else { return Ok(()) };
    let others = match findings.len() - 1 {
        0 => String::new(),
        1 => ", and one more fault".to_owned(),
        many => format!(", and {many} more faults"),
    };
    let hint = format!(
        "`zone guardrail prove -e {environment}` lists each; nothing was changed. Correct `[tags] required` or `[guardrails]` in \
         config/"
    );
    Err(Failure::new(Exit::Judged, format!("{subject}: {first}{others}")).hint(hint))
}

#[cfg(test)]
mod tests {
    use iam::proof::{Guardrail, prove};

    use super::judged;

    #[test]
    fn every_line_of_the_recording_is_read() {
        let recorded = super::recorded();
        assert_eq!(recorded.len(), super::REQUESTS.lines().count());
        assert!(recorded.iter().any(|request| request.tagged) && recorded.iter().any(|request| !request.tagged));
        assert!(
            recorded.iter().all(|request| iam::table::action(&request.action).is_some()),
            "each is an action of AWS"
        );
    }

    /// What is said of a guardrail that denies these actions without the tag `owner`.
    fn said(actions: &str) -> Result<(), String> {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Sid":"Owner","Effect":"Deny","Action":{actions},"Resource":"*","Condition":{{"Null":{{"aws:RequestTag/owner":"true"}}}}}}}}"#
        );
        let tags = ["owner".to_owned()];
        let (account, region) = ("111122223333", "eu-central-1");
        let guardrail = Guardrail { name: "g", document: &document, tags: &tags, exempt: &[], account, region };
        judged("g", "dev", prove(&guardrail, &[]).map(Some)).map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn a_guardrail_that_locks_out_is_refused_with_the_request_that_shows_it() {
        assert_eq!(said(r#""s3:CreateBucket""#), Ok(()));
        let refused = said(r#"["s3:CreateBucket","kms:CreateAlias"]"#).expect_err("an alias takes no tags");
        for words in [
            "proving the guardrail `g`: a request that cannot carry tags is denied: kms:CreateAlias on arn:aws:kms:",
            "by arn:aws:iam::111122223333:role/zone-proof with no tags: statement Owner denies it",
            "zone guardrail prove -e dev",
        ] {
            assert!(refused.contains(words), "{refused}");
        }
        let many = said(r#""kms:*""#).expect_err("most of them take no tags");
        assert!(many.contains(" more faults"), "{many}");
        let malformed = said("[]").expect_err("it denies nothing");
        assert!(malformed.contains("Statement.Action: the list is empty"), "{malformed}");
    }
}
