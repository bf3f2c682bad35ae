interface Joined<T> {
  readonly kind: 'and' | 'or';
  readonly operands: readonly T[];
}

/** Joins operands, taking those apart that are joined in the same way already. */
export function join<T extends { readonly kind: string }>(
  kind: 'and' | 'or',
  operands: readonly (T | Joined<T>)[],
): Joined<T> {
  return {
    kind,
    operands: operands.flatMap((o) => (o.kind === kind ? (o as Joined<T>).operands : [o as T])),
  };
}
