/** One at a time: a second setup of the same checkout waits for the first, and then finds everything in place. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Runs `work` while `lock` holds this process's id; a lock whose process is gone is taken over. */
export function alone(lock, work) {
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  process.once('exit', () => rmSync(lock, { force: true }))
  const result = work()
  rmSync(lock, { force: true })
  return result
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!isAlive(ownerOf(lock))) rmSync(lock, { force: true })
  return false
}

/** Null while its owner is still writing, or has just let go. */
function ownerOf(lock) {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10) || null
  } catch {
    return null
  }
}

function isAlive(pid) {
  if (pid === null) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
