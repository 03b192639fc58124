/** A question to a provider that must be answered in time; if it is not, the provider counts as out of order. */
import { JobError } from '../../shared/failure.ts'
import type { Provider } from '../providers/provider.ts'
import type { Clock } from './ports.ts'

export async function within<T>(
  ms: number,
  { about }: Pick<Provider, 'about'>,
  clock: Clock,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const takeBack = clock.after(ms, () => {
    late.abort(new JobError('provider-down', { provider: about.title, reason: `no answer for ${ms / 1000} s` }))
  })
  try {
    return await ask(AbortSignal.any([signal, late.signal]))
  } finally {
    takeBack()
  }
}
