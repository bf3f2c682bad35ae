import { describe, expect, it } from '@jest/globals';
import type { AudienceDefinition } from './definition.js';
import { definitionHash } from './aggregate.js';
import { parseQuery, parseTrait } from './parse-query.js';
import { printQuery } from './query-printer.js';
import { namesIn, resolve, scoreReadIn, type Named } from './resolve.js';

function definitionOf(text: string): AudienceDefinition {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function traitOf(text: string) {
  const parsed = parseTrait(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const named = (
  audiences: Readonly<Record<string, string>>,
  traits: Readonly<Record<string, string>> = {},
): Named => ({
  audiences: new Map(Object.entries(audiences).map(([key, text]) => [key, definitionOf(text)])),
  traits: new Map(Object.entries(traits).map(([key, text]) => [key, traitOf(text)])),
});

const resolved = (text: string, by: Named, own?: string) => {
  const result = resolve(definitionOf(text), by, own);
  return result.ok ? printQuery(result.value.definition) : `${result.error.nth}: ${result.error.reason}`;
};

describe('resolve', () => {
  const buyers = "event('Order Completed').count() >= 1";

  it('puts the definition in force in the place of an audience, also under NOT and through another one', () => {
    const by = named({ buyers, others: "NOT (audience('buyers'))" });
    expect(resolved("audience('others') AND trait('plan') = 'pro'", by)).toBe(
      `NOT (${buyers}) AND trait('plan') = 'pro'`,
    );
  });

  it('puts a computed trait in the place of a trait, and leaves a customer’s', () => {
    const by = named({}, { revenue: "event('Order Completed').sum(property('revenue'))" });
    expect(resolved("trait('revenue') > 500 AND trait('plan') = 'pro'", by)).toBe(
      "event('Order Completed').sum(property('revenue')) > 500 AND trait('plan') = 'pro'",
    );
  });

  it('gives back the same tree where nothing is named, and says what was', () => {
    const definition = definitionOf(`${buyers} OR trait('plan') = 'pro'`);
    const alone = resolve(definition, named({ buyers }));
    expect(alone).toEqual({ ok: true, value: { definition, audiences: [], traits: [] } });
    expect(alone.ok && alone.value.definition).toBe(definition);
    const by = named({ a: "audience('b')", b: "trait('t') > 1" }, { t: "event('A').count()" });
    expect(resolve(definitionOf("NOT (audience('a'))"), by)).toMatchObject({
      value: { audiences: ['a', 'b'], traits: ['t'] },
    });
  });

  it('has another hash where what it names is another', () => {
    const hashBy = (text: string) => {
      const result = resolve(definitionOf("audience('a')"), named({ a: text }));
      return result.ok ? definitionHash(result.value.definition) : '';
    };
    expect(hashBy(buyers)).toBe(hashBy(buyers));
    expect(hashBy(buyers)).not.toBe(hashBy("event('Order Completed').count() >= 2"));
  });

  it.each([
    ["trait('a') = 1 OR audience('buyer')", '1: there is no audience "buyer"; did you mean "buyers"?'],
    ["audience('zzz')", '0: there is no audience "zzz"; create it first'],
    ["audience('own')", '0: an audience cannot be made of itself: "own" → "own"'],
    ["audience('buyers') AND audience('b')", '1: an audience cannot be made of itself: "own" → "b" → "own"'],
  ])('refuses %s, and says which condition it is', (text, fault) => {
    expect(resolved(text, named({ buyers, b: "NOT (audience('own'))", own: buyers }), 'own')).toBe(fault);
  });

  it('refuses more than five hundred conditions, however few are written', () => {
    const ten = Array.from({ length: 10 }, () => buyers).join(' OR ');
    const doubled = (key: string) => `audience('${key}') OR NOT (audience('${key}'))`;
    const by = named({ a: ten, b: doubled('a'), c: doubled('b'), d: doubled('c'), e: doubled('d') });
    expect(resolved("audience('e')", by)).not.toMatch(/^0: /);
    expect(resolved(Array.from({ length: 4 }, () => "audience('e')").join(' OR '), by)).toBe(
      '3: with the audiences that it names the definition has more than 500 conditions',
    );
  });

  it('refuses audiences that name one another without an end in sight', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`a${i}`, `audience('a${i + 1}')`]),
    );
    expect(resolved("audience('a0')", named({ ...chain, a30: buyers }))).toBe(
      '0: audiences name one another more than 20 deep',
    );
  });
});

describe('what a definition names', () => {
  it('is each audience and each trait once', () => {
    expect(namesIn(definitionOf("audience('a') OR NOT (audience('a')) OR trait('t') = 1"))).toEqual({
      audiences: ['a'],
      traits: ['t'],
    });
  });

  it('is no score', () => {
    const by = named({}, { rank: "trait('revenue').score(5)" });
    expect(scoreReadIn(definitionOf("trait('plan') = 1 AND trait('rank') = 5"), by)).toEqual({
      nth: 1,
      reason:
        '"rank" is a score, which an audience cannot read yet: compare the trait that it ranks, trait(\'revenue\')',
    });
  });
});
