import { TOPICS, type SourceMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/** Sources, by their ids, with their write keys and tracking plans. */
export const SOURCES: DefinitionKind<SourceMessage> = {
  name: 'source',
  topic: TOPICS.sources,
  // A write key says where a call comes from: it is one source's only.
  claims: ({ writeKeys }) => writeKeys.map(({ key }) => key),
  withSecrets: (source, change) => {
    const { webhook } = source;
    if (!webhook?.signature) return source;
    const signature = { ...webhook.signature, secret: change(webhook.signature.secret) };
    return { ...source, webhook: { ...webhook, signature } };
  },
};

/** A source in force, and the version of its definition. */
export type StoredSource = Definition<SourceMessage>;
