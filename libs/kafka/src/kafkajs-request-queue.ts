import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  readonly requestTimeoutIntervalId?: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

const require = createRequire(import.meta.url);

/**
 * After every response kafkajs 2.2.4 sets a timer to look at its queue again, even when the queue is empty and the
 * broker throttles nothing; the delay is then `-1 - Date.now()`, for which Node 24 prints TimeoutNegativeWarning.
 * With nothing pending there is nothing to look at: a request made later checks the throttle itself.
 *
 * It also looks ten times a second whether a request is late, which keeps a process alive that has nothing else to do;
 * what keeps it alive here is the socket, as long as somebody waits for an answer.
 */
export function mendRequestQueue(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  const schedule = Object.getOwnPropertyDescriptor(prototype, 'scheduleCheckPendingRequests')?.value as (
    this: RequestQueue,
  ) => void;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
  const scheduleTimeouts = Object.getOwnPropertyDescriptor(prototype, 'scheduleRequestTimeoutCheck')
    ?.value as (this: RequestQueue) => void;
  prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
    scheduleTimeouts.call(this);
    this.requestTimeoutIntervalId?.unref();
  };
}
