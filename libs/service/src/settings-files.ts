import { pemProblem, type PemContent } from '@tributary/kernel';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What a file is to hold that a setting names. */
export type FileContent = PemContent | 'text';

interface OfFile {
  readonly file?: FileContent;
}

/** A line for each setting whose file cannot be read, or does not hold what it is to hold. */
export function fileProblems(
  schemas: Readonly<Record<string, OfFile>>,
  config: Readonly<Record<string, unknown>>,
): readonly string[] {
  const texts = new Map<string, string>();
  const problems = Object.entries(schemas).flatMap(([name, { file: content }]) => {
    const path = config[name];
    if (content === undefined || typeof path !== 'string') return [];
    try {
      const text = readFileSync(path, 'utf8');
      const problem = content === 'text' ? undefined : pemProblem(text, content);
      texts.set(name, text);
      return problem === undefined ? [] : [`${name} is "${path}", which ${problem}`];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return [`${name} is "${path}", which cannot be read (${code ?? String(error)})`];
    }
  });
  return problems.length > 0 ? problems : strangers(texts.get('KAFKA_TLS_CERT'), texts.get('KAFKA_TLS_KEY'));
}

function strangers(cert: string | undefined, key: string | undefined): readonly string[] {
  if (cert === undefined || key === undefined) return [];
  const isOfKey = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  return isOfKey ? [] : ['KAFKA_TLS_KEY is not the key of the first certificate in KAFKA_TLS_CERT'];
}
