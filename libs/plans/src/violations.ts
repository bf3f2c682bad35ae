import type { ErrorObject } from 'ajv';
import { PLAN_LIMITS, type Violation } from './plan.js';
import type { Path } from './pruning.js';

/** What a schema says against a call: where, and which path would have to go. */
export interface Complaint {
  readonly violation: Violation;
  /** What is to be removed to drop the offending property; undefined where nothing can be: it is missing, or no property. */
  readonly offending: Path | undefined;
}

/** The objects of a call whose members may be dropped. */
const DROPPABLE: ReadonlySet<string> = new Set(['properties', 'traits', 'context']);

/** The complaints of a validation, each place once. */
export function complaintsOf(errors: readonly ErrorObject[]): readonly Complaint[] {
  const complaints = new Map<string, Complaint>();
  for (const error of errors) {
    const complaint = complaintOf(error);
    const { field, message } = complaint.violation;
    complaints.set(`${field}\n${message}`, complaint);
  }
  return [...complaints.values()];
}

/** No more than are listed. */
export function listed(violations: readonly Violation[]): readonly Violation[] {
  return violations.slice(0, PLAN_LIMITS.violations);
}

function complaintOf(error: ErrorObject): Complaint {
  const at = pathOf(error.instancePath);
  const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues } =
    error.params as Readonly<Record<string, unknown>>;
  if (typeof missingProperty === 'string') return complaint([...at, missingProperty], 'is required', false);
  const unknown = additionalProperty ?? unevaluatedProperty;
  if (typeof unknown === 'string') return complaint([...at, unknown], 'is not in the plan');
  const message = error.message ?? 'is not valid';
  if (error.propertyName !== undefined) {
    return complaint([...at, error.propertyName], `has a name that ${message}`);
  }
  return complaint(at, Array.isArray(allowedValues) ? `${message}: ${allowedValues.join(', ')}` : message);
}

function complaint(path: Path, message: string, isThere = true): Complaint {
  const canGo = isThere && path.length > 1 && DROPPABLE.has(path[0] ?? '');
  return {
    violation: { code: 'plan_violation', field: fieldOf(path), message: message.slice(0, 300) },
    offending: canGo ? path : undefined,
  };
}

function pathOf(instancePath: string): Path {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function fieldOf(path: Path): string {
  const field = path.reduce((text, part) => {
    if (/^\d+$/.test(part)) return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
  return field.slice(0, 200).toWellFormed();
}
