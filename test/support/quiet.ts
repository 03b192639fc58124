/** What a test file must not leave behind: servers, connections, programs, threads. */
// Whoever imports this opens standard input for good: some libraries do, and must find it open.
import { getActiveResourcesInfo } from 'node:process'
import { afterAll, beforeAll, expect } from 'vitest'

const kinds = /^(PipeServerWrap|TCPServerWrap|PipeWrap|TCPSocketWrap|ProcessWrap|MessagePort|Worker)$/

function open(): readonly string[] {
  return getActiveResourcesInfo()
    .filter((name) => kinds.test(name))
    .toSorted()
}

/** Fails the file when, at its end, more is open than at its beginning. */
export function leavesNothingOpen(): void {
  let before: readonly string[] = []
  beforeAll(() => {
    before = open()
  })
  afterAll(async () => {
    // A closed connection is gone with the next turn of the event loop.
    for (let turn = 0; turn < 50 && open().length > before.length; turn += 1)
      await new Promise((resolve) => setImmediate(resolve))
    expect(open()).toEqual(before)
  })
}
