"""One name in three accounts and regions: what each carries tells which provider made it."""

import pulumi
import pulumi_aws as aws
from engine import STAYS, same
from settings import ELSEWHERE, MANAGEMENT, MEMBER, REGION

PLACES = {"member": (MEMBER, REGION), "management": (MANAGEMENT, REGION), "ambient": (MANAGEMENT, ELSEWHERE)}
TAGS = {
    "member": {"managed-by": "official", "team": "default"},
    "management": {"team": "management"},
    "ambient": {"managed-by": "ambient"},
}


def describe(p):
    p.make(STAYS, aws.sqs.Queue, "queue-member", name="places", delay_seconds=1)
    p.make(STAYS, aws.sqs.Queue, "queue-management", "management", name="places", tags=TAGS["management"])
    p.make(STAYS, aws.sqs.Queue, "queue-ambient", "ambient", name="places", delay_seconds=5)
    for name, provider in p.accounts.items():
        asked = pulumi.InvokeOptions(provider=provider)
        who, where = aws.get_caller_identity_output(opts=asked), aws.get_region_output(opts=asked)
        pulumi.export(f"who-{name}", {"account": who.account_id, "arn": who.arn, "region": where.region})
    queue = p["queue-member"]
    pulumi.export("defaults", {"timeout": queue.visibility_timeout_seconds, "fifo": queue.fifo_queue})


def look(accounts, outputs, wish):
    same("defaults", outputs["defaults"], {"timeout": 30, "fifo": False})
    for name, (number, region) in PLACES.items():
        who, sqs = outputs[f"who-{name}"], accounts[name].sqs
        same(f"who {name} is", (who["account"], who["region"]), (number, region))
        url = sqs.get_queue_url(QueueName="places")["QueueUrl"]
        tags = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
        same(f"tags of the queue of {name}", {k: v for k, v in tags.items() if k != "pulumi:identity"}, TAGS[name])
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        same(f"the queue of {name}", arn, f"arn:aws:sqs:{region}:{number}:places")


def drift(at, ids):
    yield "update", "queue-member", at.sqs.tag_queue(QueueUrl=ids["queue-member"], Tags={"team": "hand"})
