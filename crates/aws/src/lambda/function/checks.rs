//! What Lambda refuses of a function's inputs, as far as they are known.

use crate::prelude::*;

/// Most bytes of an environment, as JSON: so Lambda measures it ("exceeded the 4KB limit. String measured: {..}").
/// <https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594>, as of 2026-11
const ENVIRONMENT: usize = 4 << 10;

/// Variables that Lambda sets itself.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>, not looked up on
/// 2026-11-26
const RESERVED: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

pub(super) fn check(checks: &mut Checks<'_>) {
    source(checks);
    package(checks);
    environment(checks);
    if checks.gives("replacementSecurityGroupIds") && !checks.asks("replaceSecurityGroupsOnDestroy") {
        checks.wrong("replacementSecurityGroupIds", "this is for `replaceSecurityGroupsOnDestroy`: set it too");
    }
}

/// Code comes from one place; `code::check` says when there is none.
fn source(checks: &mut Checks<'_>) {
    let given: Vec<_> = ["code", "imageUri", "s3Bucket"].into_iter().filter(|name| checks.has(name)).collect();
    if let [one, other, ..] = given[..] {
        checks.not_both(one, other);
    }
    for (given, missing) in [("s3Bucket", "s3Key"), ("s3Key", "s3Bucket"), ("s3ObjectVersion", "s3Bucket")] {
        if checks.has(given) && !checks.has(missing) {
            checks.wrong(missing, format!("missing: `{given}` is given"));
        }
    }
    checks.not_both("imageUri", "sourceKmsKeyArn");
}

/// A ZIP file has a runtime, an image brings its own.
fn package(checks: &mut Checks<'_>) {
    match checks.text("packageType").unwrap_or(if checks.has("packageType") { "" } else { "Zip" }) {
        "Zip" => {
            for property in ["handler", "runtime"] {
                if !checks.has(property) {
                    checks.wrong(property, "missing: a function with `packageType` `Zip` has a handler and a runtime");
                }
            }
            for property in ["imageUri", "imageConfig"] {
                if checks.has(property) {
                    checks.wrong(property, "this is for images: set `packageType` to `Image` too");
                }
            }
        }
        "Image" => {
            for property in ["handler", "runtime", "layers", "code", "s3Bucket"] {
                if checks.gives(property) {
                    checks.wrong(property, "this is for ZIP files: a function with `packageType` `Image` has an image");
                }
            }
        }
        _ => {}
    }
}

fn environment(checks: &mut Checks<'_>) {
    let Some(Value::Object(environment)) = checks.inputs.get("environment") else { return };
    let Some(Value::Object(variables)) = environment.get("variables") else { return };
    for name in variables.keys().filter(|name| RESERVED.contains(&name.as_str())) {
        checks.wrong(&format!("environment.variables.{name}"), format!("Lambda sets `{name}` itself: rename it"));
    }
    let known = variables.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let measured = serde_json::to_string(&known.collect::<BTreeMap<_, _>>()).map_or(0, |json| json.len());
    if measured > ENVIRONMENT {
        let reason = format!(
            "the variables have {measured} bytes as JSON, and Lambda takes {ENVIRONMENT}\nhint: keep what is large in a \
             parameter of SSM or in a bucket, and give its name"
        );
        checks.wrong("environment.variables", reason);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::testing::map;

    fn wrong(change: &Json) -> String {
        let mut inputs =
            json!({ "s3Bucket": "b", "s3Key": "k", "handler": "i.h", "runtime": "nodejs22.x", "role": "r" });
        inputs.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let mut inputs = map(&inputs);
        inputs.retain(|_, value| *value != Value::Null);
        let mut checks = Checks::of(&inputs);
        check(&mut checks);
        checks.failures().into_iter().map(|failure| failure.property).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn code_comes_from_one_place() {
        assert_eq!(wrong(&json!({})), "");
        assert_eq!(wrong(&json!({ "s3Key": null })), "s3Key");
        assert_eq!(wrong(&json!({ "s3Bucket": null })), "s3Bucket");
        assert_eq!(wrong(&json!({ "code": { "$archive": {} } })), "s3Bucket");
    }

    #[test]
    fn an_image_has_no_runtime_and_a_zip_file_has_one() {
        assert_eq!(wrong(&json!({ "handler": null })), "handler");
        assert_eq!(wrong(&json!({ "imageConfig": { "workingDirectory": "/" } })), "imageConfig");
        let image = json!({ "packageType": "Image", "imageUri": "i", "s3Bucket": null, "s3Key": null });
        assert_eq!(wrong(&image), "handler runtime");
        let mut bare = image;
        bare["handler"] = Json::Null;
        bare["runtime"] = Json::Null;
        assert_eq!(wrong(&bare), "");
        bare["layers"] = json!(["l"]);
        assert_eq!(wrong(&bare), "layers");
    }

    #[test]
    fn an_environment_is_measured_as_lambda_does() {
        let of = |size: usize| json!({ "environment": { "variables": { "A": "x".repeat(size) } } });
        // {"A":"x"} has eight bytes beside the value
        assert_eq!((wrong(&of(4088)), wrong(&of(4089))), (String::new(), "environment.variables".to_owned()));
        let quotes = json!({ "environment": { "variables": { "A": "\"".repeat(2045) } } });
        assert_eq!(wrong(&quotes), "environment.variables", "a quote is two bytes in JSON");
        let reserved = json!({ "environment": { "variables": { "AWS_REGION": "x", "REGION": "x" } } });
        assert_eq!(wrong(&reserved), "environment.variables.AWS_REGION");
    }

    #[test]
    fn other_groups_are_for_a_delete_that_gives_them() {
        assert_eq!(wrong(&json!({ "replacementSecurityGroupIds": ["sg-1"] })), "replacementSecurityGroupIds");
        let both = json!({ "replacementSecurityGroupIds": ["sg-1"], "replaceSecurityGroupsOnDestroy": true });
        assert_eq!(wrong(&both), "");
    }
}
