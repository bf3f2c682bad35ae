import { inOrder } from '@tributary/state';
import type { AudienceIndex } from '../audiences/audience-index.js';
import type { PartitionState, ProfileState, Scan } from './profile-state.js';

/** Nobody's cursor: before the first key. */
const START = '';

/** What has to be gone through now that these definitions are in force; for those that are gone, too. */
export function redefined(partition: PartitionState, { all }: AudienceIndex, now: number): PartitionState {
  const evaluatedBy = new Map(Object.entries(partition.evaluatedBy));
  const scans = new Map(Object.entries(partition.scans));
  for (const id of new Set([...evaluatedBy.keys(), ...scans.keys(), ...all.keys()])) {
    const to = all.get(id)?.definitionHash;
    const scan = scans.get(id);
    if (scan ? scan.to === to : evaluatedBy.get(id) === to) continue;
    const isFirst = to !== undefined && !evaluatedBy.has(id) && (scan?.to === undefined || scan.isFirst);
    evaluatedBy.delete(id);
    scans.set(id, {
      ...(to !== undefined && { to }),
      ...{ at: now, cursor: START },
      ...(isFirst && { isFirst }),
    });
  }
  return { evaluatedBy: Object.fromEntries(evaluatedBy), scans: Object.fromEntries(scans) };
}

/** The audiences that a profile is still to be evaluated by, or let go by, by `workspaceId/key`. */
export function pendingOf(
  { scans }: PartitionState,
  profile: ProfileState,
  isBehind: (cursor: string) => boolean,
): readonly (readonly [string, Scan])[] {
  const scope = `${profile.workspaceId}/`;
  return Object.entries(scans).filter(
    ([id, { to = '', cursor }]) =>
      id.startsWith(scope) && profile.ahead?.[id] !== to && (cursor === START || isBehind(cursor)),
  );
}

/** Where the next keys are, and where the scans that are further along wait for those that are behind. */
export function nextStretch({
  scans,
}: PartitionState): { readonly from: string; readonly to?: string } | undefined {
  const [from, to] = [...new Set(Object.values(scans).map(({ cursor }) => cursor))].sort(inOrder);
  return from === undefined ? undefined : { from, ...(to !== undefined && { to }) };
}

/** The scans that were there have come up to a key; to the end, unless given. */
export function advanced(
  partition: PartitionState,
  from: string,
  cursor: string | undefined,
): PartitionState {
  const evaluatedBy = { ...partition.evaluatedBy };
  const scans: Record<string, Scan> = {};
  for (const [id, scan] of Object.entries(partition.scans)) {
    if (scan.cursor !== from) scans[id] = scan;
    else if (cursor !== undefined) scans[id] = { ...scan, cursor };
    else if (scan.to !== undefined) evaluatedBy[id] = scan.to;
  }
  return { evaluatedBy, scans };
}
