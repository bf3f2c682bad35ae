/** Where events come from. */
export interface Source {
  readonly workspaceId: string;
  readonly sourceId: string;
  readonly enabled: boolean;
  /** The origins from which browsers may send; absent: any. */
  readonly allowedOrigins?: readonly string[];
}

/** Knows the write keys. Asked at each request, so it answers from memory. */
export interface SourceRegistry {
  sourceOf(writeKey: string): Source | undefined;
}

export const SOURCE_REGISTRY = Symbol('SOURCE_REGISTRY');
