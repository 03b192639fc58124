/**
 * The settings as a table: what each is when nobody has said anything, what it may be, where the window shows it and how it is written at a
 * command line. The schema on the wire and in the database, the defaults, `beside settings`, completion, the palette and the plain rows of
 * the window's form all read it. A new setting is one entry here, its texts (`settings.<name>`, `settings.<name>Help`) and its consumer.
 */
import * as z from 'zod'
import { hoursSchema } from './hours.ts'
import { fleetSettingsSchema } from './fleet.ts'
import { lendingSettingsSchema } from './lending.ts'
import { conflictPolicies, providerIds, sourceAftermaths } from './job.ts'
import { laneKinds, onlineProviderIds, onlineProviderSchema, maxLaneConcurrency } from './model.ts'
import { isFolderName, templateTrouble } from './naming.ts'

/** In the order of the window. */
export const settingSections = ['output', 'engine', 'network', 'support'] as const
export type SettingSection = (typeof settingSections)[number]

/** What kind of value it is, for whatever lets somebody change it. Those of `ownKinds` need a control of their own. */
export type SettingShape =
  | { readonly kind: 'yes-no' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'text' | 'template' | 'address' }
  /** Absolute; empty: the usual place. */
  | { readonly kind: 'file' | 'folder' }
  /** `step`: the unit that people count in, in bytes. Null where there is to be no limit, as far as it may be none. */
  | { readonly kind: 'bytes'; readonly step: number; readonly perSecond: boolean; readonly orNone: boolean }
  | { readonly kind: 'port' | 'providers' | 'hours' | 'lanes' }

export interface Setting<Value> {
  readonly section: SettingSection
  readonly shape: SettingShape
  readonly schema: z.ZodType<Value>
  readonly initial: NoInfer<Value>
  /** What it is, in a line of a command's help. */
  readonly meaning: string
  /** Shown only where another setting, or the machine, makes it count. */
  readonly when?: (now: { readonly afterwards: string; readonly hasBattery: boolean }) => boolean
}

function setting<Value>(entry: Setting<Value>): Setting<Value> {
  return entry
}

/** http:// for what does not leave this machine; a password in it would be told to every provider. */
const webhookAddressSchema = z
  .string()
  .max(1_000)
  .refine(
    (text) =>
      text === '' ||
      (URL.canParse(text) && /^(https:\/\/[^/?#@]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(\/[^?#]*)?$/.test(text)),
  )

const mebibyte = 1024 * 1024

export const settingTable = {
  nameTemplate: setting({
    section: 'output',
    shape: { kind: 'template' },
    schema: z.string().refine((template) => templateTrouble(template) === null),
    initial: '{name}',
    meaning: 'name of results without the extension, like {name}-{date}',
  }),
  ifExists: setting({
    section: 'output',
    shape: { kind: 'choice', values: conflictPolicies },
    schema: z.enum(conflictPolicies),
    initial: 'number',
    meaning: 'what to do when the name is taken',
  }),
  keepDates: setting({
    section: 'output',
    shape: { kind: 'yes-no' },
    schema: z.boolean(),
    initial: true,
    meaning: 'give results the date of their source',
  }),
  /** No: tags, cover art, chapters, EXIF and the like are left out of results whose order says nothing else. */
  keepTags: setting({
    section: 'output',
    shape: { kind: 'yes-no' },
    schema: z.boolean(),
    initial: true,
    meaning: 'keep tags, cover art, chapters, camera data and places',
  }),
  afterwards: setting({
    section: 'output',
    shape: { kind: 'choice', values: sourceAftermaths },
    schema: z.enum(sourceAftermaths),
    initial: 'keep',
    meaning: 'what to do with the source of a finished conversion',
  }),
  archiveFolder: setting({
    section: 'output',
    shape: { kind: 'text' },
    schema: z.string().refine(isFolderName),
    initial: 'converted',
    meaning: 'name of the subfolder for archived sources',
    when: ({ afterwards }) => afterwards === 'archive',
  }),
  downloadFolder: setting({
    section: 'output',
    shape: { kind: 'folder' },
    schema: z.string(),
    initial: '',
    meaning: "folder for results of web addresses; empty: the system's Downloads",
  }),
  /** For *Automatic*. */
  providerOrder: setting({
    section: 'network',
    shape: { kind: 'providers' },
    schema: z.array(z.enum(providerIds)),
    initial: ['local', 'fleet', 'xconvert', 'converter-app', 'musicgpt', 'converso'],
    meaning: 'order in which providers are tried',
  }),
  /** The privacy rule for everything: nothing leaves this machine. */
  localOnly: setting({
    section: 'network',
    shape: { kind: 'yes-no' },
    schema: z.boolean(),
    initial: false,
    meaning: 'never send a file to an online provider',
  }),
  /** Path of the program. */
  ffmpegPath: setting({
    section: 'engine',
    shape: { kind: 'file' },
    schema: z.string(),
    initial: '',
    meaning: 'FFmpeg to use; empty: the bundled one, then the fetched one, then the one on PATH',
  }),
  /** Path of the model by which speech is written down; none comes with Beside. */
  speechModel: setting({
    section: 'engine',
    shape: { kind: 'file' },
    schema: z.string(),
    initial: '',
    meaning: 'model by which whisper.cpp (.bin) or Whisper (.pt) turns speech into text',
  }),
  /** Port on this machine at which calls back of providers are heard; 0: none. */
  webhookPort: setting({
    section: 'network',
    shape: { kind: 'port' },
    schema: z.number().int().min(0).max(65_535),
    initial: 0,
    meaning: 'local port that receives webhooks of providers; 0: off',
  }),
  /** Where a tunnel to that port begins, as providers reach it; empty: there is none, and nothing is heard. */
  webhookAddress: setting({
    section: 'network',
    shape: { kind: 'address' },
    schema: webhookAddressSchema,
    initial: '',
    meaning: 'public https address of your tunnel to that port; empty: none',
  }),
  /** How many of a kind are converted at once on this machine. */
  lanes: setting({
    section: 'engine',
    shape: { kind: 'lanes' },
    schema: z.partialRecord(z.enum(laneKinds), z.number().int().min(1).max(maxLaneConcurrency)),
    initial: {},
    meaning: 'conversions at the same time, like audio=2,video=1; the rest: as many as suit the machine',
  }),
  /** When conversions may begin, whoever wants them; none: at any time. */
  hours: setting({
    section: 'engine',
    shape: { kind: 'hours' },
    schema: z.array(hoursSchema).max(50),
    initial: [],
    meaning: 'when conversions may start, like mon-fri 22:00-06:00; sat,sun 0:00-24:00; empty: always',
  }),
  holdOnBattery: setting({
    section: 'engine',
    shape: { kind: 'yes-no' },
    schema: z.boolean(),
    initial: false,
    meaning: 'start no conversion while on battery',
    when: ({ hasBattery }) => hasBattery,
  }),
  /** For each provider's uploads and downloads together. */
  bytesPerSecond: setting({
    section: 'network',
    shape: { kind: 'bytes', step: 1024, perSecond: true, orNone: true },
    schema: z.number().int().min(1024).nullable(),
    initial: null,
    meaning: 'bandwidth limit for each online provider, like 500k; none: no limit',
  }),
  /** Bytes that stay free on the disk that an output goes to. */
  diskReserveBytes: setting({
    section: 'engine',
    shape: { kind: 'bytes', step: mebibyte, perSecond: false, orNone: false },
    schema: z.number().int().min(0),
    initial: 64 * mebibyte,
    meaning: 'space to keep free on each disk, like 500MB',
  }),
  detailedLog: setting({
    section: 'support',
    shape: { kind: 'yes-no' },
    schema: z.boolean(),
    initial: false,
    meaning: 'write a detailed log',
  }),
} as const
export type SettingName = keyof typeof settingTable
export const settingNames = Object.keys(settingTable) as readonly SettingName[]

/** Kept with the settings and changed elsewhere: what differs from `defaultOnlineProvider`, and whether any new job may start. */
const elsewhere = {
  online: z.partialRecord(z.enum(onlineProviderIds), onlineProviderSchema),
  paused: z.boolean(),
  /** The fleet that works for this queue; null: none does. */
  fleet: fleetSettingsSchema.nullable(),
  /** The fleet that this computer is lent to; null: to none. */
  lending: lendingSettingsSchema.nullable(),
}

type Values = { [Name in SettingName]: z.infer<(typeof settingTable)[Name]['schema']> }
const schemas = Object.fromEntries(settingNames.map((name) => [name, settingTable[name].schema])) as {
  [Name in SettingName]: z.ZodType<Values[Name]>
}
export const settingsSchema = z.object({ ...schemas, ...elsewhere })
export type Settings = z.infer<typeof settingsSchema>

export const defaultSettings: Settings = {
  ...(Object.fromEntries(settingNames.map((name) => [name, settingTable[name].initial])) as unknown as Values),
  online: {},
  paused: false,
  fleet: null,
  lending: null,
}
