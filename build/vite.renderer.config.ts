// Builds the page into dist/renderer; with --mode gallery the gallery of its screens into dist/gallery, which never ships.

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig(({ mode }) => {
  const isGallery = mode === 'gallery';
  const root = new URL('../renderer/', import.meta.url).pathname;
  return {
    root,
    base: './',
    plugins: [react()],
    build: {
      outDir: new URL(isGallery ? '../dist/gallery' : '../dist/renderer', import.meta.url).pathname,
      emptyOutDir: true,
      target: 'chrome130', // the test runtime; shops have a newer one
      assetsInlineLimit: 0, // a font or picture inside a style sheet would be data:, which the policy blocks
      modulePreload: { polyfill: false }, // an inline script of its own
      sourcemap: false,
      chunkSizeWarningLimit: 900,
      rolldownOptions: { input: `${root}${isGallery ? 'gallery.html' : 'index.html'}` },
    },
  };
});
