/** The typed values: each method gives its path's value, and none that of another. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { arnParts, Missing, NotPromised, StackNotDeployed, TEMPLATES, VERSION } from "@zone/contract";

import { Fake, refused, ROOT } from "./fake.js";

test("there is a method for every path of the newest version", async () => {
  const zone = await new Fake().client().contract();
  assert.equal(zone.vpcId(), zone.get("network/vpc-id"));
  assert.deepEqual(zone.privateSubnetIds(), zone.get("network/private-subnet-ids").split(","));
  assert.deepEqual(zone.publicSubnetIds(), zone.getList("network/public-subnet-ids"));
  assert.equal(zone.keyArn("secret"), zone.get("kms/secret/arn"));
  assert.equal(zone.clientId("guests", "kiosk"), zone.get("cognito/guests/client/kiosk"));
  assert.equal(zone.deliveryDlqArn(), zone.get("firehose/dlq/arn"));
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(zone)).filter((name) => name !== "constructor");
  const paths = TEMPLATES.filter(({ owner, versions }) => owner !== "contract" && versions.includes(VERSION));
  assert.equal(methods.length, paths.length);
  assert.deepEqual([zone.version, zone.digest.length, zone.publishedAt], [VERSION, 64, "2026-11-24T06:30:00Z"]);
});

test("what is missing is named with owner, environment and way out", async () => {
  const zone = await new Fake().client().contract();
  const missing = await refused(Missing, () => zone.keyArn("sceret"));
  assert.equal(
    missing.message,
    `reading the contract: \`${ROOT}/kms/sceret/arn\` of environment \`dev\` (stack kms): promised and not published\n` +
      "hint: is the name spelt as in the configuration? `zone up -e dev` publishes it",
  );
  assert.equal(missing.finding.owner, "kms");
});

test("a stack that is not deployed is an answer and no fault", async () => {
  const ssm = new Fake();
  for (const path of [...ssm.live.keys()].filter((path) => path.startsWith(`${ROOT}/network/`))) ssm.live.delete(path);
  ssm.sign();
  const zone = await ssm.client().contract();
  assert.deepEqual([zone.has("network"), zone.has("kms")], [false, true]);
  const error = await refused(StackNotDeployed, () => zone.vpcId());
  assert.equal(
    error.message,
    "reading the contract of environment `dev`: it has no `network/vpc-id`, as stack network is not deployed there\n" +
      "hint: do without the value, or configure stack network: `zone up -e dev` deploys it",
  );
  assert.deepEqual([error.owner, error.path], ["network", "network/vpc-id"]);
  await refused(StackNotDeployed, () => zone.privateSubnetIds());
  await refused(Missing, () => zone.keyArn("sceret"));
});

test("no name leads to what another path promises", async () => {
  const zone = await new Fake().client().contract();
  assert.ok(zone.streamArn("clicks").includes(":deliverystream/"));
  for (const asked of [
    () => zone.streamArn("dlq"),
    () => zone.bucketName("attic/name/../cellar"),
    () => zone.clientId("guests/client", "desk"),
    () => zone.clientId("guests", "client/desk"),
    () => zone.keyArn(""),
    () => zone.get("kms/a/b/arn"),
  ]) {
    const error = await refused(NotPromised, asked);
    assert.ok(error.message.includes("environment `dev`"));
  }
  // a name is taken as it is
  assert.match((await refused(Missing, () => zone.keyArn("$&"))).message, /kms\/\$&\/arn/);
});

test("an ARN has parts", async () => {
  const zone = await new Fake().client().contract();
  assert.deepEqual(arnParts(zone.trailLogGroupArn()), {
    partition: "aws",
    service: "logs",
    region: "ap-southeast-2",
    account: "123456789012",
    resource: "log-group:/aws/cloudtrail/acme-platform-dev",
  });
  assert.deepEqual(arnParts(zone.bucketArn("attic")), {
    partition: "aws",
    service: "s3",
    region: "",
    account: "",
    resource: "acme-attic-dev",
  });
});
