import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { v5 } from 'uuid';
import { compareByDigest, partitionOf, profileIdOf } from './hashing.js';

const murmur2 = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2.js') as (
  key: Buffer,
) => number;

describe('partitionOf', () => {
  it('agrees with the partitioner of Kafka clients for keys of every length', () => {
    for (const key of [
      '',
      'a',
      'ab',
      'abc',
      'abcd',
      'default/user_id:u1',
      'Ünïcode ✓ key',
      'x'.repeat(1001),
    ]) {
      expect(partitionOf(key, 97)).toBe((murmur2(Buffer.from(key)) & 0x7fffffff) % 97);
    }
  });
});

describe('profileIdOf', () => {
  it('is the same for the same identifier and another in another workspace', () => {
    expect(profileIdOf('w', 'user_id:u1')).toBe(profileIdOf('w', 'user_id:u1'));
    expect(profileIdOf('w', 'user_id:u1')).not.toBe(profileIdOf('v', 'user_id:u1'));
  });

  it('is the UUIDv5 that others make, in the namespace of profiles', () => {
    const namespace = 'f1f0c9d2-6c7a-5b52-9a0e-4f5b8f5d1c11';
    for (let i = 0; i < 500; i += 1) {
      expect(profileIdOf('wörkspace', `user_id:✓${i}`)).toBe(v5(`wörkspace/user_id:✓${i}`, namespace));
    }
  });
});

describe('compareByDigest', () => {
  it('is an order: antisymmetric, and equal only to itself', () => {
    const texts = Array.from({ length: 50 }, (_, i) => `user_id:${i}`);
    for (const a of texts)
      for (const b of texts)
        expect(Math.sign(compareByDigest(a, b))).toBe(-Math.sign(compareByDigest(b, a)) + 0);
  });
});
