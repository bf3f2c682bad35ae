import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepPostgres } from './kept-postgres.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kept-postgres-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });
}

describe('keepPostgres', () => {
  it('starts it again at the same place when it is killed, and not after it was stopped', async () => {
    const lines: string[] = [];
    const say = (line: string) => lines.push(line);
    const kept = await keepPostgres({ dataDir, port: 0, durable: false, say });
    const port = Number(new URL(kept.url).port);
    const { pid } = kept;
    kept.kill('SIGKILL');
    await eventually(async () => kept.pid !== pid && (await answers(port)));
    expect(lines).toEqual(['PostgreSQL ended by SIGKILL: starting it again']);
    await kept.stop();
    expect(await answers(port)).toBe(false);
    expect(lines).toHaveLength(1);
  });
});
