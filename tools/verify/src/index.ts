export { SUBJECTS, type Difference, type Subject, type VerifyReport } from './report.js';
export { verify, type VerifyOptions } from './verify.js';
