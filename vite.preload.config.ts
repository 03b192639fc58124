/** What runs in the window's sandbox before its page: one CommonJS file, since a sandbox loads nothing else. */
import { defineConfig } from 'vite'

export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'out',
    emptyOutDir: false,
    minify: false,
    rolldownOptions: { external: ['electron'] },
    lib: { entry: 'src/main/app/preload.ts', formats: ['cjs'], fileName: () => 'preload.cjs' },
  },
})
