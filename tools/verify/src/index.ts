export { SUBJECTS, type AppliedRules, type Difference, type Subject, type VerifyReport } from './report.js';
export { verify, type VerifyBounds, type VerifyOptions } from './verify.js';
export { VerifyError } from './verify.errors.js';
