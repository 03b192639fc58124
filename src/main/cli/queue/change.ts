/**
 * `beside queue change`: another format, other options, another provider or priority for jobs that have not begun. Apart from its siblings,
 * which say how many jobs moved and no more.
 */
import { describe } from '../../../shared/describe.ts'
import { JobError } from '../../../shared/failure.ts'
import type { FormatId } from '../../../shared/formats.ts'
import type { ProviderChoice } from '../../../shared/job.ts'
import type { ChangeAnswer, JobChange } from '../../../shared/job-change.ts'
import type { OptionName } from '../../../shared/options.ts'
import type { SelectionRequest } from '../../../shared/selection.ts'
import type { OptionSetting } from '../arguments.ts'
import { refuseUnlisted } from '../open-formats.ts'
import { withSession, type CliContext, type JsonArgs } from '../context.ts'
import { exit, UsageError, type ExitStatus } from '../exit.ts'
import { failureObject, line } from '../report/json.ts'
import { counted, shown } from '../terminal/text.ts'

export const priorityNames = ['low', 'normal', 'high'] as const
export type PriorityName = (typeof priorityNames)[number]
export const priorityOf: Readonly<Record<PriorityName, number>> = { low: -1, normal: 0, high: 1 }

export interface ChangeArgs extends JsonArgs {
  readonly to?: FormatId
  readonly with?: ProviderChoice
  readonly set?: readonly OptionSetting[]
  readonly unset?: readonly OptionName[]
  readonly defaults?: true
  readonly priority?: PriorityName
  readonly dryRun?: true
}

export async function change(selection: SelectionRequest, args: ChangeArgs, context: CliContext): Promise<ExitStatus> {
  const wanted = changeOf(args)
  if (Object.keys(wanted).length === 0)
    throw new UsageError('Say what to change: --to, --set, --unset, --defaults, --with or --priority.')
  const request = { selection, change: wanted }
  return await withSession(context, 'look', async (session) => {
    if (args.to !== undefined) await refuseUnlisted([args.to], args.with, session.client)
    const answer = await session.ask((client) =>
      args.dryRun === true ? client.jobs.rehearseChange(request) : client.jobs.change(request),
    )
    const { screen } = context
    if (args.json === true) {
      const reasons = answer.reasons.map(({ why, ...rest }) => ({ ...rest, failure: failureObject(why) }))
      screen.print(line('changed', { ...answer, reasons, dryRun: args.dryRun === true }))
    } else {
      for (const text of reasonsOf(answer)) screen.warn(text)
      screen.print(sumOf(answer, args))
    }
    // Named outright, and nothing came of it: that was no success.
    const [reason] = answer.reasons
    if (selection.kind !== 'ids' || answer.changed + answer.same > 0 || reason === undefined) return exit.done
    throw JobError.from(reason.why)
  })
}

function changeOf({ to, set, unset, defaults, priority, ...args }: ChangeArgs): JobChange {
  return {
    ...(to !== undefined && { target: to }),
    ...(defaults === true && { options: {} }),
    ...(unset !== undefined && { reset: [...unset] }),
    ...(set !== undefined && { set: Object.fromEntries(set) }),
    ...(args.with !== undefined && { with: args.with }),
    ...(priority !== undefined && { priority: priorityOf[priority] }),
  }
}

function reasonsOf({ reasons, refused }: ChangeAnswer): readonly string[] {
  const lines = reasons.map(({ why, jobs, ids }) => {
    const named = jobs <= ids.length ? ` (${ids.join(', ')})` : ''
    return `${counted(jobs, 'job')}${named} unchanged: ${shown(describe(why).message)}`
  })
  const others = refused - reasons.reduce((sum, { jobs }) => sum + jobs, 0)
  return others > 0 ? [...lines, `${counted(others, 'job')} unchanged for other reasons.`] : lines
}

function sumOf({ changed, same }: ChangeAnswer, { dryRun }: ChangeArgs): string {
  const sum = `${counted(changed, 'job')} ${dryRun === true ? 'would be changed' : 'changed'}.`
  return same === 0 ? sum : `${sum} ${counted(same, 'job')} already like that.`
}
