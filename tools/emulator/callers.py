"""Who calls, by the access key of a request: the principal, the policies of its own, and what AWS knows of it.

Access keys that moto did not give are the root user's of the account that moto takes them for, the management account. AWS
knows no such keys; here they stand for who looks after the organization, and so may do what AWS lets no root user do: assume
a role. Neither signatures nor the expiry of sessions are checked.
"""

import dataclasses
import datetime
import functools
import json
import re
from urllib.parse import parse_qs

import stored
from moto.iam.models import iam_backends
from moto.organizations.models import FakeRoot, organizations_backends
from moto.sts.models import sts_backends

SERVICE_CONTROL, RESOURCE_CONTROL = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
# The services whose stores tell all that is told here.
SERVICES = {"iam", "organizations", "sts"}

known = {}


def may_change(service, name):
    """Whether a call may change what is told here; of a call that nobody can tell, it may."""
    return service is None or (service in SERVICES and not name.startswith(("Describe", "Get", "List", "Simulate")))


def forget():
    """Something was changed: nothing that was found before counts any more."""
    global known
    # who looks something up at this moment keeps it in the old one, where nobody looks
    known = {}


def remembered(find):
    """A function of texts alone that looks into moto's stores, once until something changes."""

    @functools.wraps(find)
    def found(*asked):
        at, key = known, (find.__name__, *asked)
        if key not in at:
            at[key] = find(*asked)
        return at[key]

    return found


@dataclasses.dataclass
class Caller:
    """A principal as `crates/iam` takes it, its ARN in messages, its account, its policies and its keys of the context."""

    principal: object
    arn: str
    account: str
    identity: list = dataclasses.field(default_factory=list)
    boundary: dict | None = None
    session: list = dataclasses.field(default_factory=list)
    keys: dict = dataclasses.field(default_factory=dict)


def credential(environ):
    """The access key and the region that a request was signed for; None where nobody signed it."""
    scope = re.search(r"Credential=([^,\s]+)", environ.get("HTTP_AUTHORIZATION", ""))
    given = scope[1] if scope else parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0]
    key, _, rest = given.partition("/")
    return (key, rest.split("/")[1]) if rest.count("/") >= 3 else (None, None)


@remembered
def account_of(key):
    """As moto finds it, in the partition of all that is here."""
    for account, partitions in list(iam_backends.items()):
        if (identities := dict.get(partitions, "aws")) and key in identities.access_keys:
            return account
    from moto.iam import models

    return models.DEFAULT_ACCOUNT_ID


def caller(environ):
    """Who signed a request."""
    key, _ = credential(environ)
    if key is None:
        return Caller("anonymous", "anonymous", "")
    found, since = of_key(key, environ.get("HTTP_X_MOTO_ACCOUNT_ID") or account_of(key))
    if since is None:
        return found
    age = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - since
    return dataclasses.replace(found, keys=found.keys | {"aws:MultiFactorAuthAge": str(int(age.total_seconds()))})


@remembered
def of_key(key, account):
    """Who an access key is of, and since when with a second factor."""
    identities = iam_backends[account]["aws"]
    given = identities.access_keys.get(key)
    # a session of a user, or of the root user, is that principal
    of = getattr(given, "session_of", key)
    if session := sts_backends[account]["aws"].get_assumed_role_from_access_key(of):
        return of_session(session), None
    user = identities.get_user_from_access_key_id(of)
    found = of_user(user, identities) if user else of_root(account)
    if given is None or of == key:
        return found, None
    found.keys |= {"aws:MultiFactorAuthPresent": str(given.mfa).lower(), "aws:TokenIssueTime": moment(given.create_date)}
    return found, given.create_date.replace(tzinfo=None) if given.mfa else None


def moment(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def named(name, document):
    return {"name": name, "document": document}


def managed(policies):
    """Policies that are attached, each in its version that counts."""
    return [named(arn, default_version(policy)) for arn, policy in policies.items()]


def default_version(policy):
    versions = (version for version in policy.versions if version.version_id == policy.default_version_id)
    return next(versions).document


def by_arn(identities, arn):
    policy = identities.managed_policies.get(arn)
    return named(arn, default_version(policy)) if policy else None


def of_root(account):
    return Caller({"root": account}, f"arn:aws:iam::{account}:root", account, keys={"aws:userid": account})


def of_user(user, identities):
    policies = [named(name, document) for name, document in user.policies.items()] + managed(user.managed_policies)
    for group in identities.groups.values():
        if user in group.users:
            policies += [named(name, document) for name, document in group.policies.items()]
            policies += managed(group.managed_policies)
    bounded = getattr(user, "permissions_boundary_arn", None)
    tags = stored.tags(user.arn)
    keys = {"aws:userid": user.id, "aws:username": user.name} | {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}
    boundary = by_arn(identities, bounded) if bounded else None
    return Caller({"user": user.arn}, user.arn, user.account_id, policies, boundary, keys=keys)


def of_session(session):
    """A session of a role: one that is gone has no policies, so that AWS denies it everything."""
    identities, role = iam_backends[session.account_id]["aws"], stored.role(session.role_arn)
    keys = {"aws:userid": session.user_id, "aws:TokenIssueTime": moment(session.access_key.create_date)}
    keys["aws:MultiFactorAuthPresent"] = "false"
    keys |= getattr(session, "keys", {})
    tags = stored.pairs(role.tags) if role else {}
    tags |= getattr(session, "tags", {})
    keys |= {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}
    found = Caller(
        {"session": {"role": session.role_arn, "name": session.session_name}}, session.arn, session.account_id, keys=keys
    )
    if role:
        found.identity = [named(name, document) for name, document in role.policies.items()] + managed(role.managed_policies)
        if role.permissions_boundary_arn:
            found.boundary = by_arn(identities, role.permissions_boundary_arn)
    if session.policy:
        found.session.append(named("session policy", session.policy))
    given = (by_arn(identities, arn) for arn in getattr(session, "policies", ()))
    found.session += [policy for policy in given if policy]
    return found


def remember(session, values, keys):
    """What AssumeRole was asked beyond what moto keeps of it."""
    session.policies = [policy["arn"] for policy in values.get("PolicyArns", ()) if "arn" in policy]
    session.tags = stored.pairs(values.get("Tags"))
    session.keys = keys


# ---- The way into accounts

WAY_IN = "OrganizationAccountAccessRole"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"


def let_in(arn, asker):
    """Makes the role by which the management account comes into an account that nobody made.

    To moto every account is there; AWS has only those that were made, in which CreateAccount makes this role. So zones of several
    accounts can share an emulator that has one member.
    """
    parts = arn.split(":", 5)
    found = organization(asker.account)
    if len(parts) < 6 or parts[5] != f"role/{WAY_IN}" or not found or found.org.master_account_id != asker.account:
        return
    if organization(parts[4]) or not re.fullmatch("[0-9]{12}", parts[4]) or stored.role(arn):
        return
    lets = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{asker.account}:root"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [lets]})
    identities = iam_backends[parts[4]]["aws"]
    identities.create_role(WAY_IN, trust, "", None, "", [], "3600")
    identities.attach_role_policy(EVERYTHING, WAY_IN)
    forget()


# ---- The organization


def organization(account):
    """moto's organization that an account is in; None where it is in none."""
    management, partition = organizations_backends.master_accounts.get(account, (account, "aws"))
    found = dict.get(dict.get(organizations_backends, management, {}), partition)
    return found if found and found.org else None


def path(found, account):
    """The root, the units and the account, in this order."""
    places = {place.id: place for place in found.ou + found.accounts}
    way, at = [], places.get(account)
    while at:
        way.insert(0, at)
        at = places.get(at.parent_id)
    return way


def levels(found, account, kind):
    """The policies of a kind at each level above an account; none where the kind is not enabled."""
    root = next(place for place in found.ou if isinstance(place, FakeRoot))
    if {"Type": kind, "Status": "ENABLED"} not in root.policy_types:
        return []
    return [
        [named(policy.name, policy.content) for policy in place.attached_policies if policy.type == kind]
        for place in path(found, account)
    ]


@remembered
def controls(account, owner):
    """The organization as `crates/iam` takes it, for a caller of an account and a resource that another may own."""
    of_caller, of_owner = organization(account), organization(owner)
    if not (of_caller or of_owner):
        return None
    return {
        "management": (of_caller or of_owner).org.master_account_id,
        "service_control": levels(of_caller, account, SERVICE_CONTROL) if of_caller else [],
        "resource_control": levels(of_owner, owner, RESOURCE_CONTROL) if of_owner else [],
    }


@remembered
def membership(account, whose):
    """`aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`, or those of the resource."""
    found = organization(account)
    if not found:
        return {}
    way = [place.id for place in path(found, account)[:-1]]
    return {f"aws:{whose}OrgID": found.org.id, f"aws:{whose}OrgPaths": ["/".join([found.org.id, *way, ""])]}
