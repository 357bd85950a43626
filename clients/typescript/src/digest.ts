import { createHash } from "node:crypto";

/**
 * SHA-256, in lower-case hex, over contract, version and all (full path, value) pairs, in any order: what
 * `contract/digest` has when the publication is whole. The `contract/*` parameters do not belong in it.
 */
export function digest(contract: string, version: number, values: Iterable<readonly [string, string]>): string {
  // paths are ASCII and each stands once, so that the order of UTF-16 units is that of bytes
  const pairs = [...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const length = (text: string) => Buffer.byteLength(text, "utf8");
  const lines = pairs.map(([path, value]) => `${length(path)}:${path} ${length(value)}:${value}\n`);
  return createHash("sha256").update(`${contract} contract ${version}\n${lines.join("")}`, "utf8").digest("hex");
}
