export { crashTest } from './crash-test.js';
export { summary, type CrashReport, type FaultReport } from './report.js';
