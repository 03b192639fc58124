/**
 * HEIC through libheif compiled to WebAssembly: the native library that sharp carries has no HEVC decoder. Loaded only when the
 * first HEIC comes. libheif turns and mirrors the picture as the file says.
 */
/* oxlint-disable no-underscore-dangle -- Emscripten's names for C functions */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { JobError } from '../../../../shared/failure.ts'
import { maxPixels } from './call.ts'

/** The part of libheif's C interface used here; functions that answer with a `heif_error` take the place for it first. */
interface Heif {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _heif_context_alloc(): number
  _heif_context_free(context: number): void
  _heif_context_read_from_memory_without_copy(error: number, context: number, data: number, bytes: number, options: number): void
  _heif_context_get_primary_image_handle(error: number, context: number, handle: number): void
  _heif_image_handle_release(handle: number): void
  _heif_image_handle_get_width(handle: number): number
  _heif_image_handle_get_height(handle: number): number
  _heif_image_handle_has_alpha_channel(handle: number): number
  _heif_image_handle_get_luma_bits_per_pixel(handle: number): number
  _heif_decode_image(error: number, handle: number, image: number, colorspace: number, chroma: number, options: number): void
  _heif_image_get_width(image: number, channel: number): number
  _heif_image_get_height(image: number, channel: number): number
  _heif_image_get_bits_per_pixel_range(image: number, channel: number): number
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number
  _heif_image_release(image: number): void
}

export interface Pixels {
  readonly data: Uint8Array | Uint16Array
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

// heif_image.h
const colorspaceRgb = 1
const channelInterleaved = 10
const chroma = { 8: { 3: 10, 4: 11 }, 16: { 3: 14, 4: 15 } } as const

let loaded: Heif | null = null

function heif(): Heif {
  if (loaded !== null) return loaded
  const require = createRequire(import.meta.url)
  const wasmBinary = readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm'))
  loaded = (require('libheif-js/libheif-wasm/libheif.js') as (options: object) => Heif)({ wasmBinary })
  return loaded
}

/** The primary picture of a file; 16 bits a channel where the file has more than 8. */
export function decodeHeic(file: Uint8Array): Pixels {
  const lib = heif()
  const input = lib._malloc(file.length)
  const scratch = lib._malloc(24)
  const context = lib._heif_context_alloc()
  const word = (pointer: number): number => new DataView(lib.HEAPU8.buffer).getUint32(pointer, true)
  const check = (): void => {
    if (word(scratch) !== 0) throw new JobError('source-damaged', { reason: `HEIF: ${textAt(lib, word(scratch + 8))}` })
  }
  let handle = 0
  let image = 0
  try {
    lib.HEAPU8.set(file, input)
    lib._heif_context_read_from_memory_without_copy(scratch, context, input, file.length, 0)
    check()
    lib._heif_context_get_primary_image_handle(scratch, context, scratch + 12)
    check()
    handle = word(scratch + 12)
    if (lib._heif_image_handle_get_width(handle) * lib._heif_image_handle_get_height(handle) > maxPixels) {
      throw new JobError('tool-memory', { because: 'too-many-pixels', megapixels: maxPixels / 1e6 })
    }
    const channels = lib._heif_image_handle_has_alpha_channel(handle) === 0 ? 3 : 4
    const depth = lib._heif_image_handle_get_luma_bits_per_pixel(handle) > 8 ? 16 : 8
    lib._heif_decode_image(scratch, handle, scratch + 16, colorspaceRgb, chroma[depth][channels], 0)
    check()
    image = word(scratch + 16)
    const width = lib._heif_image_get_width(image, channelInterleaved)
    const height = lib._heif_image_get_height(image, channelInterleaved)
    const plane = lib._heif_image_get_plane_readonly(image, channelInterleaved, scratch + 20)
    const rows = packed(lib.HEAPU8, plane, word(scratch + 20), width * channels * (depth / 8), height)
    const data = depth === 8 ? rows : widened(rows, lib._heif_image_get_bits_per_pixel_range(image, channelInterleaved))
    return { data, width, height, channels }
  } finally {
    if (image !== 0) lib._heif_image_release(image)
    if (handle !== 0) lib._heif_image_handle_release(handle)
    lib._heif_context_free(context)
    lib._free(scratch)
    lib._free(input)
  }
}

/** Rows without the padding between them, in memory of our own. */
function packed(heap: Uint8Array, start: number, stride: number, rowBytes: number, height: number): Uint8Array {
  const out = new Uint8Array(rowBytes * height)
  for (let y = 0; y < height; y++) out.set(heap.subarray(start + y * stride, start + y * stride + rowBytes), y * rowBytes)
  return out
}

/** 10 or 12 bits to the full range of 16, so that white stays white. */
function widened(bytes: Uint8Array, bits: number): Uint16Array {
  const samples = new Uint16Array(bytes.buffer, 0, bytes.length / 2)
  const white = 2 ** bits - 1
  return samples.map((sample) => Math.round((sample * 65535) / white))
}

function textAt(lib: Heif, pointer: number): string {
  const end = lib.HEAPU8.indexOf(0, pointer)
  return Buffer.from(lib.HEAPU8.subarray(pointer, end)).toString('utf8')
}
