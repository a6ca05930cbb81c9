import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { licences } from './scripts/licences.mjs';
import {
  hashedContentSecurityPolicy,
  inlineWorkers,
  designSources,
  serviceWorker,
  siteContentSecurityPolicy,
} from './scripts/plugins.mjs';

/** Mode `single` makes one HTML file that opens from `file://`; every other mode the static site. */
export default defineConfig(({ mode }) => {
  const single = mode === 'single';
  const { page, worker } = licences({ single });
  return {
    base: './',
    plugins: [
      react(),
      designSources(),
      page,
      ...(single
        ? [inlineWorkers(), viteSingleFile(), hashedContentSecurityPolicy()]
        : [siteContentSecurityPolicy(), serviceWorker()]),
    ],
    worker: { format: single ? 'iife' : 'es', plugins: () => [designSources(), worker()] },
    build: {
      target: 'es2023',
      outDir: single ? 'node_modules/.cache/mmscope/single' : 'dist',
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      // A data: URL in the stylesheet would need a laxer policy.
      ...(single ? {} : { assetsInlineLimit: 0 }),
      // What the page begins with is one file: a dozen small ones compress worse and are asked for one by one.
      ...(single
        ? {}
        : { rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } } }),
    },
  };
});
