"""One invocation: what goes in, what comes out, and how it ends."""

import base64
import concurrent.futures
import json

from given import (
    ECHO,
    ENDPOINT,
    LAMBDA,
    LOG,
    LOGS,
    MANAGED,
    REGION,
    Refusals,
    allow,
    client,
    invoke,
    lines,
    metric,
    name,
    python,
    role,
    session,
    zipped,
)


class Running(Refusals):
    """One invocation: what goes in, what comes out, and how it ends."""

    def test_context_and_environment(self):
        code = """
import json, os
def handler(event, context):
    return {"environment": dict(os.environ), "left": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn,
            "name": context.function_name, "memory": context.memory_limit_in_mb, "id": context.aws_request_id,
            "version": context.function_version, "group": context.log_group_name, "stream": context.log_stream_name,
            "client": context.client_context.custom if context.client_context else None}
"""
        function, arn = python(code, Environment={"Variables": {"OWN": "mine"}}, Timeout=7)
        given = base64.b64encode(json.dumps({"custom": {"a": 1}}).encode()).decode()
        found, error, tail = invoke(function, ClientContext=given)
        self.assertIsNone(error, found)
        self.assertTrue(0 < found["left"] <= 7000)
        self.assertEqual((found["name"], found["memory"], found["version"], found["arn"]), (function, "256", "$LATEST", arn))
        self.assertEqual((found["group"], found["client"]), (f"/aws/lambda/{function}", {"a": 1}))
        self.assertIn(f"START RequestId: {found['id']} Version: $LATEST", tail)
        environment = found["environment"]
        self.assertEqual(environment["AWS_ENDPOINT_URL"], ENDPOINT)
        self.assertEqual(
            (environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"], environment["TZ"]), (REGION, REGION, ":UTC")
        )
        self.assertEqual((environment["OWN"], environment["_HANDLER"]), ("mine", "index.handler"))
        self.assertEqual(environment["AWS_EXECUTION_ENV"], "AWS_Lambda_python3.12")
        self.assertNotIn("HOME", environment)
        self.assertFalse([key for key in environment if key.startswith(("ZONE_", "MOTO_"))], environment)
        streams = LOGS.describe_log_streams(logGroupName=found["group"])["logStreams"]
        self.assertEqual([one["logStreamName"] for one in streams], [found["stream"]])
        _, _, tail = invoke(f"{function}:$LATEST")
        self.assertNotIn("Init Duration", tail)
        self.assertEqual(invoke(arn, Qualifier="$LATEST")[0]["arn"], f"{arn}:$LATEST")

    def test_log(self):
        code = """
import logging
logging.getLogger().setLevel("INFO")
print("at the start")
def handler(event, context):
    print("one\\ntwo")
    logging.info("three")
"""
        function, _ = python(code)
        invoke(function)
        found = lines(function)
        self.assertTrue(found[0].startswith("INIT_START Runtime Version: python3.12 (Python 3."), found)
        self.assertEqual(found[1], "at the start")
        self.assertTrue(found[2].startswith("START RequestId: "), found)
        self.assertEqual(found[3:5], ["one", "two"])
        self.assertRegex(found[5], r"^\[INFO\]\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tthree$")
        self.assertTrue(found[6].startswith("END RequestId: "), found)
        self.assertRegex(
            found[7], r"REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory"
        )

    def test_no_log_without_the_right(self):
        function, _ = python(ECHO, Role=role())
        self.assertEqual(invoke(function, {"n": 1})[0], {"n": 1})
        self.assertEqual(lines(function), [])
        own = role(LOG)
        LAMBDA.update_function_configuration(FunctionName=function, Role=own)
        invoke(function)
        self.assertTrue(lines(function))

    def test_log_in_json(self):
        group = name("/group")
        function, _ = python(
            "import logging\ndef handler(event, context):\n    logging.getLogger().warning('told')\n",
            LoggingConfig={"LogFormat": "JSON", "LogGroup": group},
        )
        invoke(function)
        found = [json.loads(one["message"]) for one in LOGS.filter_log_events(logGroupName=group)["events"][1:]]
        self.assertEqual(
            [one.get("type", one.get("message")) for one in found],
            ["platform.start", "told", "platform.runtimeDone", "platform.report"],
        )

    def test_timeout(self):
        function, _ = python(
            "import time\ndef handler(event, context):\n    print('before')\n    time.sleep(event['s'])\n    return 1\n",
            Timeout=1,
        )
        found, error, tail = invoke(function, {"s": 30})
        self.assertEqual((error, found["errorType"]), ("Unhandled", "Sandbox.Timedout"))
        self.assertRegex(found["errorMessage"], "^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$")
        self.assertIn("before\n", tail)
        self.assertIn("Status: timeout", tail)
        self.assertEqual(invoke(function, {"s": 0})[:2], (1, None))
        self.assertEqual((metric(function, "Errors"), metric(function, "Invocations")), (1, 2))

    def test_memory(self):
        code = "import time\ndef handler(event, context):\n    held = b'x' * (event['mb'] << 20)\n    time.sleep(0.5)\n    return 1\n"
        function, _ = python(code, MemorySize=128)
        found, error, tail = invoke(function, {"mb": 300})
        self.assertEqual((error, found["errorType"]), ("Unhandled", "Runtime.ExitError"))
        self.assertIn("Runtime exited with error: signal: killed", found["errorMessage"])
        self.assertIn("Runtime.OutOfMemory", tail)
        self.assertIn("Max Memory Used: 128 MB", tail)
        self.assertEqual(invoke(function, {"mb": 20})[:2], (1, None))

    def test_ends(self):
        function, _ = python("import os, sys\ndef handler(event, context):\n    os._exit(event['code'])\n")
        for code, words in ((3, "Runtime exited with error: exit status 3"), (0, "Runtime exited without providing a reason")):
            found, error, _ = invoke(function, {"code": code})
            self.assertEqual((error, found["errorType"]), ("Unhandled", "Runtime.ExitError"))
            self.assertIn(words, found["errorMessage"])

    def test_errors(self):
        function, _ = python("def handler(event, context):\n    raise KeyError('which')\n")
        found, error, tail = invoke(function)
        self.assertEqual((error, found["errorType"], found["errorMessage"]), ("Unhandled", "KeyError", "'which'"))
        self.assertIn("index.py", found["stackTrace"][0])
        self.assertIn("[ERROR] KeyError: 'which'\rTraceback", tail)
        for code, handler, kind, words in (
            (
                "import nothing_of_that_name\n",
                "index.handler",
                "Runtime.ImportModuleError",
                "No module named 'nothing_of_that_name'",
            ),
            (ECHO, "index.other", "Runtime.HandlerNotFound", "Handler 'other' missing on module 'index'"),
            (ECHO, "other.handler", "Runtime.ImportModuleError", "Unable to import module 'other'"),
            ("def (:\n", "index.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index'"),
            ("import moto\n", "index.handler", "Runtime.ImportModuleError", "No module named 'moto'"),
            (
                "def handler(event, context):\n    return {1, 2}\n",
                "index.handler",
                "Runtime.MarshalError",
                "not JSON serializable",
            ),
        ):
            function, _ = python(code, handler=handler)
            found, error, _ = invoke(function)
            self.assertEqual((error, found["errorType"]), ("Unhandled", kind), found)
            self.assertIn(words, found["errorMessage"])
        function, _ = python("", Runtime="provided.al2023", Code={"ZipFile": zipped(other="x")})
        found, error, _ = invoke(function)
        self.assertEqual((error, found["errorType"]), ("Unhandled", "Runtime.InvalidEntrypoint"))

    def test_node(self):
        for file, code, handler in (
            (
                "index__js",
                "exports.handler = async (event, context) => ({ n: event.n, left: context.getRemainingTimeInMillis() > 0 })",
                "index.handler",
            ),
            (
                "index__js",
                "exports.h = (event, context, done) => setTimeout(() => done(null, { n: event.n, left: true }), 20)",
                "index.h",
            ),
            ("index__mjs", "export const handler = async (event) => ({ n: event.n, left: true })", "index.handler"),
        ):
            function, _ = python("", Runtime="nodejs20.x", Handler=handler, Code={"ZipFile": zipped(**{file: code})})
            self.assertEqual(invoke(function, {"n": 1})[:2], ({"n": 1, "left": True}, None))
            self.assertEqual(invoke(function, {"n": 2})[:2], ({"n": 2, "left": True}, None))
        for code, kind in (
            ("exports.handler = async () => { throw new TypeError('no') }", "TypeError"),
            ("exports.handler = (event, context, done) => done(new RangeError('no'))", "RangeError"),
            (
                "exports.handler = async () => { Promise.reject(new Error('no')); await new Promise(() => setTimeout(() => 0, 3000)) }",
                "Runtime.UnhandledPromiseRejection",
            ),
            ("exports.other = 1", "Runtime.HandlerNotFound"),
            ("require('nothing-of-that-name')", "Runtime.ImportModuleError"),
            ("exports.handler = (", "Runtime.UserCodeSyntaxError"),
        ):
            function, _ = python("", Runtime="nodejs20.x", Code={"ZipFile": zipped(index__js=code)})
            found, error, tail = invoke(function)
            self.assertEqual((error, found and found["errorType"]), ("Unhandled", kind), (found, tail))

    def test_another_code_and_configuration(self):
        function, _ = python("import os\ndef handler(event, context):\n    return ['one', os.environ.get('OWN')]\n")
        self.assertEqual(invoke(function)[0], ["one", None])
        other = zipped(index__py="import os\ndef handler(event, context):\n    return ['two', os.environ.get('OWN')]\n")
        trial = LAMBDA.update_function_code(FunctionName=function, ZipFile=other, DryRun=True)
        self.assertEqual(invoke(function)[0], ["one", None])
        found = LAMBDA.update_function_code(FunctionName=function, ZipFile=other)
        self.assertEqual(found["LastUpdateStatus"], "InProgress")
        self.assertEqual(found["CodeSha256"], trial["CodeSha256"])
        self.assertEqual(invoke(function)[0], ["two", None])
        LAMBDA.update_function_configuration(FunctionName=function, Environment={"Variables": {"OWN": "v"}})
        self.assertEqual(invoke(function)[0], ["two", "v"])
        self.assertEqual(LAMBDA.get_function_configuration(FunctionName=function)["LastUpdateStatus"], "Successful")

    def test_warm_and_at_once(self):
        code = "import os, time\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    time.sleep(event)\n    return [os.getpid(), count]\n"
        function, _ = python(code)
        first, second = invoke(function, 0)[0], invoke(function, 0)[0]
        self.assertEqual((first[0], first[1] + 1), tuple(second))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            both = list(pool.map(lambda _: invoke(function, 1)[0][0], range(2)))
        self.assertEqual(len(set(both)), 2)

    def test_calls(self):
        function, arn = python(ECHO)
        self.assertEqual(LAMBDA.invoke(FunctionName=function, InvocationType="DryRun")["StatusCode"], 204)
        self.assertEqual(LAMBDA.invoke(FunctionName=function)["ExecutedVersion"], "$LATEST")
        self.refused("ResourceNotFoundException", "Function not found", LAMBDA.invoke, FunctionName="absent")
        self.refused("InvalidRequestContentException", "Could not parse", LAMBDA.invoke, FunctionName=function, Payload=b"{")
        large = json.dumps("x" * (1024 * 1024 + 1))
        self.refused(
            "RequestTooLargeException",
            "1048576 bytes",
            LAMBDA.invoke,
            FunctionName=function,
            InvocationType="Event",
            Payload=large,
        )
        self.assertEqual(len(invoke(function, "x" * (1024 * 1024 + 1))[0]), 1024 * 1024 + 1)
        much, _ = python("def handler(event, context):\n    return 'x' * event\n")
        found, error, _ = invoke(much, 7 * 1024 * 1024)
        self.assertEqual((error, found["errorType"]), ("Unhandled", "Function.ResponseSizeTooLarge"))
        version = LAMBDA.publish_version(FunctionName=function)["Version"]
        LAMBDA.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
        self.assertEqual(LAMBDA.invoke(FunctionName=function, Qualifier="live")["ExecutedVersion"], version)

    def test_a_caller_needs_the_right(self):
        function, arn = python(ECHO)
        for rights, allowed in (((), False), ((allow("lambda:InvokeFunction", arn),), True)):
            own = role(*rights, trust=MANAGED)
            caller = client("lambda", session(own.rpartition("/")[2]))
            if allowed:
                self.assertEqual(caller.invoke(FunctionName=function)["StatusCode"], 200)
            else:
                self.refused("AccessDeniedException", "lambda:InvokeFunction", caller.invoke, FunctionName=function)
