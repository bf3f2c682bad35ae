import { describe, expect, it } from '@jest/globals';
import { nameAdvice, nearestName } from './nearest-name.js';

describe('nearestName', () => {
  const names = ['where', 'withinMs', 'userId', 'op', 'name', 'rateLimit', 'toleranceSeconds'];

  it.each([
    ['wheer', 'where'],
    ['within', 'withinMs'],
    ['userID', 'userId'],
    ['user_id', 'userId'],
    ['tolerance', 'toleranceSeconds'],
    ['rate', 'rateLimit'],
    ['zz', undefined],
    ['window', undefined],
  ])('of %s is %s', (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });

  it.each([
    ['trak', 'track'],
    ['Tracks', 'track'],
    ['idetnify', 'identify'],
    ['pag', 'page'],
  ])('takes %s for %s', (name, expected) => {
    expect(nearestName(name, ['track', 'page', 'identify'])).toBe(expected);
  });

  it('takes the first of two that are equally near, and none that is far', () => {
    expect(nearestName('pago', ['page', 'pageo', 'pag'])).toBe('page');
    expect(nearestName('webhook', ['track', 'page'])).toBeUndefined();
  });

  it('takes no candidate of which nothing is left', () => {
    expect(nearestName('x', ['t'])).toBeUndefined();
  });
});

describe('nameAdvice', () => {
  it('names the nearest, or all that there are', () => {
    expect(nameAdvice('wheer', ['where', 'op'])).toBe('did you mean where?');
    expect(nameAdvice('window', ['where', 'op'])).toBe('known are where, op');
  });
});
