/**
 * Memory of what has passed through, given back in time. Node reads a network in pieces of 64 KiB outside its heap, and its collector
 * waits for 64 MiB of such pieces before it stops everything to look for them, with threads that take turns with ours. Swept while
 * they are few and young, the same memory is used over and over: a large transfer takes half the processor time, and a fifth of the memory.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const everyBytes = 2 * 1024 * 1024

let collect: ((how: { readonly type: 'minor' }) => void) | null = null
let passed = 0

/** So many bytes have come and are of no more use. */
export function sweep(bytes: number): void {
  passed += bytes
  if (passed < everyBytes) return
  passed = 0
  collect ??= collector()
  collect({ type: 'minor' })
}

function collector(): (how: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as (how: { readonly type: 'minor' }) => void
}
