//! A Cognito user pool.
//!
//! Calls: CreateUserPool, DescribeUserPool, UpdateUserPool, GetUserPoolMfaConfig, SetUserPoolMfaConfig,
//! AddCustomAttributes, ListUserPools, DeleteUserPool, TagResource, UntagResource, ListTagsForResource.
//! IAM: `cognito-idp:` + each of these; `iam:PassRole` for SMS; `ses:` of the identity for e-mail of one's own.
//!
//! - **A pool that exists is never replaced**: its users would be gone. What AWS takes only when a pool is made (how
//!   users sign in, the region, attributes but for new ones) is refused by Check when it changes, in a preview already.
//!   The official provider replaces the pool, or fails half way, for the same changes (pulumi/pulumi-aws#828).
//! - UpdateUserPool takes back what it is not sent, so what nobody asked for is read and sent as it is, tags too.
//! - MFA with an authenticator is a call of its own, which also tells it: DescribeUserPool knows of no authenticator.
//! - Pools may exist twice under one name, so one is looked for before it is made (see `recovery`).

pub(super) mod schema;
mod sdk;
mod shapes;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider::{
    config::retry::RetryConfig,
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
    types::{EmailMfaConfigType, SmsMfaConfigType, SoftwareTokenMfaConfigType, UserPoolMfaType, UserPoolType},
};
use aws_smithy_types::date_time::Format;
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{FromValue, Map, Value},
};

pub use self::shapes::*;
use crate::{
    context::Cx,
    error::{code, failed, found, gone},
    propagation,
    recovery::{self, Look},
    tags::{CognitoUserPool, Taggable, Tagged, WithTags},
    waits::{self, POOL_IS_BUSY},
};

/// A Cognito user pool: users, and how they sign in.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cognito/userPool:UserPool", noun = "Cognito user pool", handle = UserPool)]
pub struct Inputs {
    /// Name, up to 128 characters.
    #[resource(autoname)]
    pub name: String,
    /// How users get their password back.
    #[resource(computed)]
    pub account_recovery_setting: Option<AccountRecoverySetting>,
    /// How users come into the pool.
    #[resource(computed)]
    pub admin_create_user_config: Option<AdminCreateUserConfig>,
    /// `email`, `phone_number`, `preferred_username`: what users may sign in with beside their name. It stays.
    #[resource(set, default)]
    pub alias_attributes: Vec<String>,
    /// `email`, `phone_number`: what is verified by a message.
    #[resource(set, default)]
    pub auto_verified_attributes: Vec<String>,
    /// `ACTIVE` or `INACTIVE`: whether AWS refuses to delete the pool.
    #[resource(default = "INACTIVE")]
    pub deletion_protection: String,
    // any part of it turns this on, as of 2026-11:
    // <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeviceConfigurationType.html>
    /// Which devices are remembered; empty remembers all.
    #[resource(empty)]
    pub device_configuration: Option<DeviceConfiguration>,
    /// How e-mails are sent.
    #[resource(computed)]
    pub email_configuration: Option<EmailConfiguration>,
    /// The second factor by e-mail; empty is with AWS's own words.
    #[resource(empty)]
    pub email_mfa_configuration: Option<EmailMfaConfiguration>,
    /// Text of the e-mail that verifies an address, with `{####}`.
    #[resource(computed)]
    pub email_verification_message: Option<String>,
    /// Subject of that e-mail.
    #[resource(computed)]
    pub email_verification_subject: Option<String>,
    /// Lambda functions that the pool calls.
    pub lambda_config: Option<LambdaConfig>,
    /// `OFF`, `OPTIONAL` or `ON`: whether users need a second factor.
    #[resource(default = "OFF")]
    pub mfa_configuration: String,
    /// What a password needs; empty asks for less than AWS does by itself.
    #[resource(computed, empty)]
    pub password_policy: Option<PasswordPolicy>,
    /// Attributes of one's own, and standard ones that differ from AWS's. They can only be added to.
    #[resource(set, default)]
    pub schemas: Vec<Schema>,
    /// How users may begin to sign in.
    #[resource(computed)]
    pub sign_in_policy: Option<SignInPolicy>,
    /// Text of the SMS with a code for MFA.
    pub sms_authentication_message: Option<String>,
    /// How SMS are sent.
    #[resource(computed)]
    pub sms_configuration: Option<SmsConfiguration>,
    /// Text of the SMS that verifies a number, with `{####}`.
    #[resource(computed)]
    pub sms_verification_message: Option<String>,
    /// The second factor by an authenticator.
    pub software_token_mfa_configuration: Option<SoftwareTokenMfaConfiguration>,
    /// What happens when users change an attribute.
    pub user_attribute_update_settings: Option<UserAttributeUpdateSettings>,
    /// Threat protection; a feature of the tier `PLUS`.
    pub user_pool_add_ons: Option<UserPoolAddOns>,
    /// `LITE`, `ESSENTIALS` or `PLUS`: features and price.
    #[resource(computed)]
    pub user_pool_tier: Option<String>,
    /// `email`, `phone_number`: what users sign in with instead of a name. It stays.
    #[resource(set, default)]
    pub username_attributes: Vec<String>,
    /// How user names are compared; empty is without regard to capitals. It stays.
    #[resource(computed, empty)]
    pub username_configuration: Option<UsernameConfiguration>,
    /// The messages that verify an address.
    #[resource(computed)]
    pub verification_message_template: Option<VerificationMessageTemplate>,
    /// Sign-in by passkeys.
    #[resource(computed)]
    pub web_authn_configuration: Option<WebAuthnConfiguration>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a user pool.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = UserPool)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Host and path that tokens name as their issuer, without `https://`.
    pub endpoint: String,
    /// When it was made.
    pub creation_date: String,
    /// Domain of one's own, where there is one.
    pub custom_domain: Option<String>,
    /// Prefix of its domain, where there is one.
    pub domain: Option<String>,
}

const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// As many as AddCustomAttributes takes.
const AT_ONCE: usize = 25;

/// The settings of a pool, into CreateUserPool or UpdateUserPool.
macro_rules! with {
    ($settings:ident, $call:expr) => {
        $call
            .policies($settings.policies)
            .deletion_protection($settings.deletion_protection)
            .set_lambda_config($settings.lambda)
            .set_auto_verified_attributes(Some($settings.auto_verified))
            .set_sms_verification_message($settings.sms_verification_message)
            .set_email_verification_message($settings.email_verification_message)
            .set_email_verification_subject($settings.email_verification_subject)
            .set_verification_message_template($settings.template)
            .set_sms_authentication_message($settings.sms_authentication_message)
            .set_user_attribute_update_settings($settings.attribute_updates)
            .set_device_configuration($settings.device)
            .set_email_configuration($settings.email)
            .set_sms_configuration($settings.sms)
            .set_admin_create_user_config($settings.admin_create_user)
            .set_user_pool_add_ons($settings.add_ons)
            .set_account_recovery_setting($settings.recovery)
            .set_user_pool_tier($settings.tier)
    };
}

impl CustomResource for UserPool {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    fn is_id(text: &str) -> bool {
        let parts = text.split_once('_');
        parts.is_some_and(|(region, rest)| {
            region.split('-').count() >= 3
                && region.ends_with(|c: char| c.is_ascii_digit())
                && !rest.is_empty()
                && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = schema::check(inputs);
        let mut wrong = |property: &str, reason: &str| {
            failures.push(Failure { property: property.to_owned(), reason: reason.to_owned() });
        };
        let given = |property: &str| match inputs.get(property) {
            None | Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let text = |property: &str| inputs.get(property).and_then(Value::as_str);
        if given("aliasAttributes") && given("usernameAttributes") {
            wrong("aliasAttributes", "users sign in with `usernameAttributes` or with a name and `aliasAttributes`");
        }
        let methods = ["softwareTokenMfaConfiguration", "emailMfaConfiguration", "smsConfiguration"];
        match text("mfaConfiguration") {
            Some("ON" | "OPTIONAL") if !methods.iter().any(|method| given(method)) => {
                wrong("mfaConfiguration", &format!("a second factor needs a method: `{}`", methods.join("`, `")));
            }
            _ => {}
        }
        let Some(Value::Object(template)) = inputs.get("verificationMessageTemplate") else { return failures };
        for (outside, inside) in [
            ("emailVerificationMessage", "emailMessage"),
            ("emailVerificationSubject", "emailSubject"),
            ("smsVerificationMessage", "smsMessage"),
        ] {
            // an import has both, and they say the same
            let (old_name, new_name) = (text(outside), template.get(inside).and_then(Value::as_str));
            if old_name.is_some() && new_name.is_some() && old_name != new_name {
                wrong(outside, &format!("this is `verificationMessageTemplate.{inside}` by its older name: give one"));
            }
        }
        failures
    }

    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        schema::frozen(olds, news)
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        schema::reduce(olds, live);
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let tags: BTreeMap<_, _> = cx.tags_as(|k, v| (k.to_owned(), v.to_owned())).into_iter().collect();
        let settings = sdk::settings(inputs, None)?;
        let case = inputs.username_configuration.as_ref().map(UsernameConfiguration::to_sdk).transpose()?;
        let schema: Vec<_> = inputs.schemas.iter().map(Schema::to_sdk).collect();
        let call = with!(settings, cx.clients.cognito.create_user_pool().pool_name(&inputs.name))
            .set_alias_attributes(some(inputs.alias_attributes.iter().map(|a| a.as_str().into()).collect()))
            .set_username_attributes(some(inputs.username_attributes.iter().map(|a| a.as_str().into()).collect()))
            .set_username_configuration(case)
            .set_schema(some(schema))
            .set_user_pool_tags(Some(tags.into_iter().collect()));
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated =
                aws_sdk_cognitoidentityprovider::config::Builder::new().retry_config(RetryConfig::disabled());
            let sent = || {
                let call = call.clone().customize().mutate_request(sdk::without_unused_account_validity);
                call.config_override(unrepeated.clone()).send()
            };
            Ok((propagation::told(&[], sent).await?.user_pool, false))
        };
        let find =
            |look| async move { Ok(find(cx, look, inputs).await?.map(|pool| (Some(pool), look == Look::Resource))) };
        let (pool, existed) = recovery::once(&cx.recovery, call, find).await?;
        let pool = pool.ok_or_else(|| Error::new("AWS made a pool and did not say which"))?;
        let id = pool.id.clone().unwrap_or_default();
        let rest =
            if existed { Box::pin(take_up(cx, &id, inputs)).await } else { set_mfa(cx, &id, inputs, None).await };
        Ok(Created::new(&id, outputs(cx, &id, &pool)).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some((pool, mfa)) = describe(cx, id).await? else { return Ok(None) };
        let outputs = outputs(cx, id, &pool);
        Ok(Some(Live { inputs: sdk::inputs(pool, mfa), outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        if let Some(Failure { reason, .. }) = schema::frozen(&schema::map(old), &schema::map(new)).into_iter().next() {
            let (cause, hint) = reason.split_once("\nhint: ").unwrap_or((&reason, ""));
            return Err(Error::new(cause).hint(hint));
        }
        let Some((pool, mfa)) = describe(cx, id).await? else {
            return Err(Error::new(format!("user pool `{id}` is gone")).hint("refresh, and it is made anew, empty"));
        };
        let there = sdk::inputs(pool.clone(), mfa.clone()).schemas;
        add_attributes(cx, id, &there, new).await?;
        let tags = tags_to_send(cx, old, &pool);
        let settings = sdk::settings(new, Some(&pool))?;
        let call = with!(settings, cx.clients.cognito.update_user_pool().user_pool_id(id).pool_name(&new.name))
            // as it is: what is wanted has methods, and is set with them
            .set_mfa_configuration(mfa.mfa_configuration.clone())
            // what there are no properties for stays as it is, too
            .set_acr_configuration(pool.acr_configuration.clone())
            .set_issuer_configuration(pool.issuer_configuration.clone())
            .set_key_configuration(pool.key_configuration.clone())
            .set_user_pool_tags(Some(tags));
        let sent = || call.clone().customize().mutate_request(sdk::without_unused_account_validity).send();
        propagation::told(&[], || POOL_IS_BUSY.out(sent)).await.map_err(failed)?;
        set_mfa(cx, id, new, Some(&mfa)).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.cognito.delete_user_pool().user_pool_id(id);
        gone(POOL_IS_BUSY.out(|| call.clone().send()).await, ABSENT).map_err(|error| {
            // 2026-11: InvalidParameterException, as for everything else
            if error.message.contains("deletion protection") {
                return error
                    .hint("its users go with it; if that is meant, deploy it with deletionProtection INACTIVE first");
            }
            error
        })
    }
}

impl Taggable for UserPool {
    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(CognitoUserPool(arn(cx, id)))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<UserPool>::new())
}

fn arn(cx: &Cx, id: &str) -> String {
    cx.arn("cognito-idp", &format!("userpool/{id}"))
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

fn outputs(cx: &Cx, id: &str, pool: &UserPoolType) -> Outputs {
    let host = format!("cognito-idp.{}.amazonaws.com", cx.region);
    let suffix = if cx.partition == "aws-cn" { ".cn" } else { "" };
    let made = pool.creation_date.map(|date| aws_smithy_types::DateTime::from_secs(date.secs()));
    Outputs {
        arn: pool.arn.clone().unwrap_or_else(|| arn(cx, id)),
        endpoint: format!("{host}{suffix}/{id}"),
        creation_date: made.and_then(|date| date.fmt(Format::DateTime).ok()).unwrap_or_default(),
        custom_domain: pool.custom_domain.clone(),
        domain: pool.domain.clone(),
    }
}

/// The tags that go with an update. UpdateUserPool removes what it is not sent: "If you don't provide a value for an
/// attribute, Amazon Cognito sets it to its default value"; for tags this was seen: <https://github.com/aws/aws-cli/issues/3302>.
/// The tags were changed just before, and DescribeUserPool may not show that yet: so these are the live tags, without
/// those that the old inputs had, and with all that are wanted.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html>, as of 2026-11.
fn tags_to_send(cx: &Cx, old: &Inputs, pool: &UserPoolType) -> HashMap<String, String> {
    let mut tags = pool.user_pool_tags.clone().unwrap_or_default();
    // AWS's own are not ours to set, and stay
    tags.retain(|key, _| !key.starts_with("aws:") && !old.tags.contains_key(key));
    tags.extend(cx.tags.clone());
    tags
}

/// The pool and its MFA.
async fn describe(cx: &Cx, id: &str) -> Result<Option<(UserPoolType, GetUserPoolMfaConfigOutput)>, Error> {
    let (pool, mfa) = futures::future::join(
        cx.clients.cognito.describe_user_pool().user_pool_id(id).send(),
        cx.clients.cognito.get_user_pool_mfa_config().user_pool_id(id).send(),
    )
    .await;
    let Some(pool) = found(pool, ABSENT)?.and_then(|d| d.user_pool) else { return Ok(None) };
    Ok(found(mfa, ABSENT).map_err(|e| e.within("reading its MFA"))?.map(|mfa| (pool, mfa)))
}

/// A pool of this name that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Result<Option<UserPoolType>, Error> {
    let pools = cx.clients.cognito.list_user_pools().max_results(60).into_paginator().items().send();
    let pools = pools.collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
    let named = pools.into_iter().filter(|pool| pool.name.as_deref() == Some(&inputs.name)).filter_map(|pool| pool.id);
    for id in named.filter(|id| !cx.recovery.knows(id)) {
        let Some((pool, mfa)) = describe(cx, &id).await? else { continue };
        let tags = pool.user_pool_tags.clone().unwrap_or_default().into_iter().collect();
        let ours = match look {
            Look::Attempt => cx.identity.made(&tags),
            Look::Resource => cx.identity.owns(&tags),
        };
        // one that cannot become what is wanted is left alone
        if ours && schema::frozen(&in_words_of(inputs, pool.clone(), mfa), &schema::map(inputs)).is_empty() {
            return Ok(Some(pool));
        }
    }
    Ok(None)
}

/// What is live, as far as the wanted speaks of it.
fn in_words_of(wanted: &Inputs, pool: UserPoolType, mfa: GetUserPoolMfaConfigOutput) -> Map {
    let mut live = schema::map(&sdk::inputs(pool, mfa));
    schema::reduce(Some(&schema::map(wanted)), &mut live);
    live
}

/// Makes a pool that existed already what it should be.
async fn take_up(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
    cx.log.info(&cx.urn, &format!("found Cognito user pool `{id}`, which an interrupted run had made")).await;
    let target = UserPool::tagged(cx, id);
    target.claim(cx, &target.all(cx).await?).await?;
    let (pool, mfa) = waits::there(&format!("user pool `{id}`"), || describe(cx, id)).await?;
    let outputs = outputs(cx, id, &pool);
    let live = Inputs::from_value(&Value::Object(in_words_of(inputs, pool, mfa))).map_err(Error::new)?;
    Box::pin(UserPool::update(cx, id, &live, inputs, outputs)).await.map(drop)
}

/// Adds the attributes that are not there yet; a run that was killed may have added some.
async fn add_attributes(cx: &Cx, id: &str, there: &[Schema], new: &Inputs) -> Result<(), Error> {
    for some in schema::added(there, &new.schemas).chunks(AT_ONCE) {
        let attributes = some.iter().map(|schema| schema.to_sdk()).collect();
        let call = cx.clients.cognito.add_custom_attributes().user_pool_id(id).set_custom_attributes(Some(attributes));
        match call.send().await {
            // the SDK asks again when an answer is lost, and hears that they exist
            Err(failure) if code(&failure) == Some("InvalidParameterException") => {
                let live = describe(cx, id).await?.map(|(pool, mfa)| sdk::inputs(pool, mfa).schemas);
                if !schema::added(&live.unwrap_or_default(), &new.schemas).is_empty() {
                    return Err(failed(failure).within("adding attributes"));
                }
            }
            added => drop(added.map_err(|e| failed(e).within("adding attributes"))?),
        }
    }
    Ok(())
}

/// Sets MFA with its methods, unless it is off and was so. `live` is what there is; a new pool has none.
async fn set_mfa(cx: &Cx, id: &str, inputs: &Inputs, live: Option<&GetUserPoolMfaConfigOutput>) -> Result<(), Error> {
    let mfa = UserPoolMfaType::from(inputs.mfa_configuration.as_str());
    let is_off = mfa == UserPoolMfaType::Off;
    let was_off = live.and_then(|l| l.mfa_configuration.as_ref()).is_none_or(|m| *m == UserPoolMfaType::Off);
    let passkeys = match &inputs.web_authn_configuration {
        Some(passkeys) => Some(passkeys.to_sdk()),
        None => live.and_then(|l| l.web_authn_configuration.clone()),
    };
    if is_off && was_off && inputs.web_authn_configuration.is_none() {
        return Ok(());
    }
    // methods do not go with OFF
    let codes = inputs.software_token_mfa_configuration.as_ref();
    let codes = SoftwareTokenMfaConfigType::builder().enabled(codes.is_some_and(|c| c.enabled)).build();
    let sms = inputs.sms_configuration.as_ref().filter(|_| !is_off).map(|sms| {
        let message = inputs.sms_authentication_message.clone();
        SmsMfaConfigType::builder().sms_configuration(sms.to_sdk()).set_sms_authentication_message(message).build()
    });
    let email = inputs.email_mfa_configuration.as_ref().filter(|_| !is_off);
    let email = email.map(|email| {
        EmailMfaConfigType::builder().set_message(email.message.clone()).set_subject(email.subject.clone()).build()
    });
    let call = cx.clients.cognito.set_user_pool_mfa_config().user_pool_id(id).mfa_configuration(mfa);
    let call = call
        .set_software_token_mfa_configuration((!is_off).then_some(codes))
        .set_sms_mfa_configuration(sms)
        .set_email_mfa_configuration(email)
        .set_web_authn_configuration(passkeys);
    propagation::told(&[], || POOL_IS_BUSY.out(|| call.clone().send()))
        .await
        .map(drop)
        .map_err(|e| failed(e).within("setting its MFA"))
}

#[cfg(test)]
mod tests;
