import { describe, expect, it } from '@jest/globals';
import { unasked } from './attempt.js';

describe('unasked', () => {
  it('counts ends that are not by our own hand, and nothing else that is said', () => {
    const ends: string[] = [];
    const said: string[] = [];
    const say = unasked(ends, (line) => said.push(line));
    const ended = 'identity ended with code 70: fenced; starting it again';
    const failed = 'api did not start: Kafka does not answer';
    for (const line of [
      'identity ended by SIGKILL; starting it again',
      ended,
      failed,
      'waiting for collector to drain …',
      'identity is not ready yet: kafka: not ready',
    ])
      say(line);
    expect(ends).toEqual([ended, failed]);
    expect(said).toHaveLength(4);
  });
});
