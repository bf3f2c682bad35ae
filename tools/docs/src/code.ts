import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the code of the programs is found: built, or, in specs, as sources. */
export type Code = 'dist' | 'src';

/** Loads a file of a program that does nothing when it is loaded; its path without the extension. */
export async function load<T>(root: string, project: string, code: Code, file: string): Promise<T> {
  const path = join(root, project, code, `${file}.${code === 'dist' ? 'js' : 'ts'}`);
  return (await import(pathToFileURL(path).href)) as T;
}
