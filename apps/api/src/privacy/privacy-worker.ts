import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ControlPlane, DatabaseAwayError } from '@tributary/control';
import { LOGGER, type Logger } from '@tributary/service';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { inWorkspace } from '../workspaces/current-workspace.js';
import { RequestsStore, type RequestRow, type Turn } from './requests.store.js';
import { RequestSteps } from './request-steps.js';

const POLL_MS = 500;
const RENEW_MS = 10_000;
/** With a minute between two, about a day. */
const MOST_FAILURES = 1_500;
const EXPORTS_KEPT_MS = 86_400_000;
const EXPIRE_EVERY_MS = 60_000;

/**
 * Works off the requests, one after the other. Each turn of one is a claim, a step, and what came of it: a process that ends
 * between loses its claim after 30 seconds, and the step, which may be taken twice, is another's.
 */
@Injectable()
export class PrivacyWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #me = randomUUID();
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #expiredAt = 0;

  constructor(
    private readonly store: RequestsStore,
    private readonly steps: RequestSteps,
    private readonly plane: ControlPlane,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = this.#run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await this.#running;
  }

  /** There is one to be looked at now. */
  nudge(): void {
    this.#wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        if (this.plane.isPrepared && (await this.#turn())) continue;
      } catch (error) {
        if (!(error instanceof DatabaseAwayError))
          this.logger.error({ err: error }, 'a privacy request was not looked at');
      }
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const nudged = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#ending.signal.aborted) return;
    await Promise.race([nudged, delay(POLL_MS, undefined, { ref: false })]);
  }

  async #turn(): Promise<boolean> {
    if (performance.now() - this.#expiredAt > EXPIRE_EVERY_MS) {
      await this.store.expireExports(EXPORTS_KEPT_MS);
      this.#expiredAt = performance.now();
    }
    const row = await this.store.claim(this.#me);
    if (!row) return false;
    try {
      const turn = await this.#leased(row, () => inWorkspace(row.workspace, () => this.steps.take(row)));
      await this.store.keep(row, this.#me, turn);
    } catch (error) {
      if (error instanceof DatabaseAwayError) throw error;
      this.logger.warn({ err: error, request: row.id }, 'a step of a privacy request is tried again');
      await this.store.putOff(row, this.#me, messageOf(error), MOST_FAILURES);
    }
    return true;
  }

  async #leased(row: RequestRow, work: () => Promise<Turn>): Promise<Turn> {
    const renewing = setInterval(() => {
      void this.store.renew(row.id, this.#me).catch(() => undefined);
    }, RENEW_MS);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
