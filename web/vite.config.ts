import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { themeCss } from './theme-css.ts';

/** Where `bridgewatch serve` listens during development. */
const backend = process.env.BRIDGEWATCH_URL ?? 'http://127.0.0.1:8080';
const proxied = ['/api', '/v1', '/v2', '/ack', '/healthz', '/readyz'];

export default defineConfig({
  plugins: [react(), themeCss()],
  // "assets" is a route of the product, so the hashed files live under "static".
  build: { assetsDir: 'static', target: 'es2023', chunkSizeWarningLimit: 700 },
  server: { port: 5173, proxy: Object.fromEntries(proxied.map((path) => [path, { target: backend, xfwd: true }])) },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    css: { include: [/tokens\.css/] },
    testTimeout: 20_000,
  },
});
