//! Functions of Lambda.

use aws_sdk_lambda::{
    error::ProvideErrorMetadata, operation::get_function_event_invoke_config::GetFunctionEventInvokeConfigOutput,
    types::FunctionConfiguration,
};
use cucumber::{then, when};

use super::{modules, names};
use crate::{
    clients::refused,
    policy,
    world::{Judged, World, ensure, seen},
};

#[when(expr = "Lambda describes the module's function {string}")]
async fn describe(world: &mut World, purpose: String) -> Judged {
    let name = modules::name(world, &purpose)?;
    let lambda = &world.session()?.clients;
    let answer = lambda.lambda.get_function().function_name(&name).send().await;
    world.module.function = Some(answer.map_err(|error| refused("lambda:GetFunction", &name, &error))?);
    let answer = lambda.lambda.get_policy().function_name(&name).send().await;
    world.module.callers = Some(match answer {
        Ok(answer) => policy::statements(answer.policy().unwrap_or_default())?,
        // a function that nobody from outside may call has none
        Err(error) if error.code() == Some("ResourceNotFoundException") => Vec::new(),
        Err(error) => return Err(refused("lambda:GetPolicy", &name, &error)),
    });
    let answer = lambda.lambda.get_function_event_invoke_config().function_name(&name).send().await;
    world.module.asynchronous = match answer {
        Ok(answer) => Some(answer),
        Err(error) if error.code() == Some("ResourceNotFoundException") => None,
        Err(error) => return Err(refused("lambda:GetFunctionEventInvokeConfig", &name, &error)),
    };
    Ok(())
}

fn about(world: &World) -> Judged<&FunctionConfiguration> {
    let function = seen(world.module.function.as_ref(), "function")?;
    seen(function.configuration(), "function's configuration")
}

#[then(expr = "it runs {string} in {string} for {int} seconds at most")]
fn runs(world: &mut World, handler: String, runtime: String, seconds: i32) -> Judged {
    let about = about(world)?;
    let found = about.runtime().map(|runtime| runtime.as_str().to_owned()).unwrap_or_default();
    ensure!(about.handler() == Some(&handler), "its handler is `{}`", about.handler().unwrap_or_default());
    ensure!(found == runtime, "its runtime is `{found}`");
    ensure!(about.timeout() == Some(seconds), "it runs for {} seconds at most", about.timeout().unwrap_or_default());
    Ok(())
}

#[then(expr = "it runs with the module's role {string}")]
fn has_role(world: &mut World, purpose: String) -> Judged {
    let name = modules::name(world, &purpose)?;
    let found = about(world)?.role().unwrap_or_default();
    ensure!(found.rsplit('/').next() == Some(&name), "its role is `{found}`");
    Ok(())
}

#[then(expr = "its environment has {string} and nothing else")]
fn has_variables(world: &mut World, variables: String) -> Judged {
    let environment = about(world)?.environment().and_then(|environment| environment.variables());
    let mut found: Vec<_> = environment.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    found.sort_unstable();
    let mut wanted = names(&variables);
    wanted.sort_unstable();
    ensure!(found == wanted, "it has {}", found.join(", "));
    Ok(())
}

#[then(expr = "its environment is encrypted with the key of class {string}")]
async fn is_encrypted(world: &mut World, class: String) -> Judged {
    let key = about(world)?.kms_key_arn().ok_or("its environment is encrypted with a key of Lambda's")?.to_owned();
    super::kms::is_key_of(world, &key, &class, "the function's environment").await
}

#[then(expr = "what it fails on is tried {int} times more, and goes to the module's queue {string}")]
fn is_retried(world: &mut World, retries: i32, purpose: String) -> Judged {
    let queue = modules::name(world, &purpose)?;
    let queue = modules::arn(world, "sqs", &queue)?;
    let found = world.module.asynchronous.as_ref().and_then(GetFunctionEventInvokeConfigOutput::maximum_retry_attempts);
    // Lambda's own number where nothing is configured
    let found = found.unwrap_or(2);
    ensure!(found == retries, "it is tried {found} times more");
    let target = about(world)?.dead_letter_config().and_then(|config| config.target_arn()).unwrap_or("nowhere");
    ensure!(target == queue, "it goes to `{target}`");
    Ok(())
}
