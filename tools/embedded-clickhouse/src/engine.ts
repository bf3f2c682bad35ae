import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { Session } from 'chdb';

/** What a statement may bring with it; empty where it brings nothing. */
export interface Statement {
  readonly text: string;
  /** Data of an INSERT, in the format that its text names. */
  readonly data?: Buffer | undefined;
  /** Where names without a database are looked up. */
  readonly database?: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
  /** By name without `param_`; in ClickHouse's escaped text form. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Output format where the text names none. */
  readonly format: string;
}

export interface Outcome {
  readonly bytes: Uint8Array;
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly writtenBytes: number;
  readonly elapsedSeconds: number;
}

/** A statement was refused or failed; `code` is ClickHouse's. */
export class StatementError extends Error {
  constructor(
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Addon {
  InsertRawAsyncConnection(
    connection: unknown,
    statement: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number; readonly elapsed: number }>;
}

// The package's own insert() takes a table and a list of text formats; its addon takes any INSERT in any format.
const addon = createRequire(createRequire(import.meta.url).resolve('chdb'))(
  `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`,
) as Addon;

// What the engine does differently from a server by default.
const connectionArgs = [
  `--config-file=${fileURLToPath(new URL('../clickhouse.xml', import.meta.url))}`,
  '--implicit_select=0',
  '--async_insert=0',
  // A customer's value of an unlike type makes no query fail, and people group by values of any type.
  '--dynamic_throw_on_type_mismatch=0',
  '--allow_suspicious_types_in_group_by=1',
  '--allow_suspicious_types_in_order_by=1',
];

const NO_DATA_TO_INSERT = 108;

const quoted = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function preamble(statement: Statement): string {
  const assignments = [
    ...[...statement.settings].map(([name, value]) => `${name}=${quoted(value)}`),
    ...[...statement.parameters].map(([name, value]) => `param_${name}=${quoted(value)}`),
  ];
  const use =
    statement.database === undefined ? '' : `USE \`${statement.database.replaceAll('`', '\\`')}\`; `;
  return use + (assignments.length === 0 ? '' : `SET ${assignments.join(', ')}; `);
}

function asStatementError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = /Code: (\d+)\. DB::Exception: /.exec(error.message)?.[1];
  if (code === undefined) return error;
  const message = error.message.replace(/^(Code: \d+\. DB::Exception: )+/, '').trim();
  return new StatementError(Number(code), `Code: ${code}. DB::Exception: ${message}`, { cause: error });
}

async function insert(session: Session, text: string, data: Buffer): Promise<Outcome> {
  const none = {
    bytes: new Uint8Array(),
    readRows: 0,
    readBytes: data.length,
    writtenRows: 0,
    writtenBytes: 0,
  };
  try {
    const done = await addon.InsertRawAsyncConnection(session.connection, text, data, false);
    return {
      ...none,
      writtenRows: done.rowsWritten,
      writtenBytes: done.bytesWritten,
      elapsedSeconds: done.elapsed,
    };
  } catch (error) {
    const refusal = asStatementError(error);
    // A server takes an INSERT without a row for done.
    const isEmpty =
      data.length === 0 && refusal instanceof StatementError && refusal.code === NO_DATA_TO_INSERT;
    if (isEmpty) return { ...none, elapsedSeconds: 0 };
    throw refusal;
  }
}

async function query(session: Session, text: string, format: string): Promise<Outcome> {
  try {
    const result = await session.queryAsync(text, { format });
    return {
      bytes: result.bytes(),
      readRows: result.rowsRead,
      readBytes: result.bytesRead,
      writtenRows: 0,
      writtenBytes: 0,
      elapsedSeconds: result.elapsed,
    };
  } catch (error) {
    throw asStatementError(error);
  }
}

/**
 * The engine on one folder. Up to `parallel` statements run at a time, others wait in order of arrival. Each has a
 * session of its own, so that settings, parameters and the current database never leak from one to another.
 */
export class Engine {
  private readonly holder: Session;
  private readonly waiting: (() => void)[] = [];
  private free: number;
  readonly version: string;

  constructor(
    private readonly path: string,
    parallel: number,
  ) {
    this.free = parallel;
    // Keeps the engine open between statements.
    this.holder = new Session(path, { connectionArgs });
    this.version = this.holder.query('SELECT version()', 'TabSeparated').trim();
  }

  /**
   * Runs a statement and answers its result when it is whole.
   *
   * @throws StatementError
   */
  execute(statement: Statement): Promise<Outcome> {
    return this.inTurn(() => this.executeAlone(statement));
  }

  /**
   * The result of one SELECT, block by block as the reader asks for more; each block is a document of its own in the
   * statement's format. A reader that stops early ends the statement; one that is slow keeps no others waiting.
   *
   * @throws StatementError before the first block or between two
   */
  async *stream(statement: Statement): AsyncGenerator<Uint8Array, void, undefined> {
    const session = new Session(this.path, { connectionArgs });
    try {
      // Here the engine takes one statement at a time.
      const before = preamble(statement);
      if (before !== '') await this.inTurn(() => query(session, before, statement.format));
      const text = statement.text.replace(/;\s*$/, '');
      const blocks = session.queryStream(text, { format: statement.format })[Symbol.asyncIterator]();
      for (;;) {
        const block = await this.inTurn(() => blocks.next());
        if (block.done === true) return;
        yield block.value.raw();
      }
    } catch (error) {
      throw asStatementError(error);
    } finally {
      session.close();
    }
  }

  private async inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }

  close(): void {
    this.holder.close();
  }

  private async executeAlone(statement: Statement): Promise<Outcome> {
    const session = new Session(this.path, { connectionArgs });
    try {
      const text = preamble(statement) + statement.text;
      return await (statement.data === undefined
        ? query(session, text, statement.format)
        : insert(session, text, statement.data));
    } finally {
      session.close();
    }
  }
}
