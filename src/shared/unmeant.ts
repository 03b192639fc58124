/**
 * What nobody means by "every file of this folder": what systems, servers, cameras and half-done downloads leave in it. One list for
 * folders that are named, dropped, uploaded and watched. Whatever is named outright is taken all the same.
 */
import type { WhyCode } from './folders.ts'

/** The first that fits says why. A partial file gets its real name when it is complete, and is checked anew then. */
const fileNames: readonly (readonly [why: WhyCode, name: RegExp])[] = [
  // Beside's own mark among them, but also what systems, servers and players leave beside files.
  [
    'system-name',
    /^(\.DS_Store|\._.*|Thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|Icon\r|\.beside-folder|\.directory|\.localized|\.apdisk|ZbThumbnail\.info)$/i,
  ],
  ['system-name', /^(SYNO(PHOTO|VIDEO|INDEX|FILE|AUDIO)_.*|AlbumArtSmall\.jpg|AlbumArt_\{[0-9a-f-]+\}_(Small|Large)\.jpg)$/i],
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
  ['partial-name', /(^unconfirmed \d+\.crdownload$|\.part-?frag\d+(\.part)?$|^\.in\.|\.in\.\w+\.$)/i],
  // yt-dlp loads picture and sound as `talk.f137.mp4` and `talk.f140.m4a`, or by names of streams, before it makes one file of them.
  [
    'partial-name',
    /\.f(\d{2,5}(-[a-z0-9]+)*|(hls|dash|http|rtmp|mss|sr)[-_][\w=-]+)\.(mp4|m4a|m4v|webm|mkv|mka|mov|mp3|aac|opus|ogg|flac|3gp|flv|ts|weba)$/,
  ],
  ['partial-name', /\.(dashaudio|dashvideo|dashgraph)$/i],
  ['unpack-name', /(^_unpack_|^\$unpack|\.unpacking$|\.extracting$|^__rar_|\.7z\.tmp$|\.rar\.tmp$)/i],
  ['temporary-name', /(\.te?mp|\.temp|\.swp|\.swx|\.swo|\.bak|\.old|\.lock|\.lck|~)$/i],
  ['temporary-name', /\.(temp|tmp|partial|incomplete|crdownload)\.[a-z0-9]{2,5}$/i],
  ['temporary-name', /^(~\$|\.~lock\.|~\w*\.tmp$|tmp[a-z0-9_]{6,}$)/i],
  // Small films and pictures that action cameras, drones and camcorders put beside each clip.
  ['camera-companion', /(\.lrv|\.lrf|\.thm|\.glv)$|^LRV_\d{8}_.*\.(insv|mp4)$|(^|[^a-z0-9])C\d{4}S\d{2}\.mp4$/i],
  ['hidden', /^\./],
]

/** Fits all that one of them fits, and more: most names fit none, and are asked about once and not fifteen times. */
const anyFileName = new RegExp(fileNames.map(([, { source }]) => `(?:${source})`).join('|'), 'i')

/** Of systems, servers and synchronizing programs; of half-done work; of programs that keep copies of what they show. */
const folderNames: readonly RegExp[] = [
  /^(\..*|__MACOSX|\$RECYCLE\.BIN|System Volume Information|RECYCLER|RECYCLED|lost\+found|found\.\d{3}|Network Trash Folder|Temporary Items)$/i,
  /^(@eaDir|@Recycle|@Recently-Snapshot|@tmp|@__thumb|@sharebin|@appstore|#recycle|#snapshot|~snapshot)$/i,
  /^(_UNPACK_.*|_FAILED_.*|.*\.(download|part|partial|crdownload|opdownload|incomplete|unpacking|extracting))$/i,
  /^(THMBNL|CacheClip|ProxyMedia|Media Cache Files|Adobe Premiere Pro (Audio|Video) Previews)$/i,
  /\.(lrdata|photoslibrary|photolibrary|aplibrary|migratedaplibrary|fcpbundle|imovielibrary)$/i,
]

/** Endings of companions that downloaders keep beside a file while it is not complete. */
export const companions = ['.part', '.aria2', '.crdownload', '.!ut', '.!qB', '.lftp-pget-status', '.filepart'] as const

/** Why a file of this name is left alone, or null. */
export function whyUnmeant(name: string): WhyCode | null {
  if (!anyFileName.test(name)) return null
  return fileNames.find(([, pattern]) => pattern.test(name))?.[0] ?? null
}

/** Whether a folder of this name is not entered, unless it is the one that was named. */
export function isUnmeantFolder(name: string): boolean {
  return folderNames.some((pattern) => pattern.test(name))
}

/** The companion, among the names of its folder, by which a file is known to be still arriving, or null. */
export function companionAmong(names: ReadonlySet<string>, name: string): string | null {
  return companions.map((ending) => `${name}${ending}`).find((companion) => names.has(companion)) ?? null
}
