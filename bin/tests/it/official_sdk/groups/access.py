"""Roles, their policies, and whom they trust."""

import json

import pulumi_aws as aws
from engine import MOVED, REPLACED
from settings import document, policy

UNTOLD = dict.fromkeys((aws.iam.Policy, aws.iam.Role, aws.iam.RolePolicy), {"name_prefix"})
LEFT_OUT = {aws.iam.Role: {"inline_policies", "managed_policy_arns"}}


def allow(action):
    return document(Effect="Allow", Action=action, Resource="*")


def as_object(text):
    """A policy as the official SDK takes it, too."""
    return json.loads(text)


def describe(p):
    service = {"Service": ["firehose.amazonaws.com", p.tuned("lambda.amazonaws.com", "cloudtrail.amazonaws.com")]}
    role = p.make(
        REPLACED,
        aws.iam.Role,
        "role",
        name=p.named("worker"),
        assume_role_policy=as_object(document(Effect="Allow", Action="sts:AssumeRole", Principal=service)),
        description=p.tuned("first", "second"),
        max_session_duration=7200,
        permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
        tags=p.tags,
    )
    inline = p.tuned("s3:GetObject", "s3:PutObject")
    # the role itself, where its name is meant
    p.make(REPLACED, aws.iam.RolePolicy, "role-policy", name="works", role=role, policy=as_object(allow(inline)))
    managed = p.make(
        REPLACED,
        aws.iam.Policy,
        "managed",
        name=p.named("reads"),
        path="/official/",
        description="",
        policy=allow(p.tuned("ssm:GetParameter", ["ssm:GetParameter", "ssm:GetParameters"])),
        tags=p.tags,
    )
    p.make(MOVED, aws.iam.RolePolicyAttachment, "attachment", role=role, policy_arn=managed.arn)
    p.make(
        REPLACED,
        aws.iam.OpenIdConnectProvider,
        "issuer",
        url=f"https://{p.named('tokens')}.example.com",
        client_id_lists=p.tuned(["first"], ["first", "second"]),
        thumbprint_lists=["990f4193972f2becf12ddeda5237f9c952f20d9e"],
        tags=p.tags,
    )


def drift(at, ids):
    role, managed = {"RoleName": ids["role"]}, {"PolicyArn": ids["managed"]}
    yield "update", "role", at.iam.update_role(**role, Description="by hand")
    inline = {"PolicyName": "works", "PolicyDocument": allow("*")}
    yield "update", "role-policy", at.iam.put_role_policy(**role, **inline)
    version = {"PolicyDocument": allow("*"), "SetAsDefault": True}
    yield "update", "managed", at.iam.create_policy_version(**managed, **version)
    yield "delete", "attachment", at.iam.detach_role_policy(**role, **managed)
    trusted = {"OpenIDConnectProviderArn": ids["issuer"], "ClientID": "by hand"}
    yield "update", "issuer", at.iam.add_client_id_to_open_id_connect_provider(**trusted)


THERE = {
    aws.iam.Role: lambda at: {role["RoleName"] for role in at.iam.list_roles()["Roles"]},
    aws.iam.Policy: lambda at: {policy["Arn"] for policy in at.iam.list_policies(Scope="Local")["Policies"]},
    aws.iam.OpenIdConnectProvider: lambda at: {
        provider["Arn"] for provider in at.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    },
}
