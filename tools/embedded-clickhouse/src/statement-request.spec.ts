import { describe, expect, it } from '@jest/globals';

import { isStreamable } from './statement-request.js';

describe('isStreamable', () => {
  it.each([
    'SELECT a FROM t',
    'select a from t format JSONEachRow',
    'WITH x AS (SELECT 1 AS a) SELECT a FROM x FORMAT CSV SETTINGS max_threads = 1;',
    'SELECT formatDateTime(at, 1) FROM (SELECT at FROM t) JOIN (SELECT 1) USING at WHERE a IN (SELECT 1)',
  ])('holds for a SELECT by rows: %s', (text) => {
    expect(isStreamable(text, 'TabSeparated')).toBe(true);
  });

  it.each([
    ['it changes something', 'INSERT INTO t SELECT 1'],
    ['it is no SELECT', 'SHOW TABLES'],
    ['its format has a head', 'SELECT 1 FORMAT CSVWithNames'],
    ['its format is one document', 'SELECT 1 FORMAT JSON'],
    ['its format may be hidden by a comment', 'SELECT 1 FORMAT JSON -- as a document'],
    ['it has totals', 'SELECT a, count() FROM t GROUP BY a WITH TOTALS'],
    ['a subquery stands for a value', 'SELECT a FROM t WHERE a > (SELECT avg(a) FROM t)'],
    ['a subquery stands for a value by name', 'WITH (SELECT max(a) FROM t) AS m SELECT m'],
  ])('does not when %s', (_, text) => {
    expect(isStreamable(text, 'TabSeparated')).toBe(false);
  });

  it('asks the format of the request where the statement names none', () => {
    expect(isStreamable('SELECT 1', 'JSON')).toBe(false);
  });
});
