//! A user pool in the SDK's words: what is sent, and what is read.

use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput as Mfa,
    types::{
        AdminCreateUserConfigType, LambdaConfigType, PasswordPolicyType, UserAttributeUpdateSettingsType,
        UserPoolAddOnsType, UserPoolPolicyType, UserPoolType, VerificationMessageTemplateType,
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::{
    AdminCreateUserConfig, EmailMfaConfiguration, Inputs, InviteMessageTemplate, SoftwareTokenMfaConfiguration,
    UserAttributeUpdateSettings, UserPoolAddOns, WebAuthnConfiguration, or_live, schema::bare,
};
use crate::prelude::*;

/// Takes `UnusedAccountValidityDays` out of a request. It is the older name of `TemporaryPasswordValidityDays`, there is
/// no property for it, and its type in the SDK has no "absent": a 0 would be sent with every pool. AWS refuses both
/// together: "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays".
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html>,
/// as of 2026-11.
pub(super) fn without_unused_account_validity(request: &mut HttpRequest) {
    let body = request.body().bytes().and_then(|body| serde_json::from_slice::<serde_json::Value>(body).ok());
    let Some(mut body) = body else { return };
    let Some(config) = body.get_mut("AdminCreateUserConfig").and_then(serde_json::Value::as_object_mut) else { return };
    if config.remove("UnusedAccountValidityDays").is_some() {
        let body = body.to_string();
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body);
    }
}

pub(super) fn policies(inputs: &Inputs, live: Option<&UserPoolType>) -> Answer<UserPoolPolicyType> {
    let live = live.and_then(|live| live.policies.as_ref());
    let mut password = live.and_then(|live| live.password_policy.clone());
    if let Some(policy) = &inputs.password_policy {
        let mut wanted: PasswordPolicyType = policy.to_sdk()?;
        wanted.minimum_length = wanted.minimum_length.or(password.and_then(|live| live.minimum_length));
        // a feature of a dearer plan: to be without it is not to mention it
        wanted.password_history_size = wanted.password_history_size.filter(|size| *size > 0);
        password = Some(wanted);
    }
    let sign_in = or_live(inputs.sign_in_policy.to_sdk()?, live, |live| &live.sign_in_policy);
    Ok(UserPoolPolicyType::builder().set_password_policy(password).set_sign_in_policy(sign_in).build())
}

/// The messages: those outside the template are the same ones, and have to say the same.
pub(super) fn template(
    inputs: &Inputs,
    live: Option<&UserPoolType>,
) -> Answer<Option<VerificationMessageTemplateType>> {
    let live = live.and_then(|live| live.verification_message_template.clone());
    let outside =
        (&inputs.email_verification_message, &inputs.email_verification_subject, &inputs.sms_verification_message);
    if inputs.verification_message_template.is_none() && outside == (&None, &None, &None) {
        return Ok(live);
    }
    let live = live.unwrap_or_else(|| VerificationMessageTemplateType::builder().build());
    let mut template = match &inputs.verification_message_template {
        Some(template) => template.to_sdk()?,
        None => live.clone(),
    };
    template.email_message = outside.0.clone().or(template.email_message).or(live.email_message);
    template.email_subject = outside.1.clone().or(template.email_subject).or(live.email_subject);
    template.sms_message = outside.2.clone().or(template.sms_message).or(live.sms_message);
    template.email_message_by_link = template.email_message_by_link.or(live.email_message_by_link);
    template.email_subject_by_link = template.email_subject_by_link.or(live.email_subject_by_link);
    Ok(Some(template))
}

pub(super) fn lambda(inputs: &Inputs, live: Option<&UserPoolType>) -> Answer<Option<LambdaConfigType>> {
    // not ours to set, and not to take away
    let federation = live.and_then(|live| live.lambda_config.as_ref()?.inbound_federation.clone());
    let Some(given) = &inputs.lambda_config else {
        return Ok(federation.map(|federation| LambdaConfigType::builder().inbound_federation(federation).build()));
    };
    let mut config: LambdaConfigType = given.to_sdk()?;
    config.inbound_federation = federation;
    // the tokens' function has two names, which have to say the same
    if let Some(tokens) = &given.pre_token_generation_config {
        config.pre_token_generation = Some(tokens.lambda_arn.clone());
    }
    Ok(Some(config))
}

/// Absent, these stay as they are: to take them away, AWS wants an empty list.
pub(super) fn attribute_updates(
    inputs: &Inputs,
    live: Option<&UserPoolType>,
) -> Answer<Option<UserAttributeUpdateSettingsType>> {
    let was_on = live.is_some_and(|live| live.user_attribute_update_settings.is_some());
    let off = || UserAttributeUpdateSettings { attributes_require_verification_before_updates: Vec::new() };
    inputs.user_attribute_update_settings.clone().or_else(|| was_on.then(off)).to_sdk()
}

pub(super) fn admin_create_user(
    inputs: &Inputs,
    live: Option<&UserPoolType>,
) -> Answer<Option<AdminCreateUserConfigType>> {
    let live = live.and_then(|live| live.admin_create_user_config.clone()).map(AdminCreateUserConfig::from_sdk);
    let Some(mut config) = inputs.admin_create_user_config.clone() else { return live.to_sdk() };
    let live = live.and_then(|live| live.invite_message_template);
    config.invite_message_template = match (config.invite_message_template, live) {
        (Some(given), Some(live)) => Some(InviteMessageTemplate {
            email_message: given.email_message.or(live.email_message),
            email_subject: given.email_subject.or(live.email_subject),
            sms_message: given.sms_message.or(live.sms_message),
        }),
        (given, live) => given.or(live),
    };
    config.to_sdk().map(Some)
}

/// Absent, these stay as they are: to take them away is to turn them off.
pub(super) fn add_ons(inputs: &Inputs, live: Option<&UserPoolType>) -> Answer<Option<UserPoolAddOnsType>> {
    let was_on = live.is_some_and(|live| live.user_pool_add_ons.is_some());
    let off = || UserPoolAddOns { advanced_security_additional_flows: None, advanced_security_mode: OFF.to_owned() };
    inputs.user_pool_add_ons.clone().or_else(|| was_on.then(off)).to_sdk()
}

const OFF: &str = "OFF";

/// What is live, all standard attributes among its schemas.
pub(super) fn inputs(pool: UserPoolType, mfa: Mfa) -> Inputs {
    let codes = mfa.software_token_mfa_configuration.map(SoftwareTokenMfaConfiguration::from_sdk);
    let mut inputs = Inputs {
        email_mfa_configuration: mfa.email_mfa_configuration.map(EmailMfaConfiguration::from_sdk),
        mfa_configuration: given(mfa.mfa_configuration.map(String::from_sdk)).unwrap_or_else(|| OFF.to_owned()),
        software_token_mfa_configuration: codes.filter(|codes| codes.enabled),
        web_authn_configuration: mfa.web_authn_configuration.map(WebAuthnConfiguration::from_sdk),
        ..Inputs::from_sdk(pool)
    };
    inputs.sms_configuration.take_if(|sms| sms.sns_caller_arn.is_empty());
    let is_off =
        |on: &UserPoolAddOns| on.advanced_security_mode == OFF && on.advanced_security_additional_flows.is_none();
    inputs.user_pool_add_ons.take_if(|on| is_off(on));
    for schema in &mut inputs.schemas {
        schema.name = bare(&schema.name).to_owned();
    }
    inputs
}
