/** What is kept for how long, and who waits for whom. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { CallFailed, TIME_TO_LIVE_MS } from "@zone/contract";

import { CALLS, Fake, refused } from "./fake.js";

const OTHER_KEY = "arn:aws:kms:ap-southeast-2:123456789012:key/ffffffff-0000-4000-8000-00000000beef";

/** A deployment that gives the class another key. */
function publish(ssm: Fake): void {
  ssm.put("kms/secret/arn", OTHER_KEY);
  ssm.sign();
}

test("what was read is served without a call until it is read again", async () => {
  const ssm = new Fake();
  const client = ssm.client();
  const first = await client.contract();
  assert.equal(ssm.calls, CALLS);
  publish(ssm);
  assert.equal(await client.contract(), first);
  assert.equal(ssm.calls, CALLS, "served from what was read");
  const fresh = await client.refresh();
  assert.deepEqual([fresh.keyArn("secret"), ssm.calls], [OTHER_KEY, 2 * CALLS]);
  assert.equal(await client.contract(), fresh);
  assert.equal(ssm.calls, 2 * CALLS);
});

test("a reading is served for its time, and five minutes are the default", async (t) => {
  // the clock of a process that was frozen: the steady one says nothing of it
  const real = Date.now;
  let later = 0;
  t.mock.method(Date, "now", () => real() + later);
  for (const [timeToLiveMs, options] of [
    [TIME_TO_LIVE_MS, {}],
    [60 * 60_000, { timeToLiveMs: 60 * 60_000 }],
  ] as const) {
    const ssm = new Fake();
    const client = ssm.client(options);
    await client.contract();
    later += timeToLiveMs - 60_000;
    await client.contract();
    assert.equal(ssm.calls, CALLS);
    later += 60_000;
    await client.contract();
    assert.equal(ssm.calls, 2 * CALLS, "its time is over");
  }
});

test("a clock that is set back makes no reading younger", async (t) => {
  const ssm = new Fake();
  const client = ssm.client({ timeToLiveMs: 1 });
  const real = Date.now;
  await client.contract();
  t.mock.method(Date, "now", () => real() - 60 * 60_000);
  await setTimeout(5);
  await client.contract();
  assert.equal(ssm.calls, 2 * CALLS);
});

test("an old reading is served only to who asks for it", async () => {
  const ssm = new Fake();
  const client = ssm.client({ timeToLiveMs: 0 });
  const first = await client.contract();
  ssm.refuses = "ThrottlingException";
  await refused(CallFailed, () => client.contract());
  const reading = await client.contractOrOlder(TIME_TO_LIVE_MS);
  assert.equal(reading.contract, first);
  assert.ok(reading.failed instanceof CallFailed, "and it says why it is old");
  assert.ok(reading.ageMs < TIME_TO_LIVE_MS);
  await setTimeout(2);
  await refused(CallFailed, () => client.contractOrOlder(1));
  ssm.refuses = undefined;
  assert.equal((await client.contractOrOlder(TIME_TO_LIVE_MS)).failed, undefined);
  const other = new Fake();
  other.refuses = "ThrottlingException";
  await refused(CallFailed, () => other.client().contractOrOlder(TIME_TO_LIVE_MS));
});

test("one reading at a time serves all who wait", async () => {
  const ssm = new Fake();
  const client = ssm.client();
  const all = await Promise.all(Array.from({ length: 20 }, () => client.contract()));
  assert.equal(new Set(all).size, 1);
  assert.equal(ssm.calls, CALLS);

  // who comes during a reading that is never kept gets the next one, and shares that
  const never = ssm.client({ timeToLiveMs: 0 });
  const early = never.contract();
  await setTimeout(1);
  await Promise.all([early, never.contract(), never.contract(), never.contract()]);
  assert.equal(ssm.calls, 3 * CALLS);
});

test("a reading that failed is shared by all who wait, and not kept", async () => {
  const ssm = new Fake();
  ssm.refuses = "ThrottlingException";
  const client = ssm.client();
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => client.contract()));
  assert.ok(all.every(({ status }) => status === "rejected"));
  assert.equal(ssm.calls, 1, "a service that is down is not asked by each of them");
  ssm.refuses = undefined;
  await client.contract();
  assert.equal(ssm.calls, 1 + CALLS);
});
