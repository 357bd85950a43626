"""A user pool with its clients, whose secrets are AWS's; it is never replaced."""

import pulumi_aws as aws
from engine import CHANGED, REPLACED, same

UNTOLD = {
    aws.cognito.UserPool: {"custom_domain", "sms_configuration"}
    # moto does not tell these
    | {"sign_in_policy", "user_pool_tier", "username_configuration"},
    aws.cognito.UserPoolClient: {"default_redirect_uri", "id_token_validity", "access_token_validity"}
    | {"prevent_user_existence_errors", "explicit_auth_flows", "read_attributes", "write_attributes"}
    # of an empty list nothing is told
    | {"allowed_oauth_flows", "allowed_oauth_scopes", "callback_urls", "logout_urls", "supported_identity_providers"},
    # moto does not tell these
    aws.cognito.UserPoolDomain: {"s3_bucket", "version"},
}
LEFT_OUT = {aws.cognito.UserPool: {"estimated_number_of_users", "last_modified_date"}}
UNREAD = {
    # the domain is made after its pool
    aws.cognito.UserPool: {"domain", "email_verification_message"}
    | {"email_verification_subject", "sms_verification_message", "verification_message_template"},
    aws.cognito.UserPoolClient: {"refresh_token_validity"},
}


def describe(p):
    bounds = {"min_length": "0", "max_length": "64"}
    party = {"name": "party", "attribute_data_type": "String", "mutable": True, "string_attribute_constraints": bounds}
    level = {"name": "level", "attribute_data_type": "Number", "mutable": True}
    pool = p.make(
        CHANGED,
        aws.cognito.UserPool,
        "pool",
        name=p.named("people"),
        username_attributes=["phone_number" if p.wish.refused == "pool" else "email"],
        auto_verified_attributes=["email"],
        mfa_configuration="ON",
        software_token_mfa_configuration={"enabled": True},
        password_policy={"minimum_length": p.tuned(12, 16), "require_numbers": True},
        admin_create_user_config={
            "allow_admin_create_user_only": True,
            "invite_message_template": {
                "email_message": "{username} {####}",
                "email_subject": "Welcome",
                "sms_message": "{username} {####}",
            },
        },
        account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
        schemas=p.tuned([party], [level] if p.wish.refused == "pool" else [party, level]),
        tags=p.tags,
    )
    p.make(
        CHANGED,
        aws.cognito.UserPoolClient,
        "web",
        name=p.named("web"),
        user_pool_id=pool.id,
        generate_secret=True,
        allowed_oauth_flows=["code"],
        allowed_oauth_flows_user_pool_client=True,
        allowed_oauth_scopes=["openid", "email"],
        callback_urls=["https://example.com/in"],
        logout_urls=["https://example.com/out"],
        supported_identity_providers=["COGNITO"],
        access_token_validity=p.tuned(15, 20),
        token_validity_units={"access_token": "minutes"},
    )
    p.make(
        REPLACED,
        aws.cognito.UserPoolClient,
        "app",
        name="app",
        user_pool_id=pool.id,
        generate_secret=p.wish.renamed,
        explicit_auth_flows=p.tuned(["ALLOW_REFRESH_TOKEN_AUTH"], ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH"]),
    )
    p.make(
        REPLACED,
        aws.cognito.UserPoolDomain,
        "domain",
        domain=p.named("official-people"),
        user_pool_id=pool.id,
        managed_login_version=p.tuned(1, 2),
    )
    p.make(
        REPLACED,
        aws.cognito.ResourceServer,
        "server",
        identifier=p.named("bank"),
        name="bank",
        user_pool_id=pool.id,
        scopes=[{"scope_name": "read", "scope_description": p.tuned("first", "second")}],
    )


REFUSED = {"pool": ["`usernameAttributes` of a user pool that exists cannot be changed", "attribute `party` is gone"]}


def look(accounts, outputs, wish):
    cognito, pool = accounts["member"].cognito_idp, outputs["pool"]["id"]
    for name in ("web", "app"):
        answer = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=outputs[name]["id"])
        secret = answer["UserPoolClient"].get("ClientSecret", "")
        same(f"the secret of {name}", outputs[name]["client_secret"], secret)
        same(f"{name} has a secret", bool(secret), name == "web" or wish.renamed)


def drift(at, ids):
    cognito, pool = at.cognito_idp, {"UserPoolId": ids["pool"]}
    codes = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    yield "update", "pool", cognito.set_user_pool_mfa_config(**pool, MfaConfiguration="OPTIONAL", **codes)
    yield "update", "web", cognito.update_user_pool_client(**pool, ClientId=ids["web"], ClientName="by hand")
    yield "delete", "app", cognito.delete_user_pool_client(**pool, ClientId=ids["app"])
    yield "update", "domain", cognito.update_user_pool_domain(**pool, Domain=ids["domain"], ManagedLoginVersion=1)
    server = {"Identifier": ids["server"].split("|")[1], "Name": "by hand"}
    yield "update", "server", cognito.update_resource_server(**pool, **server)


def pools(at):
    return {pool["Id"] for pool in at.cognito_idp.list_user_pools(MaxResults=60)["UserPools"]}


def of_pools(call, answer, id):
    """Lists what pools have."""
    return lambda at: {
        id(item)
        for pool in pools(at)
        for item in getattr(at.cognito_idp, call)(UserPoolId=pool, MaxResults=50)[answer]
    }


def domains(at):
    told = (at.cognito_idp.describe_user_pool(UserPoolId=pool)["UserPool"] for pool in pools(at))
    return {pool["Domain"] for pool in told if "Domain" in pool}


IMPORTED_AS = {
    "web": lambda outputs: f"{outputs['pool']['id']}/{outputs['web']['id']}",
    "app": lambda outputs: f"{outputs['pool']['id']}/{outputs['app']['id']}",
}
THERE = {
    aws.cognito.UserPool: pools,
    aws.cognito.UserPoolClient: of_pools("list_user_pool_clients", "UserPoolClients", lambda item: item["ClientId"]),
    aws.cognito.UserPoolDomain: domains,
    aws.cognito.ResourceServer: of_pools(
        "list_resource_servers", "ResourceServers", lambda item: f"{item['UserPoolId']}|{item['Identifier']}"
    ),
}
