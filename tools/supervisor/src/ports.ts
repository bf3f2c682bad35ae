import { createServer } from 'node:net';
import { PortError, PortTakenError } from './supervisor.errors.js';

const LOOPBACK = '127.0.0.1';

/** A port as a setting has it; empty counts as not set. */
export function readPort(text: string | undefined, setting: string, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new PortError(`${setting} is "${text}", and must be a port from 0 (any free one) to 65535`);
  return Number(text);
}

/** Throws when nothing can listen on the port; 0 is always free. */
export async function assertFree(port: number, setting: string, address = LOOPBACK): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PortTakenError(port, setting)
          : new PortError(`${setting}: cannot listen on ${address}:${port} (${error.code ?? error.message})`),
      );
    });
    server.listen(port, address, () =>
      server.close(() => {
        resolve();
      }),
    );
  });
}

/** The port itself, or one that is free now for 0: for a listener that others must know before it listens. */
export async function knownPort(port: number, address = LOOPBACK): Promise<number> {
  if (port !== 0) return port;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const taken = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof taken === 'object' && taken ? taken.port : 0;
}

/** Where what listens on an address is reached from this machine. */
export function urlOf(address: string | undefined, port: number): string {
  const host = address === undefined || address === '0.0.0.0' || address === '::' ? LOOPBACK : address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
