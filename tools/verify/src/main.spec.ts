import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

describe('npm run verify', () => {
  it('says in one line that there is no platform, and ends with 1', async () => {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        KAFKA_BROKERS: '127.0.0.1:1',
        CLICKHOUSE_URL: 'http://someone:secret@127.0.0.1:1',
        API_PORT: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => (output += data.toString()));
    }
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(output).toMatch(/^There is no platform to verify: .*\n$/);
    for (const name of ['KAFKA_BROKERS', 'CLICKHOUSE_URL', 'API_PORT']) expect(output).toContain(name);
    expect(output).not.toContain('secret');
  });
});
