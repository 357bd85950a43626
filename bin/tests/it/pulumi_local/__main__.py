"""A program of the official SDK, deployed by `pulumilocal` to an emulator: nothing in it knows of either.

    pulumi_local DIR ROOT

DIR is an empty folder to work in, and below ROOT is `bin/pulumi`, which is `pulumilocal` before the real engine. It
sets the keys, path style and the endpoints of all services that the provider's schema names, in the configuration.
"""

import json
import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws
from pulumi import automation as auto

DIR, ROOT = map(Path, sys.argv[1:])
# to the length of what pulumilocal sets at least
SERVICES = {"ec2", "iam", "logs", "sns", "cognitoidp", "cloudtrail", "firehose", "organizations", "xray", "lambda", "s3"}


def program():
    bucket = aws.s3.Bucket("site")
    aws.s3.BucketVersioning("site", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    aws.iam.Role("worker", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    aws.sqs.Queue("jobs", visibility_timeout_seconds=60)
    aws.sns.Topic("alerts")
    aws.cloudwatch.LogGroup("logs", retention_in_days=7)
    aws.cloudwatch.EventBus("bus")
    aws.cognito.UserPool("users")
    aws.ssm.Parameter("greeting", type="String", value="hello")
    aws.kms.Key("key", deletion_window_in_days=7)
    vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
    aws.ec2.Subnet("net", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
    pulumi.export("account", aws.get_caller_identity().account_id)
    pulumi.export("bucket", bucket.id)


settings = {
    "PULUMI_BACKEND_URL": f"file://{DIR / 'state'}",
    "PULUMI_CONFIG_PASSPHRASE": "local",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
}
(DIR / "state").mkdir()
command = auto.PulumiCommand(root=str(ROOT))
options = auto.LocalWorkspaceOptions(
    work_dir=str(DIR), pulumi_home=str(DIR / "home"), env_vars=settings, pulumi_command=command
)
stack = auto.create_stack("local", project_name="sample", program=program, opts=options)

made = stack.up()
assert made.summary.resource_changes == {"create": 13}, made.summary.resource_changes
config = stack.get_all_config()
endpoints = {name for entry in json.loads(config["aws:endpoints"].value) for name in entry}
assert endpoints >= SERVICES and len(endpoints) > 300, endpoints
state = stack.export_stack().deployment
[provider] = [r for r in state["resources"] if r["type"] == "pulumi:providers:aws"]
for secret in ("accessKey", "secretKey"):
    for values in (provider["inputs"], provider["outputs"]):
        # the SDK has them decrypted, and marked
        assert "plaintext" in values[secret], f"{secret} is in plain in the state: {values}"
again = stack.up()
assert again.summary.resource_changes == {"same": 13}, again.summary.resource_changes
gone = stack.destroy()
assert gone.summary.resource_changes == {"delete": 13}, gone.summary.resource_changes
print("up, up, destroy")
