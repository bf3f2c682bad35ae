import { Inject, Injectable } from '@nestjs/common';
import type { SourceMessage } from '@tributary/contracts';
import { ControlPlane, type ControlTables, type Definitions, type Statements } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConfig } from '../api.config.js';
import { mismatchOf, type Preconditions } from '../control/changes.js';
import { DefinitionChanges, type Applied, type ByWhom } from '../control/definition-changes.js';
import { noVersion, versionsPage, type ShownVersion } from '../control/versions.dto.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { Outcome } from '../http/reply.js';
import { invalidRequest, problem } from '../http/problems.js';
import type { PageQuery } from '../http/page.dto.js';
import { pageIn, type Page } from '../http/page.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { checkSource, type SourceDraft } from './source-check.js';
import {
  toShownSource,
  withoutSecret,
  type ShownSource,
  type SourceBody,
  type WriteKey,
} from './source.dto.js';
import { SOURCES, type StoredSource } from './source.kind.js';

type Webhook = NonNullable<SourceBody['webhook']>;

/** The source of the workspace of the settings that is there without a definition, with their write key. */
export const BUILT_IN = 'default';
const BUILT_IN_VERSION = -1;
const EPOCH = '1970-01-01T00:00:00.000Z';
const NOT_REMOVABLE: ApiFailure = {
  code: 'source_not_found',
  message:
    'The source "default" comes from the settings and has no definition to remove. To turn it off, PUT it with "enabled": false.',
};
const NOT_FOUND: ApiFailure = { code: 'source_not_found', message: 'Source was not found.' };
const KEY_BYTES = 24;

/** A new write key, and how it was made. */
export interface PutKey extends Outcome {
  readonly key: WriteKey;
}

/** A source that was put, and how. */
export interface PutSource extends Outcome {
  readonly source: ShownSource;
}

@Injectable()
export class SourcesService {
  readonly #definitions: Definitions<SourceMessage>;

  constructor(
    plane: ControlPlane,
    private readonly changes: DefinitionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {
    this.#definitions = plane.definitions(SOURCES);
  }

  async find(id: string): Promise<Result<ShownSource, ApiFailure>> {
    const stored = (await this.#definitions.find(id)) ?? this.#builtInOf(id);
    return stored ? ok(toShownSource(stored)) : failed(NOT_FOUND);
  }

  async list(query: PageQuery): Promise<Result<Page<ShownSource>, ApiFailure>> {
    const defined = await this.#definitions.all();
    const builtIn = defined.some(({ id }) => id === BUILT_IN) ? undefined : this.#builtInOf(BUILT_IN);
    const all = !builtIn ? defined : [...defined, builtIn].sort((a, b) => (a.id < b.id ? -1 : 1));
    return pageIn(all.map(toShownSource), query, { list: 'sources' }, ({ id }) => id);
  }

  /** Puts a source in force; one that is in force as sent is left as it is. */
  async put(
    id: string,
    body: SourceBody,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutSource, ApiFailure>> {
    const changed = await this.#change(id, by, async (before) => {
      const mismatch = mismatchOf('source', before ?? this.#builtInOf(id), preconditions);
      return mismatch ? failed(mismatch) : this.wanted(id, body, before);
    });
    return changed.ok ? put(changed.value) : changed;
  }

  /** The source that comes of what is sent, where that can be put in force. */
  async wanted(
    id: string,
    body: SourceBody,
    before: StoredSource | undefined,
  ): Promise<Result<SourceMessage, ApiFailure>> {
    return checkSource(this.#draft(id, body, before));
  }

  async remove(id: string, preconditions: Preconditions, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    return this.changes.change(this.#definitions, id, by, (before) => {
      if (!before) return failed(this.#isBuiltIn(id) ? NOT_REMOVABLE : NOT_FOUND);
      const mismatch = mismatchOf('source', before, preconditions);
      return mismatch ? failed(mismatch) : ok('remove' as const);
    });
  }

  /** Puts a version in force once more, as a new one; also of a source that was removed. */
  async restore(
    id: string,
    version: number,
    preconditions: Preconditions,
    by: ByWhom,
  ): Promise<Result<PutSource, ApiFailure>> {
    const value = (await this.#definitions.version(id, version))?.value;
    if (!value) return failed(noVersion(version));
    const changed = await this.#change(id, by, async (before) => {
      const mismatch = mismatchOf('source', before ?? this.#builtInOf(id), preconditions);
      if (mismatch) return failed(mismatch);
      return checkSource({ ...value, updatedAt: toInstant(this.clock.now()) });
    });
    return changed.ok ? put(changed.value) : changed;
  }

  async versions(id: string, query: PageQuery): Promise<Result<Page<ShownVersion>, ApiFailure>> {
    return versionsPage(this.#definitions, id, query, withoutSecret);
  }

  /** Gives the source one key more, which nobody could guess. */
  async addKey(id: string, by: ByWhom): Promise<Result<PutKey, ApiFailure>> {
    const key = {
      key: `wk_${randomBytes(KEY_BYTES).toString('base64url')}`,
      createdAt: toInstant(this.clock.now()),
    };
    const changed = await this.#changeKeys(id, by, (keys) => ok([...keys, key]));
    return changed.ok ? ok({ key, isUnderWay: changed.value.isUnderWay }) : changed;
  }

  async removeKey(id: string, key: string, by: ByWhom): Promise<Result<Outcome, ApiFailure>> {
    return this.#changeKeys(id, by, (keys) =>
      keys.some((known) => known.key === key)
        ? ok(keys.filter((known) => known.key !== key))
        : failed({ code: 'write_key_not_found', message: 'The source has no such write key.' }),
    );
  }

  async #changeKeys(
    id: string,
    by: ByWhom,
    change: (keys: readonly WriteKey[]) => Result<readonly WriteKey[], ApiFailure>,
  ): Promise<Result<Applied<SourceMessage>, ApiFailure>> {
    return this.#change(id, by, (stored) => {
      const before = stored ?? this.#builtInOf(id);
      if (!before) return failed(NOT_FOUND);
      const keys = change(before.value.writeKeys);
      if (!keys.ok) return keys;
      const updatedAt = toInstant(this.clock.now());
      const createdAt = stored ? before.value.createdAt : updatedAt;
      return ok({ ...before.value, writeKeys: [...keys.value], createdAt, updatedAt });
    });
  }

  async #change(
    id: string,
    by: ByWhom,
    decide: (
      before: StoredSource | undefined,
    ) => Result<SourceMessage, ApiFailure> | Promise<Result<SourceMessage, ApiFailure>>,
  ): Promise<Result<Applied<SourceMessage>, ApiFailure>> {
    let wanted: SourceMessage | undefined;
    const changed = await this.changes.change(this.#definitions, id, by, async (before, statements) => {
      const decided = await decide(before);
      if (!decided.ok) return decided;
      wanted = decided.value;
      const keyOfSettings = this.keyOfSettingsIn(wanted);
      if (keyOfSettings !== undefined && !(await this.#hasGivenUpKey(statements)))
        return failed(this.keyOfSettingsTaken(wanted, keyOfSettings));
      return ok(before && isSameSource(before.value, wanted) ? 'keep' : { put: wanted });
    });
    if (changed.ok || changed.error.code !== 'write_key_taken' || !wanted) return changed;
    const { taken, owner } = changed.error.details as Partial<Taken>;
    return taken === undefined ? changed : failed(takenKey(wanted, taken, owner));
  }

  /** The key of the settings, where a source wants it: it is the built-in one's, unless that has been defined. */
  keyOfSettingsIn({ id, writeKeys }: SourceMessage): string | undefined {
    const { TRIBUTARY_WRITE_KEY: builtIn } = this.config;
    return !this.#isBuiltIn(id) && writeKeys.some(({ key }) => key === builtIn) ? builtIn : undefined;
  }

  /** Whether the built-in source may be defined here, which lets go of the key of the settings. */
  get isOfSettings(): boolean {
    return this.#isOwnWorkspace();
  }

  keyOfSettingsTaken(source: SourceMessage, key: string): ApiFailure {
    return takenKey(source, key, this.#isOwnWorkspace() ? BUILT_IN : undefined);
  }

  /** In another workspace the key would be in force at once, and in that of the settings no more. */
  async #hasGivenUpKey(statements: Statements<ControlTables>): Promise<boolean> {
    return this.#isOwnWorkspace() && (await this.#definitions.findIn(statements, BUILT_IN)) !== undefined;
  }

  #isOwnWorkspace(): boolean {
    return currentWorkspace() === this.config.TRIBUTARY_WORKSPACE;
  }

  #isBuiltIn(id: string): boolean {
    return id === BUILT_IN && this.#isOwnWorkspace();
  }

  #builtInOf(id: string): StoredSource | undefined {
    return this.#isBuiltIn(id) ? this.#builtIn() : undefined;
  }

  /** The source of the settings, as if somebody had defined it when the platform began. */
  #builtIn(): StoredSource {
    const value = {
      workspaceId: currentWorkspace(),
      id: BUILT_IN,
      name: 'Default',
      enabled: true,
      writeKeys: this.#builtInKeys(BUILT_IN, EPOCH),
      createdAt: EPOCH,
      updatedAt: EPOCH,
    };
    return { id: BUILT_IN, value, version: BUILT_IN_VERSION };
  }

  #draft(id: string, body: SourceBody, before: StoredSource | undefined): SourceDraft {
    const { writeKeys, webhook, ...rest } = body;
    const updatedAt = toInstant(this.clock.now());
    const known = before?.value.writeKeys ?? this.#builtInKeys(id, updatedAt);
    const madeAt = new Map(known.map(({ key, createdAt }) => [key, createdAt]));
    return {
      workspaceId: currentWorkspace(),
      id,
      ...rest,
      writeKeys: writeKeys?.map(({ key }) => ({ key, createdAt: madeAt.get(key) ?? updatedAt })) ?? known,
      ...(webhook && { webhook: withKnownSecret(webhook, before?.value.webhook) }),
      createdAt: before?.value.createdAt ?? updatedAt,
      updatedAt,
    };
  }

  /** The definition of the built-in source takes its place: clients that have its key are not to be turned away. */
  #builtInKeys(id: string, createdAt: string): WriteKey[] {
    return this.#isBuiltIn(id) ? [{ key: this.config.TRIBUTARY_WRITE_KEY, createdAt }] : [];
  }
}

interface Taken {
  readonly taken: string;
  readonly owner?: string;
}

function put({ before, definition, isUnderWay }: Applied<SourceMessage>): Result<PutSource, ApiFailure> {
  if (!definition) return failed(NOT_FOUND);
  return ok({ source: toShownSource(definition), created: !before, isUnderWay });
}

/**
 * As an answer; the place of the key is that in the body of the source. `owner`: absent where it is a source of another
 * workspace.
 */
export function takenKey({ writeKeys }: SourceMessage, taken: string, owner: string | undefined): ApiFailure {
  const at = writeKeys.findIndex(({ key }) => key === taken);
  const whose = owner === undefined ? 'another source' : `the source "${owner}"`;
  const detail = `is a key of ${whose} already: a key belongs to one source`;
  return { ...invalidRequest([problem(`writeKeys[${at}].key`, detail)]), code: 'write_key_taken' };
}

/** A signature that is sent without its secret, as it is shown, keeps the one that it has. */
function withKnownSecret(webhook: Webhook, before: SourceMessage['webhook']): Webhook {
  const secret = webhook.signature?.secret ?? before?.signature?.secret;
  if (!webhook.signature || secret === undefined) return webhook;
  return { ...webhook, signature: { ...webhook.signature, secret } };
}

/** Whether two say the same, whenever they were put. */
export function isSameSource(a: SourceMessage, b: SourceMessage): boolean {
  return isDeepStrictEqual({ ...a, updatedAt: '' }, { ...b, updatedAt: '' });
}
