/** The zone's contract, read from SSM. */

import { type Options, Reader, type Ssm } from "./client.js";
import { ZONE, type Zone } from "./generated.js";

export * from "./generated.js";
export * from "./runtime.js";

/** Reader of the zone's contract in one environment. Create it outside of the handler and share it. */
export class Client extends Reader<Zone> {
  constructor(ssm: Ssm, options: Options) {
    super(ZONE, ssm, options);
  }
}
