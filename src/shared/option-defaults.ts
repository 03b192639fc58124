/**
 * What an option is where nobody sets it, in figures. A provider states it as data beside the options that it takes, the window and the
 * command line say it. Plain data, as `options` is.
 */
import type { OptionName, Options, OptionValue } from './options.ts'

export type SettledDefault =
  /** Exactly this. `unlessCopied`: a stream that fits is taken over as it is, which only holds while nothing is asked for. */
  | { readonly kind: 'value'; readonly value: OptionValue; readonly unlessCopied?: boolean | undefined }
  /** It varies; this is what it comes to on average. Null: nobody can say. */
  | { readonly kind: 'varies'; readonly about: number | null }
  /** As the source has it, or the nearest that the format knows; `upTo`: and no more than that. */
  | { readonly kind: 'source'; readonly upTo?: number | undefined }
  /** Nothing is cut off or limited. */
  | { readonly kind: 'none' }

export type OptionDefault =
  | SettledDefault
  /** Another option decides: by its value, as text. `otherwise` where that is not known, as of what the source decides. */
  | {
      readonly kind: 'by'
      readonly option: OptionName
      readonly of: Readonly<Record<string, OptionDefault>>
      readonly otherwise?: OptionDefault | undefined
    }

export type OptionDefaults = Readonly<Partial<Record<OptionName, OptionDefault>>>

/** Of those that no provider is asked about. */
export const ownDefaults: OptionDefaults = { onlyIfSmaller: { kind: 'none' } }

/** What an option is beside those that are set; null where nothing is known of it. */
export function defaultOf(defaults: OptionDefaults, name: OptionName, options: Options): SettledDefault | null {
  return settled(defaults[name], defaults, options)
}

function settled(found: OptionDefault | undefined, defaults: OptionDefaults, options: Options): SettledDefault | null {
  if (found === undefined) return null
  if (found.kind !== 'by') return found
  const decided = defaultOf(defaults, found.option, options)
  const value = options[found.option] ?? (decided?.kind === 'value' ? decided.value : null)
  return settled(value === null ? found.otherwise : (found.of[String(value)] ?? found.otherwise), defaults, options)
}
