//! Whose credentials there are for the two accounts.

use std::time::Duration;

use aws::clients::{Ambient, Clients};
use aws_sdk_iam::config::retry::RetryConfig;
use config::Zone;

use super::{
    ask::{Answer, ask, within},
    check::{Check, one_line},
};
use deploy::accounts;

/// Where AWS keeps what belongs to no region, and where every account can ask.
const CENTRAL: &str = "us-east-1";

/// An account whose credentials are those that the configuration means.
pub(crate) struct Account {
    pub(crate) id: String,
    /// Who we are there.
    pub(crate) arn: String,
    pub(crate) region: String,
    /// In the zone's region.
    pub(crate) clients: Clients,
    /// In the region where AWS keeps what belongs to none.
    pub(crate) central: Clients,
}

/// Who the credentials say we are.
struct Caller {
    account: String,
    arn: String,
}

/// The member account.
pub(crate) async fn member(zone: &Zone, ambient: &Result<Ambient, String>) -> (Check, Result<Account, String>) {
    open("member", zone, &zone.member, ambient).await
}

/// The management account.
pub(crate) async fn management(zone: &Zone, ambient: &Result<Ambient, String>) -> (Check, Result<Account, String>) {
    let Some(management) = &zone.management else {
        let why = "config names no management account";
        let check = Check::warning("credentials.management", format!("{why}: the guardrail is skipped"))
            .hint(format!("name it below [management] in config/{}.toml, with a profile or a role", zone.environment));
        return (check, Err(why.to_owned()));
    };
    open("management", zone, &management.account, ambient).await
}

async fn open(
    which: &str,
    zone: &Zone,
    account: &config::Account,
    ambient: &Result<Ambient, String>,
) -> (Check, Result<Account, String>) {
    let id = format!("credentials.{which}");
    let ambient = match ambient {
        Ok(ambient) => ambient,
        Err(why) => return (Check::not_evaluated(id, why), Err(why.clone())),
    };
    let (clients, central) = match within(accounts::sdk(zone, account, ambient)).await {
        Ok(sdk) => {
            let sdk = sdk.into_builder().retry_config(impatient()).build();
            (Clients::new(&sdk, zone.region.as_ref()), Clients::new(&sdk, CENTRAL))
        }
        Err(error) => return (Check::unanswered(id, error.clone()), Err(error.message)),
    };
    let caller = whoami(&clients).await;
    let check = whose(&id, account, &caller);
    let opened = match caller {
        Ok(caller) if caller.account == account.id.as_ref() => {
            Ok(Account { id: caller.account, arn: caller.arn, region: zone.region.to_string(), clients, central })
        }
        Ok(caller) => Err(format!("the credentials are those of account {}", caller.account)),
        Err(_) => Err(format!("there are no credentials for the {which} account")),
    };
    (check, opened)
}

/// A deployment makes a call up to 10 times in about 25 s, and for 5 minutes while AWS throttles it. A look that AWS answers with a fault of its own four times is not evaluated.
fn impatient() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(100))
}

async fn whoami(clients: &Clients) -> Answer<Caller> {
    let caller = ask(clients.sts.get_caller_identity().send()).await?;
    Ok(Caller { account: caller.account.unwrap_or_default(), arn: caller.arn.unwrap_or_default() })
}

fn whose(id: &str, account: &config::Account, caller: &Answer<Caller>) -> Check {
    let way = match (&account.profile, &account.role) {
        (Some(profile), Some(role)) => format!("profile `{profile}` and role `{role}`"),
        (Some(profile), None) => format!("profile `{profile}`"),
        (None, Some(role)) => format!("role `{role}`"),
        (None, None) => "the default chain".to_owned(),
    };
    match caller {
        Ok(caller) if caller.account == account.id.as_ref() => Check::ok(id, format!("{}, by {way}", caller.arn)),
        Ok(caller) => {
            let finding =
                format!("{way} leads to account {} ({}), and config says {}", caller.account, caller.arn, account.id);
            Check::problem(id, finding).hint("sign in to the configured account, or correct profile, role or account")
        }
        Err(error) => {
            let check = Check::problem(id, format!("{way} gives no valid credentials: {}", one_line(&error.message)));
            let profile = account.profile.as_ref().map(|profile| {
                format!("sign in (for SSO: `aws sso login --profile {profile}`), or correct the profile")
            });
            let trouble = account.profile.as_deref().and_then(|profile| aws::profile::trouble(Some(profile), &[]));
            match trouble.or(profile).or_else(|| error.hint.clone()) {
                Some(hint) => check.hint(hint),
                None => check,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{ask::Error, check::Level},
        *,
    };

    fn account(profile: Option<&str>) -> config::Account {
        config::Account {
            id: "111122223333".parse().expect("an account"),
            profile: profile.map(str::to_owned),
            role: None,
        }
    }

    #[test]
    fn the_configured_account_is_meant_and_no_other() {
        let caller = |account: &str| {
            Ok(Caller { account: account.to_owned(), arn: format!("arn:aws:sts::{account}:assumed-role/r/s") })
        };
        let right = whose("credentials.member", &account(None), &caller("111122223333"));
        assert_eq!((right.level, right.hint), (Level::Ok, None));
        let wrong = whose("credentials.member", &account(Some("p")), &caller("444455556666"));
        assert_eq!(wrong.level, Level::Problem);
        assert!(wrong.finding.contains("profile `p` leads to account 444455556666"), "{}", wrong.finding);
        assert!(wrong.finding.ends_with("config says 111122223333"), "{}", wrong.finding);
    }

    #[test]
    fn expired_credentials_come_with_the_way_to_sign_in() {
        let expired = Err(Error::new("ExpiredToken: the token has expired").hint("the credentials have expired"));
        let check = whose("credentials.member", &account(Some("acme-dev")), &expired);
        assert_eq!(check.level, Level::Problem);
        assert!(check.finding.contains("ExpiredToken"), "{}", check.finding);
        assert!(check.hint.expect("a hint").contains("aws sso login --profile acme-dev"));
        let check = whose("credentials.member", &account(None), &expired);
        assert_eq!(check.hint.as_deref(), Some("the credentials have expired"));
    }
}
