import { once } from 'node:events';
import { createServer } from 'node:net';

import { PortInUseError } from './embedded-kafka.errors.js';

/** Answers `port` when it is free on 127.0.0.1, any free one for 0. */
export async function freePort(port: number): Promise<number> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUseError(port);
    throw error;
  }
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}
