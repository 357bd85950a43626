//! Deleting a function.

use aws_sdk_ec2::types::Filter;
use aws_sdk_lambda::types::VpcConfig;

use super::{ABSENT, Inputs, get, ready};
use crate::{
    prelude::*,
    waits::{FUNCTION_IS_BUSY, FUNCTION_IS_READY},
};

/// Deletes it, and waits until it is gone: one in a VPC takes a while, and keeps its name as long.
pub(super) async fn delete(cx: &Cx, name: &str, inputs: &Inputs) -> Answer {
    if inputs.skip_destroy {
        cx.log.info(&cx.urn, &format!("left Lambda function `{name}` on AWS, as its `skipDestroy` says")).await;
        return Ok(());
    }
    if inputs.replace_security_groups_on_destroy {
        regroup(cx, name, &inputs.replacement_security_group_ids).await?;
    }
    let call = cx.clients.lambda.delete_function().function_name(name);
    match FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done() {
        Err(refusal) if refusal.says("replicated function") => {
            return Err(refusal.hint(
                "CloudFront removes its replicas some hours after the last distribution that uses it is gone: run it again \
                 then",
            ));
        }
        done => done?,
    }
    let gone = || async {
        let live = get(cx, name, None).await.found(ABSENT).within("waiting until it is gone")?;
        Ok(live.is_none().then_some(()))
    };
    waits::until(FUNCTION_IS_READY, "to be gone", gone).await
}

/// Gives its network interfaces other security groups: Lambda keeps the interfaces for a while after the function is gone,
/// and EC2 deletes no group that one of them has.
async fn regroup(cx: &Cx, name: &str, groups: &[String]) -> Answer {
    let doing = "replacing its security groups";
    let live = get(cx, name, None).await.found(ABSENT).within(doing)?.and_then(|found| found.configuration);
    let Some(vpc) = live.and_then(|live| live.vpc_config) else { return Ok(()) };
    if vpc.security_group_ids().is_empty() {
        return Ok(());
    }
    let groups = match groups {
        [] => vec![default_group(cx, vpc.vpc_id().unwrap_or_default()).await.within(doing)?],
        some => some.to_vec(),
    };
    let config = VpcConfig::builder().set_security_group_ids(Some(groups)).set_subnet_ids(vpc.subnet_ids);
    let call = cx.clients.lambda.update_function_configuration().function_name(name).vpc_config(config.build());
    FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done().within(doing)?;
    ready(cx, name, None).await.within(doing)
}

async fn default_group(cx: &Cx, vpc: &str) -> Answer<String> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let call = cx.clients.ec2.describe_security_groups().filters(filter("vpc-id", vpc));
    let found = call.filters(filter("group-name", "default")).send().await?.security_groups.unwrap_or_default();
    let group = found.into_iter().find_map(|group| group.group_id);
    group.ok_or_else(|| {
        let missing = Error::new(format!("VPC `{vpc}` shows no default security group"));
        missing.hint("give `replacementSecurityGroupIds`").into()
    })
}
