/** A text of SQL that has a value. */
export type Expression = string;

/** A text as SQL writes it. */
export function textSql(text: string): Expression {
  const escaped = text.replace(/[\\'\0\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  return `'${escaped}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** `body` with a name for an expression that it uses more than once. */
export function letSql(name: string, value: Expression, body: Expression): Expression {
  return `arrayMap(${name} -> ${body}, [${value}])[1]`;
}
