"""The metrics of functions, in moto's CloudWatch: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html> (2026-11-26)."""

import running

UNITS = {"Duration": "Milliseconds"}


def add(fn, **values):
    """Adds one value to each of these metrics of a function, and looks at the alarms on them."""
    from moto.cloudwatch.models import cloudwatch_backends

    import alarms

    dimensions = [{"Name": "FunctionName", "Value": fn.function_name}]
    data = [
        {"MetricName": name, "Value": value, "Unit": UNITS.get(name, "Count"), "Dimensions": dimensions}
        for name, value in values.items()
    ]
    with running.TURN.taken():
        backend = cloudwatch_backends[fn.account_id][fn.region]
        backend.put_metric_data("AWS/Lambda", data)
    alarms.look(backend)
