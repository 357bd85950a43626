"""Queues, buses, topics, and a bucket's notifications."""

import json

import pulumi_aws as aws
from engine import REPLACED, STAYS, same
from settings import MEMBER, REGION, policy

UNTOLD = {
    aws.sqs.Queue: {"policy", "redrive_policy", "redrive_allow_policy", "name_prefix"}
    | {"kms_data_key_reuse_period_seconds", "deduplication_scope", "fifo_throughput_limit"},
    aws.sns.Topic: {"name_prefix", "fifo_throughput_scope", "signature_version", "tracing_config"},
}
LEFT_OUT = {aws.sns.Topic: {"beginning_archive_time"}}
UNREAD = {aws.sqs.Queue: {"sqs_managed_sse_enabled"}, aws.sns.Topic: {"policy"}}


def describe(p):
    dead = p.make(STAYS, aws.sqs.Queue, "dead", message_retention_seconds=1209600)
    redrive = dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}))
    queue = p.make(
        REPLACED,
        aws.sqs.Queue,
        "queue",
        name=p.named("jobs"),
        visibility_timeout_seconds=p.tuned(60, 90),
        redrive_policy=redrive,
        tags=p.tags,
    )
    queue_policy = queue.arn.apply(lambda arn: policy(arn, ["sqs:SendMessage"], p.tuned("Allow", "Deny")))
    p.make(REPLACED, aws.sqs.QueuePolicy, "queue-policy", queue_url=queue.url, policy=queue_policy)
    allowed = json.dumps({"redrivePermission": p.tuned("denyAll", "allowAll")})
    p.make(REPLACED, aws.sqs.RedriveAllowPolicy, "redrive-allow", queue_url=queue.url, redrive_allow_policy=allowed)
    p.make(
        STAYS,
        aws.sqs.Queue,
        "fifo",
        name="orders.fifo",
        fifo_queue=True,
        content_based_deduplication=True,
        kms_master_key_id="alias/aws/sqs",
    )

    bus = p.make(
        REPLACED,
        aws.cloudwatch.EventBus,
        "bus",
        name=p.named("events"),
        description=p.tuned("first", "second"),
        dead_letter_config=p.tuned(None, {"arn": dead.arn}),
        log_config={"include_detail": "NONE", "level": p.tuned("ERROR", "INFO")},
        tags=p.tags,
    )
    bus_policy = bus.arn.apply(lambda arn: policy(arn, "events:PutEvents", sid=p.tuned("One", "Two")))
    p.make(REPLACED, aws.cloudwatch.EventBusPolicy, "bus-policy", event_bus_name=bus.name, policy=bus_policy)
    p.make(
        REPLACED,
        aws.cloudwatch.EventArchive,
        "archive",
        name="everything",
        event_source_arn=bus.arn,
        event_pattern=json.dumps({"source": ["official"]}),
        retention_days=p.tuned(7, 14),
    )

    topic = p.make(
        REPLACED,
        aws.sns.Topic,
        "topic",
        name=p.named("alerts"),
        display_name=p.tuned("first", "second"),
        kms_master_key_id="alias/aws/sns",
        tags=p.tags,
    )
    topic_policy = topic.arn.apply(lambda arn: policy(arn, "sns:Publish", p.tuned("Allow", "Deny")))
    p.make(REPLACED, aws.sns.TopicPolicy, "topic-policy", arn=topic.arn, policy=topic_policy)
    # S3 asks whether it may before it takes a notification
    lets_in = {"principal": {"Service": "s3.amazonaws.com"}}
    told = p.make(
        STAYS, aws.sqs.Queue, "told", name="told", policy=policy(f"arn:aws:sqs:{REGION}:{MEMBER}:told", "sqs:SendMessage", **lets_in)
    )
    heard = p.make(
        STAYS, aws.sns.Topic, "heard", name="heard", policy=policy(f"arn:aws:sns:{REGION}:{MEMBER}:heard", "sns:Publish", **lets_in)
    )
    p.make(
        REPLACED,
        aws.s3.BucketNotification,
        "notification",
        bucket=p["bucket"].id,
        eventbridge=p.tuned(False, True),
        queues=[{"id": "dead", "queue_arn": told.arn, "events": ["s3:ObjectRemoved:*"], "filter_prefix": "log/"}],
        topics=[{"id": "new", "topic_arn": heard.arn, "events": ["s3:ObjectCreated:*"], "filter_suffix": ".gz"}],
    )


def look(accounts, outputs, wish):
    archive = accounts["member"].events.describe_archive(ArchiveName="everything")
    same("what the archive keeps", archive["EventSourceArn"], outputs["bus"]["arn"])


def drift(at, ids):
    nobody = json.dumps({"redrivePermission": "denyAll"})
    attributes = {"RedrivePolicy": "", "RedriveAllowPolicy": nobody, "Policy": policy("*", "sqs:*")}
    changed = at.sqs.set_queue_attributes(QueueUrl=ids["queue"], Attributes=attributes)
    yield "update", "queue", changed
    yield "update", "queue-policy", changed
    yield "update", "redrive-allow", changed
    yield "update", "dead", at.sqs.untag_queue(QueueUrl=ids["dead"], TagKeys=["managed-by"])
    yield "delete", "fifo", at.sqs.delete_queue(QueueUrl=ids["fifo"])
    yield "update", "bus", at.events.update_event_bus(Name=ids["bus"], Description="by hand")
    yield "delete", "bus-policy", at.events.remove_permission(EventBusName=ids["bus"], RemoveAllPermissions=True)
    yield "update", "archive", at.events.update_archive(ArchiveName=ids["archive"], RetentionDays=1)
    change = {"TopicArn": ids["topic"], "AttributeName": "DisplayName", "AttributeValue": "by hand"}
    yield "update", "topic", at.sns.set_topic_attributes(**change)
    change = {"TopicArn": ids["topic"], "AttributeName": "Policy", "AttributeValue": policy(ids["topic"], "sns:*")}
    yield "update", "topic-policy", at.sns.set_topic_attributes(**change)
    nothing = {"Bucket": ids["bucket"], "NotificationConfiguration": {}}
    yield "update", "notification", at.s3.put_bucket_notification_configuration(**nothing)


THERE = {
    aws.sqs.Queue: lambda at: set(at.sqs.list_queues().get("QueueUrls", [])),
    aws.cloudwatch.EventBus: lambda at: {bus["Name"] for bus in at.events.list_event_buses()["EventBuses"]},
    aws.cloudwatch.EventArchive: lambda at: {a["ArchiveName"] for a in at.events.list_archives()["Archives"]},
    aws.sns.Topic: lambda at: {topic["TopicArn"] for topic in at.sns.list_topics()["Topics"]},
}
