/** As much of SSM as the reader talks to, in this process: `GetParametersByPath`, page by page. */

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import type { GetParametersByPathCommandInput, GetParametersByPathCommandOutput } from "@aws-sdk/client-ssm";
import { Client, digest, type Options, type Parameter, type Ssm, TEMPLATES, VERSION } from "@zone/contract";

interface Sample {
  readonly environment: string;
  readonly root: string;
  readonly parameters: readonly { readonly Name: string; readonly Type: string; readonly Value: string }[];
}

/** A zone of the shipped size with made-up names, as Rust publishes it. */
const SAMPLE = JSON.parse(readFileSync(new URL("../../../sample.json", import.meta.url), "utf8")) as Sample;
export const { environment: ENVIRONMENT, root: ROOT } = SAMPLE;
/** How many parameters it has, and how many calls one reading of them takes. */
export const SIZE = SAMPLE.parameters.length;
export const CALLS = Math.ceil(SIZE / 10);

export class Fake implements Ssm {
  readonly live = new Map<string, Parameter>(
    SAMPLE.parameters.map(({ Name, Type, Value }) => [Name, { kind: Type, value: Value }]),
  );
  readonly requests: GetParametersByPathCommandInput[] = [];
  /** Name of the error with which everything is answered. */
  refuses: string | undefined;
  /** An empty page comes first, as AWS may send one. */
  emptyPageFirst = false;

  get calls(): number {
    return this.requests.length;
  }

  /** A reader of what it holds. */
  client(options: Partial<Options> = {}): Client {
    return new Client(this, { environment: ENVIRONMENT, root: ROOT, ...options });
  }

  /** Puts a value behind the back of the publication. */
  put(name: string, value: string, kind = "String"): void {
    this.live.set(`${ROOT}/${name}`, { kind, value });
  }

  remove(name: string): void {
    this.live.delete(`${ROOT}/${name}`);
  }

  /** Puts the digest of what is there, as a publication does at its end. */
  sign(version: number = VERSION): void {
    const templates = TEMPLATES.filter(({ owner, versions }) => owner !== "contract" && versions.includes(version));
    const forms = templates.map(({ path }) => new RegExp(`^${ROOT}/${path.replace(/\{\w+\}/g, "[^/]+")}$`));
    const covered = [...this.live].filter(([path]) => forms.some((form) => form.test(path)));
    this.put("contract/digest", digest("zone", version, covered.map(([path, { value }]) => [path, value])));
  }

  async send({ input }: { readonly input: GetParametersByPathCommandInput }): Promise<GetParametersByPathCommandOutput> {
    this.requests.push(input);
    // long enough for callers to meet
    await setTimeout(1);
    if (this.refuses !== undefined) throw Object.assign(new Error("told to"), { name: this.refuses });
    if (this.emptyPageFirst && input.NextToken === undefined) return { $metadata: {}, Parameters: [], NextToken: "0" };
    const below = [...this.live].filter(([path]) => path.startsWith(`${input.Path ?? ""}/`));
    const from = Number(input.NextToken ?? 0);
    const next = from + (input.MaxResults ?? 10);
    const page = below.slice(from, next).map(([Name, { kind, value }]) => ({
      Name,
      Type: kind as "String",
      Value: value,
    }));
    return { $metadata: {}, Parameters: page, ...(next < below.length ? { NextToken: String(next) } : {}) };
  }
}

/** What an error says; the test fails when there is none, or one of another class. */
export async function refused<E extends Error>(
  class_: abstract new (...parts: never[]) => E,
  doing: () => unknown,
): Promise<E> {
  try {
    await doing();
  } catch (error) {
    // by the very class: a subclass is another case
    if (error instanceof class_ && error.constructor === class_) return error;
    throw error;
  }
  throw new Error(`it is not refused with ${class_.name}`);
}
