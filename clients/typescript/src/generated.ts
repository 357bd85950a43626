// Written from the definition of contract `zone`; do not edit. `ZONE_BLESS=1 cargo test -p contract` writes the zone's.

import { type Arn, type Contract, Snapshot, type Template } from "@zone/contract/runtime";

/** The newest version that this client knows. */
export const VERSION = 2;

/** Every path of version 2. `${string}` stands for one segment. */
export type Path =
  | "network/vpc-id"
  | "network/private-subnet-ids"
  | "network/public-subnet-ids"
  | `kms/${string}/arn`
  | `s3/${string}/name`
  | `s3/${string}/arn`
  | "s3/pulumi-state/login-url"
  | `eventbridge/${string}/arn`
  | `eventbridge/${string}/dlq-arn`
  | `eventbridge/${string}/archive-arn`
  | `cognito/${string}/pool-id`
  | `cognito/${string}/arn`
  | `cognito/${string}/client/${string}`
  | `firehose/${string}/arn`
  | "firehose/dlq/arn"
  | `iam/lambda/${string}/arn`
  | "cloudtrail/arn"
  | "cloudtrail/log-group-arn"
  | `logs/${string}/arn`
  | "sns/alerts/arn"
  | "xray/sampling/arn"
  | "iam/cicd/arn"
  | "iam/break-glass/arn"
  | "iam/secrets-read/arn"
  | "contract/version"
  | "contract/digest"
  | "contract/published-at";

/** The paths whose values are lists. */
export type ListPath =
  | "network/private-subnet-ids"
  | "network/public-subnet-ids";

/** The stacks that publish the paths. */
export type Stack =
  | "network"
  | "kms"
  | "storage"
  | "events"
  | "identity"
  | "delivery"
  | "roles"
  | "trail"
  | "observability"
  | "access";

/** Every path of every version. */
export const TEMPLATES: readonly Template[] = [
  {
    path: "network/vpc-id",
    kind: "String",
    pattern: "^vpc-([0-9a-f]{8}|[0-9a-f]{17})$",
    owner: "network",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "id of the VPC",
  },
  {
    path: "network/private-subnet-ids",
    kind: "StringList",
    pattern: "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
    owner: "network",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ids of the private subnets, in the order of their availability zones",
  },
  {
    path: "network/public-subnet-ids",
    kind: "StringList",
    pattern: "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
    owner: "network",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ids of the public subnets, in the order of their availability zones",
  },
  {
    path: "kms/{class}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:kms:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
    owner: "kms",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the key of data class {class}",
  },
  {
    path: "s3/{purpose}/name",
    kind: "String",
    pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    owner: "storage",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "name of the {purpose} bucket",
  },
  {
    path: "s3/{purpose}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    owner: "storage",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the {purpose} bucket",
  },
  {
    path: "s3/pulumi-state/login-url",
    kind: "String",
    pattern: "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\\?region=[a-z]+(-[a-z]+)+-[0-9]+&awssdk=v2&ssetype=aws:kms&kmskeyid=arn:aws(-[a-z]+)*:kms:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:key/[0-9a-z-]+$",
    owner: "storage",
    except: [],
    versions: [2],
    since: 2,
    deprecatedSince: null,
    description: "URL for `pulumi login`: the state bucket, with the key that it asks for",
  },
  {
    path: "eventbridge/{bus}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:events:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]{1,256}$",
    owner: "events",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the event bus {bus}",
  },
  {
    path: "eventbridge/{bus}/dlq-arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:sqs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$",
    owner: "events",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the queue for events of {bus} that no target took",
  },
  {
    path: "eventbridge/{bus}/archive-arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:events:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:archive/[A-Za-z0-9._-]{1,48}$",
    owner: "events",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the archive of {bus}",
  },
  {
    path: "cognito/{pool}/pool-id",
    kind: "String",
    pattern: "^[a-z]+(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$",
    owner: "identity",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "id of the user pool {pool}",
  },
  {
    path: "cognito/{pool}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:cognito-idp:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:userpool/[a-z]+(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$",
    owner: "identity",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the user pool {pool}",
  },
  {
    path: "cognito/{pool}/client/{client}",
    kind: "String",
    pattern: "^[A-Za-z0-9_+]{1,128}$",
    owner: "identity",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "id of the client {client} of the user pool {pool}; its secret, if any, is not in the contract",
  },
  {
    path: "firehose/{stream}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:firehose:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:deliverystream/[A-Za-z0-9_.-]{1,64}$",
    owner: "delivery",
    except: ["dlq"],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the delivery stream {stream}",
  },
  {
    path: "firehose/dlq/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:sqs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$",
    owner: "delivery",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the queue that tells of records which could not be delivered",
  },
  {
    path: "iam/lambda/{bus}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$",
    owner: "roles",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the Lambda execution role of {bus}",
  },
  {
    path: "cloudtrail/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:cloudtrail:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:trail/[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$",
    owner: "trail",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the trail",
  },
  {
    path: "cloudtrail/log-group-arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:logs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:log-group:[A-Za-z0-9._/#-]{1,512}$",
    owner: "trail",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the trail's log group",
  },
  {
    path: "logs/{platform}/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:logs:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:log-group:[A-Za-z0-9._/#-]{1,512}$",
    owner: "observability",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the log group of {platform}",
  },
  {
    path: "sns/alerts/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:sns:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
    owner: "observability",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the topic for alarms",
  },
  {
    path: "xray/sampling/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:xray:[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:sampling-rule/[A-Za-z0-9_-]{1,32}$",
    owner: "observability",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the default sampling rule",
  },
  {
    path: "iam/cicd/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$",
    owner: "access",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the role that deploys",
  },
  {
    path: "iam/break-glass/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}$",
    owner: "access",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the role for emergencies",
  },
  {
    path: "iam/secrets-read/arn",
    kind: "String",
    pattern: "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:policy/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}$",
    owner: "access",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "ARN of the managed policy that lets its holder read secrets",
  },
  {
    path: "contract/version",
    kind: "String",
    pattern: "^[1-9][0-9]{0,8}$",
    owner: "contract",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "version of this contract",
  },
  {
    path: "contract/digest",
    kind: "String",
    pattern: "^[0-9a-f]{64}$",
    owner: "contract",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "SHA-256 over version, names and values; written last, so it tells a whole publication from half a one",
  },
  {
    path: "contract/published-at",
    kind: "String",
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$",
    owner: "contract",
    except: [],
    versions: [1, 2],
    since: 1,
    deprecatedSince: null,
    description: "when this contract was last published, RFC 3339 in UTC",
  },
];

/** The contract `zone` of one environment, as it was read at one time. */
export class Zone extends Snapshot<Path, ListPath, Stack> {
  /** Id of the VPC: `network/vpc-id` of stack network, since version 1. */
  vpcId(): string {
    return this.textOf("network/vpc-id", []);
  }

  /** Ids of the private subnets, in the order of their availability zones: `network/private-subnet-ids` of stack network, since version 1. */
  privateSubnetIds(): readonly string[] {
    return this.listOf("network/private-subnet-ids", []);
  }

  /** Ids of the public subnets, in the order of their availability zones: `network/public-subnet-ids` of stack network, since version 1. */
  publicSubnetIds(): readonly string[] {
    return this.listOf("network/public-subnet-ids", []);
  }

  /** ARN of the key of data class {class}: `kms/{class}/arn` of stack kms, since version 1. */
  keyArn(class_: string): Arn {
    return this.arnOf("kms/{class}/arn", [class_]);
  }

  /** Name of the {purpose} bucket: `s3/{purpose}/name` of stack storage, since version 1. */
  bucketName(purpose: string): string {
    return this.textOf("s3/{purpose}/name", [purpose]);
  }

  /** ARN of the {purpose} bucket: `s3/{purpose}/arn` of stack storage, since version 1. */
  bucketArn(purpose: string): Arn {
    return this.arnOf("s3/{purpose}/arn", [purpose]);
  }

  /** URL for `pulumi login`: the state bucket, with the key that it asks for: `s3/pulumi-state/login-url` of stack storage, since version 2. */
  stateLoginUrl(): string {
    return this.textOf("s3/pulumi-state/login-url", []);
  }

  /** ARN of the event bus {bus}: `eventbridge/{bus}/arn` of stack events, since version 1. */
  busArn(bus: string): Arn {
    return this.arnOf("eventbridge/{bus}/arn", [bus]);
  }

  /** ARN of the queue for events of {bus} that no target took: `eventbridge/{bus}/dlq-arn` of stack events, since version 1. */
  busDlqArn(bus: string): Arn {
    return this.arnOf("eventbridge/{bus}/dlq-arn", [bus]);
  }

  /** ARN of the archive of {bus}: `eventbridge/{bus}/archive-arn` of stack events, since version 1. */
  busArchiveArn(bus: string): Arn {
    return this.arnOf("eventbridge/{bus}/archive-arn", [bus]);
  }

  /** Id of the user pool {pool}: `cognito/{pool}/pool-id` of stack identity, since version 1. */
  poolId(pool: string): string {
    return this.textOf("cognito/{pool}/pool-id", [pool]);
  }

  /** ARN of the user pool {pool}: `cognito/{pool}/arn` of stack identity, since version 1. */
  poolArn(pool: string): Arn {
    return this.arnOf("cognito/{pool}/arn", [pool]);
  }

  /** Id of the client {client} of the user pool {pool}; its secret, if any, is not in the contract: `cognito/{pool}/client/{client}` of stack identity, since version 1. */
  clientId(pool: string, client: string): string {
    return this.textOf("cognito/{pool}/client/{client}", [pool, client]);
  }

  /** ARN of the delivery stream {stream}: `firehose/{stream}/arn` of stack delivery, since version 1. */
  streamArn(stream: string): Arn {
    return this.arnOf("firehose/{stream}/arn", [stream]);
  }

  /** ARN of the queue that tells of records which could not be delivered: `firehose/dlq/arn` of stack delivery, since version 1. */
  deliveryDlqArn(): Arn {
    return this.arnOf("firehose/dlq/arn", []);
  }

  /** ARN of the Lambda execution role of {bus}: `iam/lambda/{bus}/arn` of stack roles, since version 1. */
  lambdaRoleArn(bus: string): Arn {
    return this.arnOf("iam/lambda/{bus}/arn", [bus]);
  }

  /** ARN of the trail: `cloudtrail/arn` of stack trail, since version 1. */
  trailArn(): Arn {
    return this.arnOf("cloudtrail/arn", []);
  }

  /** ARN of the trail's log group: `cloudtrail/log-group-arn` of stack trail, since version 1. */
  trailLogGroupArn(): Arn {
    return this.arnOf("cloudtrail/log-group-arn", []);
  }

  /** ARN of the log group of {platform}: `logs/{platform}/arn` of stack observability, since version 1. */
  logGroupArn(platform: string): Arn {
    return this.arnOf("logs/{platform}/arn", [platform]);
  }

  /** ARN of the topic for alarms: `sns/alerts/arn` of stack observability, since version 1. */
  alertsTopicArn(): Arn {
    return this.arnOf("sns/alerts/arn", []);
  }

  /** ARN of the default sampling rule: `xray/sampling/arn` of stack observability, since version 1. */
  samplingRuleArn(): Arn {
    return this.arnOf("xray/sampling/arn", []);
  }

  /** ARN of the role that deploys: `iam/cicd/arn` of stack access, since version 1. */
  cicdRoleArn(): Arn {
    return this.arnOf("iam/cicd/arn", []);
  }

  /** ARN of the role for emergencies: `iam/break-glass/arn` of stack access, since version 1. */
  breakGlassRoleArn(): Arn {
    return this.arnOf("iam/break-glass/arn", []);
  }

  /** ARN of the managed policy that lets its holder read secrets: `iam/secrets-read/arn` of stack access, since version 1. */
  secretsReadPolicyArn(): Arn {
    return this.arnOf("iam/secrets-read/arn", []);
  }
}

/** The contract `zone`. */
export const ZONE: Contract<Zone> = {
  name: "zone",
  version: VERSION,
  templates: TEMPLATES,
  snapshot: Zone,
};
