import { scopedKey } from '@tributary/kernel';
import { messageOf } from './record-validation.js';
import { parseFragmentKey } from './keys.js';
import type { FragmentMessage } from './messages/profile.js';

/**
 * Reads a record of `profile.fragments.v1`: which profile (`profile` is its scoped key), whose fact, and its version
 * and value; `published` is undefined where the fact is removed.
 */
export function readFragment(record: { readonly key: string; readonly value: Buffer | null }) {
  const address = parseFragmentKey(record.key);
  const message = record.value && (messageOf(record) as FragmentMessage);
  const published = message ? { version: message.version, value: message.value } : undefined;
  return { ...address, profile: scopedKey(address.workspaceId, address.profileId), published };
}
