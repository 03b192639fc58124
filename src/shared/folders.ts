/** Watched folders: what a rule says, what becomes of each file that is seen, how the watching goes. */
import * as z from 'zod'
import { families } from './formats.ts'
import { formatSchema } from './media.ts'
import { hoursSchema } from './hours.ts'
import { conflictPolicies, failureSchema, providerChoices, providerIdSchema, sourceAftermaths } from './job.ts'
import { costSchema } from './model.ts'
import { conversionOutputSchema } from './outputs.ts'

/** One result for each file, or those of a preset; several of them are several results. */
export const folderOutputSchema = conversionOutputSchema.omit({ nameTemplate: true })
export type FolderOutput = z.infer<typeof folderOutputSchema>

const atLeastNothing = z.number().min(0).nullable()

export const ruleSchema = z.object({
  /** Absolute. */
  path: z.string().min(1).max(4096),
  recursive: z.boolean(),
  /** Globs over paths relative to the folder; one without a slash looks at the name alone. */
  include: z.array(z.string().max(1000)).max(100),
  exclude: z.array(z.string().max(1000)).max(100),
  /** Families and formats that are taken; none: whatever can become the target. */
  kinds: z.array(z.union([z.enum(families), formatSchema])),
  size: z.object({ minBytes: atLeastNothing, maxBytes: atLeastNothing }),
  /** Since the file was last written. A file that is too young waits, one that is too old is left. */
  age: z.object({ minMs: atLeastNothing, maxMs: atLeastNothing }),
  outputs: z.array(folderOutputSchema).min(1).max(10),
  with: z.enum(providerChoices),
  localOnly: z.boolean(),
  /** The standing permission to send files to providers that cost, up to so much in each one's own unit. Null: nothing leaves this machine. */
  spend: z.object({ cap: z.number().positive(), per: z.enum(['day', 'month']) }).nullable(),
  /** Absolute folder in which the tree is mirrored; null: beside each source. */
  out: z.string().max(4096).nullable(),
  /** Null, here and below: as the settings say. */
  nameTemplate: z.string().nullable(),
  ifExists: z.enum(conflictPolicies).nullable(),
  keepDates: z.boolean().nullable(),
  afterwards: z.enum(sourceAftermaths).nullable(),
  /** A file that was dealt with and has other contents now: is it converted again, or does it stay as it is. */
  whenChanged: z.enum(['again', 'keep']),
  /** How long a file rests, once it is complete, before it is converted. */
  holdMs: z.number().int().min(0),
  /** When conversions may begin; none: at any time. */
  schedule: z.array(hoursSchema).max(50),
  /** `auto`: events where the file system has them, else polling. */
  seeing: z.enum(['auto', 'polling']),
})
export type Rule = z.infer<typeof ruleSchema>

/** A rule that says no more than it must. */
export function plainRule(path: string, outputs: readonly FolderOutput[]): Rule {
  return {
    path,
    recursive: false,
    include: [],
    exclude: [],
    kinds: [],
    size: { minBytes: null, maxBytes: null },
    age: { minMs: null, maxMs: null },
    outputs: [...outputs],
    with: 'auto',
    localOnly: false,
    spend: null,
    out: null,
    nameTemplate: null,
    ifExists: null,
    keepDates: null,
    afterwards: null,
    whenChanged: 'again',
    holdMs: 0,
    schedule: [],
    seeing: 'auto',
  }
}

/** Why a file or a folder stands where it stands, where that is no failure. */
export const whyCodes = [
  // left alone for its name or kind
  'hidden', 'partial-name', 'temporary-name', 'sync-name', 'unpack-name', 'system-name', 'camera-companion', 'not-included', 'excluded', 'other-kind',
  'already-target', 'too-small', 'too-big', 'too-old', 'below', 'closed-folder', 'results-folder', 'special-file',
  // left alone for what it is
  'own-output', 'same-file', 'was-there', 'before-change', 'changed-kept', 'unfinished', 'empty',
  // not yet
  'settling', 'being-written', 'incomplete', 'not-readable-yet', 'unreadable', 'own-work', 'too-young', 'on-hold', 'outside-hours', 'again-later',
  'spend-cap', 'not-now',
  // on its way, and after
  'queued', 'waits-for-you', 'converted', 'given-up', 'paid-for', 'forgotten',
  // a folder
  'folder-missing', 'folder-empty', 'folder-other', 'folder-silent', 'folder-unreadable', 'too-many-watches', 'network-folder', 'asked-for', 'undecided',
] as const // prettier-ignore
export type WhyCode = (typeof whyCodes)[number]
export const whySchema = z.union([
  z.object({
    code: z.enum(whyCodes),
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
    /** The failure that led to it. Older lines of the ledger have its English message among the facts instead, as `reason`. */
    cause: failureSchema.optional(),
  }),
  failureSchema,
])
export type Why = z.infer<typeof whySchema>

/**
 * `waiting` to be complete, or for its time; `queued` with the engine; `done`; `left` alone; `failed` and will be tried again;
 * `quarantined` after too many failures, until someone says otherwise or its contents change.
 */
export const sightingStates = ['waiting', 'queued', 'done', 'left', 'failed', 'quarantined'] as const
export type SightingState = (typeof sightingStates)[number]

/** A line of the ledger: one file that was seen. */
export const sightingSchema = z.object({
  id: z.number().int(),
  folderId: z.number().int(),
  /** Absolute. */
  path: z.string(),
  bytes: z.number(),
  mtimeMs: z.number(),
  state: z.enum(sightingStates),
  why: whySchema,
  /** No longer there; if it comes back it is known. */
  gone: z.boolean(),
  /** Version of the rule that it was judged by. */
  version: z.number().int(),
  attempts: z.number().int(),
  /** When it is looked at again, where that is known. */
  dueAtMs: z.number().nullable(),
  jobs: z.array(z.number().int()),
  seenAtMs: z.number(),
  /** When it came into its state. */
  sinceMs: z.number(),
})
export type Sighting = z.infer<typeof sightingSchema>

/** `unwatched`: the rule is on, but no Beside runs that watches. `undecided`: what becomes of the files that are there has to be said first. */
export const healthSchema = z.object({
  state: z.enum(['off', 'undecided', 'unwatched', 'starting', 'watching', 'offline', 'trouble']),
  how: z.enum(['events', 'polling']).nullable(),
  /** Why it is offline or in trouble, or why it is polled. */
  why: whySchema.nullable(),
})
export type FolderHealth = z.infer<typeof healthSchema>

const stateCounts = z.record(z.enum(sightingStates), z.number().int())

export const existingChoices = ['convert', 'ignore'] as const
export type ExistingChoice = (typeof existingChoices)[number]

export const folderSchema = z.object({
  id: z.number().int(),
  rule: ruleSchema,
  version: z.number().int(),
  on: z.boolean(),
  /** What was said about the files that were there first; null: not yet asked. */
  existing: z.enum(existingChoices).nullable(),
  createdAtMs: z.number(),
  health: healthSchema,
  /** When the whole folder was last looked through, and when it will be. */
  lookedAtMs: z.number().nullable(),
  nextLookAtMs: z.number().nullable(),
  /** Files that are there, by state. */
  counts: stateCounts,
  /** Files that came into a state today. */
  today: stateCounts,
})
export type Folder = z.infer<typeof folderSchema>

/** What a rule would do with one file. */
export const rehearsedSchema = z.object({
  path: z.string(),
  bytes: z.number(),
  verdict: z.enum(['convert', 'later', 'leave']),
  why: whySchema.nullable(),
  outputs: z.array(
    z.object({
      path: z.string(),
      provider: providerIdSchema,
      /** Null: it costs nothing, or the provider does not say. */
      cost: costSchema.nullable(),
    }),
  ),
})
export type Rehearsed = z.infer<typeof rehearsedSchema>

export const rehearsalSchema = z.object({
  /** Of the files that are there now. */
  convert: z.number().int(),
  later: z.number().int(),
  leave: z.number().int(),
  /** Bytes of those that would be converted. */
  bytes: z.number(),
  /** How many are left for each reason, most first. */
  reasons: z.array(z.object({ code: z.string(), files: z.number().int() })),
  /** Known costs of the files below, and how many results of theirs have none that is known. */
  costs: z.array(costSchema.extend({ provider: providerIdSchema })),
  unpriced: z.number().int(),
  /** The first of them, those to be converted before the others. */
  files: z.array(rehearsedSchema),
})
export type RuleRehearsal = z.infer<typeof rehearsalSchema>

export const folderChangeSchema = z.discriminatedUnion('type', [
  /** Whole new value of a folder, at most a few a second. */
  z.object({ type: z.literal('folder'), folder: folderSchema }),
  z.object({ type: z.literal('removed'), id: z.number().int() }),
  z.object({ type: z.literal('sighting'), sighting: sightingSchema }),
])
export type FolderChange = z.infer<typeof folderChangeSchema>

export const sightingQuerySchema = z.object({
  folderId: z.number().int(),
  /** None: all. */
  states: z.array(z.enum(sightingStates)),
  /** Part of the path. */
  text: z.string().max(500),
})
export type SightingQuery = z.infer<typeof sightingQuerySchema>
