//! Changing a bucket: one change at a time, and again while S3 is at another one.

use std::future::Future;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    error::Failure,
    turns::Turns,
    waits::{BUCKET_IS_BUSY, BUCKET_IS_NEW},
};

/// S3 refuses a change while it makes another change of the same bucket, so ours come one after the other.
static TURNS: Turns = Turns::new();

/// Makes a change of a bucket when it is its turn, and again while S3 is busy with the bucket.
pub(crate) async fn changed<T, E, C>(name: &str, call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    let call = || async {
        let _turn = TURNS.of(name).await;
        call().await
    };
    BUCKET_IS_BUSY.out(call).await
}

/// As [`changed`], for a bucket that may have been made a moment ago.
pub(crate) async fn given<T, E, C>(name: &str, call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    BUCKET_IS_NEW.out(|| changed(name, &call)).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::future::BoxFuture;
    use pulumi::{
        provider::resource::{CustomResource, Error},
        value::FromValue,
    };
    use serde_json::{Value as Json, json};

    use crate::{
        context::Cx,
        s3::{
            BucketLifecycleConfiguration, BucketLogging, BucketNotification, BucketObjectLockConfiguration,
            BucketOwnershipControls, BucketPolicy, BucketPublicAccessBlock, BucketServerSideEncryptionConfiguration,
            BucketVersioning,
        },
        stub::{
            Answer, Asked, Stub, done, inputs,
            late::{Late, TOLD, is_waited_out, wholly},
        },
        tags::{S3Bucket, Target},
        testing::{Adapter, Set},
        waits::{BUCKET_IS_BUSY, BUCKET_IS_NEW},
    };

    const BUSY: Answer = Answer::Refused("OperationAborted", "A conflicting conditional operation is in progress");

    async fn life<R>(cx: &Cx, json: Json) -> Result<(), Error>
    where
        R: CustomResource<Context = Cx>,
        R::Inputs: FromValue,
    {
        let wanted: R::Inputs = inputs(&json);
        let made = Box::pin(R::create(cx, &wanted)).await?;
        let updated = Box::pin(R::update(cx, &made.id, &wanted, &wanted, made.outputs)).await;
        updated.map_err(|e| e.within("updating"))?;
        Box::pin(R::delete(cx, &made.id, &wanted)).await.map_err(|e| e.within("deleting"))
    }

    /// Every change of one bucket at once, of a new bucket that S3 is at.
    #[tokio::test]
    async fn a_bucket_is_changed_by_one_call_at_a_time_and_again_while_s3_is_at_it() {
        let rules = "<Rule><ID>r</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
                     <Expiration><Days>1</Days></Expiration></Rule>";
        let script = move |asked: &Asked| match (asked.operation.as_str(), asked.before) {
            ("GET lifecycle", _) => Answer::Xml(format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>")),
            ("GET tagging", _) => Answer::Xml("<Tagging><TagSet></TagSet></Tagging>".to_owned()),
            (_, 0) => Answer::Refused("NoSuchBucket", "not yet"),
            (_, 1..4) => BUSY,
            _ => Answer::Xml(String::new()),
        };
        let stub = Stub::new(script);
        let cx = &stub.cx("aws:s3/bucket:Bucket");
        let on = |more: Json| {
            let mut all = json!({ "bucket": "one-at-a-time" });
            all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            all
        };
        let tags = async {
            Ok(S3Bucket("one-at-a-time".to_owned()).set(cx, [("a".to_owned(), "1".to_owned())].into()).await?)
        };
        let rule = json!({ "id": "r", "status": "Enabled", "filter": { "prefix": "" }, "expiration": { "days": 1 } });
        let retention = json!({ "defaultRetention": { "mode": "GOVERNANCE", "days": 1 } });
        let ownership = json!({ "objectOwnership": "BucketOwnerEnforced" });
        let versioning = json!({ "status": "Enabled" });
        let by_default = json!([{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "aws:kms" } }]);
        let changes: Vec<BoxFuture<'_, Result<(), Error>>> = vec![
            Box::pin(life::<Adapter<BucketLifecycleConfiguration>>(cx, on(json!({ "rules": [rule] })))),
            Box::pin(life::<Set<BucketLogging>>(cx, on(json!({ "targetBucket": "logs", "targetPrefix": "" })))),
            Box::pin(life::<Set<BucketNotification>>(cx, on(json!({ "eventbridge": true })))),
            Box::pin(life::<Set<BucketObjectLockConfiguration>>(cx, on(json!({ "rule": retention })))),
            Box::pin(life::<Set<BucketOwnershipControls>>(cx, on(json!({ "rule": ownership })))),
            Box::pin(life::<Set<BucketPolicy>>(cx, on(json!({ "policy": "{}" })))),
            Box::pin(life::<Set<BucketPublicAccessBlock>>(cx, on(json!({ "blockPublicAcls": true })))),
            Box::pin(life::<Set<BucketServerSideEncryptionConfiguration>>(cx, on(json!({ "rules": by_default })))),
            Box::pin(life::<Set<BucketVersioning>>(cx, on(json!({ "versioningConfiguration": versioning })))),
            Box::pin(tags),
        ];
        let (done, _) = Stub::run(futures::future::join_all(changes)).await;
        for change in done {
            // a delete of a bucket that there is not is done
            assert_eq!(change, Ok(()));
        }
        let kinds =
            stub.operations().into_iter().filter(|o| !o.starts_with("GET")).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(kinds.len(), 15, "{kinds:?}");
        assert_eq!(stub.at_once_of(|operation| !operation.starts_with("GET")), 1, "two changes at once");
    }

    /// Putting one of a bucket's settings, and resetting it; `more` is what else a put waits for.
    async fn is_late<R>(json: Json, put: &'static str, reset: &'static str, more: &[Late])
    where
        R: CustomResource<Context = Cx>,
        R::Inputs: FromValue,
    {
        const TOKEN: &str = "aws:s3/bucket:Bucket";
        let s3 = |asked: &Asked| match asked.operation.as_str() {
            "GET lifecycle" => Answer::Xml(
                "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
                 <Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"
                    .to_owned(),
            ),
            _ => done(asked),
        };
        let mut wanted = json!({ "bucket": "late-settings" });
        wanted.as_object_mut().expect("an object").extend(json.as_object().expect("an object").clone());
        let wanted: R::Inputs = inputs(&wanted);
        let busy: Late = (put, BUCKET_IS_BUSY.limit, &[("OperationAborted", "")]);
        let new: Late = (put, BUCKET_IS_NEW.limit, &[("NoSuchBucket", "")]);
        let late = [&[new, busy], more].concat();
        is_waited_out(TOKEN, &late, s3, async |cx| wholly(Box::pin(R::create(&cx, &wanted)).await?)).await;
        let late: Late = (reset, busy.1, busy.2);
        is_waited_out(TOKEN, &[late], s3, async |cx| Box::pin(R::delete(&cx, "late-settings", &wanted)).await).await;
    }

    #[tokio::test]
    async fn each_setting_is_put_and_reset_again_while_its_bucket_is_new_or_being_changed() {
        let rule = json!({ "id": "r", "status": "Enabled", "filter": { "prefix": "" }, "expiration": { "days": 1 } });
        let [put, delete] = ["PUT lifecycle", "DELETE lifecycle"];
        is_late::<Adapter<BucketLifecycleConfiguration>>(json!({ "rules": [rule] }), put, delete, &[]).await;
        let logging = json!({ "targetBucket": "logs", "targetPrefix": "" });
        let put = "PUT logging";
        let lets_in: Late = (put, TOLD, &[("InvalidTargetBucketForLogging", "")]);
        is_late::<Set<BucketLogging>>(logging, put, put, &[lets_in]).await;
        let put = "PUT notification";
        let lets_in: Late =
            (put, TOLD, &[("InvalidArgument", "Unable to validate the following destination configurations")]);
        is_late::<Set<BucketNotification>>(json!({ "eventbridge": true }), put, put, &[lets_in]).await;
        let retention = json!({ "rule": { "defaultRetention": { "mode": "GOVERNANCE", "days": 1 } } });
        let put = "PUT object-lock";
        is_late::<Set<BucketObjectLockConfiguration>>(retention, put, put, &[]).await;
        let ownership = json!({ "rule": { "objectOwnership": "BucketOwnerEnforced" } });
        let [put, delete] = ["PUT ownershipControls", "DELETE ownershipControls"];
        is_late::<Set<BucketOwnershipControls>>(ownership, put, delete, &[]).await;
        let [put, delete] = ["PUT publicAccessBlock", "DELETE publicAccessBlock"];
        is_late::<Set<BucketPublicAccessBlock>>(json!({ "blockPublicAcls": true }), put, delete, &[]).await;
        let by_default = json!({ "rules": [{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "aws:kms" } }] });
        let [put, delete] = ["PUT encryption", "DELETE encryption"];
        is_late::<Set<BucketServerSideEncryptionConfiguration>>(by_default, put, delete, &[]).await;
        let versioning = json!({ "versioningConfiguration": { "status": "Enabled" } });
        let put = "PUT versioning";
        is_late::<Set<BucketVersioning>>(versioning, put, put, &[]).await;
    }

    #[tokio::test]
    async fn s3_may_be_at_a_bucket_for_five_minutes_and_no_longer() {
        let stub = Stub::new(|_| BUSY);
        let cx = stub.cx("aws:s3/bucketPolicy:BucketPolicy");
        let policy = inputs(&json!({ "bucket": "b", "policy": "{}" }));
        let (refused, waited) = Stub::run(Box::pin(Set::<BucketPolicy>::create(&cx, &policy))).await;
        assert!(refused.expect_err("it is busy").message.starts_with("OperationAborted"));
        assert!((Duration::from_mins(5)..Duration::from_mins(6)).contains(&waited), "{waited:?}");
    }

    #[tokio::test]
    async fn tags_of_aws_itself_stay_with_a_bucket() {
        let set = "<Tagging><TagSet><Tag><Key>aws:cloudformation:stack-name</Key><Value>s</Value></Tag>\
                   <Tag><Key>theirs</Key><Value>1</Value></Tag><Tag><Key>old</Key><Value>2</Value></Tag></TagSet></Tagging>";
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            "GET tagging" => Answer::Xml(set.to_owned()),
            _ if !asked.body.to_string().contains("aws:cloudformation:stack-name") => {
                Answer::Refused("InvalidTag", "System tags cannot be removed by requester")
            }
            _ => Answer::Xml(String::new()),
        });
        let cx = stub.cx("aws:s3/bucket:Bucket");
        let bucket = S3Bucket("tagged".to_owned());
        let changed = bucket.alter(&cx, [("new".to_owned(), "3".to_owned())].into(), vec!["old".to_owned()]).await;
        assert_eq!(changed, Ok(()));
        let put = stub.asked("PUT tagging")[0].to_string();
        assert!(put.contains("theirs") && put.contains("new") && !put.contains("old"), "{put}");
    }
}
