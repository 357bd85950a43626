//! A Cognito user pool.
//!
//! Calls: CreateUserPool, DescribeUserPool, UpdateUserPool, GetUserPoolMfaConfig, SetUserPoolMfaConfig,
//! AddCustomAttributes, ListUserPools, DeleteUserPool, TagResource, UntagResource, ListTagsForResource.
//! IAM: `cognito-idp:` + each of these; `iam:PassRole` for SMS; `ses:` of the identity for e-mail of your own.
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

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
    types::{SmsMfaConfigType, SoftwareTokenMfaConfigType, UserPoolMfaType, UserPoolType},
};
use aws_smithy_types::date_time::Format;
use pulumi::value::FromValue;

pub use self::shapes::*;
use crate::{prelude::*, recovery::Look, tags::CognitoUserPool, waits::POOL_IS_BUSY};

/// A Cognito user pool: users, and how they sign in.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cognito/userPool:UserPool", noun = "Cognito user pool", handle = UserPool, from = UserPoolType)]
pub struct Inputs {
    /// Name, up to 128 characters.
    #[resource(autoname)]
    pub name: String,
    /// How users get their password back.
    #[resource(computed, blank)]
    pub account_recovery_setting: Option<AccountRecoverySetting>,
    /// Who creates users, and the invitation they get.
    #[resource(computed)]
    pub admin_create_user_config: Option<AdminCreateUserConfig>,
    /// `email`, `phone_number`, `preferred_username`: what users may sign in with beside their name. It cannot be changed.
    #[resource(set, default)]
    pub alias_attributes: Vec<String>,
    /// `email`, `phone_number`: what is verified by a message.
    #[resource(set, default)]
    pub auto_verified_attributes: Vec<String>,
    /// `ACTIVE` or `INACTIVE`: whether AWS refuses to delete the pool.
    #[resource(default = "INACTIVE", blank)]
    pub deletion_protection: String,
    // any part of it turns this on, as of 2026-11:
    // <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeviceConfigurationType.html>
    /// Which devices are remembered; empty remembers all.
    #[resource(empty)]
    pub device_configuration: Option<DeviceConfiguration>,
    /// How e-mails are sent.
    #[resource(computed)]
    pub email_configuration: Option<EmailConfiguration>,
    /// The second factor by e-mail; empty is with AWS's own texts.
    #[resource(empty, own)]
    pub email_mfa_configuration: Option<EmailMfaConfiguration>,
    /// Text of the e-mail that verifies an address, with `{####}`.
    #[resource(computed, blank)]
    pub email_verification_message: Option<String>,
    /// Subject of that e-mail.
    #[resource(computed, blank)]
    pub email_verification_subject: Option<String>,
    /// Lambda functions that the pool calls.
    #[resource(blank)]
    pub lambda_config: Option<LambdaConfig>,
    /// `OFF`, `OPTIONAL` or `ON`: whether users need a second factor.
    #[resource(default = "OFF", own)]
    pub mfa_configuration: String,
    /// What a password needs; empty asks for less than AWS does by itself.
    #[resource(computed, empty, sdk = policies.password_policy)]
    pub password_policy: Option<PasswordPolicy>,
    /// Attributes of your own, and standard ones that differ from AWS's. They can only be added to.
    #[resource(set, default, sdk = schema_attributes)]
    pub schemas: Vec<Schema>,
    /// How users may begin to sign in.
    #[resource(computed, sdk = policies.sign_in_policy)]
    pub sign_in_policy: Option<SignInPolicy>,
    /// Text of the SMS with a code for MFA.
    #[resource(blank)]
    pub sms_authentication_message: Option<String>,
    /// How SMS are sent.
    #[resource(computed)]
    pub sms_configuration: Option<SmsConfiguration>,
    /// Text of the SMS that verifies a number, with `{####}`.
    #[resource(computed, blank)]
    pub sms_verification_message: Option<String>,
    /// The second factor by an authenticator.
    #[resource(own)]
    pub software_token_mfa_configuration: Option<SoftwareTokenMfaConfiguration>,
    /// What happens when users change an attribute.
    #[resource(blank)]
    pub user_attribute_update_settings: Option<UserAttributeUpdateSettings>,
    /// Threat protection; a feature of the tier `PLUS`.
    pub user_pool_add_ons: Option<UserPoolAddOns>,
    /// `LITE`, `ESSENTIALS` or `PLUS`: features and price.
    #[resource(computed, blank)]
    pub user_pool_tier: Option<String>,
    /// `email`, `phone_number`: what users sign in with instead of a name. It cannot be changed.
    #[resource(set, default)]
    pub username_attributes: Vec<String>,
    /// How user names are compared; empty is without regard to capitals. It cannot be changed.
    #[resource(computed, empty)]
    pub username_configuration: Option<UsernameConfiguration>,
    /// The messages that verify an address.
    #[resource(computed)]
    pub verification_message_template: Option<VerificationMessageTemplate>,
    /// Sign-in by passkeys.
    #[resource(computed, own)]
    pub web_authn_configuration: Option<WebAuthnConfiguration>,
    /// Tags, beside the provider's default tags.
    #[resource(default, own)]
    pub tags: BTreeMap<String, String>,
}

/// Outputs of a Cognito user pool.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = UserPool)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Host and path that tokens name as their issuer, without `https://`.
    pub endpoint: String,
    /// When it was created.
    pub creation_date: String,
    /// Domain of your own, where there is one.
    pub custom_domain: Option<String>,
    /// Prefix of its domain, where there is one.
    pub domain: Option<String>,
}

const ABSENT: Codes = &["ResourceNotFoundException"];
/// As many as AddCustomAttributes takes.
const AT_ONCE: usize = 25;

/// The settings of a pool, into CreateUserPool or UpdateUserPool.
macro_rules! with {
    ($inputs:ident, $live:expr, $call:expr) => {{
        let live: Option<&UserPoolType> = $live;
        let template = sdk::template($inputs, live)?;
        let message = |given: &Option<String>, of| or_live(given.clone(), template.as_ref(), of);
        $call
            .policies(sdk::policies($inputs, live)?)
            .deletion_protection($inputs.deletion_protection.as_str().into())
            .set_lambda_config(sdk::lambda($inputs, live)?)
            .set_auto_verified_attributes(Some($inputs.auto_verified_attributes.to_sdk()?))
            .set_sms_verification_message(message(&$inputs.sms_verification_message, |t| &t.sms_message))
            .set_email_verification_message(message(&$inputs.email_verification_message, |t| &t.email_message))
            .set_email_verification_subject(message(&$inputs.email_verification_subject, |t| &t.email_subject))
            .set_verification_message_template(template)
            .set_sms_authentication_message($inputs.sms_authentication_message.clone())
            .set_user_attribute_update_settings(sdk::attribute_updates($inputs, live)?)
            .set_device_configuration($inputs.device_configuration.to_sdk()?)
            .set_email_configuration(or_live($inputs.email_configuration.to_sdk()?, live, |l| &l.email_configuration))
            .set_sms_configuration(or_live($inputs.sms_configuration.to_sdk()?, live, |l| &l.sms_configuration))
            .set_admin_create_user_config(sdk::admin_create_user($inputs, live)?)
            .set_user_pool_add_ons(sdk::add_ons($inputs, live)?)
            .set_account_recovery_setting(or_live($inputs.account_recovery_setting.to_sdk()?, live, |l| {
                &l.account_recovery_setting
            }))
            .set_user_pool_tier(or_live($inputs.user_pool_tier.to_sdk()?, live, |l| &l.user_pool_tier))
    }};
}

impl AwsResource for UserPool {
    const ABSENT: Codes = ABSENT;

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(CognitoUserPool(arn(cx, id)))
    }

    fn is_id(text: &str) -> bool {
        let parts = text.split_once('_');
        parts.is_some_and(|(region, rest)| {
            region.split('-').count() >= 3
                && region.ends_with(|c: char| c.is_ascii_digit())
                && !rest.is_empty()
                && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    }

    fn check(checks: &mut Checks<'_>) {
        schema::check(checks);
        if checks.gives("aliasAttributes") && checks.gives("usernameAttributes") {
            let reason = "users sign in with `usernameAttributes` or with a name and `aliasAttributes`";
            checks.wrong("aliasAttributes", reason);
        }
        let methods = ["softwareTokenMfaConfiguration", "emailMfaConfiguration", "smsConfiguration"];
        let needs_method = matches!(checks.text("mfaConfiguration"), Some("ON" | "OPTIONAL"));
        if needs_method && !methods.iter().any(|method| checks.gives(method)) {
            let reason = format!("a second factor needs a method: `{}`", methods.join("`, `"));
            checks.wrong("mfaConfiguration", reason);
        }
        let Some(Value::Object(template)) = checks.inputs.get("verificationMessageTemplate") else { return };
        for (outside, inside) in [
            ("emailVerificationMessage", "emailMessage"),
            ("emailVerificationSubject", "emailSubject"),
            ("smsVerificationMessage", "smsMessage"),
        ] {
            // an import has both, and they say the same
            let (old_name, new_name) = (checks.text(outside), template.get(inside).and_then(Value::as_str));
            if old_name.is_some() && new_name.is_some() && old_name != new_name {
                let reason = format!("this is `verificationMessageTemplate.{inside}` by its older name: give one");
                checks.wrong(outside, reason);
            }
        }
    }

    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        schema::frozen(olds, news)
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        schema::reduce(olds, live);
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let tags = cx.tags_as(|k, v| (k.to_owned(), v.to_owned())).into_iter().collect();
        let call = cx.clients.unrepeated().cognito.create_user_pool().pool_name(&inputs.name);
        let call = with!(inputs, None, call)
            .set_alias_attributes(some(inputs.alias_attributes.to_sdk()?))
            .set_username_attributes(some(inputs.username_attributes.to_sdk()?))
            .set_username_configuration(inputs.username_configuration.to_sdk()?)
            .set_schema(some(inputs.schemas.to_sdk()?))
            .set_user_pool_tags(Some(tags));
        let create = || async {
            let sent = || call.clone().customize().mutate_request(sdk::without_unused_account_validity).send();
            Ok(propagation::told(&[], sent).await?.user_pool)
        };
        let (pool, existed) = resource::once(cx, "CreateUserPool", create, |look| find(cx, look, inputs)).await?;
        let id = pool.id.clone().unwrap_or_default();
        let rest =
            if existed { Box::pin(take_up(cx, &id, inputs)).await } else { set_mfa(cx, &id, inputs, None).await };
        Ok(Created::new(&id, outputs(cx, &id, &pool)).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some((pool, mfa)) = describe(cx, id).await? else { return Ok(None) };
        let outputs = outputs(cx, id, &pool);
        Ok(Some(Live { inputs: sdk::inputs(pool, mfa), outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        if let Some(Failure { reason, .. }) = schema::frozen(&schema::map(old), &schema::map(new)).into_iter().next() {
            let (cause, hint) = reason.split_once("\nhint: ").unwrap_or((&reason, ""));
            return Err(Error::new(cause).hint(hint).into());
        }
        let (pool, mfa) = describe(cx, id).await?.ok_or_else(|| {
            Error::new(format!("user pool `{id}` was deleted")).hint("refresh: it is then created again, without users")
        })?;
        add_attributes(cx, id, &sdk::inputs(pool.clone(), mfa.clone()).schemas, new).await?;
        let call = cx.clients.cognito.update_user_pool().user_pool_id(id).pool_name(&new.name);
        let call = with!(new, Some(&pool), call)
            // as it is: what is wanted has methods, and is set with them
            .set_mfa_configuration(mfa.mfa_configuration.clone())
            // what there are no properties for stays as it is, too
            .set_acr_configuration(pool.acr_configuration.clone())
            .set_issuer_configuration(pool.issuer_configuration.clone())
            .set_key_configuration(pool.key_configuration.clone())
            .set_user_pool_tags(Some(tags_to_send(cx, old, &pool)));
        let sent = || call.clone().customize().mutate_request(sdk::without_unused_account_validity).send();
        propagation::told(&[], || POOL_IS_BUSY.out(sent)).await?;
        set_mfa(cx, id, new, Some(&mfa)).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.cognito.delete_user_pool().user_pool_id(id);
        POOL_IS_BUSY.out(|| call.clone().send()).await.done().map_err(|refusal| {
            // 2026-11: InvalidParameterException, as for everything else
            if refusal.says("deletion protection") {
                refusal.hint("its users go with it; if you mean that, deploy it with deletionProtection INACTIVE first")
            } else {
                refusal
            }
        })
    }
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
async fn describe(cx: &Cx, id: &str) -> Answer<Option<(UserPoolType, GetUserPoolMfaConfigOutput)>> {
    let (pool, mfa) = futures::future::join(
        cx.clients.cognito.describe_user_pool().user_pool_id(id).send(),
        cx.clients.cognito.get_user_pool_mfa_config().user_pool_id(id).send(),
    )
    .await;
    let Some(pool) = pool.found(ABSENT)?.and_then(|described| described.user_pool) else { return Ok(None) };
    Ok(mfa.found(ABSENT).within("reading its MFA")?.map(|mfa| (pool, mfa)))
}

/// A pool of this name that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Answer<Option<UserPoolType>> {
    let pools = cx.clients.cognito.list_user_pools().max_results(60).into_paginator().items().send();
    let pools = pools.collect::<Result<Vec<_>, _>>().await?;
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

/// Makes a pool that an interrupted run had made what it should be.
async fn take_up(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
    resource::claim_found::<UserPool>(cx, id).await?;
    let (pool, mfa) = waits::there(&format!("user pool `{id}`"), || describe(cx, id)).await?;
    let outputs = outputs(cx, id, &pool);
    let live = Inputs::from_value(&Value::Object(in_words_of(inputs, pool, mfa))).map_err(Error::new)?;
    Box::pin(UserPool::update(cx, id, &live, inputs, outputs)).await.done()
}

/// Adds the attributes that are not there yet; a run that was killed may have added some.
async fn add_attributes(cx: &Cx, id: &str, there: &[Schema], new: &Inputs) -> Answer {
    for some in schema::added(there, &new.schemas).chunks(AT_ONCE) {
        let attributes = some.iter().map(|schema| schema.to_sdk()).collect::<Answer<_>>()?;
        let call = cx.clients.cognito.add_custom_attributes().user_pool_id(id).set_custom_attributes(Some(attributes));
        match call.send().await.within("adding attributes").done() {
            // the SDK asks again when an answer is lost, and hears that they exist
            Err(refusal) if refusal.is(&["InvalidParameterException"]) => {
                let live = describe(cx, id).await?.map(|(pool, mfa)| sdk::inputs(pool, mfa).schemas);
                if !schema::added(&live.unwrap_or_default(), &new.schemas).is_empty() {
                    return Err(refusal);
                }
            }
            added => added?,
        }
    }
    Ok(())
}

/// Sets MFA with its methods, unless it is off and was so. `live` is what there is; a new pool has none.
async fn set_mfa(cx: &Cx, id: &str, inputs: &Inputs, live: Option<&GetUserPoolMfaConfigOutput>) -> Answer {
    let mfa = UserPoolMfaType::from(inputs.mfa_configuration.as_str());
    let is_off = mfa == UserPoolMfaType::Off;
    let was_off = live.and_then(|l| l.mfa_configuration.as_ref()).is_none_or(|m| *m == UserPoolMfaType::Off);
    if is_off && was_off && inputs.web_authn_configuration.is_none() {
        return Ok(());
    }
    let passkeys = or_live(inputs.web_authn_configuration.to_sdk()?, live, |l| &l.web_authn_configuration);
    let call = cx.clients.cognito.set_user_pool_mfa_config().user_pool_id(id).mfa_configuration(mfa);
    let mut call = call.set_web_authn_configuration(passkeys);
    // methods do not go with OFF
    if !is_off {
        let codes = inputs.software_token_mfa_configuration.as_ref().is_some_and(|codes| codes.enabled);
        let sms = inputs.sms_configuration.to_sdk()?.map(|sms| {
            let message = inputs.sms_authentication_message.clone();
            SmsMfaConfigType::builder().sms_configuration(sms).set_sms_authentication_message(message).build()
        });
        call = call
            .software_token_mfa_configuration(SoftwareTokenMfaConfigType::builder().enabled(codes).build())
            .set_sms_mfa_configuration(sms)
            .set_email_mfa_configuration(inputs.email_mfa_configuration.to_sdk()?);
    }
    propagation::told(&[], || POOL_IS_BUSY.out(|| call.clone().send())).await.within("setting its MFA").done()
}

#[cfg(test)]
mod tests;
