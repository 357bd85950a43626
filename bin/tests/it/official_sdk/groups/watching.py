"""Logs, a trail, a stream of records, and sampling."""

import pulumi_aws as aws
from engine import MOVED, REPLACED

UNTOLD = {aws.cloudwatch.LogGroup: {"name_prefix"}}
LEFT_OUT = {aws.cloudtrail.Trail: {"sns_topic_arn"}}
UNREAD = {aws.cloudwatch.LogGroup: {"deletion_protection_enabled", "log_group_class"}}


def describe(p):
    group = p.make(
        REPLACED,
        aws.cloudwatch.LogGroup,
        "logs",
        name=p.named("/official/logs"),
        retention_in_days=p.tuned(7, 14),
        tags=p.tags,
    )
    stream = p.make(MOVED, aws.cloudwatch.LogStream, "log-stream", name="delivery", log_group_name=group.name)
    role, vault = p["role"].arn, p["vault"]
    objects = {"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}
    p.make(
        REPLACED,
        aws.cloudtrail.Trail,
        "trail",
        name=p.named("official"),
        s3_bucket_name=vault.id,
        kms_key_id=p["spare"].arn,
        sns_topic_name=p["topic"].name,
        cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
        cloud_watch_logs_role_arn=role,
        enable_logging=p.tuned(False, True),
        event_selectors=[{"read_write_type": p.tuned("All", "WriteOnly"), "data_resources": [objects]}],
        insight_selectors=[{"insight_type": "ApiCallRateInsight"}],
        tags=p.tags,
    )
    destination = {
        "bucket_arn": vault.arn,
        "role_arn": role,
        "buffering_interval": p.tuned(300, 60),
        "prefix": "records/",
        "kms_key_arn": p["spare"].arn,
        "processing_configuration": {"enabled": True, "processors": [{"type": "AppendDelimiterToRecord"}]},
        "s3_backup_mode": "Enabled",
        "s3_backup_configuration": {"bucket_arn": vault.arn, "role_arn": role, "prefix": "as-they-came/"},
        "cloudwatch_logging_options": {
            "enabled": True,
            "log_group_name": group.name,
            "log_stream_name": stream.name,
        },
    }
    p.make(
        REPLACED,
        aws.kinesis.FirehoseDeliveryStream,
        "delivery",
        name=p.named("official"),
        destination="extended_s3",
        extended_s3_configuration=destination,
        server_side_encryption=p.tuned(
            {"enabled": False}, {"enabled": True, "key_type": "CUSTOMER_MANAGED_CMK", "key_arn": p["spare"].arn}
        ),
        tags=p.tags,
    )
    everything = dict.fromkeys(("host", "http_method", "resource_arn", "service_name", "service_type", "url_path"), "*")
    p.make(
        REPLACED,
        aws.xray.SamplingRule,
        "sampling",
        rule_name=p.named("official"),
        priority=9000,
        version=1,
        reservoir_size=1,
        fixed_rate=p.tuned(0.05, 0.1),
        tags=p.tags,
        **everything,
    )


def drift(at, ids):
    logs = ids["logs"]
    yield "update", "logs", at.logs.put_retention_policy(logGroupName=logs, retentionInDays=30)
    yield "delete", "log-stream", at.logs.delete_log_stream(logGroupName=logs, logStreamName="delivery")
    yield "update", "trail", at.cloudtrail.stop_logging(Name=ids["trail"])
    name = {"DeliveryStreamName": ids["delivery"].rpartition("/")[2]}
    told = at.firehose.describe_delivery_stream(**name)["DeliveryStreamDescription"]
    destination = {"DestinationId": told["Destinations"][0]["DestinationId"]}
    version = {"CurrentDeliveryStreamVersionId": told["VersionId"]}
    # with the compression, which moto forgets when it is not said
    update = {"ExtendedS3DestinationUpdate": {"Prefix": "by-hand/", "CompressionFormat": "UNCOMPRESSED"}}
    yield "update", "delivery", at.firehose.update_destination(**name, **destination, **version, **update)
    rule = {"RuleName": ids["sampling"], "FixedRate": 1.0}
    yield "update", "sampling", at.xray.update_sampling_rule(SamplingRuleUpdate=rule)


def look(accounts, outputs, wish):
    status = accounts["member"].cloudtrail.get_trail_status(Name=outputs["trail"]["id"])
    assert status["IsLogging"] is wish.tuned, "a trail logs when it is told to"


def deliveries(at):
    names = at.firehose.list_delivery_streams()["DeliveryStreamNames"]
    told = (at.firehose.describe_delivery_stream(DeliveryStreamName=name) for name in names)
    return {stream["DeliveryStreamDescription"]["DeliveryStreamARN"] for stream in told}


IMPORTED_AS = {"log-stream": lambda outputs: f"{outputs['logs']['id']}:delivery"}
THERE = {
    aws.cloudwatch.LogGroup: lambda at: {g["logGroupName"] for g in at.logs.describe_log_groups()["logGroups"]},
    aws.cloudtrail.Trail: lambda at: {trail["TrailARN"] for trail in at.cloudtrail.list_trails()["Trails"]},
    aws.kinesis.FirehoseDeliveryStream: deliveries,
    aws.xray.SamplingRule: lambda at: {
        record["SamplingRule"]["RuleName"] for record in at.xray.get_sampling_rules()["SamplingRuleRecords"]
    },
}
