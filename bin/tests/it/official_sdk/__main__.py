"""The official SDK for Python on this repository's provider: every type, through its whole life.

    official_sdk DIR PROVIDER MEMBER MANAGEMENT ROLE TYPES

DIR is an empty folder to work in, PROVIDER the folder of `pulumi-resource-aws`, then two account ids, the name of the
role that leads from the second into the first, and the types that the provider has, with commas between them. `pulumi`
is on the path; AWS_ENDPOINT_URL and keys are in the environment. The endpoint is taken out of it: the provider gets it by the
arguments of its programs, for all services that the SDK knows.

What the engine says is compared exactly, resource by resource; what AWS says is asked through boto3. Here are the
phases; what goes through them stands in groups/, a file for what belongs together.
"""

import json

import pulumi_aws as aws
from accounts import accounts
from engine import PROVIDERS, Engine, Program, Wish, same
from groups import GROUPS, missing, of_all
from settings import DIR, PROJECT, PROVIDER, TYPES

THERE = of_all("THERE")
# Types with nothing to change but what makes another of it, or is the state's alone.
FIXED = {aws.cloudwatch.LogStream, aws.iam.RolePolicyAttachment, aws.lambda_.Permission, aws.organizations.PolicyAttachment}
# Types without a property that makes another of it; and a bucket's lock, which is as long as its bucket.
LASTING = {aws.cognito.UserPool, aws.kms.Key, aws.ec2.InternetGateway, aws.s3.BucketObjectLockConfiguration}
# Services that answer the same in every region, where one account is asked in two.
TWICE = {(service, "ambient") for service in ("iam", "organizations", "s3")}


def describe(wish):
    program = Program(wish, of_all("UNREADABLE"))
    for group in GROUPS:
        group.describe(program)
    program.export()
    return program


class There:
    """What another client than ours finds of each type, beside what was there before."""

    def __init__(self):
        self.accounts = accounts()
        self.before = self.all()

    def all(self):
        return {
            (kind, name): listed(at)
            for kind, listed in THERE.items()
            for name, at in self.accounts.items()
            if (kind.__module__.split(".")[1], name) not in TWICE
        }

    def is_all(self, phase, wanted):
        found = {key: ids - self.before[key] for key, ids in self.all().items()}
        same(f"{phase}: what is there", {key: ids for key, ids in found.items() if ids}, wanted)

    def is_of(self, phase, engine, outputs):
        """There is what the program made, each in its account, and nothing else; the groups look at the rest."""
        wanted = {}
        for name, made in engine.program.made.items():
            if made.kind in THERE:
                wanted.setdefault((made.kind, made.account), set()).add(outputs[name]["id"])
        self.is_all(phase, wanted)
        for group in GROUPS:
            if look := getattr(group, "look", None):
                look(self.accounts, outputs, engine.program.wish)

    def drift(self, ids):
        hands = (group.drift(self.accounts[getattr(group, "ACCOUNT", "member")], ids) for group in GROUPS)
        return {name: op for hand in hands for op, name, _ in hand}


def has_every_type(phase, program, names, but=frozenset()):
    """Nothing is left out of a phase by mistake."""
    same(phase, {program.made[name].kind for name in names}, {made.kind for made in program.made.values()} - but)


def main():
    (DIR / "state").mkdir()
    project = {"name": PROJECT, "runtime": "python", "plugins": {"providers": [{"name": "aws", "path": PROVIDER}]}}
    (DIR / "Pulumi.yaml").write_text(json.dumps(project))
    for group in GROUPS:
        Engine.secrets.update(getattr(group, "SECRETS", []))
    first, there = Engine("first", describe), There()

    def up(phase, wanted, wish=None):
        outputs = first.do("up", phase, wanted, wish)
        there.is_of(phase, first, outputs)
        return outputs

    made = up("up", "create", Wish())
    program = first.program
    first.promised(made, missing("UNTOLD", "LEFT_OUT", "UNREAD"))
    same("types", {made[name]["urn"].split("::")[2] for name in program.made}, {*TYPES.split(",")})
    has_every_type("changes in place", program, program.with_life(tuned="update"), FIXED)
    has_every_type("replacements", program, program.with_life(renamed="replace"), LASTING)
    up("up again", {})
    first.do("preview", "preview", {})
    first.do("refresh", "refresh", {})
    first.promised(up("up after refresh", {}), missing("UNTOLD", "LEFT_OUT"))

    # one at a time: the engine stops at the first
    for name, words in of_all("REFUSED").items():
        first.refuse(f"preview of another {name}", {name: words}, Wish(tuned=True, refused=name))
    first.do("preview", "preview of changes", "tuned", Wish(tuned=True))
    up("up with changes", "tuned")
    new = up("up with replacements", "renamed", Wish(tuned=True, renamed=True))

    changed = there.drift({name: new[name]["id"] for name in first.program.made})
    has_every_type("drift", first.program, changed)
    first.do("refresh", "refresh of drift", changed)
    mended = up("up mends drift", {name: "create" if op == "delete" else op for name, op in changed.items()})
    first.do("refresh", "refresh after mending", {})

    second, by_name = Engine("second", describe), of_all("IMPORTED_AS")
    own = {name: mended[name]["id"] for name in first.program.made}
    ids = {name: by_name[name](mended) if name in by_name else id for name, id in own.items()}
    made_anew = dict.fromkeys([*PROVIDERS, f"{PROJECT}-second"], "create")
    imports = dict.fromkeys(ids, "import") | made_anew
    imported = second.do("up", "up imports", imports, Wish(tuned=True, renamed=True, ids=ids))
    same("ids of the imported", {name: imported[name]["id"] for name in own}, own)
    second.do("up", "up of the imported", {})
    second.do("refresh", "refresh of the imported", {})
    second.do("destroy", "destroy lets go", "delete")
    first.do("refresh", "refresh: all is there", {})
    there.is_of("after letting go", first, mended)

    # of the program, of `web`, and of `app`: the second one's, and of the one that took its place
    same("secrets", len(Engine.secrets), 5 + 1 + 2 + 1)
    first.do("destroy", "destroy", "delete")
    there.is_all("after destroy", {})
    first.hidden()


main()
