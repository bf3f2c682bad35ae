import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
/** A template's links are those of the page that is made of it. */
const isTemplate = (page: string) => page.startsWith('tools/docs/src/');
/** Decisions name the files of their time; links between them go on. */
const isOfItsTime = (page: string) => page.startsWith('docs/adr/');

/** A path from the root in backticks; patterns and folders of an installation are none. */
const PATH = /`((?:apps|libs|tools|tests|docs|deploy)\/[\w@./-]+)`/g;
const LINK = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

/** A row of a table that says under which name something is found in a file. */
const NAMED = /^\|[^|]*\| `([\w@./-]+)` +\| `([^`]+)` +\|$/gm;

const matches = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);

describe('the names that ARCHITECTURE.md gives for what one wants to change', () => {
  const rows = [...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(NAMED)];

  it('are a dozen', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows.map(([, file = '', name = '']) => [name, file]))('%s is in %s', (name, file) => {
    expect(readFileSync(join(root, file), 'utf8')).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe('the files that pages name', () => {
  it.each(pages.filter((page) => !isTemplate(page)))('are there: %s', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const named = isOfItsTime(page) ? [] : matches(text, PATH);
    const linked = matches(text, LINK).map((link) => join(dirname(page), decodeURI(link)));
    expect([...named, ...linked].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
