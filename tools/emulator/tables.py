"""What moto 5.2.1 lacks of DynamoDB's tables. Imported with the first request to DynamoDB (serve.py).

<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html> and
<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html> (2026-11-26)
"""

import time
import uuid

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException, ResourceNotFoundException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import GlobalSecondaryIndex, Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

import stored
from missing import instead_of

PREFIX = "com.amazonaws.dynamodb.v20120810#"
# What a table does not tell when it has none.
LISTS = "GlobalSecondaryIndexes LocalSecondaryIndexes".split()


# AWS: tells an id, the class, the limits on demand; KMSMasterKeyArn is an ARN, however the key was named.
# moto: forgets them; tells the key as it was named.
@instead_of(Table)
def describe(moto, self, base_key="TableDescription"):
    whole = moto(self, base_key)
    found = whole[base_key]
    found["TableId"] = self.__dict__.setdefault("table_id", str(uuid.uuid4()))
    if given := limits(getattr(self, "on_demand", None)):
        found["OnDemandThroughput"] = given
    for index in found.get("GlobalSecondaryIndexes") or []:
        if given := limits(getattr(self, "index_limits", {}).get(index["IndexName"])):
            index["OnDemandThroughput"] = given
    if given := getattr(self, "table_class", None):
        found["TableClassSummary"] = {"TableClass": given}
    if described := found.get("SSEDescription"):
        named = described["KMSMasterKeyArn"]
        described["KMSMasterKeyArn"] = stored.key_arn(named, self.account_id, self.region_name) or named
    for name in LISTS:
        if not found.get(name):
            found.pop(name, None)
    return whole


def limits(throughput):
    """-1 is no maximum, and not told."""
    return {name: number for name, number in (throughput or {}).items() if number != -1}


def keep(table, body):
    """What moto takes no notice of."""
    of_indexes = table.__dict__.setdefault("index_limits", {})
    for index in body.get("GlobalSecondaryIndexes", []):
        of_indexes[index["IndexName"]] = index.get("OnDemandThroughput")
    for update in body.get("GlobalSecondaryIndexUpdates", []):
        ((what, index),) = update.items()
        if what == "Delete":
            of_indexes.pop(index["IndexName"], None)
        elif what == "Create" or "OnDemandThroughput" in index:
            of_indexes[index["IndexName"]] = index.get("OnDemandThroughput")
    if "OnDemandThroughput" in body:
        table.on_demand = body["OnDemandThroughput"]
    if "TableClass" in body:
        table.table_class = body["TableClass"]


def underway(table, status):
    """The description of a table with which the answer to a change has it; DescribeTable says right after that it is done."""
    whole = table.describe()
    whole["TableDescription"]["TableStatus"] = status
    return DynamoResult(whole)


@instead_of(DynamoHandler)
def create_table(moto, self):
    moto(self)
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    keep(table, self.body)
    return underway(table, "CREATING")


# AWS: changes the encryption, too; makes or deletes one index in a call; keeps definitions of used attributes only, and no
#      capacity with PAY_PER_REQUEST; starts a stream again.
# moto: takes no notice of it; any number; keeps all; refuses the stream.
@instead_of(DynamoHandler)
def update_table(moto, self):
    table, body = self.dynamodb_backend.get_table(self.body["TableName"]), self.body
    if sum("Update" not in update for update in body.get("GlobalSecondaryIndexUpdates", [])) > 1:
        message = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise JsonRESTError(PREFIX + "LimitExceededException", message)
    stream = body.get("StreamSpecification", {})
    if stream.get("StreamEnabled") and not (table.stream_specification or {}).get("StreamEnabled"):
        # moto takes a stream that was once there for one that is
        table.latest_stream_label = None
    moto(self)
    keep(table, body)
    table.attr = [attribute for attribute in table.attr if attribute["AttributeName"] in table.attribute_keys]
    if body.get("BillingMode") == "PAY_PER_REQUEST":
        for one in (table, *table.global_indexes):
            one.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    if given := self.body.get("SSESpecification"):
        table.sse_specification = dict(given)
        if given.get("Enabled") and "KMSMasterKeyId" not in given:
            key = table._get_default_encryption_key(table.account_id, table.region_name)
            table.sse_specification["KMSMasterKeyId"] = key
    return underway(table, "UPDATING")


@instead_of(DynamoHandler)
def delete_table(moto, self):
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    moto(self)
    # the next table of that name has neither
    for arn in [arn for arn in self.dynamodb_backend.resource_policies if arn == table.table_arn]:
        del self.dynamodb_backend.resource_policies[arn]
    return underway(table, "DELETING")


# AWS: a tag that is there gets another value.
# moto: is there twice.
@instead_of(DynamoDBBackend)
def tag_resource(moto, self, table_arn, tags):
    given = {tag["Key"] for tag in tags}
    for table in self.tables.values():
        if table.table_arn == table_arn:
            table.tags = [tag for tag in table.tags if tag["Key"] not in given]
    moto(self, table_arn, tags)


# moto: takes an update without a throughput for one that has none.
@instead_of(GlobalSecondaryIndex)
def update(moto, self, u):
    moto(self, {name: value for name, value in u.items() if value is not None})


# AWS: refuses what is so already; ResourceNotFoundException for a table that is not there.
# moto: ResourceNotFound.
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


# ---- Contributor insights, which moto does not have


def insights(self):
    """The table, the index and what is kept of both."""
    table, index = there(self.dynamodb_backend, self.body["TableName"]), self.body.get("IndexName")
    if index:
        self.dynamodb_backend.get_schema(table.name, index)
    return table, index, table.__dict__.setdefault("insights", {})


def described(table, index, kept):
    found = {"TableName": table.name, "ContributorInsightsStatus": kept.get("status", "DISABLED")}
    if index:
        found["IndexName"] = index
    if kept:
        found |= {"LastUpdateDateTime": kept["at"], "ContributorInsightsMode": kept["mode"]}
    if kept.get("status") == "ENABLED":
        kinds = ["PKC", "PKT"] + (["SKC", "SKT"] if table.has_range_key else [])
        if kept["mode"] == "THROTTLED_KEYS":
            kinds = [kind for kind in kinds if kind.endswith("T")]
        of = table.name + (f"-{index}" if index else "")
        found["ContributorInsightsRuleList"] = [
            f"DynamoDBContributorInsights-{kind}-{of}-{int(kept['at'] * 1000)}" for kind in kinds
        ]
    return found


def update_contributor_insights(self):
    table, index, kept = insights(self)
    enabled = self.body["ContributorInsightsAction"] == "ENABLE"
    before = kept.get(index, {})
    mode = self.body.get("ContributorInsightsMode") or before.get("mode") or "ACCESSED_AND_THROTTLED_KEYS"
    kept[index] = {"status": "ENABLED" if enabled else "DISABLED", "mode": mode, "at": time.time()}
    found = {
        "TableName": table.name,
        "ContributorInsightsStatus": "ENABLING" if enabled else "DISABLING",
        "ContributorInsightsMode": mode,
    }
    return ActionResult(found | ({"IndexName": index} if index else {}))


def describe_contributor_insights(self):
    table, index, kept = insights(self)
    return ActionResult(described(table, index, kept.get(index, {})))


def list_contributor_insights(self):
    name = (self.body.get("TableName") or "").rpartition("/")[2]
    tables = [self.dynamodb_backend.get_table(name)] if name else list(self.dynamodb_backend.tables.values())
    summaries = [
        {name: value for name, value in described(table, index, kept).items() if name in SUMMARY}
        for table in tables
        for index, kept in table.__dict__.get("insights", {}).items()
    ]
    return ActionResult({"ContributorInsightsSummaries": summaries})


SUMMARY = {"TableName", "IndexName", "ContributorInsightsStatus", "ContributorInsightsMode"}
DynamoHandler.update_contributor_insights = update_contributor_insights
DynamoHandler.describe_contributor_insights = describe_contributor_insights
DynamoHandler.list_contributor_insights = list_contributor_insights
