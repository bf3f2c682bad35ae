import type { AppliedRules, Difference, VerifyReport } from './report.js';

const LONGEST = 600;

/** The report for a person: what was compared, each difference that was kept, and the result in the last line. */
export function print(report: VerifyReport): string {
  const { applied, compared, differences, differenceCount, elapsedMs } = report;
  const width = Math.max(...Object.values(compared).map((count) => String(count).length), 1);
  const counts = Object.entries(compared).map(
    ([what, count]) => `  ${String(count).padStart(width)}  ${what}`,
  );
  const left = differenceCount - differences.length;
  return [
    `compared in ${(elapsedMs / 1_000).toFixed(1)} s:`,
    ...counts,
    ...appliedLines(applied),
    ...differences.map(paragraph),
    ...(left > 0 ? [`\nand ${left} more differences: --keep lists more of them`] : []),
    `\n${differenceCount === 0 ? 'no difference' : `${differenceCount} differences`}`,
  ].join('\n');
}

function appliedLines(applied: readonly AppliedRules[]): readonly string[] {
  if (applied.length === 0) return ['identity by the built-in rules, without splits'];
  return applied.map(({ workspaceId, rulesVersion, splits }) => {
    const rules = rulesVersion === undefined ? 'the built-in rules' : `its rules of version ${rulesVersion}`;
    return `identity of ${workspaceId} by ${rules}, with ${splits} ${splits === 1 ? 'split' : 'splits'}`;
  });
}

function paragraph({ subject, key, where, expected, found, events }: Difference): string {
  return [
    `\n${subject}: ${key} in ${where}`,
    `  expected  ${shown(expected)}`,
    `  found     ${shown(found)}`,
    ...(events.length > 0 ? [`  events    ${events.join(', ')}`] : []),
  ].join('\n');
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
