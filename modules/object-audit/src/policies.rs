//! The IAM documents of the module.

use serde_json::json;

/// Refuses what comes without TLS, and objects that are encrypted otherwise than with this key. An object that names no
/// encryption is encrypted as the bucket says.
pub(crate) fn only_encrypted(bucket: &str, key: &str) -> String {
    let (itself, objects) = arns(bucket);
    document(&[
        insecure(&itself, &objects),
        json!({
            "Sid": "DenyIncorrectEncryption", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects,
            "Condition": named_and_other("s3:x-amz-server-side-encryption", "aws:kms"),
        }),
        json!({
            "Sid": "DenyWrongKey", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects,
            "Condition": named_and_other("s3:x-amz-server-side-encryption-aws-kms-key-id", key),
        }),
    ])
}

/// Lets S3 deliver the access logs of another bucket of this account, and refuses what comes without TLS.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html> (2026-11-26)
pub(crate) fn takes_logs(bucket: &str, of: &str, account: &str) -> String {
    let ((itself, objects), (source, _)) = (arns(bucket), arns(of));
    document(&[
        insecure(&itself, &objects),
        json!({
            "Sid": "AccessLogs", "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" },
            "Action": "s3:PutObject", "Resource": objects,
            "Condition": { "ArnLike": { "aws:SourceArn": source }, "StringEquals": { "aws:SourceAccount": account } },
        }),
    ])
}

/// Lets Lambda assume the role for functions of this account.
pub(crate) fn lambda_trust(account: &str) -> String {
    document(&[json!({
        "Sid": "Lambda", "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceAccount": account } },
    })])
}

/// What the function does: reads objects of one bucket, writes items of one table, sends what fails to one queue, and logs.
/// `handler/object_audit.py` says which call needs what.
pub(crate) fn function(bucket: &str, table: &str, queue: &str, logs: &str, key: &str) -> String {
    let (itself, objects) = arns(bucket);
    document(&[
        json!({
            "Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": objects,
        }),
        // or S3 answers 403, and not 404, for an object that is gone
        json!({ "Sid": "Missing", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": itself }),
        json!({ "Sid": "Items", "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table }),
        json!({ "Sid": "Failed", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue }),
        json!({
            "Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("{}:*", logs.trim_end_matches(":*")),
        }),
        json!({
            "Sid": "Key", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key,
        }),
    ])
}

/// That a request names this key, and another value. `StringNotEquals` alone holds for a request that does not name it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> (2026-11-26)
fn named_and_other(key: &str, value: &str) -> serde_json::Value {
    json!({ "StringNotEquals": { key: value }, "Null": { key: "false" } })
}

fn arns(bucket: &str) -> (String, String) {
    let itself = format!("arn:aws:s3:::{bucket}");
    let objects = format!("{itself}/*");
    (itself, objects)
}

fn insecure(itself: &str, objects: &str) -> serde_json::Value {
    json!({
        "Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [itself, objects],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

fn document(statements: &[serde_json::Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_has_no_wildcard_of_actions_and_none_of_resources_but_for_what_is_in_one_of_its_own() {
        let text = function("b", "arn:table", "arn:queue", "arn:logs:*", "arn:key");
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for statement in document["Statement"].as_array().expect("statements") {
            let (actions, resources) = (statement["Action"].to_string(), statement["Resource"].to_string());
            assert!(!actions.contains('*'), "{statement}");
            assert!(!resources.contains("\"*\""), "{statement}");
        }
        assert!(text.contains("\"arn:logs:*\""), "{text}");
    }
}
