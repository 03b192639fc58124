/** The presets that a conversion may follow: the user's own, and those that come with Beside, which can be neither changed nor removed. */
import { JobError } from '../../shared/failure.ts'
import type { Preset } from '../../shared/model.ts'
import { withoutSecrets } from '../../shared/options.ts'
import { isSuppliedPreset, presetIsFixed, presetsBeside, suppliedPreset } from '../../shared/presets.ts'
import type { PresetStore } from '../store/store.ts'
import type { Engine } from './engine-api.ts'

/** The user's own of that name, else the one that comes with Beside; null: there is none. */
export function presetNamed(name: string, own: PresetStore): Preset | null {
  return own.get(name) ?? (isSuppliedPreset(name) ? suppliedPreset(name) : null)
}

export function presetVerbs(own: PresetStore): Engine['presets'] {
  return {
    list: () => presetsBeside(own.list()),
    save: (preset) => {
      // One that was saved by a version that had none of that name stays the user's, to be changed as ever.
      if (isSuppliedPreset(preset.name) && own.get(preset.name) === null) throw presetIsFixed(preset.name)
      if (Object.keys(withoutSecrets(preset.options)).length < Object.keys(preset.options).length)
        throw new JobError('not-possible', { because: 'password-in-preset' })
      own.save(preset)
    },
    remove: (name) => {
      if (own.remove(name)) return true
      if (isSuppliedPreset(name)) throw presetIsFixed(name)
      return false
    },
  }
}
