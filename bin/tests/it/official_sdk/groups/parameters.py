"""Parameters, two of whose values are secrets."""

import pulumi
import pulumi_aws as aws
from engine import REPLACED, TUNED, same

SECRETS = ["hush-4c1f-first", "hush-9e07-second", "hush-77b2-third", "hush-d3aa-fourth", "hush-5e11-tag"]
UNTOLD = {aws.ssm.Parameter: {"insecure_value", "key_id"}}
LEFT_OUT = {aws.ssm.Parameter: {"has_value_wo"}}
UNREAD = {aws.ssm.Parameter: {"data_type", "tier"}}


def describe(p):
    parameter = p.make(
        REPLACED,
        aws.ssm.Parameter,
        "parameter",
        name=f"/official/{p.named('plain')}",
        type="String",
        value=SECRETS[p.tuned(0, 1)],
        description="",
        allowed_pattern="",
        # not of what is imported: AWS does not tell which tag is a secret
        tags=p.tags | p.tuned({"owner": pulumi.Output.secret(SECRETS[4])}, {}),
    )
    secret = p.make(
        TUNED,
        aws.ssm.Parameter,
        "secret",
        name="/official/secret",
        type="SecureString",
        key_id=p["key"].key_id,
        value=SECRETS[p.tuned(2, 3)],
    )
    after = pulumi.InvokeOutputOptions(provider=p.member, depends_on=[parameter, secret])
    by_path = aws.ssm.get_parameters_by_path_output(path="/official", with_decryption=False, opts=after)
    pulumi.export("parameters", by_path.names)


def look(accounts, outputs, wish):
    ids = [outputs[name]["id"] for name in ("parameter", "secret")]
    # asked before the old one has gone
    old = {"/official/plain"} if wish.renamed else set()
    same("parameters by path", {*outputs["parameters"]} - old, {*ids})
    got = [accounts["member"].ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"] for name in ids]
    same("values", [parameter["Value"] for parameter in got], SECRETS[1:4:2] if wish.tuned else SECRETS[:4:2])


def drift(at, ids):
    yield "delete", "parameter", at.ssm.delete_parameter(Name=ids["parameter"])
    by_hand = {"Name": ids["secret"], "Value": "by hand", "Type": "SecureString", "KeyId": ids["key"]}
    yield "update", "secret", at.ssm.put_parameter(**by_hand, Overwrite=True)


THERE = {
    aws.ssm.Parameter: lambda at: {p["Name"] for p in at.ssm.describe_parameters()["Parameters"]},
}
