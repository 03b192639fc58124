/**
 * Names that nobody means when they say "every file of this folder": what is hidden, half there, or another program's own. A
 * partial file gets its real name when it is complete, and is judged anew then.
 */
import type { WhyCode } from '../../shared/folders.ts'

const kinds: readonly (readonly [why: WhyCode, name: RegExp])[] = [
  // Beside's own mark among them, but also what systems and servers leave beside files.
  [
    'system-name',
    /^(\.DS_Store|\._.*|Thumbs\.db|ehthumbs\.db|desktop\.ini|Icon\r|\.beside-folder|\.directory|\.localized|\.apdisk)$/i,
  ],
  [
    'sync-name',
    /^(\.syncthing\.|~syncthing~|\.goutputstream-|\.owncloudsync|\.sync_|\.tmp\.drivedownload|\.dropbox|\.nfs[0-9a-f]{8,}|\.fuse_hidden|\.smbdelete|\.pending-\d)/i,
  ],
  ['sync-name', /(\.!sync|\.bts|\.resilio-?tmp|\.rsls|\.owncloud|\.nextcloud|\.gdownload|\.gstmp)$/i],
  // rsync writes `.name.AbC123` and renames.
  ['partial-name', /^\..+\.[a-zA-Z0-9]{6}$/],
  [
    'partial-name',
    /\.(part|partial|filepart|crdownload|download|opdownload|aria2|!ut|!qb|bc!|jc!|fb!|td|xltd|ytdl|dap|downloading|incomplete|inprogress|uploading|upload|writing|copying|lftp-pget-status|frag|fdmdownload|unfinished)$/i,
  ],
  ['partial-name', /(^unconfirmed \d+\.crdownload$|\.part-?frag\d+$|\.f\d+\.\w+\.part$|^\.in\.|\.in\.\w+\.$)/i],
  ['unpack-name', /(^_unpack_|^\$unpack|\.unpacking$|\.extracting$|^__rar_|\.7z\.tmp$|\.rar\.tmp$)/i],
  ['temporary-name', /(\.te?mp|\.temp|\.swp|\.swx|\.swo|\.bak|\.old|\.lock|\.lck|~)$/i],
  ['temporary-name', /^(~\$|\.~lock\.|~\w*\.tmp$|tmp[a-z0-9_]{6,}$)/i],
  ['hidden', /^\./],
]

/** Folders that are never entered, whatever the rule says. */
const closed =
  /^(\..*|__MACOSX|\$RECYCLE\.BIN|System Volume Information|RECYCLER|lost\+found|@eaDir|@Recycle|#recycle|#snapshot|_UNPACK_.*|_FAILED_.*|found\.\d{3})$/i

/** Endings of companions that downloaders keep beside a file while it is not complete. */
export const companions = ['.part', '.aria2', '.crdownload', '.!ut', '.!qB', '.lftp-pget-status', '.filepart'] as const

/** Why a file of this name is left alone, or null. */
export function nameTrouble(name: string): WhyCode | null {
  return kinds.find(([, pattern]) => pattern.test(name))?.[0] ?? null
}

export function isClosedFolder(name: string): boolean {
  return closed.test(name)
}
