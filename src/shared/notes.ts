/** What a finished job has to say besides its outputs, as data; `describe.ts` has the words. */
import * as z from 'zod'
import { maxNames, things } from './things.ts'

export const keptCodes = ['still-needed', 'result-missing', 'is-the-output', 'failed'] as const

/** What whoever made a result has to say of it. */
export const saidCodes = [
  'kept-smaller',
  'outline-left',
  'cues-left',
  'drawn-subtitles-left',
  'raw-developed',
  'raw-preview',
  'macros-left',
  'formulas-as-values',
  'text-alone',
  'drawing-as-pixels',
  'font-redrawn',
  'font-axes-left',
  'font-words-left',
  'font-restricted',
  'equations-as-text',
  'fields-left',
  'comments-left',
  'encoding-guessed',
  'hardware-failed',
  'hardware-not-depth',
  'hardware-not-hdr',
  'hardware-not-size',
  'hardware-not-transparent',
] as const
/** `count`: how many there are of what the code names. `device`: what failed, and `reason` why, in the words of FFmpeg. */
export const saidSchema = z.object({
  code: z.enum(saidCodes),
  count: z.number().int().optional(),
  device: z.string().optional(),
  reason: z.string().optional(),
})
export type Remark = z.infer<typeof saidSchema>

/** How near a result came to its source, and by which figure of its encoder. */
export const matchedSchema = z.object({
  measure: z.enum(['ssim', 'vmaf']),
  /** SSIM from 0 to 1, VMAF from 0 to 100. */
  reached: z.number(),
  /** What was asked for, where the best that there is does not reach it. */
  missed: z.number().optional(),
  by: z.enum(['imageQuality', 'crf']),
  at: z.number(),
})
export type Matched = z.infer<typeof matchedSchema>

/** What a finished job has to say besides its outputs; a trouble here never fails the job. */
const typedNoteSchema = z.discriminatedUnion('what', [
  /** The output could not get the dates of its source. `reason` as the system gave it. */
  z.object({ what: z.literal('dates'), reason: z.string() }),
  /** The source was to be archived or trashed, and stayed where it is. */
  z.object({ what: z.literal('source-kept'), because: z.enum(keptCodes), reason: z.string().optional() }),
  /** What was paid, in the provider's own unit. */
  z.object({ what: z.literal('cost'), amount: z.number(), unit: z.string() }),
  /** What the source holds and the result does not, by the rules of its format or because the provider does not carry it; one note a thing. */
  z.object({
    what: z.literal('left'),
    thing: z.enum(things),
    count: z.number().int(),
    /** Which ones, as far as they have names and no more than can be read. */
    names: z.array(z.object({ name: z.string(), language: z.string().optional() })).max(maxNames),
    /** Where the name is a number, as of frames: that of the result, as far as it is known. */
    result: z.string().optional(),
  }),
  /** Text was recognized, and may have many mistakes; 0 to 100. */
  z.object({ what: z.literal('unsure'), confidence: z.number() }),
  /** What whoever made the result says of it. */
  saidSchema.extend({ what: z.literal('said') }),
  /** Of several results, the one that came least near. */
  matchedSchema.extend({ what: z.literal('matched') }),
  /** A sentence that an older version kept. */
  z.object({ what: z.literal('sentence'), text: z.string() }),
])
export type Note = z.infer<typeof typedNoteSchema>
/** Also reads the notes of versions that kept sentences: `{ what: 'cost', text: '3 credits' }`. */
export const noteSchema: z.ZodType<Note> = z.preprocess((value) => modernNote(value), typedNoteSchema)

/** How the sentence began that said why a source stayed, and the reasons that it could end in; any other was the system's. */
const keptSentence = 'The source stayed where it is: '
const keptReasons: Readonly<Record<string, (typeof keptCodes)[number]>> = {
  'another job still needs the source': 'still-needed',
  'the output is the source': 'is-the-output',
}

function modernNote(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('text' in value) || !('what' in value)) return value
  const text = String(value.text)
  const cost = value.what === 'cost' ? /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?) ?(.*)$/.exec(text) : null
  if (cost !== null) return { what: 'cost', amount: Number(cost[1]), unit: cost[2] }
  if (value.what === 'dates') return { what: 'dates', reason: text }
  if (!text.startsWith(keptSentence)) return { what: 'sentence', text }
  const reason = text.slice(keptSentence.length)
  const because = Object.hasOwn(keptReasons, reason) ? keptReasons[reason] : undefined
  return because === undefined ? { what: 'source-kept', because: 'failed', reason } : { what: 'source-kept', because }
}
