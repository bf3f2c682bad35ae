import { Inject, Injectable } from '@nestjs/common';
import type { SourceMessage } from '@tributary/contracts';
import { failed, ok, toInstant, type Clock, type Result } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ApiConfig } from '../api.config.js';
import { mismatchOf, type Preconditions } from '../control/changes.js';
import type { ApiFailure } from '../http/api.errors.js';
import { invalidRequest, problem } from '../http/problems.js';
import type { PageQuery } from '../http/page.dto.js';
import { pageIn, type Page } from '../http/page.js';
import { KafkaSourceCatalog, type StoredSource } from './kafka.source-catalog.js';
import { checkSource, type SourceDraft } from './source-check.js';
import { toShownSource, type ShownSource, type SourceBody, type WriteKey } from './source.dto.js';

type Webhook = NonNullable<SourceBody['webhook']>;

/** The source that is there without a definition, with the write key of the settings. */
const BUILT_IN = 'default';
const BUILT_IN_VERSION = -1;
const EPOCH = '1970-01-01T00:00:00.000Z';
const NOT_REMOVABLE: ApiFailure = {
  code: 'source_not_found',
  message:
    'The source "default" comes from the settings and has no definition to remove. To turn it off, PUT it with "enabled": false.',
};
const KEY_BYTES = 24;

@Injectable()
export class SourcesService {
  constructor(
    private readonly catalog: KafkaSourceCatalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  find(id: string): Result<ShownSource, ApiFailure> {
    const stored = this.#stored(id);
    return stored.ok ? ok(toShownSource(stored.value)) : stored;
  }

  list(query: PageQuery): Result<Page<ShownSource>, ApiFailure> {
    return pageIn(this.#all().map(toShownSource), query, { list: 'sources' }, ({ id }) => id);
  }

  /** Puts a source in force; one that is in force as sent is left as it is. */
  async put(
    id: string,
    body: SourceBody,
    preconditions: Preconditions,
  ): Promise<Result<{ readonly source: ShownSource; readonly created: boolean }, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const before = this.catalog.find(id);
      const there = this.#stored(id);
      const mismatch = mismatchOf('source', there.ok ? there.value : undefined, preconditions);
      if (mismatch) return failed(mismatch);
      const checked = await checkSource(this.#draft(id, body, before));
      if (!checked.ok) return checked;
      const stored = await this.#replace(checked.value, before);
      return stored.ok ? ok({ source: toShownSource(stored.value), created: !before }) : stored;
    });
  }

  async remove(id: string, preconditions: Preconditions): Promise<Result<unknown, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const stored = this.#stored(id);
      if (!stored.ok) return stored;
      if (stored.value.version === BUILT_IN_VERSION) return failed(NOT_REMOVABLE);
      const mismatch = mismatchOf('source', stored.value, preconditions);
      if (mismatch) return failed(mismatch);
      return this.catalog.remove(id);
    });
  }

  /** Gives the source one key more, which nobody could guess. */
  async addKey(id: string): Promise<Result<WriteKey, ApiFailure>> {
    const key = {
      key: `wk_${randomBytes(KEY_BYTES).toString('base64url')}`,
      createdAt: toInstant(this.clock.now()),
    };
    const stored = await this.#changeKeys(id, (keys) => ok([...keys, key]));
    return stored.ok ? ok(key) : stored;
  }

  async removeKey(id: string, key: string): Promise<Result<undefined, ApiFailure>> {
    const stored = await this.#changeKeys(id, (keys) =>
      keys.some((known) => known.key === key)
        ? ok(keys.filter((known) => known.key !== key))
        : failed({ code: 'write_key_not_found', message: 'The source has no such write key.' }),
    );
    return stored.ok ? ok(undefined) : stored;
  }

  async #changeKeys(
    id: string,
    change: (keys: readonly WriteKey[]) => Result<readonly WriteKey[], ApiFailure>,
  ): Promise<Result<StoredSource, ApiFailure>> {
    return this.catalog.inTurn(async () => {
      const before = this.#stored(id);
      if (!before.ok) return before;
      const keys = change(before.value.value.writeKeys);
      if (!keys.ok) return keys;
      const { value, version } = before.value;
      const updatedAt = toInstant(this.clock.now());
      const createdAt = version === BUILT_IN_VERSION ? updatedAt : value.createdAt;
      return this.#replace({ ...value, writeKeys: [...keys.value], createdAt, updatedAt }, before.value);
    });
  }

  async #replace(
    source: SourceMessage,
    before: StoredSource | undefined,
  ): Promise<Result<StoredSource, ApiFailure>> {
    const taken = this.#takenKey(source);
    if (taken) return failed(taken);
    if (before && isSame(before.value, source)) return ok(before);
    return this.catalog.put(source.id, source);
  }

  /** A write key says where a call comes from: it is one source's only. */
  #takenKey({ id, writeKeys }: SourceMessage): ApiFailure | undefined {
    const owners = new Map(
      this.catalog.all().flatMap(({ value }) => value.writeKeys.map(({ key }) => [key, value.id] as const)),
    );
    if (!this.catalog.find(BUILT_IN)) owners.set(this.config.TRIBUTARY_WRITE_KEY, BUILT_IN);
    for (const [i, { key }] of writeKeys.entries()) {
      const owner = owners.get(key);
      if (owner === undefined || owner === id) continue;
      const detail = `is a key of the source "${owner}" already: a key belongs to one source`;
      return { ...invalidRequest([problem(`writeKeys[${i}].key`, detail)]), code: 'write_key_taken' };
    }
    return undefined;
  }

  #stored(id: string): Result<StoredSource, ApiFailure> {
    const stored = this.catalog.find(id) ?? (id === BUILT_IN ? this.#builtIn() : undefined);
    return stored ? ok(stored) : failed({ code: 'source_not_found', message: 'Source was not found.' });
  }

  #all(): readonly StoredSource[] {
    const defined = this.catalog.all();
    if (this.catalog.find(BUILT_IN)) return defined;
    return [...defined, this.#builtIn()].sort((a, b) => (a.value.id < b.value.id ? -1 : 1));
  }

  /** The source of the settings, as if somebody had defined it when the platform began. */
  #builtIn(): StoredSource {
    const value = {
      workspaceId: this.config.TRIBUTARY_WORKSPACE,
      id: BUILT_IN,
      name: 'Default',
      enabled: true,
      writeKeys: this.#builtInKeys(BUILT_IN, EPOCH),
      createdAt: EPOCH,
      updatedAt: EPOCH,
    };
    return { value, version: BUILT_IN_VERSION };
  }

  #draft(id: string, body: SourceBody, before: StoredSource | undefined): SourceDraft {
    const { writeKeys, webhook, ...rest } = body;
    const updatedAt = toInstant(this.clock.now());
    const known = before?.value.writeKeys ?? this.#builtInKeys(id, updatedAt);
    const madeAt = new Map(known.map(({ key, createdAt }) => [key, createdAt]));
    return {
      workspaceId: this.config.TRIBUTARY_WORKSPACE,
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
    return id === BUILT_IN ? [{ key: this.config.TRIBUTARY_WRITE_KEY, createdAt }] : [];
  }
}

/** A signature that is sent without its secret, as it is shown, keeps the one that it has. */
function withKnownSecret(webhook: Webhook, before: SourceMessage['webhook']): Webhook {
  const secret = webhook.signature?.secret ?? before?.signature?.secret;
  if (!webhook.signature || secret === undefined) return webhook;
  return { ...webhook, signature: { ...webhook.signature, secret } };
}

function isSame(a: SourceMessage, b: SourceMessage): boolean {
  return isDeepStrictEqual({ ...a, updatedAt: '' }, { ...b, updatedAt: '' });
}
