"""Cognito user pools: what moto 5.2.1 lacks, or answers otherwise than AWS. Part of `missing.py`.

Seen 2026-11-24, at https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/.
"""

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError
from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUserPool,
    CognitoIdpUserPoolAttribute,
    CognitoIdpUserPoolClient,
    CognitoIdpUserPoolDomain,
)
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from missing import instead_of

# what a pool is made with, and keeps: no update has them
FIXED = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")
MFA = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration")


# AWS: a pool has all standard attributes, whichever are given; DeletionProtection is INACTIVE unless given.
# moto: has those given, where there are any; answers no DeletionProtection then.
@instead_of(CognitoIdpUserPool)
def __init__(moto, self, account_id, region, name, extended_config):
    given = list(extended_config.get("Schema") or [])
    names = {schema["Name"] for schema in given}
    standard = CognitoIdpUserPoolAttribute.STANDARD_SCHEMA
    extended_config = dict(extended_config)
    extended_config["Schema"] = [{"Name": n} | standard[n] for n in standard if n not in names] + given
    extended_config.setdefault("DeletionProtection", "INACTIVE")
    moto(self, account_id, region, name, extended_config)
    self.mfa_given = {}


# AWS: MfaConfiguration is the one put last, by whichever call.
# moto: that of CreateUserPool, for good.
@instead_of(CognitoIdpUserPool)
def to_json(moto, self, extended=False):
    return moto(self, extended) | {"MfaConfiguration": self.mfa_config}


# AWS: what UpdateUserPool is not given goes back to the default, but for the name and what never changes. The tags go, too
# (github.com/aws/aws-cli/issues/3302, which shows them before and after).
# moto: forgets what never changes, and the name is not changed.
@instead_of(CognitoIdpBackend)
def update_user_pool(moto, self, user_pool_id, extended_config):
    pool = self.describe_user_pool(user_pool_id)
    config = {name: value for name, value in extended_config.items() if name not in ("UserPoolId", "PoolName")}
    for name in FIXED:
        if name in pool.extended_config:
            config.setdefault(name, pool.extended_config[name])
    config.setdefault("DeletionProtection", "INACTIVE")
    mfa = config.pop("MfaConfiguration", "OFF")
    moto(self, user_pool_id, config)
    pool.name = extended_config.get("PoolName", pool.name)
    pool.last_modified_date = utcnow()
    pool.mfa_config = mfa
    if mfa == "OFF":
        pool.mfa_given = {}


# AWS: has e-mail and passkeys, too; no method goes with OFF, and ON goes with none but a method.
# moto: forgets e-mail and passkeys, and takes anything with OFF.
def set_user_pool_mfa_config(self):
    pool = self.backend.describe_user_pool(self._get_param("UserPoolId"))
    methods = {name: self._get_param(name) for name in MFA if self._get_param(name)}
    mfa = self._get_param("MfaConfiguration") or pool.mfa_config
    enabled = [name for name, method in methods.items() if method.get("Enabled", True)]
    if mfa == "OFF" and enabled:
        raise InvalidParameterException(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
        )
    if mfa != "OFF" and not enabled:
        raise InvalidParameterException("Invalid MFA configuration given, can't turn on MFA without an MFA method.")
    pool.mfa_config, pool.mfa_given = mfa, {} if mfa == "OFF" else methods
    pool.token_mfa_config, pool.sms_mfa_config = (
        pool.mfa_given.get("SoftwareTokenMfaConfiguration"),
        pool.mfa_given.get("SmsMfaConfiguration"),
    )
    if passkeys := self._get_param("WebAuthnConfiguration"):
        pool.passkeys = passkeys
    pool.last_modified_date = utcnow()
    return self.get_user_pool_mfa_config()


def get_user_pool_mfa_config(self):
    pool = self.backend.describe_user_pool(self._get_param("UserPoolId"))
    passkeys = {"WebAuthnConfiguration": pool.passkeys} if pool.passkeys else {}
    return ActionResult({"MfaConfiguration": pool.mfa_config} | pool.mfa_given | passkeys)


CognitoIdpUserPool.passkeys = None
CognitoIdpResponse.set_user_pool_mfa_config = set_user_pool_mfa_config
CognitoIdpResponse.get_user_pool_mfa_config = get_user_pool_mfa_config


# AWS: a pool that is protected, or has a domain, is not deleted.
# moto: deletes it.
@instead_of(CognitoIdpBackend)
def delete_user_pool(moto, self, user_pool_id):
    pool = self.describe_user_pool(user_pool_id)
    if pool.extended_config.get("DeletionProtection") == "ACTIVE":
        raise InvalidParameterException(
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        )
    if pool.domain:
        raise InvalidParameterException(
            "User pool cannot be deleted. It has a domain configured that should be deleted first."
        )
    moto(self, user_pool_id)


# AWS: pools carry tags.
# moto: does not have these calls (500); it keeps the UserPoolTags of CreateUserPool.
def tags_of(self):
    pool_id = self._get_param("ResourceArn").rpartition("/")[2]
    pool = self.backend.user_pools.get(pool_id)
    if pool is None:
        raise ResourceNotFoundError(f"User pool {pool_id} does not exist.")
    return pool.extended_config.setdefault("UserPoolTags", {})


def list_tags_for_resource(self):
    return ActionResult({"Tags": tags_of(self)})


def tag_resource(self):
    tags_of(self).update(self._get_param("Tags"))
    return EmptyResult()


def untag_resource(self):
    tags = tags_of(self)
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return EmptyResult()


CognitoIdpResponse.list_tags_for_resource = list_tags_for_resource
CognitoIdpResponse.tag_resource = tag_resource
CognitoIdpResponse.untag_resource = untag_resource


# AWS: a domain exists once, and a pool has one prefix domain; the account is the pool's; ManagedLoginVersion is 1 or 2.
# moto: gives a domain to whoever asks last; answers a random account, and no version.
@instead_of(CognitoIdpResponse)
def create_user_pool_domain(moto, self):
    domain, pool_id = self._get_param("Domain"), self._get_param("UserPoolId")
    pool = self.backend.describe_user_pool(pool_id)
    if domain in self.backend.user_pool_domains:
        raise InvalidParameterException("Domain already exists.")
    if pool.domain and not self._get_param("CustomDomainConfig"):
        raise InvalidParameterException("User pool already has a domain configured.")
    answer = moto(self)
    self.backend.user_pool_domains[domain].account_id = self.current_account
    set_login_version(self)
    return answer


@instead_of(CognitoIdpResponse)
def update_user_pool_domain(moto, self):
    answer = moto(self)
    set_login_version(self)
    return answer


def set_login_version(self):
    domain = self.backend.user_pool_domains[self._get_param("Domain")]
    domain.login_version = self._get_param("ManagedLoginVersion") or domain.login_version


@instead_of(CognitoIdpUserPoolDomain)
def to_json(moto, self, extended=True):  # noqa: F811 (of a domain)
    more = {"AWSAccountId": self.account_id, "ManagedLoginVersion": self.login_version}
    if self.custom_domain_config:
        more["CustomDomainConfig"] = self.custom_domain_config
    return moto(self, extended) | (more if extended else {})


CognitoIdpUserPoolDomain.login_version = 1
CognitoIdpUserPoolDomain.account_id = None


# AWS: what UpdateUserPoolClient is not given goes back to the default, but for the name.
# moto: keeps it.
@instead_of(CognitoIdpBackend)
def update_user_pool_client(moto, self, user_pool_id, client_id, extended_config):
    client = self.describe_user_pool_client(user_pool_id, client_id)
    name = client.extended_config.get("ClientName")
    fresh = CognitoIdpUserPoolClient(user_pool_id, client.generate_secret, {"ClientName": name} | extended_config)
    client.extended_config = fresh.extended_config
    return client


# AWS: resource servers are changed and deleted.
# moto: does not have these calls (500).
def update_resource_server(self):
    server = self.backend.describe_resource_server(self._get_param("UserPoolId"), self._get_param("Identifier"))
    server.name, server.scopes = self._get_param("Name"), self._get_param("Scopes") or []
    return ActionResult({"ResourceServer": server.to_json()})


def delete_resource_server(self):
    pool_id, identifier = self._get_param("UserPoolId"), self._get_param("Identifier")
    self.backend.describe_resource_server(pool_id, identifier)
    del self.backend.user_pools[pool_id].resource_servers[identifier]
    return EmptyResult()


CognitoIdpResponse.update_resource_server = update_resource_server
CognitoIdpResponse.delete_resource_server = delete_resource_server
