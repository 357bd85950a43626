"""What the calls of DynamoDB need: batches and transactions of each table, and each item of them, by the action that it would have alone.

<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html> and
<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html> (2026-11-26)
"""

import re

import stored
from rights import Right

# Not judged: PartiQL, bulk operations, global tables of 2017, what is restored from, exported or imported.
KNOWN = set(
    "CreateBackup CreateTable DeleteItem DeleteResourcePolicy DeleteTable DescribeContinuousBackups DescribeContributorInsights"
    " DescribeKinesisStreamingDestination DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive GetItem GetResourcePolicy"
    " DisableKinesisStreamingDestination EnableKinesisStreamingDestination ListTagsOfResource PutItem PutResourcePolicy Query Scan"
    " TagResource UntagResource UpdateContinuousBackups UpdateContributorInsights UpdateItem UpdateKinesisStreamingDestination"
    " UpdateTable UpdateTableReplicaAutoScaling UpdateTimeToLive".split()
)
ITEMS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
# Member of a transaction's or a batch's part: its action.
PARTS = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def table(call, name, index=None):
    arn = call.named(name, "table/")
    return f"{arn}/index/{index}" if index else arn


def schema(arn):
    """The table of an ARN, if it is there."""
    _, region, account, resource = stored.split(arn)
    tables = stored.store("dynamodb", account, region)
    return tables.tables.get(resource.split("/")[1]) if tables and "/" in resource else None


def leading(arn, keys):
    """`dynamodb:LeadingKeys`: the partition keys of items, as a table calls them."""
    found = schema(arn)
    name = found.hash_key_attr if found else None
    values = {
        next(iter(key[name].values())) for key in keys if isinstance(key, dict) and isinstance(key.get(name), dict) and key[name]
    }
    return {"dynamodb:LeadingKeys": sorted(map(str, values))} if values else {}


def dynamodb(call):
    values, name = call.values, call.name
    if name in ("BatchGetItem", "BatchWriteItem"):
        return batch(call)
    if name in ("TransactGetItems", "TransactWriteItems"):
        return transaction(call)
    if name not in KNOWN:
        return None
    of = call.first("TableName", "ResourceArn")
    if not of:
        return None
    # the tags of a stream are its own
    arn = table(call, of, values.get("IndexName"))
    return [Right(f"dynamodb:{name}", arn, item(call, arn) if name in ITEMS else {})]


def item(call, arn):
    """The keys of the context of one request for items."""
    values = call.values
    if call.name == "Query":
        keys = leading(arn, [queried(values)])
    else:
        keys = leading(arn, [values.get("Key") or values.get("Item")])
    keys |= {"dynamodb:FullTableScan": "true"} if call.name == "Scan" else {}
    for key, member in (("dynamodb:Select", "Select"), ("dynamodb:ReturnValues", "ReturnValues")):
        if values.get(member):
            keys[key] = values[member]
    return keys


def queried(values):
    """The key that a query is for, as an item has it."""
    names, found = values.get("ExpressionAttributeNames") or {}, {}
    for name, value in re.findall(r"([#\w.-]+)\s*=\s*(:\w+)", values.get("KeyConditionExpression") or ""):
        found[names.get(name, name)] = (values.get("ExpressionAttributeValues") or {}).get(value)
    for name, condition in (values.get("KeyConditions") or {}).items():
        if condition.get("ComparisonOperator") == "EQ" and condition.get("AttributeValueList"):
            found[name] = condition["AttributeValueList"][0]
    return found


def batch(call):
    found = []
    for name, requests in (call.values.get("RequestItems") or {}).items():
        arn = table(call, name)
        if call.name == "BatchGetItem":
            keys = (requests or {}).get("Keys") or []
        else:
            keys = [
                (one.get("PutRequest") or {}).get("Item") or (one.get("DeleteRequest") or {}).get("Key") for one in requests or []
            ]
        found.append(Right(f"dynamodb:{call.name}", arn, leading(arn, keys)))
    return found or None


def transaction(call):
    found = []
    for one in call.values.get("TransactItems") or []:
        for part, action in PARTS.items():
            if given := one.get(part):
                arn = table(call, given.get("TableName") or "")
                keys = leading(arn, [given.get("Key") or given.get("Item")]) | {"dynamodb:EnclosingOperation": call.name}
                found.append(Right(f"dynamodb:{action}", arn, keys))
    return found or None
