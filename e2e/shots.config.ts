import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** `npm run shots`: makes the pictures of the README anew. */
export default defineConfig({
  ...base,
  testDir: 'shots',
  use: { ...base.use, viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
});
