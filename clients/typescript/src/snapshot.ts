/** One reading of a contract: whole, of the promised shapes, and typed. `client.ts` reads it from SSM. */

import type { Arn } from "./arn.js";
import {
  accepts,
  type Contract,
  DIGEST_NAME,
  META,
  PUBLISHED_AT_NAME,
  subjects,
  type Template,
  templateOf,
  VERSION_NAME,
} from "./contract.js";
import { digest } from "./digest.js";
import { broken, Missing, NotPromised, NotPublished, type Place, StackNotDeployed } from "./errors.js";
import type { Finding, Problem } from "./finding.js";

/** One parameter as SSM answers. */
export interface Parameter {
  /** `String`, `StringList`, `SecureString`. */
  readonly kind: string;
  readonly value: string;
}

/** What is live, by full path: everything below the root, also what other teams publish there. */
export type Live = ReadonlyMap<string, Parameter>;

/** What to do about a contract that is newer than this build: its digest cannot be checked. */
export type Newer = "refuse" | "accept";

/** What a snapshot is made of: values that were checked. */
export interface Values {
  readonly place: Place;
  readonly version: number;
  readonly newest: number;
  readonly templates: readonly Template[];
  /** By path below the root. */
  readonly values: ReadonlyMap<string, string>;
}

/** The contract of one environment as it was read at one time. `generated.ts` adds a method for each path. */
export abstract class Snapshot<Path extends string, ListPath extends string, Stack extends string> {
  readonly #from: Values;

  constructor(from: Values) {
    this.#from = from;
  }

  /** Version of the contract. */
  get version(): number {
    return this.#from.version;
  }

  /** Whether the digest was checked: not of a version newer than this build. */
  get isVerified(): boolean {
    return this.#from.version <= this.#from.newest;
  }

  /** Digest of the publication; it changes when any value does. */
  get digest(): string {
    return this.#value(DIGEST_NAME);
  }

  /** When this content was published first, RFC 3339 in UTC. */
  get publishedAt(): string {
    return this.#value(PUBLISHED_AT_NAME);
  }

  /** Every path with its value, as it stands in SSM; the contract's own too. */
  entries(): IterableIterator<[string, string]> {
    return this.#from.values.entries();
  }

  /** The value of a path (`kms/secret/arn`), as it stands in SSM: of a list, with its commas. */
  get(path: Path): string {
    return this.#value(path);
  }

  /** The items of a list. */
  getList(path: ListPath): readonly string[] {
    return this.#value(path).split(",");
  }

  /** Whether this environment deploys a stack: a whole contract has everything of a stack, or nothing. */
  has(stack: Stack): boolean {
    return this.#has(stack);
  }

  /**
   * The value of a template with `names` in its placeholders' places. Through the template, and not by putting a path
   * together: `firehose/{stream}/arn` with the stream `dlq` would be the ARN of a queue.
   */
  protected textOf(template: string, names: readonly string[]): string {
    let next = 0;
    const path = template.replace(/\{[^}]*\}/g, () => names[next++] ?? "");
    const found = this.#from.templates.find((known) => known.path === template && this.#isNewest(known));
    // a name with a slash, or an empty one, makes a path of another form
    if (!found || !subjects(found, path)) throw new NotPromised(this.#from.place, path);
    return this.#value(path);
  }

  protected arnOf(template: string, names: readonly string[]): Arn {
    // the pattern of the template was checked: it is an ARN
    return this.textOf(template, names) as Arn;
  }

  protected listOf(template: string, names: readonly string[]): readonly string[] {
    return this.textOf(template, names).split(",");
  }

  #value(path: string): string {
    const { place, values, templates, newest } = this.#from;
    const value = values.get(path);
    if (value !== undefined) return value;
    const template = templateOf(templates, newest, path);
    if (!template) throw new NotPromised(place, path);
    if (!this.#has(template.owner)) throw new StackNotDeployed(place, path, template.owner);
    throw new Missing(place, finding(place, `${place.root}/${path}`, template, { problem: "missing" }));
  }

  #isNewest(template: Template): boolean {
    return template.versions.includes(this.#from.newest);
  }

  #has(stack: string): boolean {
    const { values, templates, newest } = this.#from;
    return [...values.keys()].some((path) => templateOf(templates, newest, path)?.owner === stack);
  }
}

/** Checks what is live against the contract: throws, or returns what a snapshot is made of. */
export function check<S>(contract: Contract<S>, place: Place, live: Live, newer: Newer): Values {
  const { root } = place;
  const { templates, version: newest } = contract;
  const ours = new Map<string, Parameter>();
  for (const [path, found] of live) {
    if (path.startsWith(`${root}/`)) ours.set(path.slice(root.length + 1), found);
  }
  const known = [...ours].filter(([name]) => templateOf(templates, newest, name));
  if (known.length === 0) throw new NotPublished(place);
  const published = publishedVersion(ours);
  const findings = shapes(contract, place, ours);
  if (published !== undefined) {
    const wrong = versionOrDigest(contract, place, ours, published);
    if (wrong && !(wrong.problem === "unknown_version" && newer === "accept")) findings.push(wrong);
  }
  if (findings.length > 0) throw broken(place, findings);
  const version = published ?? 0;
  // what an older version does not cover is not in its digest either
  const covers = Math.min(version, newest);
  const values = new Map<string, string>();
  for (const [name, found] of known) {
    if (templateOf(templates, covers, name)) values.set(name, found.value);
  }
  return { place, version, newest, templates, values };
}

/** Undefined if it is missing or no number; its pattern says so. */
function publishedVersion(ours: ReadonlyMap<string, Parameter>): number | undefined {
  const text = ours.get(VERSION_NAME)?.value ?? "";
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

/** What is there is of the promised type and pattern, and the contract's own parameters are there. */
function shapes<S>(contract: Contract<S>, place: Place, ours: ReadonlyMap<string, Parameter>): Finding[] {
  const { templates, version: newest } = contract;
  const findings: Finding[] = [];
  const names = [...ours.keys()].sort();
  const own = templates.filter((template) => template.owner === META && template.versions.includes(newest));
  names.push(...own.map((template) => template.path).filter((path) => !ours.has(path)));
  for (const name of names) {
    const template = templateOf(templates, newest, name);
    const problem = template && problemOf(template, ours.get(name));
    if (problem) findings.push(finding(place, `${place.root}/${name}`, template, problem));
  }
  return findings;
}

function problemOf(template: Template, found: Parameter | undefined): Problem | undefined {
  if (!found) return template.deprecatedSince === null ? { problem: "missing" } : undefined;
  if (found.kind !== template.kind) return { problem: "wrong_type", promised: template.kind, found: found.kind };
  if (accepts(template, found.value)) return undefined;
  return { problem: "wrong_pattern", pattern: template.pattern, found: found.value };
}

function versionOrDigest<S>(
  contract: Contract<S>,
  place: Place,
  ours: ReadonlyMap<string, Parameter>,
  published: number,
): Finding | undefined {
  const { templates, version: newest } = contract;
  const own = (name: string, problem: Problem) => {
    const template = templateOf(templates, newest, name);
    return template && finding(place, `${place.root}/${name}`, template, problem);
  };
  if (!templates.some((template) => template.versions.includes(published))) {
    return own(VERSION_NAME, { problem: "unknown_version", published, newest });
  }
  const covered: [string, string][] = [];
  for (const [name, found] of ours) {
    const template = templateOf(templates, published, name);
    if (template && template.owner !== META) covered.push([`${place.root}/${name}`, found.value]);
  }
  const computed = digest(contract.name, published, covered);
  const said = ours.get(DIGEST_NAME)?.value;
  if (said === undefined || said === computed) return undefined;
  return own(DIGEST_NAME, { problem: "stale_digest", published: said, computed });
}

function finding(place: Place, path: string, template: Template, problem: Problem): Finding {
  const { environment, contract } = place;
  return { ...problem, path, owner: template.owner, environment, contract };
}
