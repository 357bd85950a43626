"""DynamoDB's tables, where moto 5.2.1 forgets what they are made with. Part of `missing.py`.

Seen 2026-11-26, at https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/.

call                               AWS                                              moto 5.2.1
Create-, UpdateTable               keep table class, maximum on-demand throughput   forget them
UpdateTable                        encryption; definitions of used attributes only  takes no notice; keeps all
                                   one index made or deleted in a call              any number
                                   no capacity with PAY_PER_REQUEST                 keeps the old one
                                   a stream again after it was disabled             refused
TagResource                        one value of a key                               two of them
Update-, DescribeTimeToLive        ResourceNotFoundException                        ResourceNotFound
Update-, Describe-                 there                                            not there (501)
ContributorInsights
"""

import time

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException, ResourceNotFoundException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import GlobalSecondaryIndex, Table
from moto.dynamodb.responses import DynamoHandler

from missing import instead_of

PREFIX = "com.amazonaws.dynamodb.v20120810#"
MODE = "ACCESSED_AND_THROTTLED_KEYS"


@instead_of(DynamoHandler)
def create_table(moto, self):
    moto(self)
    table = self.dynamodb_backend.tables[self.body["TableName"]]
    take(table, self.body)
    table.kept["GlobalSecondaryIndexes"] = {
        index["IndexName"]: index.get("OnDemandThroughput") for index in self.body.get("GlobalSecondaryIndexes", [])
    }
    return ActionResult(table.describe())


@instead_of(DynamoHandler)
def update_table(moto, self):
    table, body = self.dynamodb_backend.get_table(self.body["TableName"]), self.body
    updates = body.get("GlobalSecondaryIndexUpdates", [])
    if sum("Update" not in update for update in updates) > 1:
        message = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise JsonRESTError(PREFIX + "LimitExceededException", message)
    stream = body.get("StreamSpecification", {})
    if stream.get("StreamEnabled") and not (table.stream_specification or {}).get("StreamEnabled"):
        # moto takes a stream that was once there for one that is
        table.latest_stream_label = None
    moto(self)
    take(table, body)
    for update in updates:
        ((what, index),) = update.items()
        if what == "Delete":
            table.kept["GlobalSecondaryIndexes"].pop(index["IndexName"], None)
        elif what == "Create" or "OnDemandThroughput" in index:
            table.kept["GlobalSecondaryIndexes"][index["IndexName"]] = index.get("OnDemandThroughput")
    table.attr = [attribute for attribute in table.attr if attribute["AttributeName"] in table.attribute_keys]
    if body.get("BillingMode") == "PAY_PER_REQUEST":
        for one in (table, *table.global_indexes):
            one.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    if encryption := body.get("SSESpecification"):
        table.sse_specification = dict(encryption)
        if encryption.get("Enabled") and "KMSMasterKeyId" not in encryption:
            table.sse_specification["KMSMasterKeyId"] = table._get_default_encryption_key(table.account_id, table.region_name)
    return ActionResult(table.describe())


def take(table, body):
    """What moto forgets of a table."""
    if not hasattr(table, "kept"):
        table.kept = {"GlobalSecondaryIndexes": {}}
    table.kept |= {name: body[name] for name in ("TableClass", "OnDemandThroughput") if name in body}


def limits(throughput):
    """-1 is no maximum, and not told."""
    return {name: number for name, number in (throughput or {}).items() if number != -1}


@instead_of(Table)
def describe(moto, self, base_key="TableDescription"):
    described = moto(self, base_key)
    table, kept = described[base_key], getattr(self, "kept", {"GlobalSecondaryIndexes": {}})
    if "TableClass" in kept:
        table["TableClassSummary"] = {"TableClass": kept["TableClass"]}
    if maximum := limits(kept.get("OnDemandThroughput")):
        table["OnDemandThroughput"] = maximum
    for index in table["GlobalSecondaryIndexes"]:
        if maximum := limits(kept["GlobalSecondaryIndexes"].get(index["IndexName"])):
            index["OnDemandThroughput"] = maximum
    return described


# moto: takes an update without a throughput for one that has none.
@instead_of(GlobalSecondaryIndex)
def update(moto, self, u):
    moto(self, {name: value for name, value in u.items() if value is not None})


@instead_of(DynamoDBBackend)
def tag_resource(moto, self, table_arn, tags):
    self.untag_resource(table_arn, [tag["Key"] for tag in tags])
    moto(self, table_arn, tags)


@instead_of(DynamoDBBackend)
def update_time_to_live(moto, self, table_name, ttl_spec):
    table = there(self, table_name)
    enabled = table.ttl["TimeToLiveStatus"] == "ENABLED"
    if enabled == ttl_spec.get("Enabled"):
        raise MockValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    moto(self, table_name, ttl_spec)
    if enabled:
        table.ttl.pop("AttributeName", None)


@instead_of(DynamoDBBackend)
def describe_time_to_live(moto, self, table_name):
    there(self, table_name)
    return moto(self, table_name)


def there(backend, name):
    try:
        return backend.get_table(name)
    except ResourceNotFoundException:
        raise ResourceNotFoundException(table_name=name) from None


def insights(handler):
    """The contributor insights of a table or of an index of it, which go with it."""
    table, index = there(handler.dynamodb_backend, handler.body["TableName"]), handler.body.get("IndexName")
    if index and all(one.name != index for one in table.global_indexes):
        raise ResourceNotFoundException(f"Requested resource not found: Table: {table.name} Index: {index} not found")
    told = {"TableName": table.name} | ({"IndexName": index} if index else {})
    return told, table.__dict__.setdefault("insights", {}).setdefault(index, {"ContributorInsightsStatus": "DISABLED"})


def update_contributor_insights(self):
    told, kept = insights(self)
    kept["LastUpdateDateTime"] = time.time()
    kept["ContributorInsightsStatus"] = "ENABLED" if self.body["ContributorInsightsAction"] == "ENABLE" else "DISABLED"
    kept["ContributorInsightsMode"] = self.body.get("ContributorInsightsMode") or kept.get("ContributorInsightsMode", MODE)
    return ActionResult(told | kept)


def describe_contributor_insights(self):
    told, kept = insights(self)
    rules = [] if kept["ContributorInsightsStatus"] == "DISABLED" else ["DynamoDBContributorInsights-PKC-" + told["TableName"]]
    return ActionResult(told | kept | {"ContributorInsightsRuleList": rules})


DynamoHandler.update_contributor_insights = update_contributor_insights
DynamoHandler.describe_contributor_insights = describe_contributor_insights
