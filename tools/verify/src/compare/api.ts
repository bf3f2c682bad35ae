import {
  groupIdOf,
  type EmptyProfileMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { parseScopedKey } from '@tributary/kernel';
import { isAccountMoving } from './accounts.js';
import type { Comparison } from './comparison.js';
import { isSameJson, jsonOf } from './json.js';

const ASKED = 25;

/** Where the api is, and what opens it. */
export interface Api {
  readonly url: string;
  readonly token: string;
}

type Body = Partial<ProfileMessage> & Partial<MergedProfileMessage> & Partial<EmptyProfileMessage>;

interface Row {
  readonly key: string;
  readonly body: Uint8Array;
}

/**
 * Time alone has changed computed traits since the topic was read, or an event that the profile does not show has given
 * it a higher version, which is not published: all the rest is the same.
 */
function isSameLater(found: unknown, expected: Body): boolean {
  if (typeof found !== 'object' || found === null) return false;
  const { at: foundAt = '', version: ofFound = -1, ...foundRest } = withoutComputed(found);
  const { at = '', version = -1, ...rest } = withoutComputed(expected);
  return foundAt > at && ofFound >= version && isSameJson(foundRest, rest);
}

function withoutComputed({ computed: _computed, truncated: _truncated, ...rest }: Body): Body {
  return rest;
}

/** What is answered, without what is of the answer alone. */
function published(text: string): object {
  const { asOf: _asOf, ...profile } = JSON.parse(text) as { readonly asOf?: string };
  return profile;
}

/** Some profiles and accounts as the api has them against the topics: those with the highest keys, as good as any by chance. */
export async function compareApi(comparison: Comparison, api: Api): Promise<void> {
  await compareReads(comparison, api, {
    ...{ what: 'profiles', idOf: (id) => id },
    isLeftOut: (key, { mergedInto, empty }) =>
      comparison.isLeftOut(key) || mergedInto !== undefined || empty === true,
  });
  await compareReads(comparison, api, {
    ...{ what: 'accounts', idOf: groupIdOf },
    isLeftOut: (key) => isAccountMoving(comparison, key),
  });
}

interface Reads {
  /** The table of the scratch, which is the topic's name. */
  readonly what: 'profiles' | 'accounts';
  readonly idOf: (id: string) => string;
  readonly isLeftOut: (key: string, body: Body) => boolean;
}

async function compareReads(
  comparison: Comparison,
  api: Api,
  { what, idOf, isLeftOut }: Reads,
): Promise<void> {
  const rows = comparison.scratch.db.prepare(`SELECT key, body FROM ${what} ORDER BY key DESC`).iterate();
  let asked = 0;
  for (const { key, body } of rows as unknown as Iterable<Row>) {
    if (asked >= ASKED) break;
    const expected = jsonOf(body) as Body;
    if (!comparison.isSampled(key) || isLeftOut(key, expected)) continue;
    asked += 1;
    comparison.count(`${what} asked of the api`);
    const { workspaceId, id } = parseScopedKey(key);
    const route = `/v1/${what}/${encodeURIComponent(idOf(id))}`;
    const response = await fetch(`${api.url}${route}`, {
      headers: { Authorization: `Bearer ${api.token}`, 'X-Workspace': workspaceId },
      redirect: 'manual',
    });
    const text = await response.text();
    // Of a workspace that was removed the topics go on holding what there was.
    if (response.status === 404 && text.includes('"workspace_not_found"')) continue;
    const found: unknown = response.ok ? published(text) : `${response.status} ${text}`;
    if (isSameJson(found, expected) || isSameLater(found, expected)) continue;
    comparison.differ({ subject: 'profiles', key, where: `GET ${route}`, expected, found });
  }
}
