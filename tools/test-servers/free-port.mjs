import { once } from 'node:events';
import { createServer } from 'node:net';

/** Any free port of this machine. */
export async function freePort() {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}
