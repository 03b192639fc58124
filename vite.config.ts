import { basename, dirname, resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import about from './package.json' with { type: 'json' }

/** What the code starts as a thread or a process of its own becomes a file of its own, beside the rest and under its own name. */
const ownFiles: Plugin = {
  name: 'beside:own-files',
  enforce: 'pre',
  transform(code, id) {
    return code.replaceAll(/new URL\('(\.[^']+)\.ts', import\.meta\.url\)/g, (_, path: string) => {
      const fileName = `${basename(path)}.js`
      this.emitFile({ type: 'chunk', id: resolve(dirname(id), `${path}.ts`), fileName })
      return `new URL('./${fileName}', import.meta.url)`
    })
  },
}

const sdkShims = '@modelcontextprotocol/server/_shims'

/**
 * What the SDK of the Model Context Protocol takes from its platform. For Node that is AJV as well, to check what a client answers to a form, 300 kB;
 * Beside sends no forms.
 */
const withoutForms: Plugin = {
  name: 'beside:without-forms',
  enforce: 'pre',
  resolveId: (id) => (id === sdkShims ? `\0${sdkShims}` : null),
  load: (id) =>
    id === `\0${sdkShims}`
      ? `export { default as process } from 'node:process'
export class DefaultJsonSchemaValidator {
  getValidator() {
    throw new Error('Beside sends no forms')
  }
}`
      : null,
}

/** One flat folder that plain Node runs; all packages are in it but the `dependencies`, which bring binaries. */
export default defineConfig({
  plugins: [ownFiles, withoutForms],
  ssr: { noExternal: true, external: ['electron', ...Object.keys(about.dependencies)] },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'dist',
    minify: false,
    license: { fileName: 'third-party-licences.md' },
    rolldownOptions: {
      input: { beside: 'src/main/cli/main.ts', engine: 'src/main/compose.ts', app: 'src/main/app/main.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})
