import type { MigrationSet } from '../migrations.js';

/** A text that is nothing but a number; as the rules for values of audiences have it. */
const NUMBER = '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$';
const INSTANT =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$';

const TEXT = "ifNull(toString(x), '')";
const JSON_TEXT = "ifNull(toJSONString(x), 'null')";

/**
 * Functions that read a customer's value, whatever it is: what is of another kind reads as NULL and never fails a query.
 * They are the server's, not a database's, and the same whoever makes them.
 */
export const VALUE_FUNCTIONS_SCHEMA: MigrationSet = {
  service: 'value-functions',
  migrations: [
    {
      name: '001_value_functions',
      sql: `CREATE OR REPLACE FUNCTION text_of AS (x) -> toString(x);

CREATE OR REPLACE FUNCTION number_of AS (x) -> toFloat64OrNull(if(match(${TEXT}, '${NUMBER}'), ${TEXT}, ''));

CREATE OR REPLACE FUNCTION boolean_of AS (x) ->
  multiIf(lower(${TEXT}) = 'true', true, lower(${TEXT}) = 'false', false, NULL);

CREATE OR REPLACE FUNCTION instant_of AS (x) ->
  parseDateTime64BestEffortOrNull(if(match(${TEXT}, '${INSTANT}'), ${TEXT}, ''), 3, 'UTC');

CREATE OR REPLACE FUNCTION list_of AS (x) -> arrayMap(
  one -> if(startsWith(one, '"'), JSONExtractString(one), one),
  arrayFilter(
    one -> one != 'null',
    if(startsWith(${JSON_TEXT}, '['), JSONExtractArrayRaw(${JSON_TEXT}), [${JSON_TEXT}])
  )
);`,
    },
  ],
};
