// PGlite in a process of its own, as it would be in the api's: statements come from the parent, and answers go there.
import { PGlite } from '@electric-sql/pglite';

interface Statement {
  readonly id: number;
  readonly statement: string;
  readonly values: readonly unknown[];
}

const database = await PGlite.create(process.argv[2]);
process.on('message', ({ id, statement, values }: Statement) => {
  void answer(id, statement, values);
});
process.on('disconnect', () => {
  process.exit(0);
});
process.send?.({ ready: true });

async function answer(id: number, statement: string, values: readonly unknown[]): Promise<void> {
  try {
    await database.query(statement, [...values]);
    process.send?.({ id });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
}
