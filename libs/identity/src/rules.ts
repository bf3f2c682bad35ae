import { baseOf, namespaceOf, NOBODY, nobodyTest, valueOf, type Identifier } from '@tributary/kernel';

/** What the identifiers of a namespace may do. `limit` and `supernode` are about partners of this namespace. */
export interface NamespaceRule {
  /** The smaller it is, the more weight it has where two identifiers were first seen at the same instant. */
  readonly priority: number;
  /** How many identifiers of the namespace a profile holds at most, and through how many partners one joins. */
  readonly limit: number;
  /** An identifier with more distinct partners of the namespace than this is a supernode: it joins through none. */
  readonly supernode: number;
  /** Values that name nobody; one `*` in a value stands for any text. */
  readonly blocked: readonly string[];
  /** How a value is written before it becomes an identifier; the order of the steps is always the same. */
  readonly normalise: readonly Normalisation[];
  /**
   * What programs write where they have no value, in any case; one `*` stands for any text. No such value becomes an
   * identifier, and one that did joins nobody. Not given: collectors take the built-in list.
   */
  readonly nobody?: readonly string[];
  /** What a value has to be; one that is not is no identifier. For new events only, as `normalise` is. */
  readonly format?: 'email' | 'phone';
}

export type Normalisation = 'trim' | 'nfc' | 'lowercase';

/** By namespace; `name.*` is for all that begin so and have no rule of their own, `*` for all others. */
export interface RulesDefinition {
  readonly namespaces: Readonly<Record<string, NamespaceRule>>;
}

/** What bounds the work that one person can make. They are no rules: nobody can change them while it runs. */
export interface IdentityBounds {
  /** An identifier that has met more others, of whatever namespace, is a supernode under all rules. */
  readonly partners: number;
  /** The same, in bytes of what the others are written in, as JSON in UTF-8. */
  readonly partnerText: number;
  /** The most identifiers that a profile holds. */
  readonly members: number;
  /** Of one component, the earliest links decide; the rest are left out. */
  readonly links: number;
  /** The same, in bytes of what the ends of each link are written in, as JSON in UTF-8. */
  readonly linkText: number;
}

export const IDENTITY_BOUNDS: IdentityBounds = {
  partners: 1_500,
  partnerText: 80_000,
  members: 1_000,
  links: 2_500,
  linkText: 150_000,
};

const VALUES = { blocked: [], normalise: [], nobody: NOBODY } as const;
const DEVICE: NamespaceRule = { priority: 3, limit: 100, supernode: 1_000, ...VALUES };
const OTHER: NamespaceRule = { priority: 4, limit: 5, supernode: 20, ...VALUES };

/** One user a profile, five of its addresses and numbers, a hundred devices. */
export const DEFAULT_RULES: RulesDefinition = {
  namespaces: {
    user_id: { ...OTHER, priority: 0, limit: 1 },
    email: { ...OTHER, priority: 1, normalise: ['trim', 'nfc', 'lowercase'], format: 'email' },
    phone: { ...OTHER, priority: 2, normalise: ['trim'], format: 'phone' },
    anonymous_id: DEVICE,
    'android.*': { ...DEVICE, priority: 4 },
    'ios.*': { ...DEVICE, priority: 4 },
    '*': OTHER,
  },
};

/** Rules as they are applied. The definition has to be without {@link ruleFaults}. */
export class IdentityRules {
  readonly #ruleOf = new Map<string, NamespaceRule>();
  readonly #isBlocked = new Map<NamespaceRule, (value: string) => boolean>();

  constructor(
    readonly definition: RulesDefinition,
    readonly bounds: IdentityBounds = IDENTITY_BOUNDS,
  ) {}

  ruleOf(namespace: string): NamespaceRule {
    const known = this.#ruleOf.get(namespace);
    if (known) return known;
    const rule = ruleIn(this.definition, namespace);
    // Anybody may make up namespaces: those of a burst of nonsense are not kept.
    if (this.#ruleOf.size >= REMEMBERED_NAMESPACES) this.#ruleOf.clear();
    this.#ruleOf.set(namespace, rule);
    return rule;
  }

  isBlocked(of: Identifier): boolean {
    const id = baseOf(of);
    const rule = this.ruleOf(namespaceOf(id));
    let matches = this.#isBlocked.get(rule);
    if (!matches) this.#isBlocked.set(rule, (matches = matcherOf(rule)));
    return matches(valueOf(id));
  }
}

const REMEMBERED_NAMESPACES = 1_000;

/** The rule of a namespace: its own, else that of the longest beginning, else that of all others. */
export function ruleIn({ namespaces }: RulesDefinition, namespace: string): NamespaceRule {
  if (Object.hasOwn(namespaces, namespace)) return namespaces[namespace] ?? OTHER;
  let longest = '*';
  for (const pattern of Object.keys(namespaces)) {
    if (!pattern.endsWith('*') || pattern.length <= longest.length) continue;
    if (namespace.startsWith(pattern.slice(0, -1))) longest = pattern;
  }
  return namespaces[longest] ?? OTHER;
}

function matcherOf({ blocked, nobody }: NamespaceRule): (value: string) => boolean {
  const exact = new Set(blocked.filter((value) => !value.includes('*')));
  const parts = blocked
    .filter((value) => value.includes('*'))
    .map((value) => [value.slice(0, value.indexOf('*')), value.slice(value.indexOf('*') + 1)] as const);
  const namesNobody = nobody === undefined ? () => false : nobodyTest(nobody);
  return (value) =>
    exact.has(value) ||
    parts.some(
      ([start, end]) =>
        value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end),
    ) ||
    namesNobody(value);
}

/** Something in a definition that cannot be in force. `field` is where: `namespaces.email.supernode`. */
export interface RuleFault {
  readonly field: string;
  readonly message: string;
}

const MOST_NAMESPACES = 100;
const MOST_BLOCKED = 1_000;
const PATTERN = /^(\*|[^:\s*]{1,64}(\.\*)?)$/;

/** What is wrong with a definition, of which the shape was checked; empty where it can be in force. */
export function ruleFaults(
  { namespaces }: RulesDefinition,
  bounds: IdentityBounds = IDENTITY_BOUNDS,
): readonly RuleFault[] {
  const faults: RuleFault[] = [];
  const names = Object.keys(namespaces);
  if (!names.includes('*'))
    faults.push({
      field: 'namespaces',
      message: 'has no "*": the rule of all namespaces that have none of their own',
    });
  if (names.length > MOST_NAMESPACES)
    faults.push({ field: 'namespaces', message: `has ${names.length} rules: at most ${MOST_NAMESPACES}` });
  for (const [name, rule] of Object.entries(namespaces)) {
    const field = `namespaces.${name}`;
    if (!PATTERN.test(name))
      faults.push({
        field,
        message:
          'is no namespace: 1 to 64 characters without white space, ":" and "*"; or the beginning of some, with ".*"; or "*"',
      });
    faults.push(...faultsOf(rule, field, bounds));
  }
  return faults;
}

function faultsOf(rule: NamespaceRule, field: string, bounds: IdentityBounds): RuleFault[] {
  const faults: RuleFault[] = [];
  const within = (name: 'priority' | 'limit' | 'supernode', least: number, most: number) => {
    const value = rule[name];
    if (!Number.isInteger(value) || value < least || value > most)
      faults.push({
        field: `${field}.${name}`,
        message: `is ${value}: a whole number from ${least} to ${most}`,
      });
  };
  within('priority', 0, 1_000);
  within('limit', 1, bounds.members);
  within('supernode', 1, bounds.partners);
  if (rule.supernode < rule.limit)
    faults.push({
      field: `${field}.supernode`,
      message: `is ${rule.supernode}, less than the limit of ${rule.limit}: the limit could never be reached`,
    });
  faults.push(
    ...listFaults(rule.blocked, `${field}.blocked`),
    ...listFaults(rule.nobody ?? [], `${field}.nobody`),
  );
  return faults;
}

function listFaults(values: readonly string[], field: string): RuleFault[] {
  const faults: RuleFault[] = [];
  if (values.length > MOST_BLOCKED)
    faults.push({ field, message: `has ${values.length} values: at most ${MOST_BLOCKED}` });
  for (const [i, value] of values.entries()) {
    if (value === '' || value === '*' || value.split('*').length > 2)
      faults.push({
        field: `${field}[${i}]`,
        message: `is "${value}": a value, in which one "*" may stand for any text`,
      });
  }
  return faults;
}
