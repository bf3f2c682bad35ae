import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { makeLogger } from './logging.js';
import { ProcessorNews } from './processor-news.js';

describe('ProcessorNews', () => {
  it('counts offsets that a group did not take, those of a rebalance apart', async () => {
    const registry = new Registry();
    const news = new ProcessorNews(makeLogger('spec', 'silent'), registry);
    const refused = { groupId: 'g', topic: 't', partition: 3 };
    news.commitFailed({ ...refused, isOfOldGeneration: true });
    news.commitFailed({ ...refused, isOfOldGeneration: true });
    news.commitFailed({ ...refused, isOfOldGeneration: false });
    const text = await registry.metrics();
    const name = 'tributary_offset_commits_failed_total{group="g",topic="t",partition="3"';
    expect(text).toContain(`${name},reason="rebalanced"} 2`);
    expect(text).toContain(`${name},reason="failed"} 1`);
  });
});
