import { createToken, Lexer, type IToken } from 'chevrotain';

const Space = createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED });

export const Name = createToken({ name: 'Name', pattern: /[A-Za-z_]\w*/, label: 'a name' });
const keyword = (name: string, pattern: RegExp) =>
  createToken({ name, pattern, longer_alt: Name, label: name.toUpperCase() });

export const And = keyword('And', /and/i);
export const Or = keyword('Or', /or/i);
export const Not = keyword('Not', /not/i);
export const True = createToken({ name: 'True', pattern: /true/i, longer_alt: Name, label: 'true' });
export const False = createToken({ name: 'False', pattern: /false/i, longer_alt: Name, label: 'false' });
export const As = createToken({ name: 'As', pattern: /as/i, longer_alt: Name, label: 'as' });

export const Text = createToken({
  name: 'Text',
  pattern: /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/,
  line_breaks: true,
  label: 'a text in quotes',
});
export const Numeral = createToken({
  name: 'Numeral',
  pattern: /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/,
  label: 'a number',
});
export const Operator = createToken({
  name: 'Operator',
  pattern: />=|<=|==|!=|[=<>]/,
  label: 'a comparison',
});

const sign = (name: string, character: string) =>
  createToken({ name, pattern: character, label: `"${character}"` });
export const LeftParenthesis = sign('LeftParenthesis', '(');
export const RightParenthesis = sign('RightParenthesis', ')');
export const LeftBrace = sign('LeftBrace', '{');
export const RightBrace = sign('RightBrace', '}');
export const Comma = sign('Comma', ',');
export const Dot = sign('Dot', '.');
export const Colon = sign('Colon', ':');
export const Star = sign('Star', '*');
export const Percent = sign('Percent', '%');

export const TOKENS = [
  Space,
  And,
  Or,
  Not,
  True,
  False,
  As,
  Name,
  Text,
  Numeral,
  Operator,
  LeftParenthesis,
  RightParenthesis,
  LeftBrace,
  RightBrace,
  Comma,
  Dot,
  Colon,
  Star,
  Percent,
];

export const lexer = new Lexer(TOKENS, { ensureOptimizations: false, positionTracking: 'full' });

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The text that a quoted token stands for. An escaped character without a meaning of its own is itself. */
export function unquote(token: IToken): string {
  return token.image
    .slice(1, -1)
    .replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, escape: string) =>
      escape.length === 5
        ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
        : (ESCAPED[escape] ?? escape),
    );
}
