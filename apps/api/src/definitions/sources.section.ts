import { Injectable } from '@nestjs/common';
import type { SourceMessage } from '@tributary/contracts';
import { ControlPlane, MASK, type Definition, type Definitions } from '@tributary/control';
import { failed, ok } from '@tributary/kernel';
import { problem, type Problem } from '../http/problems.js';
import { SourceBody, SourceId, withoutSecret } from '../sources/source.dto.js';
import { SOURCES } from '../sources/source.kind.js';
import { BUILT_IN, isSameSource, SourcesService, takenKey } from '../sources/sources.service.js';
import {
  bodyAt,
  entriesById,
  inOrder,
  isObject,
  problemsOfFailure,
  type Planning,
  type Section,
  type Wanted,
} from './section.js';

type Stored = ReadonlyMap<string, Definition<SourceMessage>>;

/** Sources in files: write keys are there where they are asked for, secrets never. */
@Injectable()
export class SourcesSection implements Section<SourceMessage> {
  readonly name = 'sources';
  readonly what = 'source';
  readonly area = 'sources';
  readonly definitions: Definitions<SourceMessage>;

  constructor(
    plane: ControlPlane,
    private readonly sources: SourcesService,
  ) {
    this.definitions = plane.definitions(SOURCES);
  }

  exported(stored: readonly Definition<SourceMessage>[], withKeys: boolean): object {
    return Object.fromEntries(stored.map(({ id, value }) => [id, shown(value, withKeys)]));
  }

  entriesIn(sent: unknown) {
    return entriesById<SourceMessage>(this.name, sent, (id, place, one) => {
      const named = SourceId['~standard'].validate({ id });
      if (named.issues) return failed(named.issues.map(({ detail }) => problem(place, `(its id) ${detail}`)));
      const body = bodyAt(place, SourceBody, withoutMask(one));
      if (!body.ok) return body;
      return ok({
        id,
        place,
        change: async (before: Definition<SourceMessage> | undefined) => {
          const wanted = await this.sources.wanted(id, body.value, before);
          if (!wanted.ok) return failed(problemsOfFailure(place, wanted.error));
          return ok(before && isSameSource(before.value, wanted.value) ? 'keep' : { put: wanted.value });
        },
        show: (value: SourceMessage) => shown(value, body.value.writeKeys !== undefined),
      });
    });
  }

  /** Keys that two want, or that another has. */
  async together(
    wanted: readonly Wanted<SourceMessage>[],
    { stored, leaving }: { readonly stored: Stored; readonly leaving: readonly string[] },
    { statements }: Planning,
  ): Promise<readonly Problem[]> {
    const put = new Map(wanted.map(({ entry, value }) => [entry.id, value]));
    const owners = new Map<string, string | undefined>();
    for (const { taken, owner } of await this.definitions.taken(statements, put, leaving))
      owners.set(taken, owner);
    const isBuiltInDefined = put.has(BUILT_IN) || (stored.has(BUILT_IN) && !leaving.includes(BUILT_IN));
    const isKeyFree = this.sources.isOfSettings && isBuiltInDefined;
    return wanted.flatMap(({ entry: { id, place }, value }) => {
      const keys = value.writeKeys.map(({ key }) => key);
      const taken = keys
        .filter((key) => owners.has(key) && owners.get(key) !== id)
        .map((key) => takenKey(value, key, owners.get(key)));
      for (const key of keys) if (!owners.has(key)) owners.set(key, id);
      const ofSettings = isKeyFree ? undefined : this.sources.keyOfSettingsIn(value);
      const all =
        ofSettings === undefined ? taken : [...taken, this.sources.keyOfSettingsTaken(value, ofSettings)];
      return all.flatMap((failure) => problemsOfFailure(place, failure));
    });
  }

  isThere(): boolean {
    return true;
  }

  removal() {
    return 'remove' as const;
  }

  show(value: SourceMessage): object {
    return shown(value, false);
  }
}

function shown(source: SourceMessage, withKeys: boolean): object {
  const { writeKeys, webhook, ...rest } = withoutSecret(source);
  const signature = webhook?.signature && { ...webhook.signature, secret: MASK };
  return inOrder(
    {
      ...rest,
      ...(withKeys && { writeKeys: writeKeys.map(({ key }) => ({ key })) }),
      ...(webhook && { webhook: { ...webhook, ...(signature && { signature }) } }),
    },
    SourceBody,
  );
}

/** A secret stays as it is where the file has what stands for it. */
function withoutMask(sent: unknown): unknown {
  if (!isObject(sent) || !isObject(sent.webhook) || !isObject(sent.webhook.signature)) return sent;
  const { secret, ...signature } = sent.webhook.signature;
  return secret === MASK ? { ...sent, webhook: { ...sent.webhook, signature } } : sent;
}
