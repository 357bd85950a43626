//! Where the state of an environment is: in a folder of this machine or in a bucket, and how it gets from one to the other.
//!
//! A zone whose state is kept in its own bucket has none there before its first deployment: until then it is in the folder.
//! When the bucket exists, the state is moved there, and a parameter beside the contract says so; whoever has an empty checkout
//! finds it by that.

use std::sync::Arc;

use aws::clients::{Ambient, Clients};
use aws_sdk_kms::operation::describe_key::DescribeKeyError;
use aws_sdk_ssm::{
    operation::{delete_parameter::DeleteParameterError, get_parameter::GetParameterError},
    types::{ParameterType, Tag},
};
use config::{Backend, STATE, SecretName, Zone};
use state::{
    Message, Tell,
    environment::{Passphrase, State},
    error::{Exit, Failure, Result},
    home::Home,
    stack::Checkpoint,
    store::bucket::{Bucket, Place},
    subject::Subject,
    transfer,
};

use crate::accounts;

/// Where an environment's state was found.
#[derive(Debug)]
pub struct Found {
    /// The state.
    pub state: State,
    /// Whether it is in a bucket, where others work on it too.
    pub is_shared: bool,
    /// The URL that the marker should have, where it was found without it.
    pub unmarked: Option<String>,
}

impl Found {
    /// In a folder of this machine.
    pub fn in_folder(home: &Home, zone: &Zone) -> Self {
        Self { state: State::in_folder(home, &zone.environment), is_shared: false, unmarked: None }
    }
}

/// The parameter that says where the state is.
pub fn marker(zone: &Zone) -> String {
    format!("{}/state/url", zone.parameter_root())
}

/// Finds the state of an environment.
pub async fn find(zone: &Zone, home: &Home, ambient: &Ambient) -> Result<Found> {
    let found = located(zone, home, ambient).await?;
    Ok(Found { state: with_passphrase(zone, ambient, found.state).await, ..found })
}

/// Reads the passphrase that the configuration says is in Secrets Manager, if this machine has none.
async fn with_passphrase(zone: &Zone, ambient: &Ambient, state: State) -> State {
    match &zone.passphrase_secret {
        Some(name) if !state.has_own_passphrase() => {
            let kept = secret(zone, ambient, name).await;
            state.with_passphrase(Some(kept))
        }
        _ => state,
    }
}

/// Parameter Store hands on secrets of Secrets Manager under names of its own.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html> (2026-11-27)
async fn secret(zone: &Zone, ambient: &Ambient, name: &SecretName) -> Result<Passphrase> {
    let parameter = format!("/aws/reference/secretsmanager/{}", name.as_ref());
    let clients = accounts::clients(zone, &zone.member, ambient).await;
    let answer = clients.ssm.get_parameter().name(&parameter).with_decryption(true).send().await;
    let what = format!("reading the passphrase of the state in the secret `{}`", name.as_ref());
    let file = format!("config/{}.toml", zone.environment);
    let found = match answer {
        Ok(output) => output.parameter.and_then(|parameter| parameter.value),
        Err(error) if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) => None,
        Err(error) => {
            let denied = aws::error::code(&error) == Some("AccessDeniedException");
            let failure = Failure::from(aws::error::failed(error).within(&what));
            return Err(if denied {
                failure.hint(format!(
                    "allow the caller `ssm:GetParameter` on the parameter `{parameter}`, `secretsmanager:GetSecretValue` on the secret, \
                     and `kms:Decrypt` on its key if that is not AWS's own"
                ))
            } else {
                failure
            });
        }
    };
    let passphrase = found.map(|text| Passphrase::new(&text));
    passphrase.filter(|passphrase| !passphrase.is_empty()).ok_or_else(|| {
        let (account, region) = (zone.member.id.as_ref(), &zone.region);
        Failure::new(Exit::Setup, format!("{what}: account {account} has no such secret in {region}, or it is empty"))
            .hint(format!(
                "create it in Secrets Manager with a long random text, or correct `passphrase_secret` in {file}"
            ))
    })
}

/// Where the state of an environment is.
async fn located(zone: &Zone, home: &Home, ambient: &Ambient) -> Result<Found> {
    let url = match &zone.state {
        Backend::File => return Ok(Found::in_folder(home, zone)),
        Backend::Url(url) => url.clone(),
        Backend::Bucket => match marked(zone, ambient).await? {
            Some(url) => url,
            // the marker may be lost; the state in the bucket is not
            None => {
                let Some(url) = own_bucket(zone, ambient).await? else { return Ok(Found::in_folder(home, zone)) };
                let state = in_bucket(zone, home, ambient, &url).await?;
                // a module's is there from its first deployment on, and has no marker
                let is_there = state.stack.subject().module.is_some() || state.stack.read().await?.is_some() || {
                    // or it is lost, and the bucket has its history and its versions
                    let in_folder = State::in_folder(home, &zone.environment);
                    in_folder.stack.read().await?.is_none() && state.stack.latest().await?.is_some()
                };
                let found = Found { state, is_shared: true, unmarked: Some(url) };
                return Ok(if is_there { found } else { Found::in_folder(home, zone) });
            }
        },
    };
    Ok(Found { state: in_bucket(zone, home, ambient, &url).await?, is_shared: true, unmarked: None })
}

/// The state in the bucket of a URL, made or not; of a module, in a folder of its own there.
async fn in_bucket(zone: &Zone, home: &Home, ambient: &Ambient, url: &str) -> Result<State> {
    let mut store = bucket(zone, ambient, url).await?;
    if let Some(module) = home.subject(&zone.environment).module {
        store = store.below(&format!("modules/{module}"));
    }
    Ok(State::of(home, &zone.environment, Arc::new(store)))
}

/// Why an environment without a state may not be deployed; none when nothing was deployed before.
pub async fn lost(
    zone: &Zone,
    ambient: &Ambient,
    subject: &Subject,
    place: &str,
    is_shared: bool,
) -> Result<Option<Failure>> {
    if let Some(module) = &subject.module {
        let name = module::marker::name(&zone.parameter_root(), module);
        if parameter(zone, ambient, &name).await?.is_none() || !is_ours(zone, ambient, &name).await? {
            return Ok(None);
        }
        let message =
            format!("{subject} is deployed (there is a parameter `{name}`), and there is no state of it in `{place}`");
        return Ok(Some(Failure::new(Exit::Failed, message).hint(format!(
            "if the state is on another machine, copy .zone/modules/{module} from there; if it is lost, `{} --rebuild` takes the live \
             resources into a new state; nothing was changed",
            subject.command("up")
        ))));
    }
    let (environment, digest) = (&zone.environment, format!("{}/contract/digest", zone.parameter_root()));
    if parameter(zone, ambient, &digest).await?.is_none() || !is_ours(zone, ambient, &digest).await? {
        return Ok(None);
    }
    let message = format!(
        "environment `{environment}` is deployed (there is a parameter `{digest}`), and there is no state of it in `{place}`"
    );
    let failure = Failure::new(Exit::Failed, message);
    Ok(Some(match marked(zone, ambient).await? {
        Some(url) if zone.state == Backend::File => failure.hint(format!(
            "its state is in {}: write `state = \"bucket\"` into config/{environment}.toml; nothing was changed",
            Place::parse(&url).map_or(url, |place| place.name())
        )),
        _ if is_shared => failure.hint(format!(
            "`zone state history -e {environment}` lists the states before, `zone state restore -e {environment} ID` goes back \
             to one; if there is none, `zone state rebuild -e {environment}` makes it again from the configuration and the live \
             resources; nothing was changed"
        )),
        _ => failure.hint(format!(
            "if the state is on another machine, copy .zone/state/{environment} and .zone/secrets/{environment}.passphrase \
             from there; if it is lost, `zone state rebuild -e {environment}` makes it again from the configuration and the \
             live resources; nothing was changed"
        )),
    }))
}

/// The URL that the marker has; none when there is no marker.
async fn marked(zone: &Zone, ambient: &Ambient) -> Result<Option<String>> {
    parameter(zone, ambient, &marker(zone)).await
}

/// The value of a parameter of the member account; none when there is no such parameter.
async fn parameter(zone: &Zone, ambient: &Ambient, name: &str) -> Result<Option<String>> {
    let clients = accounts::clients(zone, &zone.member, ambient).await;
    match clients.ssm.get_parameter().name(name).send().await {
        Ok(output) => Ok(output.parameter.and_then(|parameter| parameter.value)),
        Err(error) if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) => Ok(None),
        Err(error) => Err(aws::error::failed(error).within(&format!("reading the parameter `{name}`")).into()),
    }
}

/// Whether a deployment of a zone made a parameter; one of somebody else is adopted or refused like any other resource.
async fn is_ours(zone: &Zone, ambient: &Ambient, name: &str) -> Result<bool> {
    let clients = accounts::clients(zone, &zone.member, ambient).await;
    let tags = clients.ssm.list_tags_for_resource().resource_type("Parameter".into()).resource_id(name).send().await;
    let failed = |e| Failure::from(aws::error::failed(e).within(&format!("reading the tags of parameter `{name}`")));
    Ok(tags.map_err(failed)?.tag_list().iter().any(|tag| tag.key() == aws::recovery::TAG))
}

/// The bucket of a URL, reached as the member account is.
async fn bucket(zone: &Zone, ambient: &Ambient, url: &str) -> Result<Bucket> {
    let place = Place::parse(url).map_err(|fault| {
        Failure::new(Exit::Usage, format!("reading the URL of the state `{url}`: {fault}"))
            .hint("it is `state` of the environment's file, or the parameter `.../state/url`")
    })?;
    let sdk = accounts::sdk(zone, &zone.member, ambient).await;
    let region = if place.region.is_empty() { zone.region.to_string() } else { place.region.clone() };
    // a bucket of the zone is the member account's; another one may be anybody's who lets us in
    let owner = (zone.state == Backend::Bucket).then(|| zone.member.id.to_string());
    let endpoint = ambient.endpoint.clone().or(place.endpoint.clone());
    let place = Place { region, owner, endpoint, ..place };
    Ok(Bucket::new(Clients::new(&sdk, &place.region).s3.clone(), place))
}

/// The URL of the zone's own bucket, as plain `pulumi` understands it; none where the bucket or its key does not exist yet.
async fn own_bucket(zone: &Zone, ambient: &Ambient) -> Result<Option<String>> {
    let Some(bucket) = zone.buckets.iter().find(|bucket| bucket.purpose == STATE) else { return Ok(None) };
    let clients = accounts::clients(zone, &zone.member, ambient).await;
    let (name, alias) = (zone.bucket_name(STATE), zone.alias_name(&bucket.class));
    match clients.s3.head_bucket().bucket(&name).send().await {
        Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) => return Ok(None),
        asked => {
            asked.map_err(|e| Failure::from(aws::error::failed(e).within(&format!("looking at bucket `{name}`"))))?
        }
    };
    let described = match clients.kms.describe_key().key_id(&alias).send().await {
        Err(error) if error.as_service_error().is_some_and(DescribeKeyError::is_not_found_exception) => {
            return Ok(None);
        }
        asked => {
            asked.map_err(|e| Failure::from(aws::error::failed(e).within(&format!("looking at key `{alias}`"))))?
        }
    };
    let key = described.key_metadata.and_then(|key| key.arn).unwrap_or_default();
    Ok(Some(format!("s3://{name}?region={}&awssdk=v2&ssetype=aws:kms&kmskeyid={key}", zone.region)))
}

/// The state in the zone's own bucket, where `from` is to be moved; none where the bucket does not exist yet.
pub async fn destination(zone: &Zone, home: &Home, ambient: &Ambient, from: &State) -> Result<Option<(State, String)>> {
    let Some(url) = own_bucket(zone, ambient).await? else { return Ok(None) };
    let store = bucket(zone, ambient, &url).await?;
    store.probe().await?;
    let to = State::of(home, &zone.environment, Arc::new(store)).with_passphrase(from.passphrase());
    Ok(Some((to, url)))
}

/// Moves the state from a folder into a bucket; the caller holds both.
pub async fn into_bucket(
    zone: &Zone,
    home: &Home,
    ambient: &Ambient,
    (from, to, url): (&State, &State, &str),
    tell: Tell<'_>,
) -> Result<()> {
    tell(Message::Now("moving the state into its bucket"));
    transfer::copy(&from.stack, &to.stack).await?;
    mark(zone, ambient, url).await?;
    let aside = from.retire()?;
    tell(Message::Note(&format!(
        "moved the state to {}, where everybody who deploys finds it; the folder it was in is kept as {}",
        to.stack.store.name(),
        aside.strip_prefix(home.root()).unwrap_or(&aside).display()
    )));
    Ok(())
}

/// Moves the state out of the bucket, into a folder of this machine; `from` is held by the caller.
///
/// The bucket keeps the history, and no state: nobody takes the former one for the present one. `instance` is the start of the
/// emulator that it is about.
pub async fn into_folder(
    zone: &Zone,
    home: &Home,
    ambient: &Ambient,
    (from, instance): (&State, Option<&str>),
    tell: Tell<'_>,
) -> Result<State> {
    let to = State::in_folder(home, &zone.environment).with_passphrase(from.passphrase());
    if let Some(instance) = instance {
        to.follow(instance)?;
    }
    tell(Message::Now("moving the state out of its bucket"));
    // the one in the bucket counts: another one here was left when the state was moved out before
    let digest = |checkpoint: Option<Checkpoint>| checkpoint.map(|checkpoint| checkpoint.digest());
    let (moves, former) = (digest(from.stack.read().await?), digest(to.stack.read().await?));
    if moves.is_some() && former.is_some() && moves != former {
        let aside = to.retire()?;
        let aside = aside.strip_prefix(home.root()).unwrap_or(&aside).display().to_string();
        let environment = &zone.environment;
        tell(Message::Note(&format!("this machine had an older state of `{environment}`: moved it to {aside}")));
        if let Some(instance) = instance {
            to.follow(instance)?;
        }
    }
    transfer::copy(&from.stack, &to.stack).await?;
    unmark(zone, ambient).await?;
    from.stack.store.delete(&from.stack.key()).await?;
    tell(Message::Note(&format!(
        "moved the state to .zone/state/{} on this machine; its history is in {} as well",
        zone.environment,
        from.stack.store.name()
    )));
    Ok(to)
}

/// Says where the state is, for whoever has an empty checkout.
pub async fn mark(zone: &Zone, ambient: &Ambient, url: &str) -> Result<()> {
    let (clients, name) = (accounts::clients(zone, &zone.member, ambient).await, marker(zone));
    let failed =
        |e: pulumi::provider::resource::Error| Failure::from(e.within(&format!("writing the parameter `{name}`")));
    let put = clients.ssm.put_parameter().name(&name).value(url).r#type(ParameterType::String).overwrite(true);
    let put = put.description("where Pulumi's state of this zone is kept");
    put.send().await.map_err(|e| failed(aws::error::failed(e)))?;
    // SSM takes no tags with an overwrite
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags = zone.tags.iter().map(tag).collect::<std::result::Result<Vec<_>, _>>();
    let tags = tags.map_err(|e| Failure::new(Exit::Failed, format!("writing the parameter `{name}`: {e}")))?;
    let tagged = clients.ssm.add_tags_to_resource().resource_type("Parameter".into()).resource_id(&name);
    tagged.set_tags(Some(tags)).send().await.map_err(|e| failed(aws::error::failed(e)))?;
    Ok(())
}

async fn unmark(zone: &Zone, ambient: &Ambient) -> Result<()> {
    let (clients, name) = (accounts::clients(zone, &zone.member, ambient).await, marker(zone));
    match clients.ssm.delete_parameter().name(&name).send().await {
        Err(error) if !error.as_service_error().is_some_and(DeleteParameterError::is_parameter_not_found) => {
            Err(aws::error::failed(error).within(&format!("deleting the parameter `{name}`")).into())
        }
        _ => Ok(()),
    }
}
