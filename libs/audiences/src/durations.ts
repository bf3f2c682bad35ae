const UNITS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** The names of the units of time, in the plural. */
export const UNIT_NAMES: readonly string[] = Object.keys(UNITS).map((unit) => `${unit}s`);

/** The longest window: ten thousand days. */
export const MAX_WITHIN_MS = 10_000 * 86_400_000;

/** The milliseconds of a unit, singular or plural; undefined where there is no such unit. */
export function unitMs(name: string): number | undefined {
  const unit = name.endsWith('s') ? name.slice(0, -1) : name;
  return Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
}

/** Writes whole seconds in the greatest unit, up to days, of which they are a whole number: `7 days`, `90 minutes`. */
export function printDuration(ms: number): string {
  const unit = ['day', 'hour', 'minute'].find((name) => ms % (UNITS[name] ?? 1) === 0) ?? 'second';
  const amount = ms / (UNITS[unit] ?? 1);
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
