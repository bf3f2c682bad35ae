import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const ALGORITHM = 'aes-256-gcm';
const PREFIX = 'enc:1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The key that a text was encrypted with is none of the settings. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';

  constructor(readonly keyId: string) {
    super(
      `a secret is encrypted with the key "${keyId}", which is none of CONTROL_SECRET_KEYS: add it there`,
    );
  }
}

/**
 * Encrypts what lies in the database: AES-256-GCM, a random nonce for each text, and the id of the key in the text, so
 * that keys can be replaced one after the other.
 */
export class Secrets {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: string;

  /** `keys` is `id:Base64 of 32 bytes`, comma separated; the first encrypts. */
  constructor(keys: string) {
    const pairs = keys.split(',').map((pair) => {
      const [id = '', key = ''] = pair.trim().split(':');
      return [id, Buffer.from(key, 'base64')] as const;
    });
    for (const [id, key] of pairs)
      if (key.length !== KEY_BYTES)
        throw new Error(`the key "${id}" has ${key.length} bytes, not ${KEY_BYTES}`);
    this.#keys = new Map(pairs);
    this.#current = pairs[0]?.[0] ?? '';
  }

  encrypt(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.#current), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(this.#current));
    const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${PREFIX}:${this.#current}:${bytes.toString('base64')}`;
  }

  /** @throws UnknownKeyError; an Error where the text was tampered with */
  decrypt(text: string): string {
    const [enc, format, id = '', coded = ''] = text.split(':');
    if (`${enc ?? ''}:${format ?? ''}` !== PREFIX)
      throw new Error('a secret in the database is not encrypted');
    const bytes = Buffer.from(coded, 'base64');
    const decipher = createDecipheriv(ALGORITHM, this.#key(id), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(id));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(plain).toString('utf8');
  }

  /** Whether a text was encrypted with the key that encrypts now. */
  isCurrent(text: string): boolean {
    return text.startsWith(`${PREFIX}:${this.#current}:`);
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new UnknownKeyError(id);
    return key;
  }
}

/** The keys of the settings; where there are none, those of the file `control-keys` in the data folder, made at need. */
export async function secretKeys(config: {
  readonly CONTROL_SECRET_KEYS?: string;
  readonly TRIBUTARY_DATA: string;
}): Promise<string> {
  if (config.CONTROL_SECRET_KEYS !== undefined) return config.CONTROL_SECRET_KEYS;
  const file = join(config.TRIBUTARY_DATA, 'control-keys');
  await mkdir(config.TRIBUTARY_DATA, { recursive: true, mode: 0o700 });
  const made = `k1:${randomBytes(KEY_BYTES).toString('base64')}`;
  await writeFile(file, made, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}
