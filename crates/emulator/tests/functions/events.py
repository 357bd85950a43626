"""Asynchronous invocations, queues and rules."""

import json
import time
import unittest

from given import (
    ECHO,
    EVENTS,
    LAMBDA,
    MEMBER,
    METRICS,
    PUTS,
    S3,
    SNS,
    SQS,
    Refusals,
    allow,
    bucket,
    invoke,
    lines,
    message,
    metric,
    name,
    notify,
    python,
    queue,
    table,
    until,
)


class Asynchronous(Refusals):
    """A role without a right: its error in the log, retries, dead letter, metric, alarm."""

    def test_the_way_of_a_failure(self):
        (items, _), of, (url, dead) = table(), bucket(), queue()
        topic = SNS.create_topic(Name=name("topic"))["TopicArn"]
        heard, heard_arn = queue()
        lets = allow("sqs:SendMessage", heard_arn) | {"Principal": {"Service": "sns.amazonaws.com"}}
        SQS.set_queue_attributes(
            QueueUrl=heard, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [lets]})}
        )
        SNS.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=heard_arn)
        function, arn = python(
            PUTS,
            allow("sqs:SendMessage", dead),
            Environment={"Variables": {"TABLE": items}},
            DeadLetterConfig={"TargetArn": dead},
        )
        alarm = name("alarm")
        METRICS.put_metric_alarm(
            AlarmName=alarm,
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[topic],
        )
        state = METRICS.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]
        self.assertEqual(state["StateValue"], "OK", state)
        self.assertIn("no datapoints were received for 1 period", state["StateReason"])
        notify(of, arn, function)
        S3.put_object(Bucket=of, Key="k", Body=b"")
        letter = message(url)
        self.assertEqual(json.loads(letter["Body"])["Records"][0]["s3"]["object"]["key"], "k")
        attributes = {key: (value["DataType"], value["StringValue"]) for key, value in letter["MessageAttributes"].items()}
        self.assertEqual(attributes["ErrorCode"], ("Number", "200"))
        self.assertIn("AccessDeniedException", attributes["ErrorMessage"][1])
        starts = [line for line in lines(function) if line.startswith("START")]
        self.assertEqual({line.split()[2] for line in starts}, {attributes["RequestID"][1]})
        self.assertEqual(len(starts), 3)
        self.assertEqual((metric(function, "Errors"), metric(function, "Invocations")), (3, 3))
        self.assertEqual((metric(function, "AsyncEventsDropped"), metric(function, "DeadLetterErrors")), (1, 0))
        state = METRICS.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]
        self.assertEqual(state["StateValue"], "ALARM", state)
        self.assertIn("greater than the threshold (0.0)", state["StateReason"])
        told = json.loads(json.loads(message(heard)["Body"])["Message"])
        self.assertEqual((told["AlarmName"], told["NewStateValue"], told["OldStateValue"]), (alarm, "ALARM", "OK"))

    def test_fewer_attempts_and_destinations(self):
        (failures, failed), (successes, done) = queue(), queue()
        function, _ = python(
            "def handler(event, context):\n    if event['fails']:\n        raise ValueError('no')\n    return {'yes': 1}\n",
            allow("sqs:SendMessage", [failed, done]),
        )
        targets = {"OnFailure": {"Destination": failed}, "OnSuccess": {"Destination": done}}
        LAMBDA.put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=1, DestinationConfig=targets)
        for fails in (True, False):
            answer = LAMBDA.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps({"fails": fails}))
            self.assertEqual(answer["StatusCode"], 202)
        record = json.loads(message(failures)["Body"])
        self.assertEqual(record["requestContext"]["condition"], "RetriesExhausted")
        self.assertEqual(record["requestContext"]["approximateInvokeCount"], 2)
        self.assertEqual(record["requestPayload"], {"fails": True})
        self.assertEqual(
            record["responseContext"], {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        )
        self.assertEqual(record["responsePayload"]["errorType"], "ValueError")
        record = json.loads(message(successes)["Body"])
        self.assertEqual((record["requestContext"]["condition"], record["responsePayload"]), ("Success", {"yes": 1}))

    def test_destinations_of_other_kinds(self):
        url, arn = queue()
        other, target = python("import boto3, json, os\ndef handler(event, context):\n    print('got', json.dumps(event))\n")
        bus = name("bus")
        at = EVENTS.create_event_bus(Name=bus)["EventBusArn"]
        EVENTS.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["lambda"]}))
        EVENTS.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
        function, _ = python(ECHO, allow("lambda:InvokeFunction", target), allow("events:PutEvents", at))
        for destination in (target, at):
            LAMBDA.put_function_event_invoke_config(
                FunctionName=function, DestinationConfig={"OnSuccess": {"Destination": destination}}
            )
            LAMBDA.invoke(FunctionName=function, InvocationType="Event", Payload='{"n": 1}')
            if destination == at:
                event = json.loads(message(url)["Body"])
                self.assertEqual(event["detail-type"], "Lambda Function Invocation Result - Success")
                self.assertEqual(event["detail"]["responsePayload"], {"n": 1})
            else:
                until(lambda: any('"requestPayload": {"n": 1}' in line for line in lines(other)))

    def test_settings(self):
        function, arn = python(ECHO)
        get = LAMBDA.get_function_event_invoke_config
        self.refused("ResourceNotFoundException", "doesn't have an EventInvokeConfig", get, FunctionName=function)
        put = LAMBDA.put_function_event_invoke_config
        words = "does not have permissions to call SendMessage on"
        denied = {"OnFailure": {"Destination": queue()[1]}}
        self.refused("InvalidParameterValueException", words, put, FunctionName=function, DestinationConfig=denied)
        found = put(FunctionName=function, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60)
        self.assertEqual((found["FunctionArn"], found["MaximumRetryAttempts"]), (f"{arn}:$LATEST", 0))
        LAMBDA.update_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=1)
        found = get(FunctionName=function)
        self.assertEqual((found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]), (1, 60))
        listed = LAMBDA.list_function_event_invoke_configs(FunctionName=function)["FunctionEventInvokeConfigs"]
        self.assertEqual(len(listed), 1)
        LAMBDA.delete_function_event_invoke_config(FunctionName=function)
        self.refused("ResourceNotFoundException", "doesn't have", get, FunctionName=function)

    def test_throttles(self):
        url, dead = queue()
        function, _ = python(ECHO, allow("sqs:SendMessage", dead), DeadLetterConfig={"TargetArn": dead})
        LAMBDA.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
        self.assertEqual(LAMBDA.get_function(FunctionName=function)["Concurrency"]["ReservedConcurrentExecutions"], 0)
        self.refused("TooManyRequestsException", "Rate Exceeded", LAMBDA.invoke, FunctionName=function)
        LAMBDA.invoke(FunctionName=function, InvocationType="Event", Payload='{"n": 1}')
        self.assertEqual(json.loads(message(url)["Body"]), {"n": 1})
        LAMBDA.delete_function_concurrency(FunctionName=function)
        self.assertEqual(invoke(function, {"n": 1})[0], {"n": 1})
        self.assertGreaterEqual(metric(function, "Throttles"), 2)
        put = LAMBDA.put_function_concurrency
        words = "UnreservedConcurrentExecution below its minimum value of [100]"
        self.refused("InvalidParameterValueException", words, put, FunctionName=function, ReservedConcurrentExecutions=950)


class Queues(Refusals):
    def test_batches_with_failures(self):
        (url, arn), (dead, dead_arn) = queue(), queue()
        SQS.set_queue_attributes(
            QueueUrl=url,
            Attributes={
                "VisibilityTimeout": "1",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "2"}),
            },
        )
        code = """
def handler(event, context):
    print("batch", [record["body"] for record in event["Records"]])
    return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"] if one["body"] == "bad"]}
"""
        reads = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn)
        function, _ = python(code, reads, Timeout=1)
        SQS.send_message_batch(QueueUrl=url, Entries=[{"Id": body, "MessageBody": body} for body in ("good", "bad", "fine")])
        LAMBDA.create_event_source_mapping(
            FunctionName=function, EventSourceArn=arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
        )
        self.assertEqual(message(dead)["Body"], "bad")
        batches = [eval(line.removeprefix("batch ")) for line in lines(function) if line.startswith("batch ")]
        self.assertEqual((sorted(batches[0]), batches[1:]), (["bad", "fine", "good"], [["bad"]]))

    def test_a_whole_batch_comes_back(self):
        url, arn = queue(VisibilityTimeout="1")
        code = "def handler(event, context):\n    count = event['Records'][0]['attributes']['ApproximateReceiveCount']\n    print('count', count)\n    1 / (int(count) - 1)\n"
        function, _ = python(code, allow("sqs:*", arn), Timeout=1)
        mapping = LAMBDA.create_event_source_mapping(FunctionName=function, EventSourceArn=arn)["UUID"]
        SQS.send_message(QueueUrl=url, MessageBody="one")
        until(lambda: "count 2" in lines(function))
        time.sleep(1.5)
        self.assertEqual([line for line in lines(function) if line.startswith("count")], ["count 1", "count 2"])
        self.assertEqual(len(LAMBDA.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]), 1)
        LAMBDA.delete_event_source_mapping(UUID=mapping)
        time.sleep(1.5)
        SQS.send_message(QueueUrl=url, MessageBody="two")
        self.assertEqual(message(url)["Body"], "two")

    def test_refusals(self):
        url, arn = queue(VisibilityTimeout="10")
        make = LAMBDA.create_event_source_mapping
        function, _ = python(ECHO, Timeout=5)
        words = "does not have permissions to call ReceiveMessage on SQS"
        self.refused("InvalidParameterValueException", words, make, FunctionName=function, EventSourceArn=arn)
        slow, _ = python(ECHO, allow("sqs:*", arn), Timeout=20)
        words = "Queue visibility timeout: 10 seconds is less than Function timeout: 20 seconds"
        self.refused("InvalidParameterValueException", words, make, FunctionName=slow, EventSourceArn=arn)
        good, _ = python(ECHO, allow("sqs:*", arn), Timeout=5)
        uuid_ = make(FunctionName=good, EventSourceArn=arn)["UUID"]
        self.refused("ResourceConflictException", "already exists", make, FunctionName=good, EventSourceArn=arn)
        LAMBDA.delete_event_source_mapping(UUID=uuid_)


class Rules(unittest.TestCase):
    def test_a_rule_calls_what_lets_it(self):
        function, arn = python("import json\ndef handler(event, context):\n    print('got', json.dumps(event))\n")
        rule = name("rule")
        at = EVENTS.put_rule(Name=rule, EventPattern=json.dumps({"source": ["own"]}))["RuleArn"]
        transformer = {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": '{"was": <a>}'}
        EVENTS.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arn}, {"Id": "2", "Arn": arn, "InputTransformer": transformer}])

        def put(source):
            EVENTS.put_events(Entries=[{"Source": source, "DetailType": "kind", "Detail": '{"a": 1}'}])

        def got():
            return [json.loads(line[4:]) for line in lines(function) if line.startswith("got")]

        put("own")
        LAMBDA.add_permission(
            FunctionName=function, StatementId="1", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=at
        )
        put("own")
        put("another")
        until(lambda: len(got()) == 2)
        time.sleep(0.5)
        whole = next(one for one in got() if "detail" in one)
        self.assertEqual(len(got()), 2)
        self.assertEqual(
            (whole["source"], whole["detail-type"], whole["account"], whole["detail"]), ("own", "kind", MEMBER, {"a": 1})
        )
        self.assertRegex(whole["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertIn({"was": 1}, got())
        EVENTS.disable_rule(Name=rule)
        put("own")
        time.sleep(0.5)
        self.assertEqual(len(got()), 2)


class Topics(unittest.TestCase):
    def test_a_topic_calls_what_lets_it(self):
        function, arn = python("import json\ndef handler(event, context):\n    print('got', json.dumps(event))\n")
        topic = SNS.create_topic(Name=name("topic"))["TopicArn"]
        SNS.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        SNS.publish(TopicArn=topic, Message="before", Subject="s")
        LAMBDA.add_permission(
            FunctionName=function, StatementId="1", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com", SourceArn=topic
        )
        SNS.publish(TopicArn=topic, Message="after", Subject="s")
        until(lambda: [line for line in lines(function) if line.startswith("got")])
        time.sleep(0.5)
        found = [json.loads(line[4:])["Records"][0] for line in lines(function) if line.startswith("got")]
        self.assertEqual([one["Sns"]["Message"] for one in found], ["after"])
        self.assertEqual(
            (found[0]["EventSource"], found[0]["Sns"]["TopicArn"], found[0]["Sns"]["Subject"]), ("aws:sns", topic, "s")
        )
