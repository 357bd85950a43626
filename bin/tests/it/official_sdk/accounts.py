"""AWS, through another client than ours: each account that the program has a provider for."""

import functools

import boto3
from settings import ELSEWHERE, ENDPOINT, REGION, ROLE_ARN


class Account:
    """The clients of an account, by their names: `account.s3`, `account.cognito_idp`."""

    def __init__(self, **session):
        self.session = boto3.Session(**session)

    @functools.cache
    def __getattr__(self, service):
        # `lambda_` is Python's word for it
        return self.session.client(service.rstrip("_").replace("_", "-"), endpoint_url=ENDPOINT)


def accounts():
    management = Account(region_name=REGION)
    role = management.sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="test")["Credentials"]
    member = Account(
        region_name=REGION,
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    return {"member": member, "management": management, "ambient": Account(region_name=ELSEWHERE)}
