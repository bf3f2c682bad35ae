// Transpiles every project's src/ to dist/ with swc; types are checked by `npm run typecheck`.
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const modified = async (file) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;

async function projects() {
  const found = [];
  for (const group of ['libs', 'apps', 'tools', 'tests']) {
    for (const name of await readdir(join(root, group)).catch(() => [])) {
      const dir = join(root, group, name);
      if (await modified(join(dir, 'src'))) found.push(dir);
    }
  }
  return found;
}

async function removeOrphans(dir, sources) {
  for (const file of await readdir(join(dir, 'dist'), { recursive: true }).catch(() => [])) {
    if (!/\.js(\.map)?$/.test(file) || sources.has(file.replace(/\.js(\.map)?$/, '.ts'))) continue;
    await rm(join(dir, 'dist', file));
  }
}

async function transpile(swc, dir, file) {
  const source = join(dir, 'src', file);
  const target = join(dir, 'dist', file.replace(/\.ts$/, '.js'));
  if ((await modified(target)) > (await modified(source))) return;
  const { code, map } = await swc.transform(await readFile(source, 'utf8'), {
    filename: source,
    sourceFileName: relative(dirname(target), source),
    sourceMaps: true,
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  });
  await mkdir(dirname(target), { recursive: true });
  const name = target.slice(dirname(target).length + 1);
  await writeFile(target, `${code}//# sourceMappingURL=${name}.map\n`);
  await writeFile(`${target}.map`, map);
}

/**
 * What specs are made of stays out of dist/. Test doubles and what specs share live in test/, beside src/; those that
 * are still in src/ are known by their names.
 */
const ships = (file) =>
  file.endsWith('.ts') &&
  !/\.(spec|installed|fixture|arbitrary)\.ts$/.test(file) &&
  !basename(file).startsWith('in-memory');

/** Brings every dist/ up to date with its src/. */
export async function build() {
  const swc = await import('@swc/core');
  for (const dir of await projects()) {
    const files = (await readdir(join(dir, 'src'), { recursive: true })).filter(ships);
    await removeOrphans(dir, new Set(files));
    await Promise.all(files.map((file) => transpile(swc, dir, file)));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
