//! The life of an object, and what S3 refuses for a while.

use pulumi::value::ToValue;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    stub::{
        Answer, Stub, done, inputs,
        late::{Late, SETTLED, is_waited_out, wholly},
    },
    testing::{self, Account, Adapter, Bench, CustomResource as _, map},
};

const TOKEN: &str = "aws:s3/bucketObjectv2:BucketObjectv2";

crate::lifecycle! {
    token: "aws:s3/bucketObjectv2:BucketObjectv2",
    needs: [("aws:s3/bucket:Bucket", { "bucket": "objects-{unique}" })],
    sample: {
        "bucket": "${0.id}",
        "key": "code/index.js",
        "content": "exports.handler = () => 1;\n",
        "contentType": "text/javascript",
        "metadata": { "made-by": "hand" },
        "tags": { "a": "1" },
    },
    change: { "content": "exports.handler = () => 2;\n", "cacheControl": "no-cache", "tags": { "b": "2 + 3" } },
}

mod file {
    pub(super) fn of_a_file() -> crate::testing::Sample {
        sample()
    }

    crate::lifecycle! {
        token: "aws:s3/bucketObjectv2:BucketObjectv2",
        needs: [
            ("aws:s3/bucket:Bucket", { "bucket": "files-{unique}" }),
            ("aws:s3/bucketVersioning:BucketVersioning", { "bucket": "${0.id}", "versioningConfiguration": { "status": "Enabled" } }),
        ],
        sample: { "bucket": "${0.id}", "key": "a b/ü+c.txt", "source": { "$asset": "first" }, "sourceHash": "1" },
        change: { "source": { "$asset": "second" }, "sourceHash": "2", "storageClass": "STANDARD_IA", "cacheControl": "no-cache" },
    }
}

#[tokio::test]
async fn adopts() {
    testing::adopts(sample()).await;
}

#[tokio::test]
async fn is_found_by_its_url() {
    testing::import_as(sample(), "s3://objects-{unique}/code/index.js").await;
}

/// A change leaves the tags that it does not know; deleting it leaves nothing behind.
#[tokio::test]
async fn tags_stay_with_another_content_and_no_version_is_left() {
    let mut bench = Bench::new(Account::Member).await;
    let made = bench.sample(&file::of_a_file()).await;
    let s3 = bench.clients(Account::Member).await.s3;
    let bucket = format!("files-{}", bench.unique());
    let other = s3.put_object().bucket(&bucket).key("a b/ü+c.txt.old").body(b"x".to_vec().into());
    other.send().await.expect("an object whose key begins the same");
    let target = S3Object { bucket: bucket.clone(), key: "a b/ü+c.txt".to_owned() };
    let changed = bench
        .change(
            &made,
            &json!({ "bucket": bucket, "key": "a b/ü+c.txt", "source": { "$asset": "third" }, "tags": { "c": "3" } }),
        )
        .await;
    let tags = s3.get_object_tagging().bucket(&target.bucket).key(&target.key).send().await.expect("tags").tag_set;
    let named: Vec<_> = tags.iter().map(|tag| tag.key.as_str()).filter(|key| !key.contains(':')).collect();
    assert!(named.contains(&"c") && named.contains(&"tenant_id"), "{named:?}");
    assert_ne!(changed.state["versionId"], made.state["versionId"]);
    assert_ne!(changed.state["etag"], made.state["etag"]);
    bench.try_delete(&changed).await.expect("deleted");
    let left = s3.list_object_versions().bucket(&bucket).send().await.expect("a list");
    let keys: Vec<_> = left.versions().iter().filter_map(|version| version.key()).collect();
    assert_eq!((keys, left.delete_markers().len()), (vec!["a b/ü+c.txt.old"], 0));
    s3.delete_object()
        .bucket(&bucket)
        .key("a b/ü+c.txt.old")
        .version_id(left.versions()[0].version_id().expect("one"))
        .send()
        .await
        .expect("deleted");
    bench.clean_up().await;
}

fn object(more: &Json) -> Inputs {
    let mut object = json!({ "bucket": "b", "key": "k" });
    object.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    inputs(&object)
}

#[tokio::test]
async fn a_new_bucket_and_another_write_are_waited_for() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("PUT", 0) => Answer::Refused("NoSuchBucket", "not yet"),
        ("PUT", 1) => Answer::Refused("ConditionalRequestConflict", "another one"),
        _ => done(asked),
    });
    let (made, _) =
        Stub::run(Adapter::<BucketObjectv2>::create(&stub.cx(TOKEN), &object(&json!({ "content": "x" })))).await;
    let made = made.expect("made");
    assert_eq!((made.id.as_str(), made.incomplete), ("b/k", None));
    assert_eq!(made.outputs.arn, "arn:aws:s3:::b/k");
    assert_eq!(stub.asked("PUT"), [json!("x"), json!("x"), json!("x")]);
}

#[tokio::test]
async fn no_bucket_and_another_write_are_waited_for_no_longer_than_they_last() {
    let object = object(&json!({ "content": "x" }));
    let late: &[Late] = &[
        ("PUT", BUCKET_IS_NEW.limit, &[("NoSuchBucket", "")]),
        ("PUT", SETTLED, &[("ConditionalRequestConflict", "")]),
    ];
    let make = async |cx: Cx| wholly(Adapter::<BucketObjectv2>::create(&cx, &object).await?);
    is_waited_out(TOKEN, late, done, make).await;
}

#[tokio::test]
async fn a_lock_is_changed_without_another_put() {
    let locked =
        |until: &str| json!({ "objectLockMode": "GOVERNANCE", "objectLockRetainUntilDate": until, "content": "x" });
    let stub = Stub::new(done);
    let cx = stub.cx(TOKEN);
    let change = async |old: &Json, new: &Json| {
        let known = Outputs { arn: String::new(), ..Outputs::from_sdk(HeadObjectOutput::builder().build()) };
        Stub::run(Adapter::<BucketObjectv2>::update(&cx, "b/k", &object(old), &object(new), known))
            .await
            .0
            .expect("changed");
    };
    change(&locked("2030-01-01T00:00:00Z"), &locked("2031-01-01T00:00:00Z")).await;
    change(&json!({ "objectLockLegalHoldStatus": "ON" }), &json!({})).await;
    change(&json!({}), &json!({ "acl": "private" })).await;
    let puts: Vec<_> = stub.operations().into_iter().filter(|operation| operation.starts_with("PUT")).collect();
    assert_eq!(puts, ["PUT retention", "PUT legal-hold", "PUT acl"]);
    assert!(stub.asked("PUT legal-hold")[0].to_string().contains("OFF"));
}

#[tokio::test]
async fn what_is_locked_stays_with_a_way_out() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "DELETE" => Answer::Refused("AccessDenied", "Access Denied because object protected by object lock."),
        _ => done(asked),
    });
    let (refused, _) = Stub::run(Adapter::<BucketObjectv2>::delete(&stub.cx(TOKEN), "b/k", &object(&json!({})))).await;
    assert!(refused.expect_err("it is locked").hint.is_some_and(|hint| hint.contains("`forceDestroy`")));
}

#[test]
fn content_comes_from_one_place() {
    let wrong = |inputs: Json| {
        let failures = Adapter::<BucketObjectv2>::check(&map(&inputs));
        failures.into_iter().map(|failure| failure.property).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(wrong(json!({ "content": "x", "metadata": { "a": "B" } })), "");
    assert_eq!(wrong(json!({ "source": { "$asset": "x" }, "content": "x" })), "content");
    assert_eq!(
        (wrong(json!({ "contentBase64": "eA==" })), wrong(json!({ "contentBase64": "?" }))),
        (String::new(), "contentBase64".to_owned())
    );
    assert_eq!(wrong(json!({ "metadata": { "A": "b" } })), "metadata.A");
    assert_eq!(wrong(json!({ "etag": "x", "kmsKeyId": "k" })), "etag");
    assert_eq!(wrong(json!({ "objectLockMode": "GOVERNANCE" })), "objectLockRetainUntilDate");
    let locked = |until: &str| json!({ "objectLockMode": "GOVERNANCE", "objectLockRetainUntilDate": until });
    assert_eq!(
        (wrong(locked("2030-01-01T00:00:00+02:00")), wrong(locked("tomorrow"))),
        (String::new(), "objectLockRetainUntilDate".to_owned())
    );
}

#[test]
fn a_file_that_is_not_there_is_named_unless_nothing_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.html");
    std::fs::write(&path, "<h1>").expect("a file");
    let asset = Asset::file(path.to_str().expect("a path")).hashed().expect("a hash").to_value();
    let with = |asset: &Value| Map::from([("source".to_owned(), asset.clone())]);
    let wrong = |olds: &Map| <BucketObjectv2 as AwsResource>::check_files(olds, &with(&asset));
    assert_eq!(wrong(&Map::new()).len(), 0);
    std::fs::remove_file(&path).expect("removed");
    let refused = wrong(&Map::new());
    assert!(refused[0].reason.contains("page.html") && refused[0].property == "source", "{refused:?}");
    assert_eq!(wrong(&with(&asset)).len(), 0, "what is in the state already is not read");
}

#[test]
fn an_object_is_put_again_when_content_or_headers_change() {
    let is_changed = |old: Json, new: Json| content::is_changed(&object(&old), &object(&new));
    assert!(is_changed(json!({ "content": "x" }), json!({ "content": "y" })));
    assert!(
        is_changed(json!({}), json!({ "metadata": { "a": "1" } })) && is_changed(json!({}), json!({ "etag": "e" }))
    );
    assert!(!is_changed(json!({ "etag": "e", "storageClass": "STANDARD", "contentType": "t" }), json!({})));
    assert!(!is_changed(json!({}), json!({ "forceDestroy": true, "acl": "private" })));
}

#[test]
fn keys_and_ids_are_as_with_the_official_provider() {
    assert_eq!(cleaned("//first//second///third"), "first/second/third");
    assert_eq!((cleaned("./a"), cleaned("a/./b/")), ("a".to_owned(), "a/./b/".to_owned()));
    let parts = |bucket: &str, key: &str| (bucket.to_owned(), key.to_owned());
    assert_eq!(place("s3://b/a/k.txt"), parts("b", "a/k.txt"));
    assert_eq!(place("b//a/k.txt"), parts("b", "a/k.txt"));
    let point = "arn:aws:s3:ap-southeast-2:111122223333:accesspoint/p";
    assert_eq!(place(&format!("{point}/a/k")), parts(point, "a/k"));
    let fit = |name: &str| <BucketObjectv2 as AwsResource>::fit_name(&Map::new(), name.to_owned());
    assert_eq!((fit("page.html-12ab34c").as_str(), fit("my-page").as_str()), ("page.html", "my-page"));
    assert!(is_same_time("2030-01-01T00:00:00Z", "2030-01-01T02:00:00+02:00") && !is_same_time("x", "x"));
}
