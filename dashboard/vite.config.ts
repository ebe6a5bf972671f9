import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running API; the built dashboard is served by the API itself. */
const api = process.env['UNBROKEN_API'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  worker: { format: 'es' },
  build: {
    outDir: '../api/web',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // The map library is one file of its own; the first view does not wait for it.
    chunkSizeWarningLimit: 1200,
    // A font or a map outline inlined as data: would be refused by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The verifier is a page of its own: it works without the dashboard, and adds nothing to it.
    rollupOptions: { input: ['index.html', 'verify.html'] },
  },
  server: { host: '127.0.0.1', fs: { allow: ['.', '../custody'] }, proxy: { '/api': api, '/health': api } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
