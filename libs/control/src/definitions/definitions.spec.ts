import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failed, ok } from '@tributary/kernel';
import { sql } from 'kysely';
import { ANN, ControlBed, type Thing } from '../../test/control.fixture.js';
import type { ControlPlane } from '../control-plane.js';
import { Secrets } from '../secrets.js';
import type { Definitions } from './definitions.js';
import { rotateSecrets } from './rotate-secrets.js';

let bed: ControlBed;
let planes: readonly [ControlPlane, ControlPlane];
let definitions: readonly [Definitions<Thing>, Definitions<Thing>];
const by = { author: ANN, reason: 'because', at: Date.parse('2026-01-02T03:04:05.678Z') };

beforeAll(async () => {
  bed = await ControlBed.make();
  planes = [await bed.started(), await bed.started()];
  definitions = [planes[0].definitions(bed.kind), planes[1].definitions(bed.kind)];
});

afterAll(async () => {
  await bed.end();
});

describe('Definitions', () => {
  it('keep every version with its author, reason and instant, and count on after a removal', async () => {
    const [things] = definitions;
    await things.change('a', by, () => ok({ put: { name: 'one' } }));
    await things.change('a', by, () => ok({ put: { name: 'two' } }));
    await things.change('a', by, () => ok('remove'));
    expect(await things.find('a')).toBeUndefined();
    await things.change('a', by, () => ok({ put: { name: 'one' } }));
    expect(await things.find('a')).toEqual({ id: 'a', version: 4, value: { name: 'one' } });
    expect(await things.versions('a', { limit: 3 })).toEqual([
      { version: 4, value: { name: 'one' }, ...by },
      { version: 3, ...by },
      { version: 2, value: { name: 'two' }, ...by },
    ]);
    expect(await things.versions('a', { limit: 3, before: 2 })).toEqual([
      { version: 1, value: { name: 'one' }, ...by },
    ]);
  });

  it('change nothing where a change is refused, or leaves it as it is', async () => {
    const [things] = definitions;
    await things.change('b', by, () => ok({ put: { name: 'one' } }));
    expect(await things.change('b', by, () => failed('no'))).toEqual(failed('no'));
    await things.change('b', by, () => ok('keep'));
    const thrown = things.change('b', by, () => {
      throw new Error('broken');
    });
    await expect(thrown).rejects.toThrow('broken');
    expect(await things.versions('b', { limit: 9 })).toHaveLength(1);
  });

  it('lose no change of a hundred writers in two processes', async () => {
    const add = (which: number, name: string) =>
      definitions[which % 2]!.change('c', by, (before) =>
        ok({ put: { name: `${before?.value.name ?? ''}${name} ` } }),
      );
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name, i) => add(i, name)));
    const kept = await definitions[0].find('c');
    expect(kept?.version).toBe(100);
    expect(new Set(kept?.value.name.trim().split(' '))).toEqual(new Set(names));
  });

  it('give what only one may have to one of those that want it, and to another when it is free', async () => {
    const wanting = ['x1', 'x2', 'x3', 'x4'];
    const answers = await Promise.all(
      wanting.map((id, i) =>
        definitions[i % 2]!.change(id, by, () => ok({ put: { name: id, keys: ['k', `own-${id}`] } })),
      ),
    );
    const owners = wanting.filter((_, i) => answers[i]!.ok);
    expect(owners).toHaveLength(1);
    const [owner = ''] = owners;
    const refused = answers.filter((answer) => !answer.ok);
    expect(refused).toEqual(refused.map(() => failed({ taken: 'k', owner })));
    const other = wanting.find((id) => id !== owner) ?? '';
    await definitions[0].change(owner, by, () => ok('remove'));
    expect((await definitions[1].change(other, by, () => ok({ put: { name: other, keys: ['k'] } }))).ok).toBe(
      true,
    );
    const back = await definitions[0].change(owner, by, () => ok({ put: { name: owner, keys: ['k'] } }));
    expect(back).toEqual(failed({ taken: 'k', owner: other }));
  });

  it('share nothing with those of another workspace but what only one of all may have', async () => {
    const [here] = definitions;
    const there = planes[1].definitions(bed.kind, 'another');
    await here.change('same', by, () => ok({ put: { name: 'here', keys: ['of-all'] } }));
    const taken = await there.change('same', by, () => ok({ put: { name: 'there', keys: ['of-all'] } }));
    expect(taken).toEqual(failed({ taken: 'of-all' }));
    await there.change('same', by, () => ok({ put: { name: 'there' } }));
    await there.change('only', by, () => ok({ put: { name: 'there' } }));
    expect(await here.find('same')).toMatchObject({ version: 1, value: { name: 'here' } });
    expect(await there.find('same')).toMatchObject({ version: 1, value: { name: 'there' } });
    expect(await here.find('only')).toBeUndefined();
    expect((await there.all()).map(({ id }) => id)).toEqual(['only', 'same']);
    await here.change('same', by, () => ok('remove'));
    expect(await here.versions('same', { limit: 9 })).toHaveLength(2);
    expect(await there.versions('same', { limit: 9 })).toHaveLength(1);
  });

  it('take any text, and ids of any length', async () => {
    const id = `"\u0000\ud800${'x'.repeat(5_000)}`.replaceAll('\u0000', '0').replaceAll('\ud800', 'd');
    const name = 'nul \u0000 and half \ud800 of a pair';
    await bed.put(planes[0], id, { name });
    expect(await definitions[1].find(id)).toMatchObject({ id, value: { name } });
    expect((await bed.topic()).get(id)).toEqual({ value: { name }, version: 1 });
  });

  it('have their secrets encrypted in the database, in the versions too, and readable in the topic', async () => {
    await bed.put(planes[0], 's', { name: 's', secret: 'whsec_1' });
    const database = bed.database();
    const texts = async () =>
      (
        await database.run((s) =>
          sql<{ readonly text: string }>`
            SELECT value::text AS text FROM definitions WHERE id = 's'
            UNION ALL SELECT value::text FROM definition_versions WHERE id = 's'`.execute(s),
        )
      ).rows.map(({ text }) => text);
    const before = await texts();
    expect(before.filter((text) => text.includes('whsec') || !text.includes('enc:1:k1:'))).toEqual([]);
    expect((await bed.topic()).get('s')?.value).toEqual({ name: 's', secret: 'whsec_1' });

    const key = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}`;
    const [old, next] = [new Secrets(key('k8')), new Secrets(`${key('k9')},${key('k8')}`)];
    const encrypted = JSON.stringify({ name: 's', secret: old.encrypt('whsec_2') });
    await database.run((s) => sql`UPDATE definitions SET value = ${encrypted} WHERE id = 's'`.execute(s));
    await database.run((s) =>
      sql`UPDATE definition_versions SET value = ${encrypted} WHERE id = 's'`.execute(s),
    );
    expect(await rotateSecrets(database, next, [bed.kind])).toBe(2);
    expect(await rotateSecrets(database, next, [bed.kind])).toBe(0);
    const rotated = await texts();
    expect(rotated.filter((text) => !text.includes('enc:1:k9:'))).toEqual([]);
    await database.close();
    const { secret } = JSON.parse(rotated[0] ?? '{}') as Thing;
    expect(next.decrypt(secret ?? '')).toBe('whsec_2');
  });
});
