/** Dialogs that anything in the window may open. Each lives once, beside the views, so what it shows is kept here. */
import { create } from 'zustand'
import type { Job } from '../../shared/job.ts'
import type { Comparison } from '../compare/compared.ts'

interface Dialogs {
  readonly details: Job | null
  readonly rerun: Job | null
  /** The runs of its source. */
  readonly runs: Job | null
  readonly comparison: Comparison | null
  /** Jobs that have not begun; `tries`: with what comes of the first of them. */
  readonly change: { readonly jobs: readonly Job[]; readonly tries: boolean } | null
  readonly shortcuts: true | null
  /** The history is asked to put the cursor into its search, as soon as it is there. */
  readonly historySearch: true | null
}

export const useDialogs = create<Dialogs>()(() => ({
  details: null,
  rerun: null,
  runs: null,
  comparison: null,
  change: null,
  shortcuts: null,
  historySearch: null,
}))

export function openDialog(what: Partial<Dialogs>): void {
  useDialogs.setState(what)
}

export function closeDialog(name: keyof Dialogs): void {
  useDialogs.setState({ [name]: null })
}
