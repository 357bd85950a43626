"""A program whose resources say what becomes of them, and a stack whose every step is compared with that, exactly."""

import functools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_args, get_type_hints

import pulumi
import pulumi_aws as aws
from pulumi import automation as auto

from settings import DIR, ELSEWHERE, ENDPOINT, MANAGEMENT, MEMBER, PROJECT, REGION, ROLE_ARN

PROVIDERS = ["member", "management"]
# all that the official SDK knows, as programs for an emulator set them
ENDPOINTS = {name: ENDPOINT for name, value in vars(aws.ProviderEndpointArgs).items() if isinstance(value, property)}


class Life(NamedTuple):
    """What the engine does with a resource when the program gets tuned, and when it then gets renamed."""

    tuned: str
    renamed: str


STAYS = Life("same", "same")
TUNED = Life("update", "same")
CHANGED = Life("update", "update")
MOVED = Life("same", "replace")
REPLACED = Life("update", "replace")


@dataclass(frozen=True)
class Wish:
    """Which of its forms the program has."""

    tuned: bool = False  # one property of every type is another, in place
    renamed: bool = False  # and names are others
    refused: str = ""  # of this resource it wants what cannot be
    ids: dict = field(default_factory=dict)  # import these


class Made(NamedTuple):
    resource: Any
    life: Life
    account: str  # the name of its provider; without one it is `ambient`

    @property
    def kind(self):
        return type(self.resource)


class Program:
    """A run of the program: what the groups make with it is in `made`, by name."""

    def __init__(self, wish, unreadable):
        self.wish, self.unreadable, self.made = wish, unreadable, {}
        self.tags = self.tuned({"team": "core"}, {"team": "risk", "empty": ""})
        self.member = aws.Provider(
            "member",
            region=REGION,
            endpoints=[aws.ProviderEndpointArgs(**ENDPOINTS)],
            # not as dictionaries: of those the SDK sends `role_arn`, which no provider knows (pulumi/pulumi-aws#5271)
            assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=ROLE_ARN, session_name="official")],
            allowed_account_ids=[MEMBER],
            default_tags=aws.ProviderDefaultTagsArgs(tags={"managed-by": "official", "team": "default"}),
        )
        self.management = aws.Provider(
            "management",
            region=REGION,
            endpoints=[aws.ProviderEndpointArgs(**{name: url}) for name, url in ENDPOINTS.items()],
            allowed_account_ids=[MANAGEMENT],
            skip_region_validation=True,
        )
        self.accounts = {"member": self.member, "management": self.management, "ambient": None}

    def tuned(self, before, after):
        return after if self.wish.tuned else before

    def renamed(self, before, after):
        return after if self.wish.renamed else before

    def named(self, name):
        return self.renamed(name, f"{name}-new")

    def make(self, life, kind, name, account="member", /, **properties):
        ids = self.wish.ids
        options = pulumi.ResourceOptions(
            provider=self.accounts[account],
            import_=ids.get(name),
            retain_on_delete=bool(ids) or None,
            ignore_changes=self.unreadable.get(name) if ids else None,
        )
        self.made[name] = Made(kind(name, opts=options, **properties), life, account)
        return self[name]

    def with_life(self, **life):
        return [name for name, made in self.made.items() if life.items() <= made.life._asdict().items()]

    def __getitem__(self, name):
        return self.made[name].resource

    def export(self):
        for name, made in self.made.items():
            told = {property: getattr(made.resource, property) for property in promises(made.kind)}
            pulumi.export(name, {"id": made.resource.id, "urn": made.resource.urn} | told)


@functools.cache
def promises(kind):
    """What the official SDK types as always there, and does not deprecate."""

    def is_promised(value):
        hint = get_type_hints(value.fget)["return"].__args__
        return hint and type(None) not in get_args(hint[0])

    told = {name: value for name, value in vars(kind).items() if isinstance(value, property)}
    current = {name: v for name, v in told.items() if not hasattr(v.fget, "_pulumi_deprecated_callable")}
    return [name for name, value in current.items() if is_promised(value)]


class Engine:
    """A stack, and the exact comparison of what a command did with it."""

    secrets = set()

    def __init__(self, name, describe):
        self.name, self.describe, self.program = name, describe, None
        settings = {
            "PULUMI_BACKEND_URL": f"file://{DIR / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "official",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        options = auto.LocalWorkspaceOptions(work_dir=str(DIR), pulumi_home=str(DIR / "home"), env_vars=settings)
        self.stack = auto.create_stack(name, project_name=PROJECT, program=lambda: None, opts=options)
        ambient = {
            "aws:region": ELSEWHERE,
            "aws:skipCredentialsValidation": "true",
            "aws:skipMetadataApiCheck": "true",
            "aws:allowedAccountIds[0]": MANAGEMENT,
            "aws:defaultTags.tags.managed-by": "ambient",
        }
        # `lambda_` is Python's word for it
        names = [name.rstrip("_") for name in ENDPOINTS]
        ambient |= {f"aws:endpoints[{i}].{name}": ENDPOINT for i, name in enumerate(names)}
        self.stack.set_all_config({key: auto.ConfigValue(value) for key, value in ambient.items()}, path=True)

    def run(self, command, wish, hear):
        def program():
            self.program = self.describe(wish)

        if wish:
            self.stack.workspace.program = program
        return getattr(self.stack, command)(on_event=hear)

    def do(self, command, phase, wanted, wish=None):
        """Runs a command; `wanted` is what it does with everything, with resources by name, or a part of their life."""
        started = time.monotonic()
        ops, said = {}, []

        def hear(event):
            if (told := event.diagnostic_event) and told.severity in ("warning", "error"):
                said.append(told.message)
            for step in (event.resource_pre_event, event.res_outputs_event):
                if step and step.metadata.op != "refresh":
                    ops.setdefault(step.metadata.urn.rsplit("::", 1)[1], set()).add(step.metadata.op)

        answer = self.run(command, wish, hear)
        counted = answer.change_summary if command == "preview" else answer.summary.resource_changes
        if wanted in Life._fields:
            wanted = {name: getattr(made.life, wanted) for name, made in self.program.made.items()}
        everything = [*self.program.made, *PROVIDERS, f"{PROJECT}-{self.name}"]
        wanted = {name: wanted if isinstance(wanted, str) else wanted.get(name, "same") for name in everything}
        steps = {"replace": {"create-replacement", "replace", "delete-replaced"}}
        same(phase, said, [])
        same(
            phase,
            {name: op for name, op in ops.items() if name in wanted},
            {name: steps.get(op, {op}) for name, op in wanted.items()},
        )
        same(phase, {op: n for op, n in counted.items() if n}, dict(Counter(wanted.values())))
        outputs = {name: output.value for name, output in answer.outputs.items()} if command == "up" else {}
        # of a client without a secret it is empty
        self.secrets.update(filter(None, (o.get("client_secret") for o in outputs.values() if isinstance(o, dict))))
        self.hidden()
        self.told(phase, counted, started)
        return outputs

    def refuse(self, phase, wanted, wish):
        """A preview that has to fail, of these resources with these words."""
        started, said = time.monotonic(), {}

        def hear(event):
            if (told := event.diagnostic_event) and told.severity == "error" and told.urn:
                said.setdefault(told.urn.rsplit("::", 1)[1], []).append(told.message)

        try:
            self.run("preview", wish, hear)
        except auto.CommandError:
            heard = {name: [w for w in wanted.get(name, []) if w in "".join(words)] for name, words in said.items()}
            same(phase, heard, wanted)
            self.told(phase, {"refused": len(wanted)}, started)
        else:
            raise AssertionError(f"{phase}: it was not refused")

    @staticmethod
    def told(phase, counted, started):
        figures = ", ".join(f"{n} {op}" for op, n in sorted(counted.items()) if n)
        print(f"{phase:<28} {figures:<40} {time.monotonic() - started:4.1f} s", flush=True)

    def hidden(self):
        """No secret stands in anything that Pulumi keeps."""
        kept = {file: file.read_bytes() for file in DIR.rglob("*") if file.is_file()}
        states = [text for file, text in kept.items() if "stacks" in file.parts]
        assert any(f"{PROJECT}/{self.name}".encode() in text for text in states), "a state is kept"
        for file, text in kept.items():
            assert not any(secret.encode() in text for secret in self.secrets), f"a secret stands in {file}"

    def promised(self, outputs, untold):
        """What the official SDK types as always there is there, but for `untold`."""
        missing = {}
        for name, made in self.program.made.items():
            missing.setdefault(made.kind, set()).update(key for key, value in outputs[name].items() if value is None)
        same("promised, and not there", {kind: names for kind, names in missing.items() if names}, untold)


def same(what, found, wanted):
    if found != wanted:
        if isinstance(found, dict) and isinstance(wanted, dict):
            keys = sorted((k for k in found.keys() | wanted.keys() if found.get(k) != wanted.get(k)), key=str)
            found, wanted = {k: found.get(k) for k in keys}, {k: wanted.get(k) for k in keys}
        raise AssertionError(f"{what}\n   found {found}\n  wanted {wanted}")
