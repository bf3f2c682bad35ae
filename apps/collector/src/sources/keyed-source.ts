import type { SourceMessage } from '@tributary/contracts';
import type { CompiledPlan } from '@tributary/plans';
import type { KeyedSource } from './source-index.js';

/** A definition as the intake uses it. */
export function toKeyedSource(message: SourceMessage, plan: CompiledPlan | undefined): KeyedSource {
  const { workspaceId, id, enabled, rateLimit, allowedOrigins, identifierKeys, deduplicateBy, webhook } =
    message;
  return {
    writeKeys: message.writeKeys.map(({ key }) => key),
    source: {
      workspaceId,
      sourceId: id,
      enabled,
      ...(rateLimit && { rateLimit: { burst: rateLimit.eventsPerSecond, ...rateLimit } }),
      ...(allowedOrigins && {
        allowedOrigins: new Set(allowedOrigins.map((origin) => origin.toLowerCase())),
      }),
      ...(identifierKeys && { identifierKeys }),
      ...(deduplicateBy && { deduplicateBy }),
      ...(webhook && { webhook }),
      ...(plan && { plan }),
    },
  };
}
