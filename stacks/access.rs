//! Who may change the zone: the pipeline, and in an emergency a person with a second factor.
//!
//! Read by: the pipelines of all repositories, through `iam/{cicd,break-glass,secrets-read}/arn`.

use aws::iam::{OpenIdConnectProvider, Policy, Role, RolePolicyAttachment};
use config::{Access, OidcProvider};
use pulumi::output::Output;

use crate::{Stack, kms::Keys};

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// The audience of a token that GitHub makes for AWS.
pub const AUDIENCE: &str = "sts.amazonaws.com";
const HOUR: i32 = 60 * 60;

pub(crate) fn deploy(stack: &mut Stack<'_>, access: &Access, keys: &Keys) {
    let zone = stack.zone;
    let platform = zone.platform();

    let github = match access.oidc_provider {
        OidcProvider::Own => {
            OpenIdConnectProvider::new(&stack.scope, "github").url(GITHUB).client_id_lists([AUDIENCE]).register().arn()
        }
        OidcProvider::Existing => Output::known(zone.github_provider_arn()),
    };
    let trust = {
        let subjects = zone.github_subjects.clone();
        github.apply(move |provider| policies::role::github_trust(&provider, AUDIENCE, &subjects).to_json())
    };
    let cicd = Role::new(&stack.scope, "cicd")
        .name(format!("{platform}-cicd"))
        .description("GitHub deploys the platform")
        .assume_role_policy(trust)
        .register();
    administrator(stack, "cicd", &cicd);

    let trust = policies::role::break_glass_trust(&zone.member.id, &access.break_glass_principals);
    let break_glass = Role::new(&stack.scope, "break-glass")
        .name(format!("{platform}-break-glass"))
        .description("a person with a second factor, in an emergency, for an hour")
        .assume_role_policy(trust.to_json())
        .max_session_duration(HOUR)
        .register();
    administrator(stack, "break-glass", &break_glass);

    let classes = Output::all(zone.classes.iter().map(|class| keys.of(&class.name).arn()));
    let rights = {
        let zone = zone.clone();
        classes.apply(move |keys| policies::role::secrets_read(&zone, &keys).to_json())
    };
    let secrets_read = Policy::new(&stack.scope, "secrets-read")
        .name(format!("{}-secrets-read", zone.prefix))
        .description("reads the platform's secrets; for service roles that need them")
        .policy(rights)
        .register();

    stack.publish("iam/cicd/arn", cicd.arn());
    stack.publish("iam/break-glass/arn", break_glass.arn());
    stack.publish("iam/secrets-read/arn", secrets_read.arn());
}

fn administrator(stack: &Stack<'_>, name: &str, role: &Role) {
    RolePolicyAttachment::new(&stack.scope, name).role(role.name()).policy_arn(ADMINISTRATOR).register();
}
