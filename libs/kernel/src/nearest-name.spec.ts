import { describe, expect, it } from '@jest/globals';
import { nearestName } from './nearest-name.js';

describe('nearestName', () => {
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
