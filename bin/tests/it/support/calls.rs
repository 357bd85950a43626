//! Calls as they go over the wire, by AWS's names: `s3:PutBucketEncryption`.

use super::message::Message;

/// What S3 calls a request, by method and by what stands after the `?`; S3 says it nowhere.
const OF_BUCKETS: &[(&str, &str, &str)] = &[
    ("DELETE", "", "DeleteBucket"),
    ("DELETE", "encryption", "DeleteBucketEncryption"),
    ("DELETE", "lifecycle", "DeleteBucketLifecycle"),
    ("DELETE", "ownershipControls", "DeleteBucketOwnershipControls"),
    ("DELETE", "policy", "DeleteBucketPolicy"),
    ("DELETE", "publicAccessBlock", "DeletePublicAccessBlock"),
    ("DELETE", "tagging", "DeleteBucketTagging"),
    ("GET", "encryption", "GetBucketEncryption"),
    ("GET", "lifecycle", "GetBucketLifecycleConfiguration"),
    ("GET", "list-type", "ListObjectsV2"),
    ("GET", "location", "GetBucketLocation"),
    ("GET", "notification", "GetBucketNotificationConfiguration"),
    ("GET", "object-lock", "GetObjectLockConfiguration"),
    ("GET", "ownershipControls", "GetBucketOwnershipControls"),
    ("GET", "policy", "GetBucketPolicy"),
    ("GET", "publicAccessBlock", "GetPublicAccessBlock"),
    ("GET", "tagging", "GetBucketTagging"),
    ("GET", "uploads", "ListMultipartUploads"),
    ("GET", "versioning", "GetBucketVersioning"),
    ("GET", "versions", "ListObjectVersions"),
    ("HEAD", "", "HeadBucket"),
    ("POST", "delete", "DeleteObjects"),
    ("PUT", "", "CreateBucket"),
    ("PUT", "encryption", "PutBucketEncryption"),
    ("PUT", "lifecycle", "PutBucketLifecycleConfiguration"),
    ("PUT", "notification", "PutBucketNotificationConfiguration"),
    ("PUT", "object-lock", "PutObjectLockConfiguration"),
    ("PUT", "ownershipControls", "PutBucketOwnershipControls"),
    ("PUT", "policy", "PutBucketPolicy"),
    ("PUT", "publicAccessBlock", "PutPublicAccessBlock"),
    ("PUT", "tagging", "PutBucketTagging"),
    ("PUT", "versioning", "PutBucketVersioning"),
];

/// The call that a request makes, or the request where nobody has said which.
pub(crate) fn name(request: &Message) -> String {
    // `Credential=ID/date/region/service/aws4_request`
    let scope = request.header("authorization").and_then(|v| v.split_once("Credential=")?.1.split(',').next());
    let service = scope.and_then(|scope| scope.split('/').nth(3)).unwrap_or("unsigned");
    let mut line = request.head.split(' ');
    let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let body = String::from_utf8_lossy(&request.body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let named = request.operation().rsplit('.').next().filter(|o| !o.is_empty()).or(action);
    let operation = named.map(str::to_owned).or_else(|| match service {
        "s3" => of_bucket(method, target),
        // the path is the operation
        "xray" => Some(match target.trim_matches('/') {
            "SamplingRules" => "GetSamplingRules".to_owned(),
            path => path.to_owned(),
        }),
        _ => None,
    });
    operation.map_or_else(|| format!("{method} {target} of {service}"), |operation| format!("{service}:{operation}"))
}

fn of_bucket(method: &str, target: &str) -> Option<String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path.trim_matches('/').is_empty() && method == "GET" {
        return Some("ListBuckets".to_owned());
    }
    if path.trim_matches('/').contains('/') {
        // of an object, with nothing asked of it but itself
        return ["GET", "PUT", "DELETE"].contains(&method).then(|| {
            let verb = method.to_lowercase();
            format!("{}{}Object", verb[..1].to_uppercase(), &verb[1..])
        });
    }
    // the SDK adds the names of some operations, and paging
    let named = OF_BUCKETS.iter().map(|(_, about, _)| *about).filter(|about| !about.is_empty());
    let has = |about: &str| query.split('&').any(|pair| pair.split('=').next() == Some(about));
    let about = named.into_iter().find(|about| has(about)).unwrap_or_default();
    let found = OF_BUCKETS.iter().find(|(verb, of, _)| *verb == method && *of == about);
    found.map(|(_, _, operation)| (*operation).to_owned())
}
