/** What runs on this machine, zombies left out. Linux tells it by files; slim machines have no `ps`. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  readonly pid: number
  readonly parent: number
  /** Its command line, with blanks between the arguments. */
  readonly line: string
}

export function processes(): readonly Process[] {
  return process.platform === 'linux' ? fromFiles() : fromPs()
}

function fromFiles(): readonly Process[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.flatMap((id) => {
    try {
      // What stands before the last bracket is the program's name, which may hold anything.
      const stat = readFileSync(`/proc/${id}/stat`, 'latin1')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const line = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return state === 'Z' ? [] : [{ pid: Number(id), parent: Number(parent), line }]
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

function fromPs(): readonly Process[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((text) => {
      const [, pid, parent, state, line = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(text) ?? []
      return pid === undefined || state?.startsWith('Z') === true ? [] : [{ pid: Number(pid), parent: Number(parent), line }]
    })
}
