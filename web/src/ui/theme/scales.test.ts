import { expect, test } from 'vitest';
import { scales } from './scales.ts';
import css from './tokens.css?raw';

test('the Mantine colours are the ones of tokens.css', () => {
  for (const [name, tuple] of Object.entries(scales)) {
    const fromCss = tuple.map((_, step) => css.match(new RegExp(`--bw-${name}-${step}: (#[0-9a-f]{6});`))?.[1]);
    expect(fromCss, name).toEqual([...tuple]);
  }
});
