import { IdentityRules } from '@tributary/identity';
import { compareRules } from './compare-rules.js';
import { DryRunTally } from './dry-run-report.js';
import type { DryRunReport } from './dry-run.dto.js';
import type { DryRunOrder } from './dry-runs.port.js';
import type { LinkList } from './link-list.js';

export function reportOf(
  links: LinkList,
  { workspaceId, before, after, apart }: Omit<DryRunOrder, 'mostLinks'>,
): DryRunReport {
  const tally = new DryRunTally(workspaceId);
  const compared = compareRules(links, new IdentityRules(before), new IdentityRules(after), apart);
  for (const comparison of compared) tally.add(comparison);
  return tally.report(links.size, links.identifiers.length);
}
