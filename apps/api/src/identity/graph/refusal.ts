import type { IdentityRules, LinkRefusal } from '@tributary/identity';
import { namespaceOf, type Identifier } from '@tributary/kernel';
import type { Refusal } from './graph.dto.js';
import type { EndEligibility, PartnerCount, StoredLink } from './stored-links.js';

/** The end that refuses a link, if one does: the first of them. */
export function refusingEnd({ ends }: StoredLink): EndEligibility | undefined {
  return ends.find(({ refusal }) => refusal !== undefined && refusal !== '');
}

/** What an end says against a link. */
export function endRefusal(
  link: StoredLink,
  { identifier: end, refusal }: EndEligibility,
  rules: IdentityRules,
  counts: readonly PartnerCount[],
): Refusal {
  const other = link.ends.find(({ identifier }) => identifier !== end)?.identifier ?? end;
  switch (refusal) {
    case 'blocked': {
      const blocked = rules.isBlocked(end) || !rules.isBlocked(other) ? end : other;
      const namespace = namespaceOf(blocked);
      return {
        rule: 'blocked',
        words: `${blocked} is a value that names nobody: the rule of ${namespace} blocks it`,
        end: blocked,
        namespace,
      };
    }
    case 'too_many_partners':
      return {
        rule: 'too_many_partners',
        words: `${end} has met more than ${rules.bounds.partners} others: it joins through none of them`,
        end,
      };
    case 'supernode':
      return supernodeRefusal(end, rules, counts);
    case 'limit': {
      const namespace = namespaceOf(other);
      const { limit } = rules.ruleOf(namespace);
      return {
        rule: 'limit',
        words: `${end} joins through ${limit} of ${namespace} at most, and others come before ${other}`,
        end,
        namespace,
      };
    }
    default:
      return { rule: 'unknown', words: `${end} refuses it, by a rule that was not written down`, end };
  }
}

function supernodeRefusal(end: Identifier, rules: IdentityRules, counts: readonly PartnerCount[]): Refusal {
  const over = counts.find(
    ({ identifier, namespace, partners }) =>
      identifier === end && partners > rules.ruleOf(namespace).supernode,
  );
  if (!over)
    return { rule: 'supernode', words: `${end} has met too many others: it joins through none of them`, end };
  const { namespace, partners } = over;
  const { supernode } = rules.ruleOf(namespace);
  return {
    rule: 'supernode',
    words: `${end} has met ${partners} of ${namespace}, and with more than ${supernode} it joins through none`,
    end,
    namespace,
  };
}

/** What the profile of both ends would have broken. */
export function profileRefusal(refusal: LinkRefusal | undefined, rules: IdentityRules): Refusal {
  switch (refusal?.rule) {
    case 'limit': {
      const { namespace } = refusal;
      const { limit } = rules.ruleOf(namespace);
      const words = `the profile of both would hold more of ${namespace} than ${limit}`;
      return { rule: 'limit', words, namespace };
    }
    case 'members':
      return {
        rule: 'members',
        words: `the profile of both would hold more than ${rules.bounds.members} identifiers`,
      };
    case 'split': {
      const [a, b] = refusal.split;
      return {
        rule: 'split',
        words: `it would bring together ${a} and ${b}, which are kept apart`,
        split: [a, b],
      };
    }
    case 'beyond_bound':
      return {
        rule: 'beyond_bound',
        words: `its component has more than ${rules.bounds.links} links: the earliest ones decide, and this is a later one`,
      };
    case undefined:
      return { rule: 'unknown', words: 'the component has too many links to explain here' };
  }
}
