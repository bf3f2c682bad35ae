import { describe, expect, it } from '@jest/globals';
import { changeId, EpochReader, epochKey, isHigher, placeOfChange, toldKey } from './index.js';

const record = (key: string, epoch?: number, sequence?: number) => ({
  ...{ partition: 3, key },
  headers: {
    ...(epoch !== undefined && { epoch: String(epoch) }),
    ...(sequence !== undefined && { sequence: String(sequence) }),
  },
});
const told = (epoch: number, sequence: number) => record('w/p', epoch, sequence);
const begins = (epoch: number) => record(epochKey(3), epoch);
const readings = (records: readonly ReturnType<typeof record>[], reader = new EpochReader()) =>
  records.map((one) => reader.read(one));

describe('an epoch reader', () => {
  it('heeds what an owner tells, in the order of its numbers', () => {
    expect(readings([begins(5), told(5, 1), told(5, 2), told(5, 7)])).toEqual([
      'partition',
      ...['news', 'news', 'news'],
    ]);
  });

  it('drops what a request brings that is sent again', () => {
    expect(readings([told(5, 1), told(5, 2), told(5, 1), told(5, 2), told(5, 3)])).toEqual([
      ...['news', 'news', 'void', 'void', 'news'],
    ]);
  });

  it('drops what a former owner writes, also before the next has anything to tell', () => {
    expect(readings([told(5, 9), begins(8), told(5, 10), told(8, 1), told(5, 11)])).toEqual([
      ...['news', 'partition', 'void', 'news', 'void'],
    ]);
  });

  it('begins no epoch by a record that asks for its number, nor by one of a former owner', () => {
    expect(readings([begins(8), record(epochKey(3)), begins(5), told(8, 1), record(toldKey(3), 5)])).toEqual([
      ...['partition', 'partition', 'void', 'news', 'void'],
    ]);
  });

  it('knows what repeats by its lack of a number', () => {
    expect(readings([begins(8), record('w/p', 8), record('w/p', 5), told(8, 1)])).toEqual([
      ...['partition', 'repeat', 'void', 'news'],
    ]);
  });

  it('hears each partition by itself', () => {
    const reader = new EpochReader();
    reader.read(begins(8));
    expect(reader.isNews({ ...told(5, 1), partition: 4 })).toBe(true);
    expect(reader.heard(3)).toEqual({ epoch: 8, sequence: 0 });
    expect(reader.heard(4)).toEqual({ epoch: 5, sequence: 1 });
  });

  it('goes on where it was', () => {
    const reader = new EpochReader([[3, { epoch: 8, sequence: 4 }]]);
    expect(readings([told(8, 4), told(5, 9), told(8, 5)], reader)).toEqual(['void', 'void', 'news']);
  });
});

describe('the id of a change', () => {
  it('is the place of its membership', () => {
    const id = changeId(3, { epoch: 1200, sequence: 7 });
    expect(id).toBe('3-1200-7');
    expect(placeOfChange(id)).toEqual({ epoch: 1200, sequence: 7 });
  });

  it('has the order of epochs, then of numbers', () => {
    const place = (epoch: number, sequence: number) => ({ epoch, sequence });
    expect(isHigher(place(9, 1), place(8, 5))).toBe(true);
    expect(isHigher(place(8, 5), place(8, 4))).toBe(true);
    expect(isHigher(place(8, 5), place(8, 5))).toBe(false);
    expect(isHigher(place(7, 9), place(8, 5))).toBe(false);
  });
});
