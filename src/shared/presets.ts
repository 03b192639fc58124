/**
 * The presets that come with Beside, by purpose. They are data of the program, never rows of the database: a newer version may make them
 * better, and nobody can break them. Whoever wants another one saves a copy under a name of their own. What each is called and does is
 * in the catalogues, under `labels.preset`.
 */
import { JobError } from './failure.ts'
import type { ListedPreset, Preset, PresetGroup } from './model.ts'

interface SuppliedPreset extends Omit<Preset, 'name'> {
  readonly group: Exclude<PresetGroup, 'own'>
}

const supplied = {
  podcast: {
    group: 'audio',
    target: 'mp3',
    options: { bitrate: 96, channels: 1, normalize: true, loudness: -16 },
  },
  audiobook: {
    group: 'audio',
    target: 'm4a',
    options: { bitrate: 64, channels: 1, normalize: true, loudness: -18 },
  },
  'lossless-archive': { group: 'audio', target: 'flac', options: {} },
  'anything-to-mp3': { group: 'audio', target: 'mp3', options: { quality: 'high' } },
  // A quality means that nothing is copied: AC-3 and H.264 of 10 bits fit into MP4 as well, and do not play everywhere.
  'plays-everywhere': { group: 'video', target: 'mp4', options: { videoCodec: 'h264', maxHeight: 1080, quality: 'high' } },
  'small-to-share': { group: 'video', target: 'mp4', options: { videoCodec: 'h264', maxHeight: 720, quality: 'low' } },
  // Chats and mail count in MB or in MiB: by thousands it is below the limit in both.
  'fits-in-10-mb': { group: 'video', target: 'mp4', options: { videoCodec: 'h264', maxSize: 10_000_000 } },
  'fits-in-25-mb': { group: 'video', target: 'mp4', options: { videoCodec: 'h264', maxSize: 25_000_000 } },
  apple: { group: 'video', target: 'mov', options: { videoCodec: 'h265' } },
  web: { group: 'video', target: 'webm', options: { videoCodec: 'vp9', maxHeight: 1080 } },
  archive: { group: 'video', target: 'mkv', options: {} },
  'video-without-location': { group: 'video', target: 'mp4', options: { preserveLocation: false } },
  'photos-for-the-web': {
    group: 'images',
    target: 'webp',
    options: { width: 2048, height: 2048, fit: 'inside', imageQuality: 80, preserveMetadata: false },
  },
  'photos-for-e-mail': {
    group: 'images',
    target: 'jpeg',
    options: { width: 1600, height: 1600, fit: 'inside', imageQuality: 80 },
  },
  print: { group: 'images', target: 'jpeg', options: { imageQuality: 95 } },
  // A JPEG is not encoded again for this quality; what comes from elsewhere is to look as good.
  'without-location': { group: 'images', target: 'jpeg', options: { imageQuality: 95, preserveLocation: false } },
} as const satisfies Readonly<Record<string, SuppliedPreset>>

export type SuppliedPresetId = keyof typeof supplied
export const suppliedPresetIds = Object.keys(supplied) as readonly SuppliedPresetId[]

export function isSuppliedPreset(name: string): name is SuppliedPresetId {
  return Object.hasOwn(supplied, name)
}

export function suppliedPreset(id: SuppliedPresetId): ListedPreset {
  const { group, target, options } = supplied[id]
  return { name: id, group, target, options }
}

/** The user's own first, then those that come with Beside; an own one hides the one of the same name. */
export function presetsBeside(own: readonly Preset[]): readonly ListedPreset[] {
  const names = new Set(own.map(({ name }) => name))
  return [
    ...own.map((preset) => ({ ...preset, group: 'own' as const })),
    ...suppliedPresetIds.filter((id) => !names.has(id)).map(suppliedPreset),
  ]
}

/** Thrown where one that comes with Beside was to be changed or removed. */
export function presetIsFixed(preset: string): JobError {
  return new JobError('not-possible', { because: 'preset-supplied', preset })
}
