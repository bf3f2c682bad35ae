export { identityStory, type IdentityStoryOptions } from './identity/story.js';
export { identitySummary, type IdentityStoryReport } from './identity/report.js';
export { crashTest } from './crash-test.js';
export { summary, type CrashReport, type FaultReport } from './report.js';
