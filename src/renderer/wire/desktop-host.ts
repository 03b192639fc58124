/** The desktop: files have paths, results are beside the originals, and the engine is at the other end of a port. Apart, as one of the two hosts. */
import { desktopName, portMessage, type Desktop, type Granted } from '../../shared/desktop.ts'
import { failure, JobError } from '../../shared/failure.ts'
import { resultsOf, type Host, type WireLine } from './host.ts'
import { lineOver } from './port-line.ts'

/** What the preload script left for this page; null in a browser. */
export function desktopHere(): Desktop | null {
  const found = (window as unknown as Readonly<Record<string, unknown>>)[desktopName]
  return found === undefined ? null : (found as Desktop)
}

export function createDesktopHost(desktop: Desktop): Host {
  return {
    results: 'beside',
    connect: async () => await portFrom(desktop),
    pathsOf: (files) =>
      files.map((file) => {
        const path = desktop.pathOf(file)
        // Something that a program holds in memory, such as an image out of a browser.
        return path === '' ? { why: failure('source-unreadable', { path: file.name }) } : { path }
      }),
    upload: null,
    reveal: async (path) => void granted(await desktop.reveal(path)),
    open: async (path) => void granted(await desktop.open(path)),
    drag: (jobs, event) => {
      // The shell drags the files themselves; the page would drag an image of the row.
      event.preventDefault()
      desktop.drag(resultsOf(jobs).map(({ path }) => path))
    },
    chooseFolder: async () => granted(await desktop.chooseFolder()),
    desktop: {
      state: async () => granted(await desktop.state()),
      prefer: async (change) => granted(await desktop.prefer(change)),
      onChange: (listener) => desktop.onState(listener),
    },
    addressOf: null,
    archiveOf: null,
  }
}

/** Each time that the system brings files, and once at the start. */
export function takeFiles(desktop: Desktop, add: (paths: readonly string[]) => void): void {
  const take = async () => {
    const paths = granted(await desktop.takeFiles())
    if (paths.length > 0) add(paths)
  }
  desktop.onFiles(() => void take())
  void take()
}

/** It comes from the preload script, which shares this window and nothing else does. */
function portFrom(desktop: Desktop): Promise<WireLine> {
  return new Promise((resolve) => {
    const listen = ({ data, origin, source, ports: [port] }: MessageEvent) => {
      if (data !== portMessage || origin !== location.origin || source !== window || port === undefined) return
      window.removeEventListener('message', listen)
      resolve(lineOver(port))
    }
    window.addEventListener('message', listen)
    desktop.askForPort()
  })
}

function granted<T>(answer: Granted<T>): T {
  if ('value' in answer) return answer.value
  throw JobError.from(answer.failure)
}
