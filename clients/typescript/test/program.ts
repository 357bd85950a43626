/** Answers each line of the standard input, a case, with one of the standard output: `crates/contract/tests/clients` asks. */

import { createInterface } from "node:readline";

import { SSMClient } from "@aws-sdk/client-ssm";
import { Client, ContractError, type Newer } from "@zone/contract";

interface Case {
  readonly root: string;
  readonly newer: Newer;
  /** Names of methods, each with its arguments. */
  readonly accessors: readonly [string, string[]][];
  /** Paths, of which some are not promised. */
  readonly asked: readonly string[];
  /** How often to call the example instead. */
  readonly handler?: number;
}

const ssm = new SSMClient();

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return said(error);
  }
}

function said(error: unknown): unknown {
  if (error instanceof ContractError) return { error: error.name, message: error.message };
  throw error;
}

async function answer(asked: Case): Promise<unknown> {
  if (asked.handler !== undefined) {
    const { handler } = await import("../example/handler.js");
    const answers: unknown[] = [];
    for (let call = 0; call < asked.handler; call++) answers.push(await handler());
    return answers;
  }
  const client = new Client(ssm, { environment: "dev", root: asked.root, newer: asked.newer });
  try {
    const zone = await client.contract();
    const methods = zone as unknown as Record<string, (...names: string[]) => unknown>;
    return {
      version: zone.version,
      verified: zone.isVerified,
      digest: zone.digest,
      publishedAt: zone.publishedAt,
      network: zone.has("network"),
      entries: Object.fromEntries(zone.entries()),
      accessors: asked.accessors.map(([name, names]) => attempt(() => methods[name]?.call(zone, ...names))),
      asked: asked.asked.map((path) => attempt(() => zone.get(path as "network/vpc-id"))),
    };
  } catch (error) {
    return said(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Case))}\n`);
}
