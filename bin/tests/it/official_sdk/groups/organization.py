"""Policies of the organization, in its management account."""

import json

import pulumi
import pulumi_aws as aws
from engine import CHANGED, MOVED, REPLACED, same
from settings import MEMBER, document


def deny(action):
    return document(Effect="Deny", Action=action, Resource="*")


def describe(p):
    found = aws.organizations.get_organization_output(opts=pulumi.InvokeOptions(provider=p.management))
    root = found.roots[0].id
    guard = p.make(
        CHANGED,
        aws.organizations.Policy,
        "guard",
        "management",
        name=p.named("guard"),
        description=p.tuned("first", "second"),
        content=deny(p.tuned("iam:CreateUser", ["iam:CreateUser", "iam:CreateAccessKey"])),
        tags=p.tags,
    )
    p.make(
        MOVED,
        aws.organizations.PolicyAttachment,
        "bond",
        "management",
        policy_id=guard.id,
        target_id=p.renamed(MEMBER, root),
    )
    p.make(
        REPLACED,
        aws.organizations.Policy,
        "idle",
        "management",
        name="idle",
        type=p.renamed("SERVICE_CONTROL_POLICY", "TAG_POLICY"),
        content=p.renamed(deny(p.tuned("s3:*", "sqs:*")), json.dumps({"tags": {}})),
    )
    pulumi.export("organization", {"root": root, "accounts": found.accounts.apply(lambda all: [a.id for a in all])})


def look(accounts, outputs, wish):
    organizations, bond = accounts["management"].organizations, outputs["bond"]["id"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    same("the organization's root", outputs["organization"]["root"], root)
    assert MEMBER in outputs["organization"]["accounts"], "it tells its accounts"
    same("what is bound", bond.split(":"), [root if wish.renamed else MEMBER, outputs["guard"]["id"]])


def drift(at, ids):
    target, policy = ids["bond"].split(":")
    yield "update", "guard", at.organizations.update_policy(PolicyId=ids["guard"], Description="by hand")
    yield "delete", "bond", at.organizations.detach_policy(PolicyId=policy, TargetId=target)


def policies(at):
    kinds = ("SERVICE_CONTROL_POLICY", "TAG_POLICY")
    return {policy["Id"] for kind in kinds for policy in at.organizations.list_policies(Filter=kind)["Policies"]}


ACCOUNT = "management"
THERE = {aws.organizations.Policy: policies}
