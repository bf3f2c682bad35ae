import { describe, expect, it } from '@jest/globals';
import { MOST_LABELLED_WORKSPACES } from '@tributary/service';
import { Registry } from 'prom-client';
import { InFlight } from '../log/in-flight.js';
import { IntakeMetrics } from './intake.metrics.js';

const linesOf = async (registry: Registry) =>
  (await registry.metrics()).split('\n').filter((line) => line.includes('not_kept_total{'));
const source = (workspaceId: string, sourceId: string) => ({ workspaceId, sourceId, enabled: true });

describe('the metrics of the intake', () => {
  it('name the first so many workspaces, and count all others as other', async () => {
    const registry = new Registry();
    const metrics = new IntakeMetrics(registry, new InFlight(1));
    const sent = MOST_LABELLED_WORKSPACES + 50;
    for (let i = 0; i < sent; i += 1) metrics.notKept(source(`w${i}`, 'web'), 'overloaded');
    const lines = await linesOf(registry);
    expect(lines).toHaveLength(MOST_LABELLED_WORKSPACES + 1);
    expect(lines.find((line) => line.includes('workspace="other"'))).toMatch(/ 50$/);
  });

  it('name the first thousand sources', async () => {
    const registry = new Registry();
    const metrics = new IntakeMetrics(registry, new InFlight(1));
    for (let i = 0; i < 1_200; i += 1) metrics.notKept(source('w', `s${i}`), 'overloaded');
    const lines = await linesOf(registry);
    expect(lines).toHaveLength(1_001);
    expect(lines.find((line) => line.includes('source="other"'))).toMatch(/ 200$/);
  });
});
