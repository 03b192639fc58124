/** Tags as Mutagen reads them, which had no part in writing them. `npm run setup -- mutagen` installs it. */
import { execFileSync } from 'node:child_process'

const script = `
import json, sys, mutagen
from mutagen.id3 import ID3
path = sys.argv[1]
try:
    f = mutagen.File(path)
    tags = f.tags
except Exception:
    f, tags = None, ID3(path)
found, pictures, version = {}, [], None
def put(k, v): found.setdefault(k, []).extend(v)
if tags is None: pass
elif hasattr(tags, 'getall'):
    version = list(ID3(path).version[:2]) if path.endswith(('.mp3', '.aac')) else list(tags.version[:2])
    for k, frame in tags.items():
        if frame.FrameID == 'APIC': pictures.append([int(frame.type), frame.mime, len(frame.data)])
        elif frame.FrameID == 'CHAP': put('CHAP', ['%d %s' % (frame.start_time, frame.sub_frames.get('TIT2', ''))])
        elif hasattr(frame, 'people'): put(frame.FrameID, [': '.join(p) for p in frame.people])
        elif hasattr(frame, 'text'): put(k, [str(t) for t in frame.text] if isinstance(frame.text, list) else [frame.text])
        elif hasattr(frame, 'data'): put(k, [frame.data.decode('latin1')])
        else: put(k, [str(frame)])
elif type(tags).__name__ == 'MP4Tags':
    for k, v in tags.items():
        if k == 'covr': pictures = [[0, 'image/png' if c.imageformat == 14 else 'image/jpeg', len(c)] for c in v]
        else: put(k, [x.decode() if isinstance(x, bytes) else '/'.join(map(str, x)) if isinstance(x, tuple) else str(x) for x in (v if isinstance(v, list) else [v])])
else:
    import base64
    from mutagen.flac import Picture
    for k, v in tags:
        if k.upper() == 'METADATA_BLOCK_PICTURE':
            p = Picture(base64.b64decode(v)); pictures.append([p.type, p.mime, len(p.data)])
        else: put(k.upper(), [v])
    pictures += [[p.type, p.mime, len(p.data)] for p in getattr(f, 'pictures', [])]
print(json.dumps({'tags': found, 'pictures': pictures, 'version': version, 'seconds': getattr(getattr(f, 'info', None), 'length', None)}))
`

export interface Mutagen {
  /** By the names that the format has for them. */
  readonly tags: Readonly<Record<string, readonly string[]>>
  /** What each shows, by its number, its type and its length in bytes; in the order of the file. */
  readonly pictures: readonly (readonly [number, string, number])[]
  /** Of ID3; null of everything else. */
  readonly version: readonly [number, number] | null
  readonly seconds: number | null
}

export function mutagen(path: string): Mutagen {
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' })) as Mutagen
}
