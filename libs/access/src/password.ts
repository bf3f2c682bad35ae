import { argon2, timingSafeEqual } from 'node:crypto';

/** What a hash of a password costs. */
export interface PasswordCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** The first choice of OWASP's Password Storage Cheat Sheet for argon2id. */
export const PASSWORD_COST: PasswordCost = { memoryKiB: 19_456, passes: 2, parallelism: 1 };

const SHORTEST = 12;
const LONGEST = 200;
const TAG_BYTES = 32;
export const SALT_BYTES = 16;

/** Why a password cannot be taken, by NIST SP 800-63B: long is what counts; undefined where it can. */
export function passwordFault(password: string, email: string): string | undefined {
  const length = Array.from(password).length;
  if (length < SHORTEST || length > LONGEST) return `must be ${SHORTEST} to ${LONGEST} characters long`;
  if (new Set(password).size < 5) return 'must have five different characters at least';
  const [name = ''] = email.toLowerCase().split('@');
  const plain = password.toLowerCase();
  if (
    plain === email.toLowerCase() ||
    (name.length > 3 && plain.startsWith(name) && length < name.length + 6)
  )
    return 'must not be the email address';
  return undefined;
}

/** The hash of a password by argon2id (RFC 9106) with 16 random bytes of salt, as a PHC string that names its cost. */
export async function hashPassword(
  password: string,
  salt: Uint8Array,
  cost: PasswordCost = PASSWORD_COST,
): Promise<string> {
  const tag = await tagOf(password, salt, cost);
  const { memoryKiB, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether a password is the one of a hash. False where the text is no hash of {@link hashPassword}. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(hash) ?? [];
  if (salt === undefined || tag === undefined) return false;
  const cost = { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const expected = Buffer.from(tag, 'base64');
  const found = await tagOf(password, Buffer.from(salt, 'base64'), cost);
  return expected.length === found.length && timingSafeEqual(expected, found);
}

function tagOf(password: string, nonce: Uint8Array, cost: PasswordCost): Promise<Buffer> {
  const { memoryKiB: memory, passes, parallelism } = cost;
  // One text has one form, however a keyboard composes it.
  const message = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { message, nonce, parallelism, tagLength: TAG_BYTES, memory, passes },
      (error, tag) => {
        if (error) reject(error);
        else resolve(tag);
      },
    );
  });
}

/** As the PHC format has it: without padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
