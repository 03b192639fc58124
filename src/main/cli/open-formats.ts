/**
 * Formats of which Beside knows nothing but the name: they are taken where a catalogue lists them, since else they are slips of the keyboard.
 * Apart, as every command that takes a target asks this.
 */
import { describe } from '../../shared/describe.ts'
import { failure, JobError } from '../../shared/failure.ts'
import { formatIds, formats, isKnown, type FormatId } from '../../shared/formats.ts'
import type { ProviderChoice } from '../../shared/job.ts'
import { guessingProviders } from '../../shared/providers.ts'
import type { Client } from '../../shared/wire/client.ts'
import { didYouMean } from './arguments.ts'
import { UsageError } from './exit.ts'
import { shown } from './terminal/text.ts'

/** @throws UsageError for a name that nobody has; JobError where a provider was named that cannot be asked. */
export async function refuseUnlisted(
  targets: readonly FormatId[],
  choice: ProviderChoice | undefined,
  client: Pick<Client, 'formats' | 'providers'>,
): Promise<void> {
  const open = targets.filter((id) => !isKnown(id))
  if (open.length === 0 || guessingProviders.has(choice ?? 'auto')) return
  const named = (await client.providers.list()).find(({ id }) => id === choice)
  if (named?.unready) throw JobError.from(named.unready)
  const listed = new Set(
    (await client.formats()).filter(({ provider }) => named === undefined || provider === named.id).flatMap(({ to }) => to),
  )
  const target = open.find((id) => !listed.has(id))
  if (target === undefined) return
  const { message, action } = describe(failure('target-unknown', { target: shown(target) }))
  const names = new Set([...formatIds, ...formatIds.flatMap((id) => formats[id].extensions), ...listed])
  throw new UsageError(message, `${action} ${didYouMean(target, names)}`.trim())
}
