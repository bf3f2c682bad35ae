export { compilePlan } from './compile-plan.js';
export {
  PLAN_LIMITS,
  type CompiledPlan,
  type OnViolation,
  type Plan,
  type PlannedCall,
  type PlannedEvent,
  type PlannedType,
  type PlanProblem,
  type Violation,
  type ViolationCode,
} from './plan.js';
export { VIOLATION_MEANINGS } from './violation-meanings.js';
