//! The accounts of an environment, and the ways into them.

use aws::{
    clients::{self, Access, Ambient, Clients, Role, SdkConfig},
    provider,
};
use config::{Account, Zone};

use state::error::{Failure, Result};

/// How an account is reached, through its profile and role.
pub async fn sdk(zone: &Zone, account: &Account, ambient: &Ambient) -> SdkConfig {
    let role = |arn: String| Role { arn, ..Role::default() };
    let access = Access {
        region: zone.region.to_string(),
        profile: account.profile.clone(),
        roles: account.role_arn().into_iter().map(role).collect(),
        ..Access::default()
    };
    clients::load(&clients::http_client(), ambient, &access).await
}

/// Its credentials as environment variables, for a program that knows nothing of roles. They last as long as the role's session.
pub async fn environment(sdk: &SdkConfig) -> Result<Vec<(String, String)>> {
    let Some(credentials) = clients::credentials(sdk).await? else { return Ok(Vec::new()) };
    let mut environment = vec![
        ("AWS_ACCESS_KEY_ID".to_owned(), credentials.access_key_id().to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), credentials.secret_access_key().to_owned()),
        // empty: one of the user's own would not fit these
        ("AWS_SESSION_TOKEN".to_owned(), credentials.session_token().unwrap_or_default().to_owned()),
    ];
    environment.extend(sdk.region().map(|region| ("AWS_REGION".to_owned(), region.to_string())));
    Ok(environment)
}

/// Puts credentials of the member account in the place of others among the variables of a process.
pub async fn as_member(zone: &Zone, ambient: &Ambient, variables: &mut Vec<(String, String)>) -> Result<()> {
    let own = environment(&sdk(zone, &zone.member, ambient).await).await?;
    variables.retain(|(name, _)| !own.iter().any(|(other, _)| other == name));
    variables.extend(own);
    Ok(())
}

/// Clients of an account in the zone's region.
pub async fn clients(zone: &Zone, account: &Account, ambient: &Ambient) -> Clients {
    Clients::new(&sdk(zone, account, ambient).await, zone.region.as_ref())
}

/// Makes sure of all accounts before anything is done in one of them.
pub async fn assert(zone: &Zone, ambient: &Ambient) -> Result<()> {
    let member = reach(zone, "member", &zone.member, ambient);
    let management = async {
        match &zone.management {
            Some(management) => reach(zone, "management", &management.account, ambient).await,
            None => Ok(()),
        }
    };
    let (member, management) = tokio::join!(member, management);
    member.and(management)
}

async fn reach(zone: &Zone, which: &str, account: &Account, ambient: &Ambient) -> Result<()> {
    let clients = clients(zone, account, ambient).await;
    let reached = async {
        let caller = provider::caller(&clients).await?;
        provider::allowed(&caller, &[account.id.to_string()], &[])
    };
    reached.await.map_err(|error| {
        let unsigned = error.hint.as_ref().is_some_and(|hint| hint.starts_with("sign in"));
        let failure = Failure::from(error.within(&format!("reaching the {which} account {}", account.id)));
        let trouble = account.profile.as_deref().and_then(|profile| aws::profile::trouble(Some(profile), &[]));
        match (&account.profile, trouble) {
            (Some(_), Some(hint)) => failure.hint(hint),
            (Some(profile), None) if unsigned => failure.hint(format!(
                "sign in for the profile `{profile}` that [{which}] in config/{}.toml names (for SSO: `aws sso login \
                 --profile {profile}`), and run it again",
                zone.environment
            )),
            _ => failure,
        }
    })
}
