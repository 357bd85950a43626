"""What is kept of functions, tables, alarms and access logs, and what is refused."""

import json

import botocore.model
from botocore.exceptions import ClientError
from given import (
    ECHO,
    LAMBDA,
    LOG,
    MANAGED,
    MEMBER,
    METRICS,
    REGION,
    S3,
    SNS,
    SQS,
    TABLES,
    TRUST,
    Refusals,
    allow,
    bucket,
    client,
    invoke,
    message,
    name,
    python,
    queue,
    role,
    session,
    table,
    until,
    zipped,
)


class Configuration(Refusals):
    def test_all_of_it_is_told(self):
        key = client("kms").create_key()["KeyMetadata"]["Arn"]
        _, dead = queue()
        given = {
            "Description": "of it",
            "KMSKeyArn": key,
            "DeadLetterConfig": {"TargetArn": dead},
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/own", "ApplicationLogLevel": "WARN", "SystemLogLevel": "WARN"},
            "TracingConfig": {"Mode": "Active"},
            "EphemeralStorage": {"Size": 1024},
            "Architectures": ["arm64"],
            "Environment": {"Variables": {"NAME": "b"}},
        }
        function, arn = python(ECHO, allow("sqs:SendMessage", dead), **given)
        found = LAMBDA.get_function(FunctionName=function)["Configuration"]
        self.assertEqual({name: found[name] for name in given}, given)
        self.assertEqual((found["State"], found["LastUpdateStatus"], found["Version"]), ("Active", "Successful", "$LATEST"))
        revision = found["RevisionId"]
        changed = {
            "KMSKeyArn": "",
            "DeadLetterConfig": {"TargetArn": ""},
            "TracingConfig": {"Mode": "PassThrough"},
            "Environment": {},
        }
        LAMBDA.update_function_configuration(FunctionName=function, **changed)
        found = LAMBDA.get_function_configuration(FunctionName=function)
        self.assertNotEqual(found["RevisionId"], revision)
        self.assertEqual(found["TracingConfig"], {"Mode": "PassThrough"})
        self.assertNotIn("KMSKeyArn", found)
        self.assertNotIn("Environment", found)
        self.assertFalse((found.get("DeadLetterConfig") or {}).get("TargetArn"))
        words, update = "RevisionId provided does not match", LAMBDA.update_function_configuration
        self.refused("PreconditionFailedException", words, update, FunctionName=function, RevisionId=revision, Timeout=4)
        update(FunctionName=function, RevisionId=found["RevisionId"], Timeout=4)

    def test_policy(self):
        function, arn = python(ECHO)
        get, remove, add = LAMBDA.get_policy, LAMBDA.remove_permission, LAMBDA.add_permission
        self.refused("ResourceNotFoundException", "does not exist", get, FunctionName=function)
        given = {"FunctionName": function, "StatementId": "one", "Action": "lambda:InvokeFunction"}
        add(**given, Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b", SourceAccount=MEMBER)
        add(**given | {"StatementId": "two"}, Principal="*", PrincipalOrgID="o-abcdefghij")
        add(**given | {"StatementId": "three"}, Principal=MEMBER, EventSourceToken="token")
        add(**given | {"StatementId": "four", "Action": "lambda:InvokeFunctionUrl"}, Principal="*", FunctionUrlAuthType="NONE")
        words = "The statement id (one) provided already exists"
        self.refused("ResourceConflictException", words, add, **given, Principal="sns.amazonaws.com")
        statements = {one["Sid"]: one for one in json.loads(get(FunctionName=function)["Policy"])["Statement"]}
        self.assertEqual(
            statements["one"],
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceAccount": MEMBER}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}},
            },
        )
        self.assertEqual(statements["two"]["Condition"], {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})
        self.assertEqual(statements["three"]["Principal"], {"AWS": f"arn:aws:iam::{MEMBER}:root"})
        self.assertEqual(statements["three"]["Condition"], {"StringEquals": {"lambda:EventSourceToken": "token"}})
        self.assertEqual(statements["four"]["Condition"], {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}})
        self.refused("ResourceNotFoundException", "not found", remove, FunctionName=function, StatementId="five")
        for sid in statements:
            remove(FunctionName=function, StatementId=sid)
        self.refused("ResourceNotFoundException", "does not exist", get, FunctionName=function)
        self.refused("ResourceNotFoundException", "Function not found", get, FunctionName="absent")

    def test_what_is_refused(self):
        code, own = {"ZipFile": zipped(index__py=ECHO)}, role()
        good = {"Role": own, "Runtime": "python3.12", "Handler": "index.handler", "Code": code}
        other = {"Version": "2012-10-17", "Statement": [TRUST["Statement"][0] | {"Principal": {"Service": "ec2.amazonaws.com"}}]}
        wrong = "InvalidParameterValueException"
        _, dead = queue()
        for change, kind, words in (
            ({"Role": role(trust=other)}, wrong, "The role defined for the function cannot be assumed by Lambda."),
            ({"Role": own + "x"}, wrong, "The role defined for the function cannot be assumed by Lambda."),
            ({"Code": {"ZipFile": b"no zip"}}, wrong, "Could not unzip uploaded file"),
            ({"Code": {"ZipFile": zipped()}}, wrong, "non-empty zip"),
            ({"Code": {"ZipFile": zipped(large="x" * 262_144_001)}}, wrong, "Unzipped size must be smaller than 262144000 bytes"),
            ({"Environment": {"Variables": {"NAME": "x" * 4096}}}, wrong, "exceeded the 4KB limit"),
            ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, wrong, "reserved keys"),
            ({"Runtime": None}, wrong, "Runtime and Handler are mandatory"),
            ({"DeadLetterConfig": {"TargetArn": dead}}, wrong, "does not have permissions to call SendMessage on SQS"),
        ):
            given = {name: value for name, value in (good | change).items() if value is not None}
            self.refused(kind, words, LAMBDA.create_function, FunctionName=name(), **given)
        function = name()
        LAMBDA.create_function(FunctionName=function, Environment={"Variables": {"NAME": "x" * 4000}}, **good)
        self.refused("ResourceConflictException", "Function already exist", LAMBDA.create_function, FunctionName=function, **good)
        update = LAMBDA.update_function_configuration
        self.refused(wrong, "4KB", update, FunctionName=function, Environment={"Variables": {"NAME": "x" * 4096}})
        self.refused(wrong, "cannot be assumed", update, FunctionName=function, Role=role(trust=other))
        self.refused(wrong, "Could not unzip", LAMBDA.update_function_code, FunctionName=function, ZipFile=b"no zip")
        LAMBDA.delete_function(FunctionName=function)
        self.refused("ResourceNotFoundException", "Function not found", LAMBDA.get_function, FunctionName=function)
        self.refused("ResourceNotFoundException", "Function not found", LAMBDA.delete_function, FunctionName=function)

    def test_code_in_a_bucket(self):
        of, own = bucket(), role(LOG)
        S3.put_bucket_versioning(Bucket=of, VersioningConfiguration={"Status": "Enabled"})
        code = "def handler(event, context):\n    return {}\n"
        versions = [S3.put_object(Bucket=of, Key="k", Body=zipped(index__py=code.format(n)))["VersionId"] for n in (1, 2)]
        given = {"Role": own, "Runtime": "python3.12", "Handler": "index.handler", "Timeout": 20}
        at = {"S3Bucket": of, "S3Key": "k"}
        make, function, wrong = LAMBDA.create_function, name(), "InvalidParameterValueException"
        for change, words in (({"S3Key": "absent"}, "NoSuchKey"), ({"S3Bucket": of + "x"}, "NoSuchBucket")):
            self.refused(wrong, words, make, FunctionName=function, Code=at | change, **given)
        make(FunctionName=function, Code=at | {"S3ObjectVersion": versions[0]}, **given)
        self.assertEqual(invoke(function)[0], 1)
        LAMBDA.update_function_code(FunctionName=function, **at)
        self.assertEqual(invoke(function)[0], 2)
        rights = [allow("lambda:*"), allow("iam:PassRole")]
        for more, allowed in (([], False), ([allow("s3:GetObject", f"arn:aws:s3:::{of}/k")], True)):
            caller = client("lambda", session(role(*rights, *more, trust=MANAGED).rpartition("/")[2]))
            if allowed:
                caller.create_function(FunctionName=name(), Code=at, **given)
            else:
                self.refused(
                    "AccessDeniedException", "s3:GetObject", caller.create_function, FunctionName=name(), Code=at, **given
                )

    def test_layers(self):
        layer = zipped(**{"python/shared__py": "WORD = 'of the layer'\n"})
        arn = LAMBDA.publish_layer_version(LayerName=name("layer"), Content={"ZipFile": layer})["LayerVersionArn"]
        code = "import shared\ndef handler(event, context):\n    return shared.WORD\n"
        function, _ = python(code, Layers=[arn])
        self.assertEqual(invoke(function)[:2], ("of the layer", None))
        LAMBDA.update_function_configuration(FunctionName=function, Layers=[])
        self.assertEqual(invoke(function)[0]["errorType"], "Runtime.ImportModuleError")

    def test_tags_decide(self):
        """A policy that wants tags bites on what is made of Lambda, DynamoDB and CloudWatch."""
        wants = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/owner": "true"}}}
        wants["Action"] = ["lambda:CreateFunction", "dynamodb:CreateTable", "cloudwatch:PutMetricAlarm"]
        own = session(role(allow("*"), wants, trust=MANAGED).rpartition("/")[2])
        key = {
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        }
        alarm = {
            "Namespace": "n",
            "MetricName": "m",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        function = {
            "Role": role(),
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Code": {"ZipFile": zipped(index__py=ECHO)},
        }
        pair = [{"Key": "owner", "Value": "me"}]
        for call, given, tags in (
            (client("lambda", own).create_function, {"FunctionName": name()} | function, {"owner": "me"}),
            (client("dynamodb", own).create_table, {"TableName": name()} | key, pair),
            (client("cloudwatch", own).put_metric_alarm, {"AlarmName": name()} | alarm, pair),
        ):
            with self.assertRaises(ClientError) as caught:
                call(**given)
            self.assertIn("AccessDenied", caught.exception.response["Error"]["Code"])
            self.assertIn("with an explicit deny in an identity-based policy", str(caught.exception))
            call(**given, Tags=tags)


class Tables(Refusals):
    def test_what_moto_forgets(self):
        of = name("t")
        key = client("kms").create_key()["KeyMetadata"]
        TABLES.create_table(
            TableName=of,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
            OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20},
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["KeyId"]},
            DeletionProtectionEnabled=True,
            TableClass="STANDARD_INFREQUENT_ACCESS",
        )
        found = TABLES.describe_table(TableName=of)["Table"]
        self.assertEqual(found["OnDemandThroughput"], {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20})
        self.assertEqual(found["SSEDescription"]["KMSMasterKeyArn"], key["Arn"])
        self.assertEqual(
            (found["TableStatus"], found["TableClassSummary"]["TableClass"]), ("ACTIVE", "STANDARD_INFREQUENT_ACCESS")
        )
        self.refused("ValidationException", "DeletionProtection", TABLES.delete_table, TableName=of)
        TABLES.update_continuous_backups(
            TableName=of, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
        )
        backups = TABLES.describe_continuous_backups(TableName=of)["ContinuousBackupsDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"], 7)
        insights = TABLES.describe_contributor_insights
        self.assertEqual(insights(TableName=of)["ContributorInsightsStatus"], "DISABLED")
        answer = TABLES.update_contributor_insights(TableName=of, ContributorInsightsAction="ENABLE")
        self.assertEqual(answer["ContributorInsightsStatus"], "ENABLING")
        self.assertEqual(insights(TableName=of)["ContributorInsightsStatus"], "ENABLED")
        self.assertEqual(len(insights(TableName=of)["ContributorInsightsRuleList"]), 4)
        TABLES.update_contributor_insights(TableName=of, ContributorInsightsAction="DISABLE")
        self.assertEqual(insights(TableName=of)["ContributorInsightsStatus"], "DISABLED")
        self.refused("ResourceNotFoundException", "not found", insights, TableName="absent")
        arn = found["TableArn"]
        for value in ("1", "2"):
            TABLES.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": value}])
        self.assertEqual(TABLES.list_tags_of_resource(ResourceArn=arn)["Tags"], [{"Key": "a", "Value": "2"}])
        TABLES.update_table(TableName=of, DeletionProtectionEnabled=False)
        TABLES.delete_table(TableName=of)
        self.refused("ResourceNotFoundException", "not found", TABLES.describe_table, TableName=of)

    def test_rights_on_items(self):
        of, arn = table()
        leading = allow("dynamodb:PutItem", arn) | {
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}}
        }
        own = client("dynamodb", session(role(leading, allow("dynamodb:BatchWriteItem", arn), trust=MANAGED).rpartition("/")[2]))
        own.put_item(TableName=of, Item={"pk": {"S": "mine"}})
        self.refused("AccessDeniedException", "dynamodb:PutItem", own.put_item, TableName=of, Item={"pk": {"S": "theirs"}})
        put = {"Put": {"TableName": of, "Item": {"pk": {"S": "mine"}}}}
        delete = {"Delete": {"TableName": of, "Key": {"pk": {"S": "mine"}}}}
        own.transact_write_items(TransactItems=[put])
        self.refused("AccessDeniedException", "dynamodb:DeleteItem", own.transact_write_items, TransactItems=[delete])
        own.batch_write_item(RequestItems={of: [{"PutRequest": {"Item": {"pk": {"S": "any"}}}}]})
        self.refused(
            "AccessDeniedException",
            "dynamodb:BatchGetItem",
            own.batch_get_item,
            RequestItems={of: {"Keys": [{"pk": {"S": "mine"}}]}},
        )
        self.refused("AccessDeniedException", "dynamodb:Scan", own.scan, TableName=of)


class Alarms(Refusals):
    metrics = METRICS

    def test_all_of_it_is_told(self):
        of = name("alarm")
        metrics = [
            {"Id": "e1", "Expression": "m1 / 2", "Label": "half", "ReturnData": True},
            {
                "Id": "m1",
                "MetricStat": {
                    "Metric": {"Namespace": "n", "MetricName": "m", "Dimensions": [{"Name": "a", "Value": "b"}]},
                    "Period": 60,
                    "Stat": "p99",
                    "Unit": "Count",
                },
                "ReturnData": False,
            },
        ]
        given = {
            "AlarmName": of,
            "AlarmDescription": "of it",
            "ActionsEnabled": False,
            "OKActions": [f"arn:aws:sns:{REGION}:{MEMBER}:ok"],
            "AlarmActions": [f"arn:aws:sns:{REGION}:{MEMBER}:alarm"],
            "InsufficientDataActions": [f"arn:aws:sns:{REGION}:{MEMBER}:none"],
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 1.5,
            "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching",
            "Metrics": metrics,
        }
        self.metrics.put_metric_alarm(**given, Tags=[{"Key": "a", "Value": "b"}])
        found = self.metrics.describe_alarms(AlarmNames=[of])["MetricAlarms"][0]
        self.assertEqual({name: found[name] for name in given}, given)
        self.assertEqual(found["StateValue"], "INSUFFICIENT_DATA")
        self.assertIn("metric math", found["StateReason"])
        arn = found["AlarmArn"]
        self.assertEqual(self.metrics.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "a", "Value": "b"}])
        self.metrics.put_metric_alarm(**given | {"Threshold": 2.0})
        self.metrics.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "d"}])
        self.metrics.untag_resource(ResourceARN=arn, TagKeys=["a"])
        self.assertEqual(self.metrics.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "c", "Value": "d"}])
        self.metrics.delete_alarms(AlarmNames=[of])
        self.refused("ResourceNotFoundException", "", self.metrics.list_tags_for_resource, ResourceARN=arn)
        self.refused("ResourceNotFound", "", self.metrics.delete_alarms, AlarmNames=[of])

    def test_states(self):
        of, topic = name("alarm"), SNS.create_topic(Name=name("topic"))["TopicArn"]
        url, arn = queue()
        lets = allow("sqs:SendMessage", arn) | {"Principal": {"Service": "sns.amazonaws.com"}}
        SQS.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [lets]})})
        SNS.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.metrics.put_metric_alarm(
            AlarmName=of,
            Namespace="own",
            MetricName=of,
            Statistic="Maximum",
            Period=10,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[topic],
            OKActions=[topic],
        )

        def state():
            return self.metrics.describe_alarms(AlarmNames=[of])["MetricAlarms"][0]["StateValue"]

        self.assertEqual(state(), "INSUFFICIENT_DATA")
        self.metrics.put_metric_data(Namespace="own", MetricData=[{"MetricName": of, "Value": 4}])
        self.assertEqual(state(), "OK")
        self.metrics.put_metric_data(Namespace="own", MetricData=[{"MetricName": of, "Value": 5}])
        self.assertEqual(state(), "ALARM")
        states = [json.loads(json.loads(message(url)["Body"])["Message"])["NewStateValue"] for _ in range(2)]
        self.assertEqual(sorted(states), ["ALARM", "OK"])
        until(lambda: state() == "INSUFFICIENT_DATA", 30)
        self.metrics.set_alarm_state(AlarmName=of, StateValue="ALARM", StateReason="by hand")
        self.assertEqual(state(), "ALARM")
        told = json.loads(json.loads(message(url)["Body"])["Message"])
        self.assertEqual((told["NewStateReason"], told["OldStateValue"]), ("by hand", "INSUFFICIENT_DATA"))

    def test_many_values(self):
        space = name("space")
        data = [{"MetricName": f"{'m' * 100}{number}", "Value": number / 2} for number in range(200)]
        # the SDK compresses it
        self.metrics.put_metric_data(Namespace=space, MetricData=data)
        pages = self.metrics.get_paginator("list_metrics").paginate(Namespace=space)
        self.assertEqual(len({one["MetricName"] for page in pages for one in page["Metrics"]}), 200)

    def test_what_does_not_go_together(self):
        good = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 2, "Threshold": 1}
        good |= {"AlarmName": name("alarm"), "ComparisonOperator": "GreaterThanThreshold"}
        put = self.metrics.put_metric_alarm
        for change, words in (
            ({"Statistic": None}, "Statistic"),
            ({"ExtendedStatistic": "p99"}, "Statistic"),
            ({"Period": 45}, "Period must be"),
            ({"EvaluationPeriods": 1441}, "86400"),
            ({"DatapointsToAlarm": 3}, "DatapointsToAlarm"),
            ({"MetricName": None}, "MetricName"),
        ):
            self.refused(
                "ValidationError", words, put, **{key: value for key, value in (good | change).items() if value is not None}
            )
        put(**good)


class AlarmsInCbor(Alarms):
    """As the SDK for Rust asks for them."""

    @classmethod
    def setUpClass(cls):
        own, before = session(), botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS
        botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = ("smithy-rpc-v2-cbor",)
        try:
            cls.metrics = client("cloudwatch", own)
            # it is chosen when the first request is made
            assert cls.metrics.meta.service_model.resolved_protocol == "smithy-rpc-v2-cbor"
        finally:
            botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = before


class AccessLogs(Refusals):
    def test_the_target_must_let_s3_write(self):
        of, target = bucket(), bucket()
        put = S3.put_bucket_logging
        given = {
            "LoggingEnabled": {
                "TargetBucket": target,
                "TargetPrefix": "logs/",
                "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
            }
        }
        self.refused("InvalidTargetBucketForLogging", "permissions", put, Bucket=of, BucketLoggingStatus=given)
        lets = allow("s3:PutObject", f"arn:aws:s3:::{target}/logs/*") | {
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{of}"}, "StringEquals": {"aws:SourceAccount": MEMBER}},
        }
        denies = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{target}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        S3.put_bucket_policy(Bucket=target, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denies, lets]}))
        put(Bucket=of, BucketLoggingStatus=given)
        self.assertEqual(S3.get_bucket_logging(Bucket=of)["LoggingEnabled"], given["LoggingEnabled"])
        absent = {"LoggingEnabled": {"TargetBucket": target + "x", "TargetPrefix": ""}}
        self.refused("InvalidTargetBucketForLogging", "does not exist", put, Bucket=of, BucketLoggingStatus=absent)
        put(Bucket=of, BucketLoggingStatus={})
        self.assertNotIn("LoggingEnabled", S3.get_bucket_logging(Bucket=of))


class Absent(Refusals):
    def test_only_who_lists_a_bucket_hears_that_an_object_is_absent(self):
        of = bucket()
        arn = f"arn:aws:s3:::{of}"
        S3.put_object(Bucket=of, Key="there", Body=b"x")
        for rights, code in (([], "403"), ([allow("s3:ListBucket", arn)], "404")):
            own = role(allow("s3:GetObject", f"{arn}/*"), *rights, trust=MANAGED)
            reader = client("s3", session(own.rpartition("/")[2]))
            self.assertEqual(reader.head_object(Bucket=of, Key="there")["ContentLength"], 1)
            self.refused(code, "", reader.head_object, Bucket=of, Key="absent")
