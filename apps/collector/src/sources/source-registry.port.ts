import type { SourceMessage, WebhookMapping } from '@tributary/contracts';

/** Where events come from. */
export interface Source {
  readonly workspaceId: string;
  readonly sourceId: string;
  readonly enabled: boolean;
  readonly identifierKeys?: NonNullable<SourceMessage['identifierKeys']>;
  /** How the bodies of `/v1/webhook` become calls. */
  readonly webhook?: WebhookMapping;
}

/** Knows the write keys. Asked at each request, so it answers from memory. */
export interface SourceRegistry {
  sourceOf(writeKey: string): Source | undefined;
  /** The source of an id: for calls that came in before and are judged again. */
  sourceWithId(sourceId: string): Source | undefined;
}

export const SOURCE_REGISTRY = Symbol('SOURCE_REGISTRY');
