import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FENCE = /^```sh\n([\s\S]*?)^```$/gm;
/** What a page's requests are answered that are to be refused: the place of the request on the page → status. */
const REFUSED: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  'docs/rejected.md': { 0: 400 },
};
/**
 * Tells what each request was answered, and fails in no other way than curl does. What is not there yet is asked for
 * again: a reader takes a moment from one block to the next.
 */
const SHIM = `curl() {
  local answer tries
  for tries in $(seq 100); do
    answer=$(command curl -w '\\n%{http_code}' "$@") || return
    [[ $answer == *404 ]] || break
    sleep 0.2
  done
  echo "tributary-status \${answer##*$'\\n'}" >&2
  printf '%s' "\${answer%$'\\n'*}"
}`;

interface Page {
  readonly path: string;
  readonly blocks: readonly string[];
}

async function pages(): Promise<readonly Page[]> {
  const docs = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', ...docs.sort().map((name) => `docs/${name}`)];
  const read = paths.map(async (path) => {
    const text = await readFile(join(ROOT, path), 'utf8');
    return { path, blocks: [...text.matchAll(FENCE)].map(([, block = '']) => block) };
  });
  return (await Promise.all(read)).filter(({ blocks }) => blocks.length > 0);
}

const all = await pages();
/** Other commands of the repository itself are tried elsewhere, on platforms of their own. */
const runnable = all.map((page) => ({
  ...page,
  blocks: page.blocks.filter((block) => !/^npm (?!run config )/m.test(block)),
}));
const CONFIG = `node ${join(ROOT, 'tools/config/dist/main.js')}`;

describe('the commands of the documents', () => {
  const underTest = new PlatformUnderTest();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-docs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** With the addresses of this platform. */
  function here(script: string): string {
    const { services, clickhouseUrl } = underTest.platform;
    return script
      .replaceAll('npm run config --', CONFIG)
      .replaceAll('http://127.0.0.1:8080', services.collector.url)
      .replaceAll('http://127.0.0.1:8081', services.api.url)
      .replaceAll('http://127.0.0.1:8082', services.identity.url)
      .replaceAll('http://127.0.0.1:8123', clickhouseUrl);
  }

  // As zsh has it, too: it splits no variable into words, fails where a pattern matches no file, and takes `#` as a word.
  it.each(all)('of $path mean the same in bash and in zsh', ({ blocks }) => {
    for (const line of blocks.join('').split('\n')) {
      expect(line).not.toMatch(/^\s*\$\w/);
      expect(line).not.toMatch(/(^|\s)#\s/);
      expect(line).not.toContain('…');
    }
  });

  it.each(runnable)('of $path do what the page says', async ({ path, blocks }) => {
    const script = [SHIM, 'set -u -o pipefail', ...blocks].join('\n');
    const { stderr } = await promisify(execFile)('bash', ['-O', 'failglob', '-c', here(script)], {
      cwd: folder,
      env: { ...process.env, INIT_CWD: folder, TRIBUTARY_API_URL: underTest.platform.services.api.url },
    });
    const statuses = [...stderr.matchAll(/^tributary-status (\d+)$/gm)].map(([, status]) => Number(status));
    expect(statuses.length).toBeGreaterThan(0);
    const refused = Object.entries(REFUSED[path] ?? {}).map(([place, status]) => [Number(place), status]);
    const notTaken = statuses
      .map((status, place) => [place, status])
      .filter(([, status = 0]) => status >= 300);
    expect(notTaken).toEqual(refused);
    expect(stderr.replaceAll(/^tributary-status \d+\n/gm, '')).toBe('');
  });
});
