/** A Lambda function that reads the contract once per cold start, and answers with a bucket's name and its key. */

import { SSMClient } from "@aws-sdk/client-ssm";
import { Client } from "@zone/contract";

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`reading variable \`${name}\` of the function: it is not set`);
  return value;
}

// outside of the handler: all calls of this process share one reading, for five minutes
const client = new Client(new SSMClient(), {
  environment: variable("ZONE_ENVIRONMENT"),
  root: variable("ZONE_CONTRACT_ROOT"),
});

export async function handler(): Promise<{ bucket: string; key: string }> {
  const zone = await client.contract();
  return { bucket: zone.bucketName(variable("BUCKET")), key: zone.keyArn(variable("DATA_CLASS")) };
}
