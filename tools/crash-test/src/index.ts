export { identityScenario, type IdentityScenarioOptions } from './identity/scenario.js';
export { identitySummary, type IdentityScenarioReport } from './identity/report.js';
export { crashTest } from './crash-test.js';
export { summary, type CrashReport, type FaultReport } from './report.js';
