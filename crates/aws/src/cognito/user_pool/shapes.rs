//! The objects nested in a user pool.

use aws_sdk_cognitoidentityprovider::types;
use derive::Shape;

/// How users get their password back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolAccountRecoverySetting", sdk = types::AccountRecoverySettingType)]
pub struct AccountRecoverySetting {
    // AWS refuses an empty list, where it would take none for its default
    /// The ways, in order of their priority.
    #[resource(set, default, always)]
    pub recovery_mechanisms: Vec<RecoveryMechanism>,
}

/// One way to get a password back.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolAccountRecoverySettingRecoveryMechanism", sdk = types::RecoveryOptionType)]
pub struct RecoveryMechanism {
    /// `verified_email`, `verified_phone_number` or `admin_only`.
    pub name: String,
    /// Order: 1 comes first.
    pub priority: i32,
}

/// How users come into the pool.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolAdminCreateUserConfig", sdk = types::AdminCreateUserConfigType)]
pub struct AdminCreateUserConfig {
    /// Whether only administrators create users, and nobody signs up.
    #[resource(default = false)]
    pub allow_admin_create_user_only: bool,
    /// The invitation of a user that an administrator created.
    #[resource(computed)]
    pub invite_message_template: Option<InviteMessageTemplate>,
}

/// The invitation of a user that an administrator created.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolAdminCreateUserConfigInviteMessageTemplate", sdk = types::MessageTemplateType)]
pub struct InviteMessageTemplate {
    /// Text of the e-mail, with `{username}` and `{####}`.
    #[resource(computed)]
    pub email_message: Option<String>,
    /// Subject of the e-mail.
    #[resource(computed)]
    pub email_subject: Option<String>,
    /// Text of the SMS, with `{username}` and `{####}`.
    #[resource(computed)]
    pub sms_message: Option<String>,
}

/// Which devices are remembered.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolDeviceConfiguration", sdk = types::DeviceConfigurationType)]
pub struct DeviceConfiguration {
    /// Whether MFA is asked for on a new device only.
    #[resource(default = false)]
    pub challenge_required_on_new_device: bool,
    /// Whether the user is asked before a device is remembered.
    #[resource(default = false)]
    pub device_only_remembered_on_user_prompt: bool,
}

/// How e-mails are sent.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolEmailConfiguration", sdk = types::EmailConfigurationType)]
pub struct EmailConfiguration {
    /// Configuration set of SES.
    #[resource(blank)]
    pub configuration_set: Option<String>,
    /// `COGNITO_DEFAULT` or `DEVELOPER`, which is SES.
    #[resource(default = "COGNITO_DEFAULT")]
    pub email_sending_account: String,
    /// Sender, such as `Acme <no-reply@example.com>`.
    #[resource(blank, sdk = from)]
    pub from_email_address: Option<String>,
    /// Where replies go.
    #[resource(blank)]
    pub reply_to_email_address: Option<String>,
    /// ARN of the identity in SES.
    #[resource(blank)]
    pub source_arn: Option<String>,
}

/// The second factor by e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolEmailMfaConfiguration", sdk = types::EmailMfaConfigType)]
pub struct EmailMfaConfiguration {
    /// Text, with `{####}`.
    #[resource(computed)]
    pub message: Option<String>,
    /// Subject.
    #[resource(computed)]
    pub subject: Option<String>,
}

/// ARNs of the Lambda functions that the pool calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolLambdaConfig", sdk = types::LambdaConfigType)]
pub struct LambdaConfig {
    /// Makes a challenge.
    pub create_auth_challenge: Option<String>,
    /// Sends e-mails.
    pub custom_email_sender: Option<CustomEmailSender>,
    /// Writes the text of a message.
    pub custom_message: Option<String>,
    /// Sends SMS.
    pub custom_sms_sender: Option<CustomSmsSender>,
    /// Chooses the next challenge.
    pub define_auth_challenge: Option<String>,
    /// ARN of the key that codes are encrypted with for the senders.
    pub kms_key_id: Option<String>,
    /// Called after a sign-in.
    pub post_authentication: Option<String>,
    /// Called after a user is confirmed.
    pub post_confirmation: Option<String>,
    /// Called before a sign-in.
    pub pre_authentication: Option<String>,
    /// Called before a sign-up.
    pub pre_sign_up: Option<String>,
    /// Called before a token is made, with an event of version 1.
    pub pre_token_generation: Option<String>,
    /// Called before a token is made, with an event of a version that you choose.
    pub pre_token_generation_config: Option<PreTokenGenerationConfig>,
    /// Called for a user that the pool does not know.
    pub user_migration: Option<String>,
    /// Judges the answer to a challenge.
    pub verify_auth_challenge_response: Option<String>,
}

/// The function that sends e-mails.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolLambdaConfigCustomEmailSender", sdk = types::CustomEmailLambdaVersionConfigType)]
pub struct CustomEmailSender {
    /// ARN of the function.
    pub lambda_arn: String,
    /// Version of the event: `V1_0`.
    pub lambda_version: String,
}

/// The function that sends SMS.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolLambdaConfigCustomSmsSender", sdk = types::CustomSmsLambdaVersionConfigType)]
pub struct CustomSmsSender {
    /// ARN of the function.
    pub lambda_arn: String,
    /// Version of the event: `V1_0`.
    pub lambda_version: String,
}

/// The function that is called before a token is made.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolLambdaConfigPreTokenGenerationConfig", sdk = types::PreTokenGenerationVersionConfigType)]
pub struct PreTokenGenerationConfig {
    /// ARN of the function.
    pub lambda_arn: String,
    /// Version of the event: `V1_0`, `V2_0` or `V3_0`.
    pub lambda_version: String,
}

/// What a password needs.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolPasswordPolicy", sdk = types::PasswordPolicyType)]
pub struct PasswordPolicy {
    /// Characters, 6 to 99; AWS's default is 8.
    #[resource(computed)]
    pub minimum_length: Option<i32>,
    /// Earlier passwords that cannot be used again, 0 to 24.
    #[resource(default = 0)]
    pub password_history_size: i32,
    /// Whether it needs a small letter.
    #[resource(default = false)]
    pub require_lowercase: bool,
    /// Whether it needs a digit.
    #[resource(default = false)]
    pub require_numbers: bool,
    /// Whether it needs a sign.
    #[resource(default = false)]
    pub require_symbols: bool,
    /// Whether it needs a capital letter.
    #[resource(default = false)]
    pub require_uppercase: bool,
    /// Days a password that an administrator set is good for, 0 to 365.
    #[resource(default = 7)]
    pub temporary_password_validity_days: i32,
}

/// An attribute of the users. Once it is there, it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolSchema", sdk = types::SchemaAttributeType)]
pub struct Schema {
    /// `String`, `Number`, `DateTime` or `Boolean`.
    pub attribute_data_type: String,
    /// Whether users cannot read it. AWS advises to use a client's read permissions instead.
    #[resource(default = false)]
    pub developer_only_attribute: bool,
    /// Whether its value can change.
    #[resource(default = false)]
    pub mutable: bool,
    /// A standard attribute's name, or one of your own, which AWS puts `custom:` before.
    pub name: String,
    /// Limits of a number.
    // AWS answers with one that limits nothing
    #[resource(computed, blank)]
    pub number_attribute_constraints: Option<NumberAttributeConstraints>,
    /// Whether every user has it; for standard attributes only.
    #[resource(default = false)]
    pub required: bool,
    /// Limits of a text.
    // AWS answers with one that limits nothing
    #[resource(computed, blank)]
    pub string_attribute_constraints: Option<StringAttributeConstraints>,
}

/// Limits of a number, written as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolSchemaNumberAttributeConstraints", sdk = types::NumberAttributeConstraintsType)]
pub struct NumberAttributeConstraints {
    /// Largest value.
    #[resource(computed)]
    pub max_value: Option<String>,
    /// Smallest value.
    #[resource(computed)]
    pub min_value: Option<String>,
}

/// Limits of a text's length, written as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolSchemaStringAttributeConstraints", sdk = types::StringAttributeConstraintsType)]
pub struct StringAttributeConstraints {
    /// Largest length, up to 2048.
    #[resource(computed)]
    pub max_length: Option<String>,
    /// Smallest length.
    #[resource(computed)]
    pub min_length: Option<String>,
}

/// How users may begin to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolSignInPolicy", sdk = types::SignInPolicyType)]
pub struct SignInPolicy {
    /// `PASSWORD`, `EMAIL_OTP`, `SMS_OTP`, `WEB_AUTHN`.
    #[resource(set, default, always)]
    pub allowed_first_auth_factors: Vec<String>,
}

/// How SMS are sent.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolSmsConfiguration", sdk = types::SmsConfigurationType)]
pub struct SmsConfiguration {
    /// External id in the role's trust policy.
    pub external_id: String,
    /// ARN of the role that may publish to SNS.
    pub sns_caller_arn: String,
    /// Region of SNS; the pool's own by default.
    #[resource(computed)]
    pub sns_region: Option<String>,
}

/// The second factor by an authenticator's codes (TOTP).
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolSoftwareTokenMfaConfiguration", from = types::SoftwareTokenMfaConfigType)]
pub struct SoftwareTokenMfaConfiguration {
    /// Whether users may have it.
    pub enabled: bool,
}

/// What happens when users change an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolUserAttributeUpdateSettings", sdk = types::UserAttributeUpdateSettingsType)]
pub struct UserAttributeUpdateSettings {
    /// `email`, `phone_number`: what keeps its old value until the new one is verified.
    #[resource(set, sdk = attributes_require_verification_before_update)]
    pub attributes_require_verification_before_updates: Vec<String>,
}

/// Threat protection.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolUserPoolAddOns", sdk = types::UserPoolAddOnsType)]
pub struct UserPoolAddOns {
    /// Threat protection of custom authentication.
    #[resource(blank)]
    pub advanced_security_additional_flows: Option<AdvancedSecurityAdditionalFlows>,
    /// `OFF`, `AUDIT` or `ENFORCED`.
    pub advanced_security_mode: String,
}

/// Threat protection of custom authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(
    name = "UserPoolUserPoolAddOnsAdvancedSecurityAdditionalFlows",
    sdk = types::AdvancedSecurityAdditionalFlowsType
)]
pub struct AdvancedSecurityAdditionalFlows {
    /// `AUDIT` or `ENFORCED`.
    pub custom_auth_mode: Option<String>,
}

/// How user names are compared. Once it is set, it stays.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolUsernameConfiguration", sdk = types::UsernameConfigurationType)]
pub struct UsernameConfiguration {
    /// Whether capital and small letters differ.
    #[resource(default = false)]
    pub case_sensitive: bool,
}

/// The messages that verify an address.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolVerificationMessageTemplate", sdk = types::VerificationMessageTemplateType)]
pub struct VerificationMessageTemplate {
    /// `CONFIRM_WITH_CODE` or `CONFIRM_WITH_LINK`.
    #[resource(default = "CONFIRM_WITH_CODE")]
    pub default_email_option: String,
    /// Text of the e-mail, with `{####}`.
    #[resource(computed)]
    pub email_message: Option<String>,
    /// Text of the e-mail, with `{##a link##}`.
    #[resource(computed)]
    pub email_message_by_link: Option<String>,
    /// Subject of the e-mail.
    #[resource(computed)]
    pub email_subject: Option<String>,
    /// Subject of the e-mail with a link.
    #[resource(computed)]
    pub email_subject_by_link: Option<String>,
    /// Text of the SMS, with `{####}`.
    #[resource(computed)]
    pub sms_message: Option<String>,
}

/// Sign-in by passkeys.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "UserPoolWebAuthnConfiguration", sdk = types::WebAuthnConfigurationType)]
pub struct WebAuthnConfiguration {
    /// Domain that the passkeys are for.
    #[resource(computed)]
    pub relying_party_id: Option<String>,
    /// `preferred` or `required`.
    #[resource(computed)]
    pub user_verification: Option<String>,
}
