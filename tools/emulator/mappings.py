"""Event source mappings of SQS queues: Lambda reads batches and deletes what a function was done with.

<https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html> and
<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html> (2026-11-26)

One batch at a time is read of each mapping. Streams of DynamoDB and Kinesis are moto's: each record is an asynchronous invocation.
"""

import json
import threading
import time
import uuid

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.events.models import EventPattern
from moto.sqs.models import sqs_backends

import invocations
import running
import services
import stored
from missing import instead_of


class Conflict(LambdaClientError):
    code = 409


def queue_of(mapping):
    _, region, account, name = stored.split(mapping.event_source_arn)
    return sqs_backends[account][region], sqs_backends[account][region].queues.get(name)


def url(arn):
    _, _, account, name = stored.split(arn)
    return f"{running.ENDPOINT}/{account}/{name}"


# AWS: refuses a queue that the role may not read, or whose messages come back before the function is done.
# moto: takes it; sends each message by itself, while the sender waits.
@instead_of(LambdaBackend)
def create_event_source_mapping(moto, self, spec):
    arn = spec.get("EventSourceArn") or ""
    if ":sqs:" not in arn:
        return moto(self, spec)
    fn = self.get_function(spec["FunctionName"])
    _, region, account, name = stored.split(arn)
    queue = sqs_backends[account][region].queues.get(name)
    if queue is None:
        raise InvalidParameterValueException(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The"
            " specified queue does not exist."
        )
    for call in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        if services.refused(fn, "sqs", call, {"QueueUrl": url(arn)}):
            message = f"The function execution role does not have permissions to call {call} on SQS"
            raise InvalidParameterValueException(message)
    if int(queue.visibility_timeout) < int(fn.timeout):
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function timeout: {fn.timeout} seconds"
        )
    wanted = invocations.unqualified(fn)
    for other in self._event_source_mappings.values():
        if other.event_source_arn == arn and other.function_arn == wanted:
            raise Conflict(
                "ResourceConflictException",
                f'An event source mapping with SQS arn (" {arn} ") and function (" {fn.function_name} ") already exists. Please update'
                f" or delete the existing mapping with UUID {other.uuid}",
            )
    more = {"RegionName": self.region_name, "AccountId": self.account_id, "FunctionArn": wanted}
    mapping = EventSourceMapping(spec | more)
    self._event_source_mappings[mapping.uuid] = mapping
    threading.Thread(target=poll, args=(self, mapping), daemon=True).start()
    return mapping


@instead_of(EventSourceMapping)
def get_configuration(moto, self):
    found = moto(self) | {"StateTransitionReason": "USER_INITIATED"}
    found.setdefault("FunctionResponseTypes", [])
    found.setdefault("MaximumBatchingWindowInSeconds", 0)
    # tags are told by ListTags
    found.pop("Tags", None)
    return found


# AWS: finds them by the name or any ARN of a function.
# moto: by the text that they were made with.
@instead_of(LambdaBackend)
def list_event_source_mappings(moto, self, event_source_arn, function_name):
    wanted = invocations.unqualified(self.get_function(function_name)) if function_name else None
    found = moto(self, event_source_arn, None)
    return [one for one in found if wanted is None or one.function_arn.startswith(wanted)]


# ---- Reading


def poll(backend, mapping):
    """Reads the queue until the mapping or the function is deleted."""
    while backend._event_source_mappings.get(mapping.uuid) is mapping:
        fn, (queues, queue) = invocations.function(mapping.function_arn), queue_of(mapping)
        if not mapping.enabled or fn is None or queue is None:
            time.sleep(0.5)
            continue
        queue.wait_for_messages(1)
        if not queue.messages:
            continue
        try:
            if services.refused(fn, "sqs", "ReceiveMessage", {"QueueUrl": url(mapping.event_source_arn)}):
                time.sleep(2)
                continue
            batch(mapping, fn, queues, queue)
        except Exception as error:  # the messages come back
            print(f"reading {mapping.event_source_arn} for {mapping.function_arn}: {error!r}", flush=True)
            time.sleep(1)


def batch(mapping, fn, queues, queue):
    """Reads one batch, invokes the function with it, and deletes what it was done with."""
    messages, deadline = [], time.monotonic() + (mapping.max_batch_window or 0)
    while len(messages) < mapping.batch_size:
        with running.TURN.taken():
            wanted = min(mapping.batch_size - len(messages), 10)
            read = queues.receive_message(queue.name, wanted, 0, int(queue.visibility_timeout))
        messages += read
        left = deadline - time.monotonic()
        if not read and left <= 0:
            break
        if not read:
            queue.wait_for_messages(min(left, 1))
    records = [(message, record(mapping, message)) for message in messages]
    fits = [(message, one) for message, one in records if matches(mapping, one)]
    # AWS deletes what the filter leaves out
    delete(queues, queue, [message for message, one in records if not matches(mapping, one)])
    if not fits:
        return
    event = json.dumps({"Records": [one for _, one in fits]}).encode()
    outcome = invocations.run(fn, event, str(uuid.uuid4()), mapping.function_arn)
    if outcome is None or outcome.error:
        return
    failed = failures(mapping, outcome, {message.id for message, _ in fits})
    delete(queues, queue, [message for message, _ in fits if message.id not in failed])


def record(mapping, message):
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    fifo = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
    }
    given = {
        name: {
            "stringValue": value.get("StringValue"),
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": value["DataType"],
        }
        for name, value in message.message_attributes.items()
    }
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes | {name: value for name, value in fifo.items() if value},
        "messageAttributes": given,
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.event_source_arn,
        "awsRegion": mapping.region,
    }


def matches(mapping, one):
    patterns = [found["Pattern"] for found in (mapping.filter_criteria or {}).get("Filters") or []]
    if not patterns:
        return True
    try:
        body = json.loads(one["body"])
    except ValueError:
        body = one["body"]
    return any(EventPattern.load(pattern).matches_event(one | {"body": body}) for pattern in patterns)


def failures(mapping, outcome, ids):
    """The messages that come back; all of them when the function's answer is not what AWS understands."""
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    try:
        answered = json.loads(outcome.payload) or {}
        failed = {one["itemIdentifier"] for one in answered.get("batchItemFailures") or []}
    except (ValueError, AttributeError, KeyError, TypeError):
        return ids
    return failed if failed <= ids else ids


def delete(queues, queue, messages):
    with running.TURN.taken():
        for message in messages:
            queues.delete_message(queue.name, message.receipt_handle)
