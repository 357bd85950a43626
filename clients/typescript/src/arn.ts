/** An Amazon Resource Name. A string at run time. */
export type Arn = `arn:${string}:${string}:${string}:${string}:${string}`;

export interface ArnParts {
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  /** `kms`, `s3`, ... */
  readonly service: string;
  /** Empty where names are not of a region, as in IAM. */
  readonly region: string;
  /** Empty for a bucket. */
  readonly account: string;
  /** What comes last: `key/1b2c..`, `event-bus/acme-sales`. */
  readonly resource: string;
}

export function arnParts(arn: Arn): ArnParts {
  const [, partition = "", service = "", region = "", account = "", ...resource] = arn.split(":");
  return { partition, service, region, account, resource: resource.join(":") };
}
