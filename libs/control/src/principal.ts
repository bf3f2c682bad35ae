/** Who does something: the author of each version. */
export interface Principal {
  /** Unique among those of its kind, and never given to another. */
  readonly id: string;
  /** `operator` holds the token of the settings; `system` is the platform itself. */
  readonly kind: 'operator' | 'user' | 'token' | 'system';
  /** As people know it. */
  readonly name: string;
}

/** Whoever holds the token of the settings. */
export const OPERATOR: Principal = { id: 'operator', kind: 'operator', name: 'Operator' };
