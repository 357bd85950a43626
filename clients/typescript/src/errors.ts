/** Why there is no value: one class for each case. The message ends with the way out, as `hint` has it alone. */

import { deployment, type Finding, repair, sentence } from "./finding.js";

/** What every error says about where the contract was read. */
export interface Place {
  /** Name of the contract. */
  readonly contract: string;
  /** Name of the environment, for example `dev`. */
  readonly environment: string;
  /** Where the contract stands, for example `/acme/dev`. */
  readonly root: string;
}

/** Base of all errors of this package. */
export abstract class ContractError extends Error {
  readonly contract: string;
  readonly environment: string;
  readonly root: string;

  constructor(
    place: Place,
    cause: string,
    /** The way out. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(`${cause}\nhint: ${hint}`, options);
    ({ contract: this.contract, environment: this.environment, root: this.root } = place);
    this.name = new.target.name;
  }
}

function reading(place: Place): string {
  return `reading the contract of environment \`${place.environment}\``;
}

/** Nothing of the contract is there. */
export class NotPublished extends ContractError {
  constructor(place: Place) {
    super(
      place,
      `${reading(place)}: nothing is published below \`${place.root}\``,
      `${deployment(place.contract, place.environment)} publishes it; are account, region and root ` +
        `(\`${place.root}\`) those of the environment?`,
    );
  }
}

/** What is there is not what was promised. Do not use the values, not even those that look right. */
export class Broken extends ContractError {
  constructor(
    place: Place,
    readonly findings: readonly Finding[],
  ) {
    super(
      place,
      `reading the contract: ${findings.map(sentence).join("; ")}`,
      [...new Set(findings.map(repair))].join("; "),
    );
  }
}

/** The digest is not that of the values: a publication is at work or was not finished, or somebody changed a value. */
export class StaleDigest extends Broken {}

/** The contract is of a version that this build does not know. The option `newer: "accept"` reads it anyway. */
export class NewerContract extends Broken {}

/** What is wrong, as the class that callers can tell apart. */
export function broken(place: Place, findings: readonly Finding[]): Broken {
  const all = (problem: Finding["problem"]) => findings.every((finding) => finding.problem === problem);
  if (all("stale_digest")) return new StaleDigest(place, findings);
  if (all("unknown_version")) return new NewerContract(place, findings);
  return new Broken(place, findings);
}

/** The contract promises such a value, and this environment has none of that name. */
export class Missing extends ContractError {
  constructor(
    place: Place,
    readonly finding: Finding,
  ) {
    super(
      place,
      `reading the contract: ${sentence(finding)}`,
      `is the name spelt as in the configuration? ${repair(finding)}`,
    );
  }
}

/** The contract is whole, and this environment does not deploy the stack that would publish the value. */
export class StackNotDeployed extends ContractError {
  constructor(
    place: Place,
    /** The path as asked for. */
    readonly path: string,
    /** The stack; `stack` is what every error has of its callers. */
    readonly owner: string,
  ) {
    super(
      place,
      `${reading(place)}: it has no \`${path}\`, as stack ${owner} is not deployed there`,
      `do without the value, or configure stack ${owner}: ${deployment(place.contract, place.environment)} deploys it`,
    );
  }
}

/** No version that this build knows promises it. */
export class NotPromised extends ContractError {
  constructor(
    place: Place,
    /** The path as asked for. */
    readonly path: string,
  ) {
    super(
      place,
      `${reading(place)}: it has no \`${path}\``,
      place.contract === "zone"
        ? "docs/contract.md lists what is promised"
        : `the documents of contract \`${place.contract}\` list what is promised`,
    );
  }
}

/** SSM did not answer, after all retries of the SDK. `cause` has the SDK's error. */
export class CallFailed extends ContractError {
  constructor(place: Place, cause: unknown) {
    const [name, message] = cause instanceof Error ? [cause.name, cause.message] : ["Error", String(cause)];
    super(
      place,
      `${reading(place)} below \`${place.root}\`: ${name}: ${message}`,
      name === "ThrottlingException"
        ? "share one client in the process, or allow more attempts with `maxAttempts` of the SSMClient"
        : "the caller needs credentials of the environment's account that allow ssm:GetParametersByPath on " +
            `parameter${place.root}`,
      { cause },
    );
  }
}
