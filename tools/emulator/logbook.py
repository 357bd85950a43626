"""The log of a function's invocations, in its log group, which its role must be allowed to write.

<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html> and
<https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html> for the JSON form (2026-11-26)
"""

import json
import math
import time

from moto.logs.models import logs_backends

import running
import services


class Log:
    """The lines of one invocation on their way to the log stream of a sandbox."""

    def __init__(self, fn, sandbox, request):
        self.fn, self.plan, self.request = fn, sandbox.plan, request
        self.sandbox = sandbox
        self.text, self.written, self.started = "", 0, False

    def platform(self, kind, text, record):
        """A line of Lambda's own, as text or as JSON."""
        if not self.plan.json_log:
            return text
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        return json.dumps({"time": f"{at}.000Z", "type": f"platform.{kind}", "record": {"requestId": self.request} | record})

    def lines(self, lines):
        """All lines so far, with START in its place."""
        start = self.platform(
            "start", f"START RequestId: {self.request} Version: {self.plan.version}", {"version": self.plan.version}
        )
        return [*lines.all[: lines.first], (lines.began, start), *lines.all[lines.first :]]

    def follow(self, lines):
        """What is new of an invocation that goes on."""
        if lines.began:
            self.write(self.lines(lines)[self.written :])

    def finish(self, outcome):
        now = int(time.time() * 1000)
        plan, took = self.plan, outcome.milliseconds
        words = [f"REPORT RequestId: {self.request}\tDuration: {took:.2f} ms\tBilled Duration: {math.ceil(took)} ms"]
        words.append(f"Memory Size: {plan.memory} MB\tMax Memory Used: {min(outcome.memory // 2**20, plan.memory)} MB")
        metrics = {"durationMs": round(took, 2), "billedDurationMs": math.ceil(took), "memorySizeMB": plan.memory}
        metrics["maxMemoryUsedMB"] = min(outcome.memory // 2**20, plan.memory)
        if outcome.initialization is not None:
            words.append(f"Init Duration: {outcome.initialization:.2f} ms")
            metrics["initDurationMs"] = round(outcome.initialization, 2)
        status = {None: "success", "Sandbox.Timedout": "timeout"}.get(outcome.error, "error")
        if status == "timeout":
            words.append("Status: timeout")
        elif status == "error" and self.sandbox.ended:
            words.append(f"Status: error\tError Type: {'Runtime.OutOfMemory' if self.sandbox.out_of_memory else outcome.error}")
        end = self.platform("runtimeDone", f"END RequestId: {self.request}", {"status": status})
        report = self.platform("report", "\t".join(words), {"status": status, "metrics": metrics})
        everything = [*self.lines(outcome.lines), (now, end), (now, report)]
        self.text = "".join(f"{text}\n" for _, text in everything)
        self.write(everything[self.written :])

    def write(self, events):
        """Into the log stream; nothing where the role may not, which nobody but the gate's file tells, as on AWS."""
        self.written += len(events)
        # an empty event is none
        events = [{"timestamp": at, "message": text} for at, text in events if text]
        backend, group, stream = logs_backends[self.fn.account_id][self.fn.region], self.plan.group, self.plan.stream
        with running.TURN.taken():
            if group not in backend.groups:
                if self.refused("CreateLogGroup", logGroupName=group):
                    return
                backend.create_log_group(group, {})
            if stream not in backend.groups[group].streams:
                if self.refused("CreateLogStream", logGroupName=group, logStreamName=stream):
                    return
                backend.create_log_stream(group, stream)
            if not events or self.refused("PutLogEvents", logGroupName=group, logStreamName=stream):
                return
            backend.put_log_events(group, stream, events)

    def refused(self, name, **values):
        return services.refused(self.fn, "logs", name, values)
