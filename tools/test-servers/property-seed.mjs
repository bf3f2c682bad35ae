// Properties are tried on the same cases each time, so that one commit has one result; `npm run test:long` tries others.
import { expect } from '@jest/globals';

if (expect.getState().testPath?.endsWith('.property.spec.ts')) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED) });
}
