import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where npm put a package, or a folder of one: beside the project, or further up. */
export function packageFolder(name: string): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const folder = join(dir, 'node_modules', name);
    if (existsSync(folder)) return folder;
    if (dir === dirname(dir)) throw new Error(`${name} is not installed`);
  }
}
