/** The example: one reading per cold start. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { SSMClient } from "@aws-sdk/client-ssm";

import { CALLS, ENVIRONMENT, Fake, ROOT } from "./fake.js";

test("the handler answers with a bucket and its key, and reads once", async (t) => {
  Object.assign(process.env, { ZONE_ENVIRONMENT: ENVIRONMENT, ZONE_CONTRACT_ROOT: ROOT });
  Object.assign(process.env, { BUCKET: "attic", DATA_CLASS: "secret" });
  const ssm = new Fake();
  t.mock.method(SSMClient.prototype, "send", (command: Parameters<Fake["send"]>[0]) => ssm.send(command));
  const { handler } = await import("../example/handler.js");
  assert.equal(ssm.calls, 0, "nothing is read before the first call");
  const wanted = {
    bucket: "acme-attic-dev",
    key: "arn:aws:kms:ap-southeast-2:123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef",
  };
  assert.deepEqual(await Promise.all([handler(), handler()]), [wanted, wanted]);
  assert.deepEqual(await handler(), wanted);
  assert.equal(ssm.calls, CALLS);
});
