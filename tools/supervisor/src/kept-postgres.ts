import {
  startPostgres,
  type EmbeddedPostgres,
  type StartPostgresOptions,
} from '@tributary/embedded-postgres';
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** A PostgreSQL of our own that is started again when it ends unasked: what flows does not need it. */
export interface KeptPostgres extends Pick<EmbeddedPostgres, 'url' | 'stop' | 'kill'> {
  /** Of the server that runs now, or ran last. */
  readonly pid: number;
}

/** @throws EmbeddedPostgresError when the first start fails */
export async function keepPostgres(
  options: StartPostgresOptions & { readonly say: ((line: string) => void) | undefined },
): Promise<KeptPostgres> {
  let server = await startPostgres(options);
  const { url } = server;
  const port = Number(new URL(url).port);
  const stopping = new AbortController();
  const again = async () => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await delay(pause);
      if (stopping.signal.aborted) return;
      try {
        server = await startPostgres({ ...options, port });
        return;
      } catch (error) {
        options.say?.(
          `PostgreSQL is not back yet: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  };
  const kept = (async () => {
    for (;;) {
      const { code, signal } = await server.exited;
      if (stopping.signal.aborted) return;
      options.say?.(
        `PostgreSQL ended ${signal ? `by ${signal}` : `with code ${code ?? 'none'}`}: starting it again`,
      );
      await again();
    }
  })();
  return {
    url,
    get pid() {
      return server.pid;
    },
    kill: (signal) => {
      server.kill(signal);
    },
    stop: async () => {
      stopping.abort();
      await server.stop();
      await kept;
      // One that came back meanwhile.
      await server.stop();
    },
  };
}
