/** "This machine": audio and video by FFmpeg, pictures by their library, put together as a provider like any other. */
import { constants, totalmem } from 'node:os'
import type { FfmpegPlace } from '../../../shared/ffmpeg.ts'
import type { Check } from '../../../shared/machine.ts'
import { type Family, type FormatId, factsOf } from '../../../shared/formats.ts'
import type { Clock, Inspect, Log, Viewer } from '../../engine/ports.ts'
import type { Options } from '../../../shared/options.ts'
import type { LaneKind } from '../../../shared/model.ts'
import type { Settings } from '../../../shared/settings.ts'
import type { Provider } from '../provider.ts'
import { checkDevices, checkFfmpeg } from './doctor.ts'
import { createFfmpeg } from './media/ffmpeg.ts'
import { createHeicWriter } from './images/heic-writer.ts'
import { createImages } from './images/images.ts'
import { createSequences } from './images/sequences.ts'
import { fateOf } from './fates.ts'
import { createEngines } from './engines.ts'
import type { LocalEngine, EngineContext } from './engine.ts'
import { createBooks } from './books/books.ts'
import { createCalibre, createPandoc } from './books/programs.ts'
import { createData } from './data/data.ts'
import { createSubtitles } from './subtitles/subtitles.ts'
import { createTracks } from './subtitles/tracks.ts'
import { createArchives } from './archives/archives.ts'
import { createFrames } from './frames/frames.ts'
import { createFonts } from './fonts/fonts.ts'
import { createInspect } from './inspect.ts'
import { copiesOf } from './media/copies.ts'
import { createByOffice } from './markup/by-office.ts'
import { createMarkup } from './markup/markup.ts'
import { createMagick } from './magick/magick.ts'
import { isMagickSource } from './magick/pairings.ts'
import { deviceModeOf } from './media/hardware/by-device.ts'
import { isDeviceCodec } from './media/hardware/devices.ts'
import { driversOf, type Drivers } from './media/hardware/drivers.ts'
import { createHardware, type Hardware, type HardwarePorts } from './media/hardware/hardware.ts'
import { canShareRun } from './media/company-runs.ts'
import { createMedia } from './media/media.ts'
import { createMovingPictures } from './media/moving-pictures.ts'
import { createOcr } from './ocr/ocr.ts'
import { createOcrmypdf } from './ocr/ocrmypdf.ts'
import { createDjvu } from './pdf/djvu.ts'
import { createGhostscript } from './pdf/ghostscript.ts'
import { createPdf } from './pdf/pdf.ts'
import { createOffice } from './office/office.ts'
import { createPagePictures } from './office/page-pictures.ts'
import { maxInOneCall } from './office/soffice.ts'
import { createPrograms } from './process/programs.ts'
import { createReader } from './reading/reader.ts'
import { createSpeech } from './speech/speech.ts'
import { createSharedRuns, maxInOneRun } from './media/shared-runs.ts'
import { targetOf } from './media/targets.ts'
import { createViewer } from './viewer.ts'

export interface LocalOptions {
  readonly clock: Clock
  readonly log: Log
  /** Of the processor. */
  readonly cores: number
  /** How many of a kind at once, as the user set it; asked for again and again. A kind that is missing: as many as suit the machine. */
  readonly concurrency?: () => Settings['lanes']
  /** Keeps beyond the run which devices work; for this run alone unless given. */
  readonly memory?: HardwarePorts['memory']
  /** Those of the system unless given. */
  readonly drivers?: Drivers
  /** Where FFmpeg is; asked for anew with each run of it. */
  readonly ffmpegPlace: () => FfmpegPlace
  /** Where people put data of languages for the recognition of text. */
  readonly languageFolder?: string
  /** Path of the model by which speech is written down; empty: none. Asked for anew with each conversion. */
  readonly speechModel?: () => string
}

export interface LocalProvider extends Provider {
  readonly inspect: Inspect
  readonly viewer: Viewer
  /** How many of each kind at once suit the machine. */
  readonly automatic: Readonly<Record<LaneKind, number>>
  /** What is installed and works. */
  checks(): Promise<readonly Check[]>
}

/** Starts nothing and looks for nothing: that comes with the first file. */
export function createLocal({
  clock,
  log,
  cores,
  ffmpegPlace,
  languageFolder,
  speechModel = () => '',
  concurrency = () => ({}),
  memory = inThisRun(),
  drivers = driversOf(),
}: LocalOptions): LocalProvider {
  const automatic: LocalProvider['automatic'] = {
    // A third of a short run is its start, mostly waiting: one more than there are cores keeps them busy.
    audio: cores + 1,
    // Encoders of video use several cores by themselves.
    video: Math.max(1, Math.floor(cores / 4)),
    // While one is being checked and named, the others keep the cores busy.
    image: cores + 1,
    document: Math.max(1, Math.floor(cores / 2)),
    get hardware() {
      return hardware.concurrency()
    },
  }
  const width = (kind: LaneKind) => concurrency()[kind] ?? automatic[kind]
  const ending = new AbortController()
  const running = new Set<Promise<unknown>>()
  const programs = createPrograms({ clock, maxBytes: Math.max(2 ** 31, totalmem() / 2) })
  const ffmpeg = createFfmpeg(ffmpegPlace, programs)
  const hardware = createHardware({
    ...{ ffmpeg, place: ffmpegPlace, drivers, memory, clock, log, platform: process.platform },
    width: () => concurrency().hardware,
  })
  const reader = createReader(clock)
  const writer = createReader(clock)
  const context: EngineContext = {
    programs,
    clock,
    log,
    width,
    pool: { log, clock, priority: constants.priority.PRIORITY_BELOW_NORMAL },
    ...(languageFolder !== undefined && { languageFolder }),
  }
  const pdf = createPdf(context)
  const { inspector: dataInspector, ...data } = createData(context)
  const markup = createMarkup(context)
  const books = createBooks(context)
  const images = createImages({
    sequences: createSequences(ffmpeg),
    width: () => Math.max(width('image'), width('document')),
    pages: pdf.pages,
    log,
    clock,
  })
  const moving = createMovingPictures(ffmpeg, images)
  const media = createMedia({ ffmpeg, writer, moving, runs: createSharedRuns(ffmpeg, () => width('audio')), hardware, clock })
  const fonts = createFonts(context)
  const ocr = createOcr(context)
  const archives = createArchives(context)
  const subtitles = createSubtitles(context)
  const office = createOffice(context)
  const offices = [office.engine, office.soffice]
  const magick = createMagick(context, images)
  const inspectors = [
    magick.inspector,
    pdf.inspector,
    fonts.inspector,
    dataInspector,
    markup.inspector,
    books.inspector,
    archives.inspector,
    subtitles.inspector,
    office.inspector,
  ]
  const inspect = createInspect({ reader, ffmpeg, inspectImage: images.inspect, inspectors })
  const speech = createSpeech({ programs, ffmpeg, inspect, model: speechModel })
  const imageEngine: LocalEngine = { version: async () => null, convert: images.convert, stop: images.stop }
  const mediaEngine: LocalEngine = {
    version: async () => null,
    convert: async (order, report, signal) => {
      const facts = order.facts ?? (order.source.kind === 'file' ? await inspect(order.source.path, signal) : null)
      return await media.convert(order, facts, report, signal)
    },
    stop: async () => {
      await hardware.stop()
      await programs.stop()
    },
  }
  const engines = createEngines(
    {
      images: imageEngine,
      pdf: pdf.engine,
      ghostscript: createGhostscript(context, pdf),
      djvu: createDjvu(context),
      magick: magick.engine,
      'heif-enc': createHeicWriter(context, async (order, report, signal) => {
        const drawing = isMagickSource(order.from) ? magick.engine : images
        return await drawing.convert(order, report, signal)
      }),
      media: mediaEngine,
      frames: createFrames({ ffmpeg, images, moving, inspect }),
      tracks: createTracks({ ffmpeg, inspect, subtitles: subtitles.engine }),
      fonts: fonts.engine,
      fontforge: fonts.fontForge,
      archives: archives.engine,
      subtitles: subtitles.engine,
      ...data,
      markup: markup.engine,
      books: books.engine,
      pandoc: createPandoc(context, { docx: offices, odt: offices, epub: [books.engine] }),
      calibre: createCalibre(context),
      tesseract: ocr.installed,
      ocr: ocr.embedded,
      office: office.engine,
      soffice: office.soffice,
      byOffice: createByOffice({ office: office.engine, texts: markup.engine, books: books.engine }),
      pagePictures: createPagePictures({ office: office.engine, pdf: pdf.engine }),
      pagePicturesBySoffice: createPagePictures({ office: office.soffice, pdf: pdf.engine }),
      bySoffice: createByOffice({ office: office.soffice, texts: markup.engine, books: books.engine }),
      ocrmypdf: createOcrmypdf(context),
      'whisper-cpp': speech.whisperCpp,
      whisper: speech.whisper,
    },
    clock,
  )
  const viewer = createViewer({ ffmpeg, reader, images, magick: magick.draw, inspect })

  /** Whatever is begun here ends with `stop`, and `stop` waits for it. */
  async function within<T>(signal: AbortSignal, work: (both: AbortSignal) => Promise<T>): Promise<T> {
    const promise = work(AbortSignal.any([signal, ending.signal]))
    running.add(promise)
    return await promise.finally(() => running.delete(promise))
  }

  return {
    about: { id: 'local', title: 'This machine', cloud: false, resubmit: 'free', tellsPrice: 'before' },
    capabilities: async (signal) => {
      const { here, missing } = await engines.pairings(signal)
      return { pairings: here, missing, sources: ['file'], maxBytes: null }
    },
    lane: (from, target, _family, bytes = null, options = {}) => laneOf({ from, target, options }, bytes, hardware),
    automatic,
    get concurrency() {
      return {
        'local:audio': width('audio'),
        // What shares runs has to be there at once, and as many again get ready meanwhile; the runs are no more than the kind is wide.
        'local:short': width('audio') * maxInOneRun * 2,
        'local:video': width('video'),
        'local:hardware': width('hardware'),
        'local:image': width('image'),
        'local:document': width('document'),
        // Documents that wait for an installed LibreOffice go in one call; the one that comes with Beside has a queue of its own.
        'local:office': width('document') * maxInOneCall,
      }
    },
    fate: fateOf,
    copies: copiesOf,
    inspect: async (path, signal, named) => await within(signal, async (both) => await inspect(path, both, named)),
    viewer: {
      picture: async (path, pixels, signal) => await within(signal, async (both) => await viewer.picture(path, pixels, both)),
      look: async (path, signal) => await within(signal, async (both) => await viewer.look(path, both)),
      view: async (path, wanted, signal) => await within(signal, async (both) => await viewer.view(path, wanted, both)),
      waveform: async (path, part, signal) => await within(signal, async (both) => await viewer.waveform(path, part, both)),
      loudness: async (path, part, signal) => await within(signal, async (both) => await viewer.loudness(path, part, both)),
    },
    sharesRun: (one, other) =>
      canShareRun(one, other) &&
      [one, other].every((each) => engines.isMakerOf('media', each) && laneOf(each, null, hardware) !== 'local:hardware'),
    expect: engines.expect,
    submit: async (order, report, signal) =>
      await within(signal, async (both) => {
        return { kind: 'converted', parts: await engines.convert(order, report, both) }
      }),
    checks: async () =>
      await within(ending.signal, async (signal) => [
        ...(await checkFfmpeg(ffmpeg, ffmpegPlace(), signal)),
        ...(await checkDevices(hardware, signal)),
        ...(await engines.checks(signal)),
      ]),
    stop: async () => {
      ending.abort(new Error('Beside stopped'))
      await Promise.allSettled([...running])
      await Promise.all([engines.stop(), reader.stop(), writer.stop()])
    },
  }
}

const officeFamilies: ReadonlySet<Family> = new Set(['document', 'spreadsheet', 'presentation'])

/** Sources that take no longer to convert than FFmpeg takes to start, mostly. */
const shortBytes = 2 * 2 ** 20

interface Queued {
  readonly from: FormatId | null
  readonly target: FormatId
  readonly options: Options
}

function laneOf({ from, target, options }: Queued, bytes: number | null, hardware: Pick<Hardware, 'isKnown'>): string {
  const source = from === null ? null : factsOf(from).family
  const { family } = factsOf(target)
  if (source !== null && officeFamilies.has(source) && from !== 'pdf' && from !== 'csv') return 'local:office'
  const isMedia = (one: Family | null) => one === null || one === 'audio' || one === 'video' || one === 'image'
  if (!isMedia(source) || !isMedia(family)) return 'local:document'
  if (family === 'image') return source === 'video' ? 'local:video' : 'local:image'
  // A WebM without a picture is one audio stream like any other.
  if (family === 'video') return source === 'audio' ? 'local:audio' : videoLane(target, options, hardware)
  return source === 'audio' && bytes !== null && bytes <= shortBytes ? 'local:short' : 'local:audio'
}

/** Of what nobody has tried yet it is not known whether a device will do it: the first of a kind goes where software would. */
function videoLane(to: FormatId, options: Options, hardware: Pick<Hardware, 'isKnown'>): string {
  const mode = deviceModeOf(options)
  const target = targetOf(to)
  const id = options.videoCodec ?? (target?.kind === 'video' ? target.video.encode[0] : undefined)
  if (mode === 'never' || id === undefined || !isDeviceCodec(id)) return 'local:video'
  return mode === 'always' || hardware.isKnown(id) ? 'local:hardware' : 'local:video'
}

function inThisRun(): HardwarePorts['memory'] {
  let kept: unknown = null
  return { read: () => kept, write: (value) => void (kept = value) }
}
