import { scopedKey } from '@tributary/kernel';
import { messageOf } from './record-validation.js';
import { parseFragmentKey } from './keys.js';
import type { FragmentMessage } from './messages/profile.js';

/**
 * Reads a record of `profile.fragments.v1`: which profile (`profile` is its scoped key), whose facts, of which group;
 * `facts` is undefined where the group is removed.
 */
export function readFragment(record: { readonly key: string; readonly value: Buffer | null }) {
  const address = parseFragmentKey(record.key);
  const message = record.value && (messageOf(record) as FragmentMessage);
  return { ...address, profile: scopedKey(address.workspaceId, address.profileId), facts: message?.facts };
}
