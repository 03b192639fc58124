/** The icon of a kind of files, in its colour. Apart, since whatever names a format has one. */
import {
  IconAlignLeft,
  IconBadgeCc,
  IconBook,
  IconBraces,
  IconFile,
  IconFileText,
  IconFileZip,
  IconMusic,
  IconPhoto,
  IconPresentation,
  IconTable,
  IconTypography,
  IconVideo,
} from '@tabler/icons-react'
import type { Family } from '../../shared/formats.ts'

const icons: Readonly<Record<Family, typeof IconFile>> = {
  audio: IconMusic,
  video: IconVideo,
  image: IconPhoto,
  document: IconFileText,
  spreadsheet: IconTable,
  presentation: IconPresentation,
  book: IconBook,
  markup: IconAlignLeft,
  data: IconBraces,
  subtitle: IconBadgeCc,
  archive: IconFileZip,
  font: IconTypography,
  other: IconFile,
}

export function KindIcon({ family, size }: { readonly family: Family | null; readonly size: number }) {
  const Icon = family === null ? IconFile : icons[family]
  return <Icon size={size} stroke={1.6} aria-hidden color={family === null ? 'var(--ink-3)' : `var(--k-${family})`} />
}
