//! Whether the account may use the region, and whether the configured availability zones are there.

use config::Network;

use super::{
    Doctor,
    ask::{Answer, ask},
    check::Check,
    credentials::Account,
};

/// The checks of this topic.
pub(crate) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let member = match &doctor.member {
        Ok(member) => member,
        Err(why) => return vec![Check::not_evaluated("region", why)],
    };
    let (opted, zones) = futures::join!(opt_in(member), available(member));
    let mut checks = vec![region_check(&member.region, opted)];
    if let Some(vpc) = doctor.zone.network.as_ref().and_then(Network::own) {
        checks.push(zones_check(&doctor.zone.availability_zones(vpc), zones));
    }
    checks
}

/// How the account stands to the region; none when there is no such region. A region that is not enabled answers
/// nobody, so another one is asked.
async fn opt_in(member: &Account) -> Answer<Option<String>> {
    let answer = ask(member.central.ec2.describe_regions().all_regions(true).send()).await?;
    let mut regions = answer.regions.unwrap_or_default().into_iter();
    let region = regions.find(|region| region.region_name.as_deref() == Some(member.region.as_str()));
    Ok(region.map(|region| region.opt_in_status.unwrap_or_default()))
}

async fn available(member: &Account) -> Answer<Vec<(String, String)>> {
    let answer = ask(member.clients.ec2.describe_availability_zones().send()).await?;
    let state = |zone: aws_sdk_ec2::types::AvailabilityZone| {
        Some((zone.zone_name?, zone.state.map(|state| state.to_string()).unwrap_or_default()))
    };
    Ok(answer.availability_zones.unwrap_or_default().into_iter().filter_map(state).collect())
}

fn region_check(region: &str, status: Answer<Option<String>>) -> Check {
    let id = "region.enabled";
    match status {
        Err(error) => Check::unanswered(id, error),
        Ok(None) => Check::problem(id, format!("AWS knows no region {region}")).hint("correct [regions] in config/"),
        Ok(Some(status)) if status == "not-opted-in" => {
            Check::problem(id, format!("region {region} is not enabled in the account: {status}")).hint(format!(
                "enable it (`aws account enable-region --region-name {region}`), which takes minutes to hours"
            ))
        }
        Ok(Some(status)) => Check::ok(id, format!("region {region}: {status}")),
    }
}

fn zones_check(wanted: &[String], zones: Answer<Vec<(String, String)>>) -> Check {
    let id = "region.zones";
    let zones = match zones {
        Ok(zones) => zones,
        Err(error) => return Check::unanswered(id, error),
    };
    let is_usable = |name: &String| zones.iter().any(|(zone, state)| zone == name && state == "available");
    let lacking: Vec<_> = wanted.iter().filter(|name| !is_usable(name)).cloned().collect();
    if lacking.is_empty() {
        return Check::ok(id, format!("{} are available", wanted.join(", ")));
    }
    let seen: Vec<_> = zones.iter().map(|(zone, state)| format!("{zone} {state}")).collect();
    let finding = format!("{} cannot be used; the account has {}", lacking.join(", "), seen.join(", "));
    Check::problem(id, finding).hint("choose others in [network] in config/")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{ask::Error, check::Level},
        *,
    };

    #[test]
    fn a_region_is_enabled_or_not() {
        let level = |status: Option<&str>| region_check("ap-southeast-4", Ok(status.map(str::to_owned))).level;
        assert_eq!(level(Some("opt-in-not-required")), Level::Ok);
        assert_eq!(level(Some("opted-in")), Level::Ok);
        assert_eq!(level(Some("not-opted-in")), Level::Problem);
        assert_eq!(level(None), Level::Problem);
        assert_eq!(region_check("r", Err(Error::new("AccessDenied"))).level, Level::NotEvaluated);
    }

    #[test]
    fn zones_that_are_missing_or_down_are_named() {
        let pairs = [("r-a", "available"), ("r-b", "impaired")];
        let zones = || Ok(pairs.iter().map(|(zone, state)| ((*zone).to_owned(), (*state).to_owned())).collect());
        assert_eq!(zones_check(&["r-a".into()], zones()).level, Level::Ok);
        let check = zones_check(&["r-a".into(), "r-b".into(), "r-c".into()], zones());
        assert_eq!(check.level, Level::Problem);
        assert!(check.finding.starts_with("r-b, r-c cannot be used"), "{}", check.finding);
    }
}
