import { styleText } from 'node:util';

const TAGS = {
  visit: 'cyan',
  identity: 'magenta',
  profile: 'blue',
  audience: 'green',
  note: 'gray',
} as const;
export type Tag = keyof typeof TAGS;

const TAG_WIDTH = Math.max(...Object.keys(TAGS).map((tag) => tag.length));

/** Prints the scenario: chapters, and under each what happens, with the seconds since the start. */
export class Terminal {
  #chapter = 0;

  constructor(
    private readonly now: () => number,
    private readonly startedAt: number,
    private readonly write: (text: string) => void,
  ) {}

  title(text: string): void {
    this.write(`\n${styleText('bold', text)}\n`);
  }

  chapter(text: string): void {
    this.#chapter += 1;
    this.write(`\n${styleText('bold', `${this.#chapter}. ${text}`)}\n`);
  }

  line(tag: Tag, text: string): void {
    const seconds = ((this.now() - this.startedAt) / 1_000).toFixed(1).padStart(5);
    this.write(`  ${seconds} s  ${styleText(TAGS[tag], tag.padEnd(TAG_WIDTH))}  ${text}\n`);
  }

  /** Rows of cells, aligned in columns. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
    for (const row of rows) {
      this.write(
        `  ${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
      );
    }
  }
}
