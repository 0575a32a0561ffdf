import { expect, test } from 'vitest';
import { axisTicks } from './Reports.tsx';

test('the axis ends at a round value above the highest bar, in its unit', () => {
  expect(axisTicks([{ seconds: 680 }, { seconds: null }])).toEqual([0, 6, 12]);
  expect(axisTicks([{ seconds: 3 * 3600 - 1 }])).toEqual([0, 90, 180]);
  expect(axisTicks([])).toEqual([0, 1, 2]);
});
