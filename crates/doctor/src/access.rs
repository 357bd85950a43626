//! Whether the people and pipelines that the zone is made for get in: GitHub, who acts in an emergency, and who is sent
//! e-mail.

use aws_sdk_iam::types::User;
use config::{Kind, Zone};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    Doctor,
    ask::{Answer, Error, ask},
    check::Check,
    credentials::Account,
};

/// IAM allows few of these a second.
const AT_ONCE: usize = 4;

/// The checks of this topic.
pub(super) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let (zone, mut checks) = (doctor.zone, Vec::new());
    if let Some(access) = &zone.access {
        let second_factor = match &doctor.member {
            Ok(member) => has_second_factor(member).await,
            Err(why) => Err(Error::new(why)),
        };
        checks.push(github(zone, &zone.github_subjects));
        checks.push(break_glass(zone, &access.break_glass_principals, second_factor));
    }
    checks.extend(zone.identity.as_ref().map(|identity| email(zone, identity.email.is_some())));
    checks
}

/// Whether the account has an IAM user with a device for a second factor.
async fn has_second_factor(member: &Account) -> Answer<bool> {
    let iam = &member.clients.iam;
    let users = ask(iam.list_users().into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await?;
    let devices = |user: User| async move {
        let pages = iam.list_mfa_devices().user_name(user.user_name).into_paginator().items().send();
        ask(pages.collect::<Result<Vec<_>, _>>()).await
    };
    let found = stream::iter(users).map(devices).buffer_unordered(AT_ONCE);
    // one is enough
    let mut found = std::pin::pin!(found.try_filter(|devices| futures::future::ready(!devices.is_empty())));
    Ok(found.try_next().await?.is_some())
}

/// Whether anybody can take the emergency role. Sessions of Identity Center and of SAML carry no
/// `aws:MultiFactorAuthPresent`, even where the identity provider asked for a second factor: only a user of IAM has it, or a
/// role that the trust names.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent>
/// (2026-11-25)
fn break_glass(zone: &Zone, principals: &[String], second_factor: Answer<bool>) -> Check {
    let id = "access.break-glass";
    let role = format!("{}-break-glass", zone.platform());
    if zone.kind == Kind::Emulator {
        return Check::ok(id, format!("on an emulator, the second factor of `{role}` is not checked"));
    }
    if !principals.is_empty() {
        return Check::ok(id, format!("`{role}` can be taken by {}", principals.join(", ")));
    }
    match second_factor {
        Ok(true) => Check::ok(id, format!("`{role}` can be taken by an IAM user with a second factor")),
        Ok(false) => {
            Check::warning(id, format!("nobody can take `{role}`: the account has no IAM user with an MFA device"))
                .hint(
                    "AWS sees no second factor in sessions of Identity Center: create an IAM user with an MFA \
                 device for emergencies, and store both so that it takes two people to use them",
                )
        }
        Err(error) => Check::unanswered(id, error),
    }
}

/// Whether pools send more e-mail than AWS's own sender does, 50 a day for the whole account.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html> (2026-11-25)
fn email(zone: &Zone, by_ses: bool) -> Check {
    let id = "identity.email";
    if by_ses {
        return Check::ok(id, "user pools send e-mail through SES");
    }
    // what people depend on is protected
    if zone.kind == Kind::Emulator || !zone.protect {
        return Check::ok(id, "user pools send e-mail through AWS's own sender: 50 messages a day");
    }
    Check::warning(id, "user pools send e-mail through AWS's own sender, which stops at 50 messages a day").hint(
        "people who sign up or forget their password beyond that get no code: have the pools send through an identity of SES",
    )
}

/// Whether GitHub's tokens have the subjects that the pipeline's role trusts. Repositories that were created, renamed or
/// transferred since 2026-07-15 send a new form, with ids that never change.
/// <https://docs.github.com/actions/reference/security/oidc> (2026-11-25)
fn github(zone: &Zone, subjects: &[String]) -> Check {
    let id = "access.github";
    if zone.kind == Kind::Emulator {
        return Check::ok(id, "GitHub deploys to no emulator");
    }
    // `repo:OWNER@ID/REPOSITORY@ID:..`
    let repository = |subject: &String| {
        subject.strip_prefix("repo:").and_then(|rest| rest.split(':').next()).unwrap_or_default().to_owned()
    };
    let named = |repository: &str| {
        let parts = repository.split('/').map(|part| part.split('@').next().unwrap_or_default());
        parts.collect::<Vec<_>>().join("/")
    };
    let mut all: Vec<_> = subjects.iter().map(repository).collect();
    // one may have several subjects
    let mut known = std::collections::HashSet::new();
    all.retain(|found| known.insert(found.clone()));
    let new: Vec<_> = all.iter().filter(|found| found.contains('@')).map(|found| named(found)).collect();
    let old: Vec<_> = all.iter().filter(|found| !found.contains('@') && !new.contains(&named(found))).collect();
    let Some(first) = old.first() else {
        return Check::ok(id, format!("tokens of {} are trusted by their ids", new.join(", ")));
    };
    let (owner, name) = first.split_once('/').unwrap_or((first, ""));
    let of: Vec<_> = old.iter().map(|repository| repository.as_str()).collect();
    let finding = format!("tokens of {} are trusted in the old form, by name", of.join(", "));
    Check::warning(id, finding).hint(format!(
        "a repository that was created, renamed or transferred since 2026-07-15 sends \
         `repo:{owner}@OWNER_ID/{name}@REPOSITORY_ID:..` and is refused: add that subject; `gh api repos/{first} --jq \
         '.owner.id, .id'` tells the ids"
    ))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{check::Level, names::tests::zone},
        *,
    };

    fn on_aws(protect: bool) -> Zone {
        Zone { kind: Kind::Aws, protect, ..zone() }
    }

    #[test]
    fn somebody_can_take_the_emergency_role_or_it_is_said() {
        let level = |principals: &[&str], found| {
            let principals: Vec<_> = principals.iter().map(|arn| (*arn).to_owned()).collect();
            break_glass(&on_aws(true), &principals, found).level
        };
        assert_eq!(level(&[], Ok(false)), Level::Warning);
        assert_eq!(level(&[], Ok(true)), Level::Ok);
        assert_eq!(level(&["arn:aws:iam::1:role/aws-reserved/*/AWSReservedSSO_admin_*"], Ok(false)), Level::Ok);
        assert_eq!(level(&[], Err(Error::new("AccessDenied"))), Level::NotEvaluated);
        assert_eq!(break_glass(&zone(), &[], Ok(false)).level, Level::Ok, "an emulator");
    }

    #[test]
    fn fifty_messages_a_day_are_too_few_where_people_depend_on_them() {
        assert_eq!(email(&on_aws(true), false).level, Level::Warning);
        assert_eq!(email(&on_aws(true), true).level, Level::Ok);
        assert_eq!(email(&on_aws(false), false).level, Level::Ok, "dev");
        assert_eq!(email(&zone(), false).level, Level::Ok, "an emulator");
    }

    #[test]
    fn the_new_form_of_githubs_subjects_is_named() {
        let judged = |subjects: &[&str]| {
            github(&on_aws(false), &subjects.iter().map(|subject| (*subject).to_owned()).collect::<Vec<_>>())
        };
        let old = judged(&["repo:acme/platform:ref:refs/heads/main"]);
        assert_eq!(old.level, Level::Warning);
        let hint = old.hint.expect("a hint");
        assert!(hint.contains("repo:acme@OWNER_ID/platform@REPOSITORY_ID:.."), "{hint}");
        assert!(hint.contains("gh api repos/acme/platform"), "{hint}");
        let new = "repo:acme@12/platform@34:ref:refs/heads/main";
        assert_eq!(judged(&[new]).level, Level::Ok);
        assert_eq!(judged(&["repo:acme/platform:ref:refs/heads/main", new]).level, Level::Ok, "both forms of one");
        let other = judged(&["repo:acme/other:*", new]);
        assert_eq!(other.level, Level::Warning);
        assert!(other.finding.starts_with("tokens of acme/other"), "{}", other.finding);
        assert_eq!(github(&zone(), &[]).level, Level::Ok, "an emulator");
    }
}
