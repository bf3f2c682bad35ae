import { createPrivateKey, X509Certificate } from 'node:crypto';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What a PEM text is to hold: certificates, one at least, or a private key without a passphrase. */
export type PemContent = 'certificates' | 'key';

/** Why a text is no PEM text of that content; undefined where it is. */
export function pemProblem(text: string, content: PemContent): string | undefined {
  const found = content === 'key' ? [text] : (text.match(CERTIFICATES) ?? []);
  if (found.length === 0) return 'holds no PEM certificate';
  try {
    for (const part of found) {
      if (content === 'key') createPrivateKey(part);
      else new X509Certificate(part);
    }
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return content === 'key'
      ? `holds no PEM key that can be read without a passphrase (${why})`
      : `holds a PEM certificate that cannot be read (${why})`;
  }
}
