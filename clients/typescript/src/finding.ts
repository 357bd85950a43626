/** One difference between what a contract promises and what is live, with the way to repair it. */

import type { Kind } from "./contract.js";

/** What can be wrong at a path. */
export type Problem =
  | { readonly problem: "missing" }
  | { readonly problem: "wrong_type"; readonly promised: Kind; readonly found: string }
  | { readonly problem: "wrong_pattern"; readonly pattern: string; readonly found: string }
  | { readonly problem: "stale_digest"; readonly published: string; readonly computed: string }
  | { readonly problem: "unknown_version"; readonly published: number; readonly newest: number };

export type Finding = Problem & {
  /** Full path, for example `/acme/dev/kms/secret/arn`. */
  readonly path: string;
  /** The stack that publishes it. */
  readonly owner: string;
  readonly environment: string;
  readonly contract: string;
};

/** What publishes a contract in an environment. */
export function deployment(contract: string, environment: string): string {
  return contract === "zone"
    ? `\`zone up -e ${environment}\``
    : `the deployment of \`${contract}\` to environment \`${environment}\``;
}

export function sentence(finding: Finding): string {
  const { path, environment, owner } = finding;
  return `\`${path}\` of environment \`${environment}\` (stack ${owner}): ${cause(finding)}`;
}

function cause(problem: Problem): string {
  switch (problem.problem) {
    case "missing":
      return "promised and not published";
    case "wrong_type":
      return `is a ${problem.found} and should be a ${problem.promised}`;
    case "wrong_pattern":
      return `is \`${JSON.stringify(problem.found).slice(1, -1)}\` and should match ${problem.pattern}`;
    case "stale_digest":
      return (
        `says ${problem.published}, what is published has ${problem.computed}: a publication is not finished, or ` +
        "somebody changed a value"
      );
    case "unknown_version":
      return `is version ${problem.published}, this program knows 1 to ${problem.newest}`;
  }
}

/** The way out. */
export function repair(finding: Finding): string {
  const up = deployment(finding.contract, finding.environment);
  switch (finding.problem) {
    case "missing":
      return `${up} publishes it`;
    case "wrong_type":
    case "wrong_pattern":
      return `${up} mends what was changed behind its back; if it stays, \`${finding.path}\` has another writer`;
    case "stale_digest":
      return (
        `if a deployment is at work, wait for its end; else ${up} finishes the publication and mends what was ` +
        "changed"
      );
    case "unknown_version":
      return "use a build that knows this version";
  }
}
