/** Reads a contract from SSM, all of it at once, and keeps it for a while. */

import {
  GetParametersByPathCommand,
  type GetParametersByPathCommandInput,
  type GetParametersByPathCommandOutput,
} from "@aws-sdk/client-ssm";

import type { Contract } from "./contract.js";
import { CallFailed, ContractError, type Place } from "./errors.js";
import { check, type Live, type Newer, type Parameter } from "./snapshot.js";

/** As much of `SSMClient` as the reader needs. Retries and credentials are those of the client. */
export interface Ssm {
  send(command: GetParametersByPathCommand): Promise<GetParametersByPathCommandOutput>;
}

export interface Options {
  /** Name of the environment, for example `dev`; errors name it. */
  readonly environment: string;
  /** Where the contract stands, for example `/acme/dev`. */
  readonly root: string;
  /** How long a reading is served. 0 reads every time. Default: five minutes. */
  readonly timeToLiveMs?: number;
  /** What to do about a contract that is newer than this build. Default: `refuse`. */
  readonly newer?: Newer;
}

/** How long a reading is served, unless the options say otherwise. */
export const TIME_TO_LIVE_MS = 5 * 60 * 1000;

/**
 * The most that one call returns; AWS may return fewer.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
const PAGE = 10;

/** A contract that may be older than its time to live. */
export interface Reading<S> {
  readonly contract: S;
  readonly ageMs: number;
  /** Why it is not a younger one. */
  readonly failed: ContractError | undefined;
}

/** A reading that succeeded. */
interface Good<S> {
  readonly contract: S;
  /** Its place in the order of events, see `#events`. */
  readonly began: number;
  readonly since: Moment;
}

/** A moment on both clocks. */
interface Moment {
  readonly steady: number;
  readonly wall: number;
}

function now(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

/**
 * Time since a moment, on the clock that says more. Lambda freezes a process between two calls, and SnapStart resumes it from
 * a snapshot of its memory (https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html, 2026-11-26); whether a steady clock
 * counts that time is not documented. A wall clock counts it, and may be set back.
 */
function age(since: Moment): number {
  return Math.max(performance.now() - since.steady, Date.now() - since.wall);
}

/**
 * Reader of one contract in one environment. Share it: callers wait for the one reading that is at work, and get its result,
 * also if it is an error.
 */
export class Reader<S> {
  readonly #contract: Contract<S>;
  readonly #ssm: Ssm;
  readonly #place: Place;
  readonly #timeToLiveMs: number;
  readonly #newer: Newer;
  /** Numbers callers, begins and ends of readings in their order; clocks may give two of them the same time. */
  #events = 0;
  #good: Good<S> | undefined;
  /** The last reading that failed, and when it ended. */
  #bad: { readonly error: unknown; readonly ended: number } | undefined;
  /** Ends when the last of those who wait has its result. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(contract: Contract<S>, ssm: Ssm, options: Options) {
    this.#contract = contract;
    this.#ssm = ssm;
    const { environment, root } = options;
    this.#place = { contract: contract.name, environment, root: root.replace(/\/+$/, "") };
    this.#timeToLiveMs = options.timeToLiveMs ?? TIME_TO_LIVE_MS;
    this.#newer = options.newer ?? "refuse";
  }

  /**
   * The contract, read now or at most the time to live ago. An older one is never served, not even when SSM does not
   * answer: see `contractOrOlder`.
   */
  async contract(): Promise<S> {
    return (await this.#reading(this.#timeToLiveMs)).contract;
  }

  /** The contract, read now. */
  async refresh(): Promise<S> {
    return (await this.#reading(0)).contract;
  }

  /**
   * As `contract`; if that fails, the last good reading, if it is at most `oldestMs` old. For a program that should rather
   * go on with what it knows than stop.
   */
  async contractOrOlder(oldestMs: number): Promise<Reading<S>> {
    try {
      const good = await this.#reading(this.#timeToLiveMs);
      return { contract: good.contract, ageMs: age(good.since), failed: undefined };
    } catch (error) {
      const last = this.#good;
      if (!(error instanceof ContractError) || !last || age(last.since) > oldestMs) throw error;
      return { contract: last.contract, ageMs: age(last.since), failed: error };
    }
  }

  /** One after the other: who comes while a reading is at work waits, and takes its result. */
  #reading(timeToLiveMs: number): Promise<Good<S>> {
    const came = ++this.#events;
    const turn = this.#queue.then(() => this.#fresh(came, timeToLiveMs));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #fresh(came: number, timeToLiveMs: number): Promise<Good<S>> {
    const last = this.#good;
    if (last && (last.began > came || age(last.since) < timeToLiveMs)) return last;
    // or a hundred callers would ask a service that is down one after the other
    if (this.#bad && this.#bad.ended > came) throw this.#bad.error;
    const [began, since] = [++this.#events, now()];
    try {
      const good = { contract: await this.#read(), began, since };
      this.#good = good;
      return good;
    } catch (error) {
      this.#bad = { error, ended: ++this.#events };
      throw error;
    }
  }

  async #read(): Promise<S> {
    const live = await this.#live();
    return new this.#contract.snapshot(check(this.#contract, this.#place, live, this.#newer));
  }

  async #live(): Promise<Live> {
    const live = new Map<string, Parameter>();
    let token: string | undefined;
    do {
      const input: GetParametersByPathCommandInput = {
        Path: this.#place.root,
        Recursive: true,
        MaxResults: PAGE,
        ...(token === undefined ? {} : { NextToken: token }),
      };
      const page = await this.#page(new GetParametersByPathCommand(input));
      for (const { Name, Type, Value } of page.Parameters ?? []) {
        if (Name !== undefined && Type !== undefined && Value !== undefined) {
          live.set(Name, { kind: Type, value: Value });
        }
      }
      token = page.NextToken || undefined;
    } while (token !== undefined);
    return live;
  }

  async #page(command: GetParametersByPathCommand): Promise<GetParametersByPathCommandOutput> {
    try {
      return await this.#ssm.send(command);
    } catch (error) {
      throw new CallFailed(this.#place, error);
    }
  }
}
