/** Failures as assistants get them, and what of their texts is for the command line alone. Apart, as every tool answers with them. */
import * as z from 'zod'
import { describe } from '../../../shared/describe.ts'
import { toFailure, type Failure, type FailureCode } from '../../../shared/failure.ts'
import { UsageError } from '../exit.ts'
import { shown } from '../terminal/text.ts'

export const refusalSchema = z.object({
  code: z.string(),
  message: z.string().describe('what happened, and why'),
  action: z.string().describe('what to do; may be empty'),
})
export type ToolRefusal = Readonly<z.infer<typeof refusalSchema>>

const maxTextLength = 2000

/** What somebody who has these tools, and no terminal, does about it. */
const actions: Readonly<Partial<Record<FailureCode, string>>> = {
  'source-unknown': 'Call `formats` to see what can be converted.',
  'pair-unsupported': 'Call `formats` with `from` to see what it can become.',
  'output-exists': 'The file that is there was kept. Leave `ifExists` out to number the new one.',
  'nothing-found': 'Check the pattern, or set `recursive` for what lies in subfolders.',
  'name-too-long': 'Use a shorter folder with `out`.',
  'folder-read-only': 'Choose another folder with `out`.',
  'source-not-local': 'Web addresses are not converted here. Download the file into an allowed folder first.',
  'not-found': 'Check the number.',
}

export function refusalOf(why: Failure): ToolRefusal {
  const { message, action } = describe(why)
  return { code: why.code, message: clipped(shown(message)), action: clipped(shown(actions[why.code] ?? action)) }
}

/** Of what was asked for, where it makes no sense. */
export function refusal(message: string, action: string, code: FailureCode = 'usage'): ToolRefusal {
  return { code, message: clipped(shown(message)), action: clipped(shown(action)) }
}

/** A refusal on its way to whoever answers with it. */
export class RefusedCall extends Error {
  readonly why: ToolRefusal

  constructor(why: ToolRefusal) {
    super(why.message)
    this.name = 'RefusedCall'
    this.why = why
  }
}

export function refusalOfError(error: unknown): ToolRefusal {
  if (error instanceof RefusedCall) return error.why
  return error instanceof UsageError ? refusal(error.message, error.hint) : refusalOf(toFailure(error))
}

export function refusalText({ message, action }: ToolRefusal): string {
  return `${message} ${action}`.trim()
}

export function clipped(text: string, length = maxTextLength): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}
