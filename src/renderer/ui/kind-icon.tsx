/** The kind of a file as a small picture. */
import { IconFile, IconFileText, IconMusic, IconPhoto, IconVideo } from '@tabler/icons-react'
import type { Family } from '../../shared/formats.ts'

const icons = { audio: IconMusic, video: IconVideo, image: IconPhoto, document: IconFileText }

export function KindIcon({ family, size }: { readonly family: Family | null; readonly size: number }) {
  const Icon = family === null ? IconFile : icons[family]
  return <Icon size={size} stroke={1.6} aria-hidden color={family === null ? 'var(--ink-3)' : `var(--k-${family})`} />
}
