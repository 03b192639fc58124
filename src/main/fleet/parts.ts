/**
 * What machines make for an order: it lies beside where the result will be until the head takes it over. Whatever nobody waits for is
 * removed here. Apart, since it is once the provider and once the head that knows so.
 */
import { readdir, rm } from 'node:fs/promises'
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
