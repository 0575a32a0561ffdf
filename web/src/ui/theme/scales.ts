import type { MantineColorsTuple } from '@mantine/core';

/** The eight colour scales of tokens.css as Mantine tuples; `scales.test.ts` proves that both agree. */
export const scales = {
  ink: ['#f5f8fa', '#ecf2f5', '#dae3e8', '#c3d0d8', '#9eafb9', '#768a94', '#586c77', '#3e535f', '#233944', '#0d212b'],
  chart: ['#f1f9fe', '#e0f1fe', '#c1e3fc', '#99d1f8', '#6ab7eb', '#3b9bd7', '#067eb9', '#006697', '#014d73', '#003451'],
  port: ['#fef5f5', '#fee8e8', '#ffd1d1', '#ffb1b3', '#ff8389', '#f25263', '#d12b47', '#ad1936', '#841428', '#5a101b'],
  signal: [
    '#fff5f1',
    '#feeae0',
    '#ffd3bf',
    '#ffb593',
    '#f58f5d',
    '#e16b29',
    '#bd5002',
    '#9a4001',
    '#762f01',
    '#511f02',
  ],
  lamp: ['#fff6e9', '#ffeccd', '#fcd89d', '#f5bf5e', '#e1a102', '#be8700', '#996d04', '#7c5701', '#5f4200', '#412c00'],
  starboard: [
    '#effbf5',
    '#ddf5ea',
    '#b9ebd5',
    '#8ddcbb',
    '#5bc59d',
    '#34a981',
    '#1f8a67',
    '#166f53',
    '#10543e',
    '#093929',
  ],
  dusk: ['#f8f6fe', '#efecfd', '#e0d8fb', '#ccbff8', '#b39fef', '#997ee1', '#7f5ec8', '#6847ac', '#4f3485', '#35225c'],
  brass: ['#fdf7e9', '#fbedcd', '#f4dca1', '#e7c571', '#cfa945', '#b18d2a', '#90721d', '#745b15', '#584510', '#3c2e08'],
} satisfies Record<string, MantineColorsTuple>;
