import { describe, expect, it } from '@jest/globals';
import { identifier, profileIdOf } from '@tributary/kernel';
import { assign } from './assignment.js';
import { newResolverState } from './resolver-state.js';

const me = identifier('user_id', 'u');
const other = (n: number) => identifier('anonymous_id', `${n}`);

describe('an identifier that is moved on and on', () => {
  it('names where it began and where it was last, two hundred profiles in all', () => {
    const state = newResolverState(me, 0);
    for (let at = 0; at < 300; at += 1) {
      state.answer = { leader: me, at, first: other(at), reason: 'linked' };
      assign('w', me, state, at);
    }
    const formerly = state.assignment?.formerly ?? [];
    expect(formerly).toHaveLength(200);
    expect(formerly[0]).toBe(profileIdOf('w', me));
    expect(formerly.at(-1)).toBe(profileIdOf('w', other(299)));
    expect(formerly).not.toContain(profileIdOf('w', other(50)));
  });
});
