/** What whoever runs the command can mend: its text is all that is said. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(lines: readonly string[], options?: ErrorOptions) {
    super(lines.join('\n'), options);
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
