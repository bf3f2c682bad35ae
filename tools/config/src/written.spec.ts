import { describe, expect, it } from '@jest/globals';
import { rewritten } from './written.js';

const BEFORE = `# ours
audiences:
  # for the campaign
  spring:
    name: Spring # soon
    query: 'trait("a") = 1'
  old: { name: Old }
sources:
  hook:
    name: Hook
    writeKeys: [{ key: wk_12345678 }]
    webhook: { signature: { secret: "\${SECRET}" } }
`;

describe('a file that is written again', () => {
  it('keeps comments, order and what stands for secrets, and loses what is not there any more', () => {
    const sources = { hook: { name: 'Hook', webhook: { signature: { secret: '***' } } } };
    const audiences = { autumn: { name: 'Autumn' }, spring: { name: 'Spring', query: "trait('a') = 2" } };
    const text = rewritten({ name: 'a.yaml', text: BEFORE }, { sources, audiences }, ['writeKeys']);
    expect(text).toBe(`# ours
audiences:
  # for the campaign
  spring:
    name: Spring # soon
    query: 'trait(''a'') = 2'
  autumn:
    name: Autumn
sources:
  hook:
    name: Hook
    writeKeys: [ { key: wk_12345678 } ]
    webhook: { signature: { secret: "\${SECRET}" } }
`);
    expect(rewritten({ name: 'a.yaml', text }, { sources, audiences }, ['writeKeys'])).toBe(text);
  });

  it('is refused where it is more than one document', () => {
    expect(() => rewritten({ name: 'a.yaml', text: 'a: 1\n---\nb: 2\n' }, {}, [])).toThrow(
      'a.yaml is not one document of YAML',
    );
  });
});
