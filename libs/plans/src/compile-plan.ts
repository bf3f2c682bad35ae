import { failed, ok, type Result } from '@tributary/kernel';
import {
  PLAN_LIMITS,
  type CompiledPlan,
  type JsonObject,
  type OnViolation,
  type Plan,
  type PlannedCall,
  type PlannedEvent,
  type PlanProblem,
  type Violation,
} from './plan.js';
import { without, type Path } from './pruning.js';
import { SchemaCompiler, type Validate } from './schema-compiler.js';
import { complaintsOf, listed } from './violations.js';

/** An entry of a plan, ready to validate. */
interface Rule {
  readonly onViolation: OnViolation;
  readonly validate: Validate;
}

const TYPES: ReadonlySet<unknown> = new Set(['track', 'identify', 'page', 'screen', 'group', 'alias']);

const compiler = new SchemaCompiler();

/**
 * Compiles a plan, or says all that is wrong with it. A schema takes some milliseconds: `pause` is awaited between
 * them, so that others may have their turn.
 */
export async function compilePlan(
  plan: Plan,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Result<CompiledPlan, readonly PlanProblem[]>> {
  const problems: PlanProblem[] = [...sizeProblems(plan)];
  if (problems.length > 0) return failed(problems);
  const rules = new Map<string, Rule>();
  for (const [index, entry] of plan.events.entries()) {
    const path = `events[${index}]`;
    const name = ruleName(entry.type, entry.event);
    if (rules.has(name))
      problems.push({ path, message: `${named(entry)} is in the plan already: once is enough` });
    if (entry.event !== undefined && entry.type !== 'track') {
      problems.push({
        path: `${path}.event`,
        message: `only track calls have an event, ${entry.type} has none`,
      });
    }
    const compiled = compiler.compile(entry.schema);
    if (compiled.ok) rules.set(name, { onViolation: entry.onViolation, validate: compiled.value });
    else problems.push(...compiled.error.map((p) => ({ ...p, path: `${path}.schema${p.path}` })));
    await pause();
  }
  return problems.length > 0 ? failed(problems) : ok(new RulesPlan(rules, plan.unplanned));
}

function sizeProblems({ events }: Plan): readonly PlanProblem[] {
  if (events.length > PLAN_LIMITS.events) {
    return [{ path: 'events', message: `has ${events.length} entries: at most ${PLAN_LIMITS.events}` }];
  }
  const length = JSON.stringify(events).length;
  if (length <= PLAN_LIMITS.characters) return [];
  return [{ path: 'events', message: `is ${length} characters of JSON: at most ${PLAN_LIMITS.characters}` }];
}

function named({ type, event }: PlannedEvent): string {
  return event === undefined ? type : `${type} "${event}"`;
}

function ruleName(type: string, event: string | undefined): string {
  return event === undefined ? type : `${type}/${event}`;
}

class RulesPlan implements CompiledPlan {
  constructor(
    private readonly rules: ReadonlyMap<string, Rule>,
    private readonly unplanned: Plan['unplanned'],
  ) {}

  validate<T extends JsonObject>(call: T): Result<PlannedCall<T>, readonly Violation[]> {
    const { type, event } = call;
    if (typeof type !== 'string' || !TYPES.has(type)) return ok({ call, violations: [] });
    if (type === 'track' && typeof event !== 'string') return ok({ call, violations: [] });
    const rule =
      (type === 'track' ? this.rules.get(ruleName(type, String(event))) : undefined) ?? this.rules.get(type);
    if (!rule) return this.#unplanned(call, type);
    const errors = rule.validate(call);
    return errors ? violated(call, rule.onViolation, errors) : ok({ call, violations: [] });
  }

  #unplanned<T extends JsonObject>(call: T, type: string): Result<PlannedCall<T>, readonly Violation[]> {
    const [field, message] =
      type === 'track'
        ? ['event', 'the plan of the source does not name this event']
        : ['type', `the plan of the source does not speak of ${type} calls`];
    const violations: readonly Violation[] = [{ code: 'unplanned_event', field, message }];
    return this.unplanned === 'reject' ? failed(violations) : ok({ call, violations });
  }
}

function violated<T extends JsonObject>(
  call: T,
  onViolation: OnViolation,
  errors: Parameters<typeof complaintsOf>[0],
): Result<PlannedCall<T>, readonly Violation[]> {
  const complaints = complaintsOf(errors);
  if (onViolation === 'reject') return failed(listed(complaints.map(({ violation }) => violation)));
  if (onViolation === 'allow') {
    return ok({ call, violations: listed(complaints.map(({ violation }) => violation)) });
  }
  const paths = complaints
    .map(({ offending }) => offending)
    .filter((path): path is Path => path !== undefined);
  const violations = complaints.map(({ violation, offending }) =>
    offending ? { ...violation, dropped: true as const } : violation,
  );
  return ok({ call: paths.length === 0 ? call : without(call, paths), violations: listed(violations) });
}
