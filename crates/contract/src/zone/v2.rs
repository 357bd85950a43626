//! Version 2: version 1, and the URL by which Pulumi keeps its state in the zone's bucket.
//!
//! What a version leaves as it was it takes from the one before, which never changes.

use super::{BUCKET, ONCE, v1};
use crate::template::{Template, string};

/// The bucket refuses what is not encrypted with the key of its class, so the URL names it. `awssdk=v2`: a Pulumi of before
/// 2025 heeds the other two only with it, and a newer one ignores it. <https://pkg.go.dev/gocloud.dev/blob/s3blob#URLOpener>
const LOGIN_URL: Template = Template {
    only_with: Some((BUCKET, "pulumi-state")),
    since: 2,
    ..string(
        "s3/pulumi-state/login-url",
        ONCE,
        concat!(
            r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\?region=[a-z]+(-[a-z]+)+-[0-9]+&awssdk=v2&ssetype=aws:kms",
            "&kmskeyid=arn:aws(-[a-z]+)*:kms:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:key/[0-9a-z-]+$"
        ),
        "storage",
        "URL for `pulumi login`: the state bucket, with the key that it asks for",
        &["programs that keep their Pulumi state in the bucket"],
    )
};

/// How many of version 1 stand before it: it comes behind the other entries of buckets.
const BEFORE: usize = 6;
const COUNT: usize = v1::TEMPLATES.len() + 1;

const ALL: [Template; COUNT] = {
    let mut all = [LOGIN_URL; COUNT];
    let mut at = 0;
    while at < v1::TEMPLATES.len() {
        all[if at < BEFORE { at } else { at + 1 }] = v1::TEMPLATES[at];
        at += 1;
    }
    all
};

/// Everything that version 2 promises, in the order in which it is published.
pub(super) const TEMPLATES: &[Template] = &ALL;

#[cfg(test)]
mod tests {
    use super::{BEFORE, COUNT, LOGIN_URL, TEMPLATES, v1};

    #[test]
    fn it_is_version_1_and_the_url_behind_the_other_entries_of_buckets() {
        let mut paths: Vec<_> = TEMPLATES.iter().map(|template| template.path).collect();
        assert_eq!((paths.len(), paths.remove(BEFORE)), (COUNT, LOGIN_URL.path));
        assert_eq!(paths, v1::TEMPLATES.iter().map(|template| template.path).collect::<Vec<_>>());
        assert_eq!(TEMPLATES[BEFORE - 1].path, "s3/{purpose}/arn");
    }
}
