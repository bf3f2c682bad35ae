import { IdentityRules } from '@tributary/identity';
import { profileIdOf, type Identifier } from '@tributary/kernel';
import { compareRules, type Comparison } from './compare-rules.js';
import {
  SAMPLED_IDENTIFIERS,
  SAMPLES,
  type DryRunReport,
  type Sample,
  type SampledProfile,
} from './dry-run.dto.js';
import type { LinkList } from './link-list.js';
import type { DryRunOrder } from './thread.dry-runs.js';

/** What the rules of an order would change, over these links. */
export function reportOf(
  links: LinkList,
  { workspaceId, before, after, apart }: Omit<DryRunOrder, 'mostLinks'>,
): DryRunReport {
  const tally = new DryRunTally(workspaceId);
  const compared = compareRules(links, new IdentityRules(before), new IdentityRules(after), apart);
  for (const comparison of compared) tally.add(comparison);
  return tally.report(links.size, links.identifiers.length);
}

type Profiles = ReadonlyMap<Identifier, readonly Identifier[]>;

/** Adds up comparisons, in any order; of merges and splits it keeps the largest as samples. */
export class DryRunTally {
  #identifiers = 0;
  #moved = 0;
  readonly #before = { profiles: 0, linked: 0 };
  readonly #after = { profiles: 0, linked: 0 };
  readonly #merges: Crossings;
  readonly #splits: Crossings;

  constructor(workspaceId: string) {
    this.#merges = new Crossings(workspaceId);
    this.#splits = new Crossings(workspaceId);
  }

  add({ before, after }: Comparison): void {
    const [old, fresh] = [profilesIn(before), profilesIn(after)];
    count(this.#before, old);
    count(this.#after, fresh);
    this.#identifiers += before.size;
    for (const [z, name] of before) if (after.get(z) !== name) this.#moved += 1;
    this.#merges.take(fresh, old, before);
    this.#splits.take(old, fresh, after);
  }

  /** `identifiers` in all, also those in no comparison: each is a profile of its own. */
  report(links: number, identifiers: number): DryRunReport {
    const alone = identifiers - this.#identifiers;
    return {
      links,
      identifiers,
      before: { ...this.#before, profiles: this.#before.profiles + alone },
      after: { ...this.#after, profiles: this.#after.profiles + alone },
      merges: { profiles: this.#merges.profiles, of: this.#merges.others, samples: this.#merges.samples },
      splits: { profiles: this.#splits.profiles, into: this.#splits.others, samples: this.#splits.samples },
      moved: this.#moved,
    };
  }
}

function profilesIn(named: ReadonlyMap<Identifier, Identifier>): Profiles {
  const profiles = new Map<Identifier, Identifier[]>();
  for (const [z, name] of named) {
    const members = profiles.get(name);
    if (members) members.push(z);
    else profiles.set(name, [z]);
  }
  return profiles;
}

function count(sums: { profiles: number; linked: number }, profiles: Profiles): void {
  sums.profiles += profiles.size;
  for (const members of profiles.values()) if (members.length > 1) sums.linked += 1;
}

/** Profiles of one side whose identifiers are in several of the other. */
class Crossings {
  profiles = 0;
  others = 0;
  samples: readonly Sample[] = [];

  constructor(private readonly workspaceId: string) {}

  take(profiles: Profiles, others: Profiles, otherOf: ReadonlyMap<Identifier, Identifier>): void {
    for (const [name, members] of profiles) {
      const crossed = new Set(members.map((z) => otherOf.get(z) ?? z));
      if (crossed.size < 2) continue;
      this.profiles += 1;
      this.others += crossed.size;
      const last = this.samples.at(SAMPLES - 1);
      if (last && last.size > members.length) continue;
      const sampled = [...crossed].map((other) => this.#sampled(other, others.get(other) ?? [other]));
      this.#keep({ ...this.#sampled(name, members), others: sampled.sort(largestFirst).slice(0, SAMPLES) });
    }
  }

  #keep(sample: Sample): void {
    this.samples = [...this.samples, sample].sort(largestFirst).slice(0, SAMPLES);
  }

  #sampled(name: Identifier, members: readonly Identifier[]): SampledProfile {
    return {
      profileId: profileIdOf(this.workspaceId, name),
      size: members.length,
      identifiers: [...members].sort().slice(0, SAMPLED_IDENTIFIERS),
    };
  }
}

function largestFirst(a: SampledProfile, b: SampledProfile): number {
  return b.size - a.size || (a.profileId < b.profileId ? -1 : 1);
}
