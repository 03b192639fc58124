/** The window: one page for every shell. Its name for the style nonce is filled in by the server that sends it. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'src/renderer',
  base: './',
  publicDir: false,
  plugins: [react()],
  build: {
    outDir: '../../out/renderer',
    emptyOutDir: true,
    assetsDir: 'assets',
    license: { fileName: 'third-party-licences.md' },
    // Pictures inside styles would need data: addresses in more places than the policy allows.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
})
