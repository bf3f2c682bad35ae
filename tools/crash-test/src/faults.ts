import type { ServiceName } from '@tributary/supervisor';
import { setTimeout as delay } from 'node:timers/promises';
import type { Rig } from './rig.js';
import type { Fault, FaultKind } from './schedule.js';

/** Begins to mend what was broken; resolves when it is in place again. */
export type Mend = () => Promise<void>;

/** Breaks one thing and leaves it broken for as long as the fault says. */
type Breaking = (rig: Rig, fault: Fault) => Promise<Mend>;

const BREAKING: Readonly<Record<FaultKind, Breaking>> = {
  'kill-service': async (rig, { target, forMs }) => {
    const name = target as ServiceName;
    await rig.killService(name);
    await rig.keepDown(name);
    await delay(forMs);
    return () => rig.startService(name);
  },
  'kill-broker': async (rig, { forMs }) => {
    await rig.killBroker();
    await delay(forMs);
    return () => rig.startBroker();
  },
  'kill-clickhouse': async (rig, { forMs }) => {
    await rig.killClickHouse();
    await delay(forMs);
    return () => rig.startClickHouse();
  },
};

/** Resolves when the fault is over and may be mended; how the platform takes it is seen afterwards. */
export function breaks(rig: Rig, fault: Fault): Promise<Mend> {
  return BREAKING[fault.kind](rig, fault);
}
