import type { Schedule } from './processor-options.js';

/** The timers of the event loop. */
export const onTheEventLoop: Schedule = (delayMs, task) => {
  const timer = setTimeout(() => void task(), delayMs);
  return () => {
    clearTimeout(timer);
  };
};
