/** The value below which this share (0 to 1) of the samples lies, by the nearest rank. NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle of the samples, or the mean of the two in the middle. NaN without samples. */
export function median(samples: readonly number[]): number {
  return (
    (percentile(samples, 0.5) +
      -percentile(
        samples.map((sample) => -sample),
        0.5,
      )) /
    2
  );
}

/** What several runs measured of one thing. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarise(samples: readonly number[]): Summary {
  return { median: median(samples), min: percentile(samples, 0), max: percentile(samples, 1) };
}
