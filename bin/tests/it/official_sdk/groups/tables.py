"""DynamoDB tables and their insights, and alarms on their metrics."""

import pulumi_aws as aws
from engine import REPLACED, STAYS, same

UNTOLD = {
    aws.dynamodb.Table: {"read_capacity", "write_capacity", "stream_arn", "stream_label", "stream_view_type"}
    | {"global_secondary_indexes", "point_in_time_recovery", "server_side_encryption", "ttl"},
    aws.cloudwatch.MetricAlarm: {"evaluate_low_sample_count_percentiles"},
}
LEFT_OUT = {aws.dynamodb.Table: {"global_table_witness"}}
UNREAD = {
    aws.dynamodb.Table: {"warm_throughput"},
    aws.dynamodb.ContributorInsights: {"mode"},
}


def describe(p):
    by_day = {
        "name": "by-day",
        "key_schemas": [{"attribute_name": "day", "key_type": "HASH"}, {"attribute_name": "sk", "key_type": "RANGE"}],
        "projection_type": p.tuned("KEYS_ONLY", "ALL"),
    }
    table = p.make(
        REPLACED,
        aws.dynamodb.Table,
        "items",
        name=p.named("objects"),
        billing_mode="PAY_PER_REQUEST",
        hash_key="pk",
        range_key="sk",
        attributes=[{"name": name, "type": "S"} for name in ("pk", "sk", "day")],
        global_secondary_indexes=[by_day],
        point_in_time_recovery={"enabled": True, "recovery_period_in_days": p.tuned(35, 7)},
        server_side_encryption={"enabled": True, "kms_key_arn": p["spare"].arn},
        ttl=p.tuned(None, {"enabled": True, "attribute_name": "expires"}),
        table_class=p.tuned("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
        tags=p.tags,
    )
    p.make(
        STAYS,
        aws.dynamodb.Table,
        "provisioned-table",
        name="provisioned",
        hash_key="pk",
        attributes=[{"name": "pk", "type": "N"}],
        read_capacity=1,
        write_capacity=1,
    )
    p.make(
        REPLACED,
        aws.dynamodb.ContributorInsights,
        "insights",
        table_name=table.name,
        mode=p.tuned(None, "THROTTLED_KEYS"),
    )
    p.make(
        REPLACED,
        aws.cloudwatch.MetricAlarm,
        "alarm",
        name=p.named("throttled"),
        metric_name="ThrottledRequests",
        namespace="AWS/DynamoDB",
        dimensions={"TableName": table.name},
        statistic="Sum",
        period=60,
        evaluation_periods=p.tuned(1, 5),
        comparison_operator="GreaterThanThreshold",
        threshold=p.tuned(0, 2.5),
        alarm_actions=[p["topic"].arn],
        tags=p.tags,
    )


def look(accounts, outputs, wish):
    table = accounts["member"].dynamodb.describe_table(TableName=outputs["items"]["id"])["Table"]
    same("the key of the table", table["SSEDescription"]["KMSMasterKeyArn"], outputs["spare"]["arn"])


def drift(at, ids):
    name = {"TableName": ids["items"]}
    yield "update", "items", at.dynamodb.update_time_to_live(
        **name, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"}
    )
    yield "delete", "insights", at.dynamodb.update_contributor_insights(**name, ContributorInsightsAction="DISABLE")
    yield "delete", "provisioned-table", at.dynamodb.delete_table(TableName=ids["provisioned-table"])
    alarm = at.cloudwatch.describe_alarms(AlarmNames=[ids["alarm"]])["MetricAlarms"][0]
    kept = ("MetricName", "Namespace", "Dimensions", "Statistic", "Period", "ComparisonOperator", "AlarmActions")
    by_hand = {"AlarmName": ids["alarm"], "Threshold": 99, "EvaluationPeriods": 5, "TreatMissingData": "missing"}
    yield "update", "alarm", at.cloudwatch.put_metric_alarm(**by_hand, **{key: alarm[key] for key in kept})


THERE = {
    aws.dynamodb.Table: lambda at: set(at.dynamodb.list_tables()["TableNames"]),
    aws.cloudwatch.MetricAlarm: lambda at: {a["AlarmName"] for a in at.cloudwatch.describe_alarms()["MetricAlarms"]},
}
