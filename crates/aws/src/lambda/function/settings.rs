//! A function's settings: what AWS shows of them, and how they are changed.

use aws_sdk_lambda::types::{self, FunctionConfiguration};

use super::{Inputs, ready};
use crate::{checks::items, prelude::*, waits::FUNCTION_IS_BUSY};

/// The inputs that describe a function, without what other calls tell. Lambda shows empty objects where there is nothing.
pub(super) fn live(mut configuration: FunctionConfiguration) -> Answer<Inputs> {
    if let Some(error) = configuration.environment.as_ref().and_then(|environment| environment.error.as_ref()) {
        let [code, message] = [&error.error_code, &error.message].map(|text| text.clone().unwrap_or_default());
        let hint = "the credentials need kms:Decrypt of the key that its environment is encrypted with";
        return Err(Error::new(format!("reading its environment: {code}: {message}")).hint(hint).into());
    }
    let layers = configuration.layers.take().unwrap_or_default();
    let file_systems = configuration.file_system_configs.take().unwrap_or_default();
    let mut inputs = Inputs::from_sdk(configuration);
    inputs.layers = layers.into_iter().filter_map(|layer| layer.arn).collect();
    inputs.file_system_config = Vec::from_sdk(file_systems).into_iter().next();
    inputs.dead_letter_config = inputs.dead_letter_config.filter(|config| !config.target_arn.is_empty());
    inputs.environment = inputs.environment.filter(|environment| !environment.variables.is_empty());
    inputs.image_config = inputs.image_config.filter(|config| *config != super::ImageConfig::default());
    inputs.snap_start = inputs.snap_start.filter(|snap_start| snap_start.apply_on != OFF);
    let is_in_vpc = |vpc: &super::VpcConfig| !vpc.subnet_ids.is_empty() || !vpc.security_group_ids.is_empty();
    inputs.vpc_config = inputs.vpc_config.filter(is_in_vpc);
    Ok(inputs)
}

/// SnapStart that is off.
const OFF: &str = "None";

/// AWS shows nothing where a program says "nothing" in so many words.
pub(super) fn reduce(olds: Option<&Map>, live: &mut Map) {
    let said_nothing = |name: &str, said: &Map| match name {
        "environment" => matches!(said.get("variables"), Some(Value::Object(variables)) if variables.is_empty()),
        "vpcConfig" => items(said, "subnetIds").is_empty() && items(said, "securityGroupIds").is_empty(),
        _ => said.values().all(|value| matches!(value, Value::Array(items) if items.is_empty())),
    };
    for name in ["environment", "imageConfig", "vpcConfig"] {
        if live.get(name).is_none_or(|value| *value == Value::Null)
            && let Some(Value::Object(said)) = olds.and_then(|olds| olds.get(name))
            && said_nothing(name, said)
        {
            live.insert(name.to_owned(), Value::Object(said.clone()));
        }
    }
    // of what is imported nobody has said which variables are secret: so all of them are
    if olds.is_none()
        && let Some(Value::Object(environment)) = live.get_mut("environment")
        && let Some(variables) = environment.get_mut("variables")
    {
        *variables = std::mem::take(variables).secret();
    }
}

/// The new value, where it is another one.
fn changed<T: PartialEq + Clone>(old: &T, new: &T) -> Option<T> {
    (old != new).then(|| new.clone())
}

/// Changes what is to be otherwise, and waits until it counts; answers whether there was anything. What is not sent stays,
/// so what goes is sent empty; what AWS chose by itself stays when nobody asks for it any more.
pub(super) async fn change(cx: &Cx, name: &str, old: &Inputs, new: &Inputs) -> Answer<bool> {
    let doing = "changing its settings";
    let call = cx.clients.lambda.update_function_configuration().function_name(name);
    let nothing = call.as_input().clone();
    let dead_letters = changed(&old.dead_letter_config, &new.dead_letter_config);
    let no_dead_letters = || Ok(types::DeadLetterConfig::builder().target_arn("").build());
    let file_systems = changed(&old.file_system_config, &new.file_system_config);
    let image = changed(&old.image_config, &new.image_config).map(Option::unwrap_or_default);
    let snap_start = changed(&old.snap_start, &new.snap_start);
    let no_snap_start = || Ok(types::SnapStart::builder().apply_on(OFF.into()).build());
    let vpc = changed(&old.vpc_config, &new.vpc_config);
    let no_vpc = || {
        let nothing = types::VpcConfig::builder().ipv6_allowed_for_dual_stack(false);
        Ok(nothing.set_security_group_ids(Some(Vec::new())).set_subnet_ids(Some(Vec::new())).build())
    };
    // with another key the variables are encrypted again
    let environment = (old.environment != new.environment || old.kms_key_arn != new.kms_key_arn)
        .then(|| new.environment.clone().unwrap_or(super::Environment { variables: BTreeMap::new() }));
    let call = call
        .set_dead_letter_config(dead_letters.map(|c| c.map_or_else(no_dead_letters, |c| c.to_sdk())).transpose()?)
        .set_description(changed(&old.description, &new.description).map(Option::unwrap_or_default))
        .set_environment(environment.to_sdk()?)
        .set_ephemeral_storage(changed(&old.ephemeral_storage, &new.ephemeral_storage).flatten().to_sdk()?)
        .set_file_system_configs(
            file_systems.map(|one| one.into_iter().map(|one| one.to_sdk()).collect::<Answer<_>>()).transpose()?,
        )
        .set_handler(changed(&old.handler, &new.handler).flatten())
        .set_image_config(image.to_sdk()?)
        .set_kms_key_arn(changed(&old.kms_key_arn, &new.kms_key_arn).map(Option::unwrap_or_default))
        .set_layers(changed(&old.layers, &new.layers))
        .set_logging_config(changed(&old.logging_config, &new.logging_config).flatten().to_sdk()?)
        .set_memory_size(changed(&old.memory_size, &new.memory_size))
        .set_role(changed(&old.role, &new.role))
        .set_runtime(changed(&old.runtime, &new.runtime).flatten().to_sdk()?)
        .set_snap_start(snap_start.map(|s| s.map_or_else(no_snap_start, |s| s.to_sdk())).transpose()?)
        .set_timeout(changed(&old.timeout, &new.timeout))
        .set_tracing_config(changed(&old.tracing_config, &new.tracing_config).flatten().to_sdk()?)
        .set_vpc_config(vpc.map(|vpc| vpc.map_or_else(no_vpc, |vpc| vpc.to_sdk())).transpose()?);
    if *call.as_input() == nothing {
        return Ok(false);
    }
    FUNCTION_IS_BUSY.out(|| propagation::told(&[], || call.clone().send())).await.done().within(doing)?;
    ready(cx, name, None).await.within(doing)?;
    Ok(true)
}
