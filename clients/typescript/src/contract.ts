/** What a contract is: its templates, and the class that gives typed access to a reading. `generated.ts` has one. */

import type { Values } from "./snapshot.js";

/** Type of an SSM parameter. No secret is ever in a contract. */
export type Kind = "String" | "StringList";

/** One path of a contract, with everything that is promised about it. */
export interface Template {
  /** The path below the root, for example `kms/{class}/arn`; a placeholder is a whole segment. */
  readonly path: string;
  readonly kind: Kind;
  /** Anchored regular expression that the value matches; of a list, every item. */
  readonly pattern: string;
  /** The stack that publishes it. */
  readonly owner: string;
  /** What never stands in the placeholder's place, because another template has that path. */
  readonly except: readonly string[];
  /** The versions of the contract that promise it. */
  readonly versions: readonly number[];
  /** First version with it. */
  readonly since: number;
  /** Version that announced its end, if any. */
  readonly deprecatedSince: number | null;
  readonly description: string;
}

/** A contract: its name, every version of it, and the class of its snapshots. */
export interface Contract<S> {
  readonly name: string;
  /** The newest version. */
  readonly version: number;
  /** Of every version, those of the newest first. */
  readonly templates: readonly Template[];
  readonly snapshot: new (values: Values) => S;
}

/** Owner of the three parameters by which a contract describes itself; the digest does not cover them. */
export const META = "contract";
export const VERSION_NAME = "contract/version";
export const DIGEST_NAME = "contract/digest";
export const PUBLISHED_AT_NAME = "contract/published-at";

/** What stands in the placeholders' places in `name`; undefined if `name` is not one of this template. */
export function subjects(template: Template, name: string): string[] | undefined {
  const [wanted, found] = [template.path.split("/"), name.split("/")];
  if (wanted.length !== found.length) return undefined;
  const subjects: string[] = [];
  for (const [at, segment] of wanted.entries()) {
    const actual = found[at] ?? "";
    if (segment.startsWith("{") && actual !== "") subjects.push(actual);
    else if (segment !== actual) return undefined;
  }
  return template.except.includes(subjects.join("/")) ? undefined : subjects;
}

/** The template of `version` that promises `name`. */
export function templateOf(templates: readonly Template[], version: number, name: string): Template | undefined {
  return templates.find(
    (template) => template.versions.includes(version) && subjects(template, name) !== undefined,
  );
}

/** Whether `value` has the promised shape. Of a list every item must have it, and there must be one. */
export function accepts(template: Template, value: string): boolean {
  const pattern = new RegExp(template.pattern, "u");
  const items = template.kind === "StringList" ? value.split(",") : [value];
  return items.every((item) => pattern.test(item));
}
