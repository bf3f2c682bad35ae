/** How many cases a property is tried on: as many as usual, or `PROPERTY_RUNS_FACTOR` times as many. */
export function propertyRuns(usual: number): number {
  return Math.ceil(usual * Number(process.env.PROPERTY_RUNS_FACTOR ?? 1));
}
