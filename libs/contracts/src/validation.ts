import { failed, ok, type Result } from '@tributary/kernel';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Topic } from './topic.js';

/** Reads a record's value against the schema that its header names; the error says what was wrong and where. */
export type MessageReader = (value: Buffer, schema?: string) => Result<unknown, string>;

/** A compiled reader of the values of a topic. A value without a schema header is read as the topic's usual one. */
export function readerOf(topic: Topic): MessageReader {
  const validators = new Map(Object.entries(topic.schemas).map(([name, schema]) => [name, Compile(schema)]));
  const usual = Object.keys(topic.schemas)[0];
  return (value, schema = usual) => {
    const validator = validators.get(schema ?? '');
    if (!validator)
      return failed(
        `unknown schema "${schema}" in ${topic.name}; known: ${[...validators.keys()].join(', ')}`,
      );
    let parsed: unknown;
    try {
      parsed = JSON.parse(value.toString('utf8'));
    } catch (error) {
      return failed(`not JSON: ${String(error)}`);
    }
    if (validator.Check(parsed)) return ok(parsed);
    const first = validator.Errors(parsed)[0];
    const where = first?.instancePath === '' ? '/' : first?.instancePath;
    return failed(`${schema} ${where ?? '/'}: ${first?.message ?? 'does not match the schema'}`);
  };
}

/** A compiled test of one schema, as a type guard. */
export function guardOf<S extends TSchema>(schema: S): (value: unknown) => value is Static<S> {
  const validator = Compile(schema);
  return (value): value is Static<S> => validator.Check(value);
}
