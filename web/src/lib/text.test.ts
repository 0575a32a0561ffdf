import { expect, test } from 'vitest';
import { sizeText } from './text.ts';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1.0 KB'],
  [10 * 1024, '10 KB'],
  [1024 * 1024 - 1, '1.0 MB'],
  [26 * 1024 * 1024, '26 MB'],
])('%i bytes', (bytes, text) => expect(sizeText(bytes)).toBe(text));
