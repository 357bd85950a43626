/** What must not compile: `tsc` fails if one of these lines does. */

import { SSMClient } from "@aws-sdk/client-ssm";
import { type Arn, Client, type ListPath, type Path, type Ssm, type Stack, type Zone } from "@zone/contract";

export const paths: Path[] = ["network/vpc-id", "kms/secret/arn", "cognito/guests/client/desk", "contract/digest"];
// @ts-expect-error the contract does not promise it
export const unknown: Path = "other-team/host";
// @ts-expect-error the last segment is another
export const misspelt: Path = "kms/secret/arm";
// @ts-expect-error it is one value
export const single: ListPath = "network/vpc-id";
export const list: ListPath = "network/public-subnet-ids";
// @ts-expect-error there is no such stack
export const stack: Stack = "netwrok";

export const ssm: Ssm = new SSMClient();
export const client = new Client(new SSMClient(), { environment: "dev", root: "/acme/dev", newer: "accept" });
// @ts-expect-error neither refused nor accepted
export const wrong = new Client(ssm, { environment: "dev", root: "/acme/dev", newer: "ignore" });
// @ts-expect-error it has to be said where the contract stands
export const nowhere = new Client(ssm, { environment: "dev" });

export function reads(zone: Zone): void {
  zone.get("s3/attic/name");
  // @ts-expect-error the contract does not promise it
  zone.get("s3/attic/region");
  zone.has("network");
  // @ts-expect-error there is no such stack
  zone.has("networks");
  const key: Arn = zone.keyArn("secret");
  // @ts-expect-error a name is no ARN
  const name: Arn = zone.bucketName("attic");
  // @ts-expect-error a pool has clients, and one of them is asked for
  zone.clientId("guests");
  // @ts-expect-error a reading does not change
  zone.privateSubnetIds().push(key, name);
}
