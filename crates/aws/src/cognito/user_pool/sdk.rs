//! A user pool in the SDK's words: what is sent, and what is read.

use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput as Mfa,
    types::{
        self as sdk, AccountRecoverySettingType, AdminCreateUserConfigType, AdvancedSecurityModeType,
        DeletionProtectionType, DeviceConfigurationType, EmailConfigurationType, LambdaConfigType, MessageTemplateType,
        PasswordPolicyType, SchemaAttributeType, SignInPolicyType, SmsConfigurationType,
        UserAttributeUpdateSettingsType, UserPoolAddOnsType, UserPoolPolicyType, UserPoolTierType, UserPoolType,
        VerificationMessageTemplateType, VerifiedAttributeType,
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use pulumi::provider::resource::Error;

use super::{
    AccountRecoverySetting, AdminCreateUserConfig, AdvancedSecurityAdditionalFlows, CustomEmailSender, CustomSmsSender,
    DeviceConfiguration, EmailConfiguration, EmailMfaConfiguration, Inputs, InviteMessageTemplate, LambdaConfig,
    NumberAttributeConstraints, PasswordPolicy, PreTokenGenerationConfig, RecoveryMechanism, Schema, SignInPolicy,
    SmsConfiguration, SoftwareTokenMfaConfiguration, StringAttributeConstraints, UserAttributeUpdateSettings,
    UserPoolAddOns, UsernameConfiguration, VerificationMessageTemplate, WebAuthnConfiguration,
};

/// What CreateUserPool and UpdateUserPool have in common.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) policies: UserPoolPolicyType,
    pub(super) deletion_protection: DeletionProtectionType,
    pub(super) lambda: Option<LambdaConfigType>,
    pub(super) auto_verified: Vec<VerifiedAttributeType>,
    pub(super) sms_verification_message: Option<String>,
    pub(super) email_verification_message: Option<String>,
    pub(super) email_verification_subject: Option<String>,
    pub(super) template: Option<VerificationMessageTemplateType>,
    pub(super) sms_authentication_message: Option<String>,
    pub(super) attribute_updates: Option<UserAttributeUpdateSettingsType>,
    pub(super) device: Option<DeviceConfigurationType>,
    pub(super) email: Option<EmailConfigurationType>,
    pub(super) sms: Option<SmsConfigurationType>,
    pub(super) admin_create_user: Option<AdminCreateUserConfigType>,
    pub(super) add_ons: Option<UserPoolAddOnsType>,
    pub(super) recovery: Option<AccountRecoverySettingType>,
    pub(super) tier: Option<UserPoolTierType>,
}

fn built<T, E: std::fmt::Display>(built: Result<T, E>) -> Result<T, Error> {
    built.map_err(|e| Error::new(e.to_string()))
}

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

/// What is wanted, over what there is: an update takes back to AWS's default whatever it is not sent, so what AWS or
/// somebody else chose is sent as it is.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html>
pub(super) fn settings(inputs: &Inputs, live: Option<&UserPoolType>) -> Result<Settings, Error> {
    let policies = live.and_then(|l| l.policies.as_ref());
    let password = match &inputs.password_policy {
        Some(policy) => Some(policy.to_sdk(policies.and_then(|p| p.password_policy.as_ref()))),
        None => policies.and_then(|p| p.password_policy.clone()),
    };
    let sign_in = match &inputs.sign_in_policy {
        Some(policy) => {
            let factors = policy.allowed_first_auth_factors.iter().map(|f| sdk::AuthFactorType::from(f.as_str()));
            Some(SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors.collect())).build())
        }
        None => policies.and_then(|p| p.sign_in_policy.clone()),
    };
    let template = template(inputs, live);
    let message = |given: &Option<String>, of: fn(&VerificationMessageTemplateType) -> &Option<String>| {
        given.clone().or_else(|| template.as_ref().and_then(|t| of(t).clone()))
    };
    let recovery = match &inputs.account_recovery_setting {
        Some(setting) => Some(setting.to_sdk()?),
        None => live.and_then(|l| l.account_recovery_setting.clone()),
    };
    Ok(Settings {
        policies: UserPoolPolicyType::builder().set_password_policy(password).set_sign_in_policy(sign_in).build(),
        deletion_protection: inputs.deletion_protection.as_str().into(),
        lambda: lambda(inputs, live)?,
        auto_verified: inputs.auto_verified_attributes.iter().map(|a| a.as_str().into()).collect(),
        sms_verification_message: message(&inputs.sms_verification_message, |t| &t.sms_message),
        email_verification_message: message(&inputs.email_verification_message, |t| &t.email_message),
        email_verification_subject: message(&inputs.email_verification_subject, |t| &t.email_subject),
        template,
        sms_authentication_message: inputs.sms_authentication_message.clone(),
        attribute_updates: attribute_updates(inputs, live),
        device: inputs.device_configuration.as_ref().map(|d| {
            DeviceConfigurationType::builder()
                .challenge_required_on_new_device(d.challenge_required_on_new_device)
                .device_only_remembered_on_user_prompt(d.device_only_remembered_on_user_prompt)
                .build()
        }),
        email: match &inputs.email_configuration {
            Some(email) => Some(email.to_sdk()),
            None => live.and_then(|l| l.email_configuration.clone()),
        },
        sms: match &inputs.sms_configuration {
            Some(sms) => Some(sms.to_sdk()),
            None => live.and_then(|l| l.sms_configuration.clone()),
        },
        admin_create_user: admin_create_user(inputs, live),
        add_ons: add_ons(inputs, live)?,
        recovery,
        tier: match &inputs.user_pool_tier {
            Some(tier) => Some(tier.as_str().into()),
            None => live.and_then(|l| l.user_pool_tier.clone()),
        },
    })
}

/// The messages: those outside the template are the same ones, and have to say the same.
fn template(inputs: &Inputs, live: Option<&UserPoolType>) -> Option<VerificationMessageTemplateType> {
    let live = live.and_then(|l| l.verification_message_template.clone());
    let outside =
        (&inputs.email_verification_message, &inputs.email_verification_subject, &inputs.sms_verification_message);
    if inputs.verification_message_template.is_none() && outside == (&None, &None, &None) {
        return live;
    }
    let given = inputs.verification_message_template.as_ref();
    let text = |outside: &Option<String>,
                given_in: fn(&VerificationMessageTemplate) -> &Option<String>,
                live_in: fn(&VerificationMessageTemplateType) -> &Option<String>| {
        outside
            .clone()
            .or_else(|| given.and_then(|t| given_in(t).clone()))
            .or_else(|| live.as_ref().and_then(|t| live_in(t).clone()))
    };
    let option = match given {
        Some(t) => Some(t.default_email_option.as_str().into()),
        None => live.as_ref().and_then(|t| t.default_email_option.clone()),
    };
    let template = VerificationMessageTemplateType::builder()
        .set_default_email_option(option)
        .set_email_message(text(&inputs.email_verification_message, |t| &t.email_message, |t| &t.email_message))
        .set_email_subject(text(&inputs.email_verification_subject, |t| &t.email_subject, |t| &t.email_subject))
        .set_sms_message(text(&inputs.sms_verification_message, |t| &t.sms_message, |t| &t.sms_message))
        .set_email_message_by_link(text(&None, |t| &t.email_message_by_link, |t| &t.email_message_by_link))
        .set_email_subject_by_link(text(&None, |t| &t.email_subject_by_link, |t| &t.email_subject_by_link));
    Some(template.build())
}

/// The tokens' function has two names, which have to say the same.
fn lambda(inputs: &Inputs, live: Option<&UserPoolType>) -> Result<Option<LambdaConfigType>, Error> {
    // not ours to set, and not to take away
    let federation = live.and_then(|l| l.lambda_config.as_ref()).and_then(|l| l.inbound_federation.clone());
    let Some(given) = &inputs.lambda_config else {
        return Ok(federation.map(|f| LambdaConfigType::builder().inbound_federation(f).build()));
    };
    let email = given.custom_email_sender.as_ref().map(|s| {
        sdk::CustomEmailLambdaVersionConfigType::builder()
            .lambda_arn(&s.lambda_arn)
            .lambda_version(s.lambda_version.as_str().into())
            .build()
    });
    let sms = given.custom_sms_sender.as_ref().map(|s| {
        sdk::CustomSmsLambdaVersionConfigType::builder()
            .lambda_arn(&s.lambda_arn)
            .lambda_version(s.lambda_version.as_str().into())
            .build()
    });
    let tokens = given.pre_token_generation_config.as_ref().map(|s| {
        sdk::PreTokenGenerationVersionConfigType::builder()
            .lambda_arn(&s.lambda_arn)
            .lambda_version(s.lambda_version.as_str().into())
            .build()
    });
    let tokens_arn = given.pre_token_generation_config.as_ref().map(|s| s.lambda_arn.clone());
    let config = LambdaConfigType::builder()
        .set_create_auth_challenge(given.create_auth_challenge.clone())
        .set_custom_email_sender(email.map(built).transpose()?)
        .set_custom_message(given.custom_message.clone())
        .set_custom_sms_sender(sms.map(built).transpose()?)
        .set_define_auth_challenge(given.define_auth_challenge.clone())
        .set_inbound_federation(federation)
        .set_kms_key_id(given.kms_key_id.clone())
        .set_post_authentication(given.post_authentication.clone())
        .set_post_confirmation(given.post_confirmation.clone())
        .set_pre_authentication(given.pre_authentication.clone())
        .set_pre_sign_up(given.pre_sign_up.clone())
        .set_pre_token_generation(tokens_arn.or_else(|| given.pre_token_generation.clone()))
        .set_pre_token_generation_config(tokens.map(built).transpose()?)
        .set_user_migration(given.user_migration.clone())
        .set_verify_auth_challenge_response(given.verify_auth_challenge_response.clone());
    Ok(Some(config.build()))
}

/// Absent, these stay as they are: to take them away, AWS wants an empty list.
fn attribute_updates(inputs: &Inputs, live: Option<&UserPoolType>) -> Option<UserAttributeUpdateSettingsType> {
    let attributes = match &inputs.user_attribute_update_settings {
        Some(given) => given.attributes_require_verification_before_updates.iter().map(|a| a.as_str().into()).collect(),
        None => {
            live.and_then(|l| l.user_attribute_update_settings.as_ref())?;
            Vec::new()
        }
    };
    let settings = UserAttributeUpdateSettingsType::builder();
    Some(settings.set_attributes_require_verification_before_update(Some(attributes)).build())
}

fn admin_create_user(inputs: &Inputs, live: Option<&UserPoolType>) -> Option<AdminCreateUserConfigType> {
    let live = live.and_then(|l| l.admin_create_user_config.as_ref());
    let only = match (&inputs.admin_create_user_config, live) {
        (Some(given), _) => given.allow_admin_create_user_only,
        (None, live) => live?.allow_admin_create_user_only,
    };
    let live = live.and_then(|l| l.invite_message_template.as_ref());
    let given = inputs.admin_create_user_config.as_ref().and_then(|c| c.invite_message_template.as_ref());
    let template = (given.is_some() || live.is_some()).then(|| {
        let text = |given: Option<&String>, live: Option<&String>| given.or(live).cloned();
        MessageTemplateType::builder()
            .set_email_message(text(
                given.and_then(|t| t.email_message.as_ref()),
                live.and_then(|t| t.email_message.as_ref()),
            ))
            .set_email_subject(text(
                given.and_then(|t| t.email_subject.as_ref()),
                live.and_then(|t| t.email_subject.as_ref()),
            ))
            .set_sms_message(text(
                given.and_then(|t| t.sms_message.as_ref()),
                live.and_then(|t| t.sms_message.as_ref()),
            ))
            .build()
    });
    let config = AdminCreateUserConfigType::builder().allow_admin_create_user_only(only);
    Some(config.set_invite_message_template(template).build())
}

fn add_ons(inputs: &Inputs, live: Option<&UserPoolType>) -> Result<Option<UserPoolAddOnsType>, Error> {
    let builder = UserPoolAddOnsType::builder();
    let Some(given) = &inputs.user_pool_add_ons else {
        let was_on = live.is_some_and(|l| l.user_pool_add_ons.is_some());
        return was_on
            .then(|| built(builder.advanced_security_mode(AdvancedSecurityModeType::Off).build()))
            .transpose();
    };
    let flows = given.advanced_security_additional_flows.as_ref().map(|flows| {
        let mode = flows.custom_auth_mode.as_deref().map(Into::into);
        sdk::AdvancedSecurityAdditionalFlowsType::builder().set_custom_auth_mode(mode).build()
    });
    let builder = builder.set_advanced_security_additional_flows(flows);
    built(builder.advanced_security_mode(given.advanced_security_mode.as_str().into()).build()).map(Some)
}

impl PasswordPolicy {
    fn to_sdk(&self, live: Option<&PasswordPolicyType>) -> PasswordPolicyType {
        let history = self.password_history_size;
        PasswordPolicyType::builder()
            .set_minimum_length(self.minimum_length.or_else(|| live.and_then(|l| l.minimum_length)))
            // a feature of a dearer plan: to be without it is not to mention it
            .set_password_history_size((history > 0).then_some(history))
            .require_lowercase(self.require_lowercase)
            .require_numbers(self.require_numbers)
            .require_symbols(self.require_symbols)
            .require_uppercase(self.require_uppercase)
            .temporary_password_validity_days(self.temporary_password_validity_days)
            .build()
    }
}

impl AccountRecoverySetting {
    fn to_sdk(&self) -> Result<AccountRecoverySettingType, Error> {
        let ways = self.recovery_mechanisms.iter().map(|way| {
            built(sdk::RecoveryOptionType::builder().name(way.name.as_str().into()).priority(way.priority).build())
        });
        let ways = ways.collect::<Result<Vec<_>, _>>()?;
        Ok(AccountRecoverySettingType::builder().set_recovery_mechanisms(Some(ways)).build())
    }
}

impl EmailConfiguration {
    fn to_sdk(&self) -> EmailConfigurationType {
        EmailConfigurationType::builder()
            .set_configuration_set(self.configuration_set.clone())
            .email_sending_account(self.email_sending_account.as_str().into())
            .set_from(self.from_email_address.clone())
            .set_reply_to_email_address(self.reply_to_email_address.clone())
            .set_source_arn(self.source_arn.clone())
            .build()
    }
}

impl SmsConfiguration {
    pub(super) fn to_sdk(&self) -> SmsConfigurationType {
        SmsConfigurationType::builder()
            .external_id(&self.external_id)
            .sns_caller_arn(&self.sns_caller_arn)
            .set_sns_region(self.sns_region.clone())
            .build()
    }
}

impl UsernameConfiguration {
    pub(super) fn to_sdk(&self) -> Result<sdk::UsernameConfigurationType, Error> {
        built(sdk::UsernameConfigurationType::builder().case_sensitive(self.case_sensitive).build())
    }
}

impl WebAuthnConfiguration {
    pub(super) fn to_sdk(&self) -> sdk::WebAuthnConfigurationType {
        sdk::WebAuthnConfigurationType::builder()
            .set_relying_party_id(self.relying_party_id.clone())
            .set_user_verification(self.user_verification.as_deref().map(Into::into))
            .build()
    }
}

impl Schema {
    pub(super) fn to_sdk(&self) -> SchemaAttributeType {
        let numbers = self.number_attribute_constraints.as_ref().map(|c| {
            sdk::NumberAttributeConstraintsType::builder()
                .set_max_value(c.max_value.clone())
                .set_min_value(c.min_value.clone())
                .build()
        });
        let texts = self.string_attribute_constraints.as_ref().map(|c| {
            sdk::StringAttributeConstraintsType::builder()
                .set_max_length(c.max_length.clone())
                .set_min_length(c.min_length.clone())
                .build()
        });
        SchemaAttributeType::builder()
            .name(&self.name)
            .attribute_data_type(self.attribute_data_type.as_str().into())
            .developer_only_attribute(self.developer_only_attribute)
            .mutable(self.mutable)
            .required(self.required)
            .set_number_attribute_constraints(numbers)
            .set_string_attribute_constraints(texts)
            .build()
    }

    fn from_sdk(attribute: SchemaAttributeType) -> Self {
        let numbers = attribute.number_attribute_constraints;
        let texts = attribute.string_attribute_constraints;
        Self {
            attribute_data_type: attribute.attribute_data_type.map(|t| t.to_string()).unwrap_or_default(),
            developer_only_attribute: attribute.developer_only_attribute.unwrap_or(false),
            mutable: attribute.mutable.unwrap_or(false),
            name: super::schema::bare(attribute.name.as_deref().unwrap_or_default()).to_owned(),
            number_attribute_constraints: numbers
                .filter(|c| c.max_value.is_some() || c.min_value.is_some())
                .map(|c| NumberAttributeConstraints { max_value: c.max_value, min_value: c.min_value }),
            required: attribute.required.unwrap_or(false),
            string_attribute_constraints: texts
                .filter(|c| c.max_length.is_some() || c.min_length.is_some())
                .map(|c| StringAttributeConstraints { max_length: c.max_length, min_length: c.min_length }),
        }
    }
}

fn texts<T: ToString>(values: Option<Vec<T>>) -> Vec<String> {
    values.unwrap_or_default().iter().map(ToString::to_string).collect()
}

fn text<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|v| v.to_string()).filter(|v| !v.is_empty())
}

/// What is live, all standard attributes among its schemas.
pub(super) fn inputs(pool: UserPoolType, mfa: Mfa) -> Inputs {
    let policies = pool.policies;
    let (password, sign_in) = policies.map(|p| (p.password_policy, p.sign_in_policy)).unwrap_or_default();
    let sms = pool.sms_configuration.filter(|s| !s.sns_caller_arn.is_empty());
    let recovery = pool.account_recovery_setting.and_then(|s| s.recovery_mechanisms).filter(|ways| !ways.is_empty());
    let updates =
        texts(pool.user_attribute_update_settings.and_then(|s| s.attributes_require_verification_before_update));
    Inputs {
        name: pool.name.unwrap_or_default(),
        account_recovery_setting: recovery.map(|ways| AccountRecoverySetting {
            recovery_mechanisms: ways
                .into_iter()
                .map(|way| RecoveryMechanism { name: way.name.to_string(), priority: way.priority })
                .collect(),
        }),
        admin_create_user_config: pool.admin_create_user_config.map(|c| AdminCreateUserConfig {
            allow_admin_create_user_only: c.allow_admin_create_user_only,
            invite_message_template: c.invite_message_template.map(|t| InviteMessageTemplate {
                email_message: t.email_message,
                email_subject: t.email_subject,
                sms_message: t.sms_message,
            }),
        }),
        alias_attributes: texts(pool.alias_attributes),
        auto_verified_attributes: texts(pool.auto_verified_attributes),
        deletion_protection: text(pool.deletion_protection).unwrap_or_else(|| "INACTIVE".to_owned()),
        device_configuration: pool.device_configuration.map(|d| DeviceConfiguration {
            challenge_required_on_new_device: d.challenge_required_on_new_device,
            device_only_remembered_on_user_prompt: d.device_only_remembered_on_user_prompt,
        }),
        email_configuration: pool.email_configuration.map(|e| EmailConfiguration {
            configuration_set: text(e.configuration_set),
            email_sending_account: text(e.email_sending_account).unwrap_or_else(|| "COGNITO_DEFAULT".to_owned()),
            from_email_address: text(e.from),
            reply_to_email_address: text(e.reply_to_email_address),
            source_arn: text(e.source_arn),
        }),
        email_mfa_configuration: mfa
            .email_mfa_configuration
            .map(|e| EmailMfaConfiguration { message: e.message, subject: e.subject }),
        email_verification_message: text(pool.email_verification_message),
        email_verification_subject: text(pool.email_verification_subject),
        lambda_config: pool.lambda_config.map(LambdaConfig::from_sdk).filter(|l| *l != LambdaConfig::default()),
        mfa_configuration: text(mfa.mfa_configuration).unwrap_or_else(|| "OFF".to_owned()),
        password_policy: password.map(|p| PasswordPolicy {
            minimum_length: p.minimum_length,
            password_history_size: p.password_history_size.unwrap_or_default(),
            require_lowercase: p.require_lowercase,
            require_numbers: p.require_numbers,
            require_symbols: p.require_symbols,
            require_uppercase: p.require_uppercase,
            temporary_password_validity_days: p.temporary_password_validity_days,
        }),
        schemas: pool.schema_attributes.unwrap_or_default().into_iter().map(Schema::from_sdk).collect(),
        sign_in_policy: sign_in
            .map(|p| SignInPolicy { allowed_first_auth_factors: texts(p.allowed_first_auth_factors) }),
        sms_authentication_message: text(pool.sms_authentication_message),
        sms_configuration: sms.map(|s| SmsConfiguration {
            external_id: s.external_id.unwrap_or_default(),
            sns_caller_arn: s.sns_caller_arn,
            sns_region: s.sns_region,
        }),
        sms_verification_message: text(pool.sms_verification_message),
        software_token_mfa_configuration: mfa
            .software_token_mfa_configuration
            .filter(|t| t.enabled)
            .map(|t| SoftwareTokenMfaConfiguration { enabled: t.enabled }),
        user_attribute_update_settings: (!updates.is_empty())
            .then_some(UserAttributeUpdateSettings { attributes_require_verification_before_updates: updates }),
        user_pool_add_ons: pool.user_pool_add_ons.map(UserPoolAddOns::from_sdk).filter(|a| {
            a.advanced_security_mode != AdvancedSecurityModeType::Off.as_str()
                || a.advanced_security_additional_flows.is_some()
        }),
        user_pool_tier: text(pool.user_pool_tier),
        username_attributes: texts(pool.username_attributes),
        username_configuration: pool
            .username_configuration
            .map(|c| UsernameConfiguration { case_sensitive: c.case_sensitive }),
        verification_message_template: pool.verification_message_template.map(|t| VerificationMessageTemplate {
            default_email_option: text(t.default_email_option).unwrap_or_else(|| "CONFIRM_WITH_CODE".to_owned()),
            email_message: t.email_message,
            email_message_by_link: t.email_message_by_link,
            email_subject: t.email_subject,
            email_subject_by_link: t.email_subject_by_link,
            sms_message: t.sms_message,
        }),
        web_authn_configuration: mfa.web_authn_configuration.map(|w| WebAuthnConfiguration {
            relying_party_id: w.relying_party_id,
            user_verification: text(w.user_verification),
        }),
        tags: std::collections::BTreeMap::new(),
    }
}

impl LambdaConfig {
    fn from_sdk(live: LambdaConfigType) -> Self {
        Self {
            create_auth_challenge: live.create_auth_challenge,
            custom_email_sender: live
                .custom_email_sender
                .map(|s| CustomEmailSender { lambda_arn: s.lambda_arn, lambda_version: s.lambda_version.to_string() }),
            custom_message: live.custom_message,
            custom_sms_sender: live
                .custom_sms_sender
                .map(|s| CustomSmsSender { lambda_arn: s.lambda_arn, lambda_version: s.lambda_version.to_string() }),
            define_auth_challenge: live.define_auth_challenge,
            kms_key_id: live.kms_key_id,
            post_authentication: live.post_authentication,
            post_confirmation: live.post_confirmation,
            pre_authentication: live.pre_authentication,
            pre_sign_up: live.pre_sign_up,
            pre_token_generation: live.pre_token_generation,
            pre_token_generation_config: live.pre_token_generation_config.map(|s| PreTokenGenerationConfig {
                lambda_arn: s.lambda_arn,
                lambda_version: s.lambda_version.to_string(),
            }),
            user_migration: live.user_migration,
            verify_auth_challenge_response: live.verify_auth_challenge_response,
        }
    }
}

impl UserPoolAddOns {
    fn from_sdk(live: UserPoolAddOnsType) -> Self {
        let flows = live.advanced_security_additional_flows.and_then(|f| text(f.custom_auth_mode));
        Self {
            advanced_security_additional_flows: flows
                .map(|mode| AdvancedSecurityAdditionalFlows { custom_auth_mode: Some(mode) }),
            advanced_security_mode: live.advanced_security_mode.to_string(),
        }
    }
}
