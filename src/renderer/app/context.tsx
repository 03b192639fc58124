/** What every part of the window can reach: the engine's calls, what is live, the shell around the page. */
import { createContext, useContext, useEffect, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Job } from '../../shared/job.ts'
import type { Progress } from '../../shared/wire/contract.ts'
import type { Adding, AddingState } from '../add/adding.ts'
import type { Calls } from '../wire/live.ts'
import type { Live, LiveState } from '../wire/live.ts'
import type { Queue, QueueRows } from '../queue/queue.ts'
import type { Host } from '../wire/host.ts'

export interface Beside {
  readonly host: Host
  readonly live: Live
  readonly calls: Calls
  readonly queue: Queue
  readonly adding: Adding
}

const Context = createContext<Beside | null>(null)

export function BesideProvider({ value, children }: { readonly value: Beside; readonly children: ReactNode }) {
  return <Context value={value}>{children}</Context>
}

export function useBeside(): Beside {
  const beside = useContext(Context)
  if (beside === null) throw new Error('outside of the window')
  return beside
}

export function useLive(): LiveState {
  return useStore(useBeside().live.state)
}

export function useAdding(): AddingState {
  return useStore(useBeside().adding.state)
}

/** What rows there are; not what is in them. */
export function useQueueRows(): QueueRows {
  return useStore(useBeside().queue.state, ({ rows }) => rows)
}

/** The newest value of a job and of its progress; only what shows this job is drawn again. */
export function useJob(known: Job): { readonly job: Job; readonly progress: Progress | undefined } {
  const { queue } = useBeside()
  const { id } = known
  useEffect(() => queue.follow(id), [queue, id])
  const latest = useStore(queue.state, ({ jobs }) => jobs.get(id))
  const progress = useStore(queue.state, ({ progress: all }) => all.get(id))
  return { job: latest ?? known, progress }
}
