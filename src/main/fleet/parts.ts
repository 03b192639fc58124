/**
 * What machines write on shared storage: parts of an order, which lie beside where the result will be until the head takes them over, and probes
 * of their proof. Whatever nobody waits for is removed here. Apart, since it is once the provider and once the head that knows so.
 */
import { lstat, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isOfOrder } from '../engine/job/temp-names.ts'

/**
 * What the attempts at an order have left. A machine that still writes notices that its file is gone.
 * @param prefix as in the order, on this machine.
 */
export async function removeParts(prefix: string, order: string): Promise<void> {
  const [folder, own] = [dirname(prefix), basename(prefix)]
  const names = await readdir(folder).catch(() => [])
  for (const name of names)
    if (name.startsWith(`${own}.`) && isOfOrder(name, order)) await rm(join(folder, name), { force: true, recursive: true })
}

/** What the names begin with of all that a machine writes to prove that it can work. */
export const probePrefix = '.beside-probe-'

/** No proof takes as long. */
const maxProofMs = 600_000

/** What machines that were killed over their proof have left. @param nowMs in milliseconds since 1970. */
export async function removeProbes(folder: string, nowMs: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const path of names.filter((name) => name.startsWith(probePrefix)).map((name) => join(folder, name))) {
    const found = await lstat(path).catch(() => null)
    if (found !== null && nowMs - found.mtimeMs > maxProofMs)
      await rm(path, { force: true, recursive: true }).catch(() => undefined)
  }
}
