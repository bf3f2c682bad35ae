import {
  IdentityRules,
  newResolverState,
  pairOf,
  Resolution,
  Resolver,
  type LinkFact,
  type RulesDefinition,
} from '@tributary/identity';
import { identifier } from '@tributary/kernel';
import { measuring, type Measure } from '../bench.js';
import { percentile } from '../statistics.js';

const IDENTIFIERS = 1_000;
/** The links that make the last of them, which are measured. */
const MEASURED = 200;
const ANEW = 50;

/** All of a component is one profile by them. */
const RULES: RulesDefinition = {
  namespaces: {
    '*': { priority: 0, limit: IDENTIFIERS, supernode: 2 * IDENTIFIERS, blocked: [], normalise: [] },
  },
};

/** What a new link costs in a component of a thousand identifiers, of which each knows the one before, without a log. */
export function resolveAlone(runs: number): readonly Measure[] {
  const all = Array.from({ length: runs }, measureOnce);
  const of = measuring(all, 'resolve alone, a component of 1,000');
  return [
    of('one more link that comes last, p50', 'µs', ({ append }) => percentile(append, 0.5)),
    of('one more link that comes last, p99', 'µs', ({ append }) => percentile(append, 0.99)),
    of('one more link at its root, and the answers, p50', 'µs', ({ root }) => percentile(root, 0.5)),
    of('one more link at its root, and the answers, p99', 'µs', ({ root }) => percentile(root, 0.99)),
    of('all links anew, p50', 'µs', ({ anew }) => percentile(anew, 0.5)),
  ];
}

function measureOnce() {
  const rules = new IdentityRules(RULES);
  const facts = chain();
  const resolution = Resolution.of(facts.slice(0, -MEASURED), rules);
  const append = facts.slice(-MEASURED).map((fact) => timed(() => resolution.append([fact])));
  const anew = Array.from({ length: ANEW }, () => timed(() => Resolution.of(facts, rules)));
  return { append, root: atRoot(facts, rules), anew };
}

function chain(): readonly LinkFact[] {
  const idOf = (n: number) => identifier('anonymous_id', `device-${n}`);
  return Array.from({ length: IDENTIFIERS - 1 }, (_, n) => {
    const pair = pairOf(idOf(n), idOf(n + 1));
    const endsFirstSeen: LinkFact['endsFirstSeen'] = pair[0] === idOf(n) ? [n, n + 1] : [n + 1, n];
    return { pair, eligible: true, firstSeen: n + 1, endsFirstSeen, version: n };
  });
}

function atRoot(facts: readonly LinkFact[], rules: IdentityRules): readonly number[] {
  const resolver = new Resolver({ rulesOf: () => rules });
  const me = identifier('anonymous_id', 'device-0');
  const state = newResolverState(me, 0);
  const take = (fact: LinkFact, offset: number) => {
    const message = { kind: 'facts', from: me, facts: [fact], open: false } as const;
    resolver.apply(me, state, [message], { offset, rules: 0 });
    resolver.apply(me, state, [{ kind: 'resolve' }], { offset: offset + 1, rules: 0 });
  };
  const times = facts.map((fact, i) =>
    timed(() => {
      take(fact, 2 * i);
    }),
  );
  return times.slice(-MEASURED);
}

/** In microseconds. */
function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) * 1_000;
}
