import { Injectable } from '@nestjs/common';
import { ControlPlane } from '@tributary/control';
import { ErasureSteps } from './erasure-steps.js';
import type { RequestRow, Turn } from './requests.store.js';

const PUBLISHED_WITHIN_MS = 2_000;

/** What is to be done next for a request. Each step may be taken twice, and comes to the same. */
@Injectable()
export class RequestSteps {
  constructor(
    private readonly plane: ControlPlane,
    private readonly erasure: ErasureSteps,
  ) {}

  async take(row: RequestRow): Promise<Turn> {
    const { outbox, receipts, progress } = row;
    const here = { receipts, progress, waitsFor: null, pauseMs: 0, isForgotten: false };
    if (outbox !== null && !(await this.plane.relay.published(Number(outbox), PUBLISHED_WITHIN_MS)))
      return { ...here, status: 'running', waitsFor: 'control.suppressions.v1', pauseMs: 500 };
    if (row.type === 'delete' || row.type === 'suppress_with_delete') return this.erasure.take(row);
    return { ...here, status: 'done', isForgotten: row.type !== 'export' };
  }
}
