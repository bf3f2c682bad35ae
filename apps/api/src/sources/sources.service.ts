import { Inject, Injectable } from '@nestjs/common';
import type { SourceMessage } from '@tributary/contracts';
import { ControlPlane, type Change, type ControlTables, type Statements } from '@tributary/control';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConfig } from '../api.config.js';
import { DefinitionChanges, type ByWhom } from '../control/definition-changes.js';
import { DefinitionResource, type Put } from '../control/definition-resource.js';
import type { ApiFailure } from '../http/api.errors.js';
import type { Outcome } from '../http/reply.js';
import { invalidRequest, problem } from '../http/problems.js';
import type { PageQuery } from '../http/page.dto.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { checkSource, type SourceDraft } from './source-check.js';
import {
  toShownSource,
  withoutSecret,
  type ShownSource,
  type SourceBody,
  type SourceId,
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

@Injectable()
export class SourcesService {
  readonly resource: DefinitionResource<SourceMessage, SourceId, PageQuery, SourceBody, ShownSource>;

  constructor(
    plane: ControlPlane,
    changes: DefinitionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {
    this.resource = new DefinitionResource(plane.definitions(SOURCES), changes, {
      what: 'source',
      list: 'sources',
      idOf: ({ id }) => id,
      missing: () => NOT_FOUND,
      builtIn: () => this.#builtInOf(BUILT_IN),
      notRemovable: NOT_REMOVABLE,
      wanted: async (id, body, before, statements) =>
        this.#allowed(await this.wanted(id, body, before), before, statements),
      restored: async (_id, value, before, statements) =>
        this.#allowed(await checkSource({ ...value, updatedAt: this.#now() }), before, statements),
      show: (stored) => stored.map(toShownSource),
      showVersion: withoutSecret,
      explained: takenIn,
    });
  }

  /** The source that comes of what is sent, where that can be put in force. */
  async wanted(
    id: string,
    body: SourceBody,
    before: StoredSource | undefined,
  ): Promise<Result<SourceMessage, ApiFailure>> {
    return checkSource(this.#draft(id, body, before));
  }

  /** Gives the source one key more, which nobody could guess. */
  async addKey(id: string, by: ByWhom): Promise<Result<PutKey, ApiFailure>> {
    const key = {
      key: `wk_${randomBytes(KEY_BYTES).toString('base64url')}`,
      createdAt: this.#now(),
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
  ): Promise<Result<Put<ShownSource>, ApiFailure>> {
    return this.resource.change(id, {}, by, async (stored, statements) => {
      const before = stored ?? this.#builtInOf(id);
      if (!before) return failed(NOT_FOUND);
      const keys = change(before.value.writeKeys);
      if (!keys.ok) return keys;
      const updatedAt = this.#now();
      const createdAt = stored ? before.value.createdAt : updatedAt;
      const source = { ...before.value, writeKeys: [...keys.value], createdAt, updatedAt };
      return this.#allowed(ok(source), stored, statements);
    });
  }

  /** A source may have the key of the settings where the built-in one has given it up. */
  async #allowed(
    wanted: Result<SourceMessage, ApiFailure>,
    before: StoredSource | undefined,
    statements: Statements<ControlTables>,
  ): Promise<Result<Change<SourceMessage>, ApiFailure>> {
    if (!wanted.ok) return wanted;
    const source = wanted.value;
    const keyOfSettings = this.keyOfSettingsIn(source);
    if (keyOfSettings !== undefined && !(await this.#hasGivenUpKey(statements)))
      return failed(this.keyOfSettingsTaken(source, keyOfSettings));
    return ok(before && isSameSource(before.value, source) ? 'keep' : { put: source });
  }

  #now(): string {
    return toInstant(this.clock.now());
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
    return (
      this.#isOwnWorkspace() && (await this.resource.definitions.findIn(statements, BUILT_IN)) !== undefined
    );
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
    const updatedAt = this.#now();
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

/** The failure of a change, by the place of the key that another source has. */
function takenIn(failure: ApiFailure, wanted: SourceMessage): ApiFailure {
  if (failure.code !== 'write_key_taken') return failure;
  const { taken, owner } = failure.details as Partial<Taken>;
  return taken === undefined ? failure : takenKey(wanted, taken, owner);
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
