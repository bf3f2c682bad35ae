import { readdir, readFile } from 'node:fs/promises';

/** Processes whose arguments or environment name the data folder, as `pid command`. Linux tells; elsewhere none. */
export async function leftOver(dataDir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue;
    const [args = '', environment = ''] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (`${args}${environment}`.includes(dataDir))
      found.push(`${pid} ${args.replaceAll('\0', ' ').slice(0, 100)}`);
  }
  return found;
}
