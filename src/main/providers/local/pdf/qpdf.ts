/**
 * qpdf in WebAssembly: pages taken apart and put together, encrypted and decrypted, damage repaired. Files and passwords are in its memory alone.
 */
import { createRequire } from 'node:module'
import createModule from '@neslinesli93/qpdf-wasm'
import { PDFDocument } from 'pdf-lib'
import { JobError } from '../../../../shared/failure.ts'

/** Its own declarations leave out what is used here. */
interface Instance {
  callMain(args: readonly string[]): number
  readonly FS: {
    writeFile(path: string, bytes: Uint8Array): void
    readFile(path: string): Uint8Array
    readdir(path: string): readonly string[]
    mkdir(path: string): void
    unlink(path: string): void
  }
}
interface Loading {
  readonly noInitialRun: true
  readonly locateFile: () => string
}

export interface Qpdf {
  /** What it is called in arguments. */
  add(bytes: Uint8Array): string
  /** As `add`, for a stranger's file: of one whose table of objects is broken, what its objects make up. */
  addRepaired(bytes: Uint8Array, password: string | undefined): Promise<string>
  /** @throws JobError. What it only warns of is repaired. */
  run(args: readonly string[]): void
  /** Takes it out of its memory. */
  take(name: string): Uint8Array
  /** Files of a folder that it made, in order. */
  list(folder: string): readonly string[]
  folder(name: string): void
}

/** @param path of the source, for failures. That its password is right has been seen: what is refused here is damaged. */
export async function startQpdf(path: string): Promise<Qpdf> {
  const wasm = createRequire(import.meta.url).resolve('@neslinesli93/qpdf-wasm/dist/qpdf.wasm')
  const start = createModule as unknown as (loading: Loading) => Promise<Instance>
  const qpdf = await start({ noInitialRun: true, locateFile: () => wasm })
  let files = 0
  const add = (bytes: Uint8Array): string => {
    const name = `/in-${(files += 1)}.pdf`
    qpdf.FS.writeFile(name, bytes)
    return name
  }
  return {
    add,
    addRepaired: async (bytes, password) => {
      const name = add(bytes)
      if (qpdf.callMain(['--warning-exit-0', ...opening(password), '--show-npages', name]) === 0) return name
      qpdf.FS.unlink(name)
      const whole = await PDFDocument.load(bytes, { updateMetadata: false }).catch((cause: unknown) => {
        throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
      })
      return add(await whole.save({ addDefaultPage: false, updateFieldAppearances: false }))
    },
    run: (args) => {
      if (qpdf.callMain(['--warning-exit-0', ...args]) !== 0)
        throw new JobError('source-damaged', { path, because: 'not-decodable' })
    },
    take: (name) => {
      const bytes = qpdf.FS.readFile(name)
      qpdf.FS.unlink(name)
      return bytes
    },
    folder: (name) => qpdf.FS.mkdir(name),
    list: (folder) =>
      qpdf.FS.readdir(folder)
        .filter((name) => !name.startsWith('.'))
        .toSorted((one, other) => firstNumber(one) - firstNumber(other))
        .map((name) => `${folder}/${name}`),
  }
}

export function opening(password: string | undefined): readonly string[] {
  return password === undefined ? [] : [`--password=${password}`]
}

function firstNumber(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0)
}
