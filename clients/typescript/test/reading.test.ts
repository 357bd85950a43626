/** What is read, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Broken,
  CallFailed,
  check,
  digest,
  Missing,
  NewerContract,
  NotPromised,
  NotPublished,
  StaleDigest,
  ZONE,
} from "@zone/contract";

import { ENVIRONMENT, Fake, refused, ROOT, SIZE } from "./fake.js";

const OTHER_KEY = "arn:aws:kms:ap-southeast-2:123456789012:key/ffffffff-0000-4000-8000-00000000beef";

test("the whole contract is read in pages of ten", async () => {
  const ssm = new Fake();
  assert.ok(SIZE >= 75, "the shipped size");
  for (let other = 0; ssm.live.size < 90; other++) ssm.put(`other-team/host-${other}`, "db.example");
  const zone = await ssm.client().contract();
  assert.equal([...zone.entries()].length, SIZE);
  assert.ok(zone.isVerified);
  assert.equal(ssm.calls, 9);
  for (const [number, request] of ssm.requests.entries()) {
    assert.deepEqual([request.Path, request.Recursive, request.MaxResults], [ROOT, true, 10]);
    assert.notEqual(request.WithDecryption, true, "no secret is asked for");
    assert.equal(request.NextToken !== undefined, number > 0);
  }
});

test("pages may be empty, and what other teams publish is left out", async () => {
  const ssm = new Fake();
  ssm.put("other-team/host", "db.example");
  ssm.live.set("/acme/device/kms/secret/arn", { kind: "String", value: "another environment" });
  ssm.emptyPageFirst = true;
  const zone = await ssm.client().contract();
  assert.equal([...zone.entries()].length, SIZE);
  // @ts-expect-error the contract does not promise it
  await refused(NotPromised, () => zone.get("other-team/host"));
});

test("what stands beside the root is not looked at", () => {
  const ssm = new Fake();
  const place = { contract: "zone", environment: ENVIRONMENT, root: ROOT };
  ssm.live.set(`${ROOT}0kms/secret/arn`, { kind: "String", value: "of another root" });
  assert.equal(check(ZONE, place, ssm.live, "refuse").values.size, SIZE);
});

test("a root may end with a slash", async () => {
  const zone = await new Fake().client({ root: `${ROOT}/` }).contract();
  assert.equal(zone.bucketName("attic"), "acme-attic-dev");
});

test("nothing published is an error that names place and way out", async () => {
  const ssm = new Fake();
  const error = await refused(NotPublished, () => ssm.client({ root: "/acme/uat", environment: "uat" }).contract());
  assert.equal(
    error.message,
    "reading the contract of environment `uat`: nothing is published below `/acme/uat`\n" +
      "hint: `zone up -e uat` publishes it; are account, region and root (`/acme/uat`) those of the environment?",
  );
  assert.deepEqual([error.name, error.environment, error.root], ["NotPublished", "uat", "/acme/uat"]);
});

test("half a publication is refused until it is whole", async () => {
  const ssm = new Fake();
  ssm.remove("kms/secret/arn");
  const error = await refused(StaleDigest, () => ssm.client().contract());
  assert.ok(error instanceof Broken);
  assert.match(error.message, /^reading the contract: `\/acme\/dev\/contract\/digest` of environment `dev` \(stack contract\): says /);
  assert.match(error.hint, /^if a deployment is at work, wait for its end; else `zone up -e dev` finishes/);
  ssm.put("kms/secret/arn", OTHER_KEY);
  ssm.sign();
  assert.equal((await ssm.client().contract()).keyArn("secret"), OTHER_KEY);
});

test("a value that somebody changed is not used", async () => {
  const ssm = new Fake();
  ssm.put("kms/secret/arn", OTHER_KEY);
  await refused(StaleDigest, () => ssm.client().contract());
});

test("a newer contract is refused, unless the reader accepts it", async () => {
  const ssm = new Fake();
  ssm.put("contract/version", "7");
  const error = await refused(NewerContract, () => ssm.client().contract());
  assert.match(error.message, /is version 7, this program knows 1 to \d+\nhint: use a build that knows this version$/);
  const zone = await ssm.client({ newer: "accept" }).contract();
  assert.deepEqual([zone.version, zone.isVerified, zone.bucketName("attic")], [7, false, "acme-attic-dev"]);
  // types and patterns are held as ever
  ssm.put("kms/secret/arn", "secret");
  await refused(Broken, () => ssm.client({ newer: "accept" }).contract());
});

test("an older contract is read with its own digest", async () => {
  const ssm = new Fake();
  ssm.put("contract/version", "1");
  await refused(StaleDigest, () => ssm.client().contract());
  ssm.sign(1);
  const zone = await ssm.client().contract();
  assert.deepEqual([zone.version, zone.isVerified], [1, true]);
  // version 1 does not promise it, so that its digest says nothing of it
  assert.ok(ssm.live.has(`${ROOT}/s3/pulumi-state/login-url`));
  await refused(Missing, () => zone.stateLoginUrl());
});

test("a value of another type is refused", async () => {
  const ssm = new Fake();
  const value = ssm.live.get(`${ROOT}/kms/secret/arn`)?.value ?? "";
  ssm.put("kms/secret/arn", value, "SecureString");
  const error = await refused(Broken, () => ssm.client().contract());
  assert.match(error.message, /`\/acme\/dev\/kms\/secret\/arn` of environment `dev` \(stack kms\): is a SecureString and should be a String/);
  assert.deepEqual(
    error.findings.map(({ problem, owner }) => [problem, owner]),
    [["wrong_type", "kms"]],
  );
  ssm.put("kms/secret/arn", value);
  await ssm.client().contract();
});

test("a value, and every item of a list, has to match its pattern", async () => {
  for (const [name, wrong, kind] of [
    ["network/vpc-id", "vpc-0A1B2C3D", "String"],
    ["s3/attic/name", "acme-attic-dev\n", "String"],
    ["network/public-subnet-ids", "subnet-0a1b2c3d,", "StringList"],
  ] as const) {
    const ssm = new Fake();
    ssm.put(name, wrong, kind);
    ssm.sign();
    const error = await refused(Broken, () => ssm.client().contract());
    assert.deepEqual([error.findings.length, error.findings[0]?.problem], [1, "wrong_pattern"], name);
    assert.ok(error.message.includes(`${ROOT}/${name}`), error.message);
  }
});

test("what SSM refuses is an error with its cause and the way out", async () => {
  const ssm = new Fake();
  ssm.refuses = "AccessDeniedException";
  const denied = await refused(CallFailed, () => ssm.client().contract());
  assert.equal(
    denied.message,
    `reading the contract of environment \`${ENVIRONMENT}\` below \`${ROOT}\`: AccessDeniedException: told to\n` +
      "hint: the caller needs credentials of the environment's account that allow ssm:GetParametersByPath on " +
      "parameter/acme/dev",
  );
  assert.ok(denied.cause instanceof Error && denied.cause.name === "AccessDeniedException");
  ssm.refuses = "ThrottlingException";
  const throttled = await refused(CallFailed, () => ssm.client().contract());
  assert.match(throttled.hint, /maxAttempts/);
});

test("the digest is the one that Rust has", () => {
  // printf 'zone contract 1\n1:a 1:b\n' | sha256sum
  assert.equal(digest("zone", 1, [["a", "b"]]), "243609fbe1fec245ddfdd7d6168c3631757248c857f0f68dc858da67d1d137b6");
  // printf 'zone contract 1\n1:a 2:é\n' | sha256sum
  assert.equal(digest("zone", 1, [["a", "é"]]), "22d36782d78c764a46eb9c11bfe3da1e04ff4905a80939d63db91caaa300d842");
  const both = digest("zone", 1, [["b", "2"], ["a", "é"]]);
  assert.equal(both, digest("zone", 1, [["a", "é"], ["b", "2"]]));
  assert.notEqual(both, digest("ledger", 1, [["a", "é"], ["b", "2"]]));
});
