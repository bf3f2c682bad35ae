import { createServer } from 'node:net';
import { PortTakenError } from './supervisor.errors.js';

/** Throws when somebody listens on the port; 0 is always free. */
export async function assertFree(port: number, setting: string): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => {
      reject(new PortTakenError(port, setting));
    });
    server.listen(port, '127.0.0.1', () =>
      server.close(() => {
        resolve();
      }),
    );
  });
}
