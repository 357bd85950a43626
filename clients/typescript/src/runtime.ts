/** What every contract needs; `generated.ts` of a module's contract imports it as `@zone/contract/runtime`. */

export { type Arn, type ArnParts, arnParts } from "./arn.js";
export { type Options, Reader, type Reading, type Ssm, TIME_TO_LIVE_MS } from "./client.js";
export type { Contract, Kind, Template } from "./contract.js";
export { digest } from "./digest.js";
export {
  Broken,
  CallFailed,
  ContractError,
  Missing,
  NewerContract,
  NotPromised,
  NotPublished,
  type Place,
  StackNotDeployed,
  StaleDigest,
} from "./errors.js";
export type { Finding, Problem } from "./finding.js";
export { check, type Live, type Newer, type Parameter, Snapshot, type Values } from "./snapshot.js";
